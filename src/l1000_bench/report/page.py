"""The report as one self-contained HTML page that loads nothing from outside."""

from __future__ import annotations

import hashlib

from markupsafe import Markup
from plotly.offline import get_plotlyjs

from l1000_bench.report import across, inside, sections
from l1000_bench.report.about import effort_remarks, effort_rows
from l1000_bench.report.content import ReportContent
from l1000_bench.report.drawings import draw
from l1000_bench.report.figures.style import THEMED
from l1000_bench.report.generalisation import pairs_of
from l1000_bench.report.generalisation_parts import generalisation_parts, introduction
from l1000_bench.report.leaderboard import winners
from l1000_bench.report.reading import how_to_read
from l1000_bench.report.results import benchmark_parts
from l1000_bench.report.tables import orders
from l1000_bench.report.templating import html_templates

RUN_BEGIN = "<!-- run-specific: begin -->"
RUN_END = "<!-- run-specific: end -->"

# Anchor of a section -> its heading and its entry in the navigation.
SECTIONS = {
    "about": ("What this run is", "This run"),
    "results": ("Results", "Results"),
    "accuracy": ("Test accuracy at a glance", "Accuracy"),
    "ranks": ("Ranks across benchmarks", "Ranks"),
    "generalisation": ("What generalises", "Generalisation"),
    "between": ("Between datasets", "Between"),
    "confusions": ("Which classes are mistaken for which", "Confusions"),
    "class-scores": ("Scores class by class", "Classes"),
    "breakdowns": ("By cell line, subject, dose and time", "Breakdowns"),
    "calibration": ("How far probabilities can be trusted", "Calibration"),
    "settings": ("Search and settings", "Settings"),
    "table-one": ("Datasets and tasks", "Datasets"),
    "paper-tables": ("The paper’s tables", "Paper"),
    "audit": ("Curation audit", "Audit"),
    "splits": ("Splits", "Splits"),
    "graphs": ("Gene graphs", "Graphs"),
    "environment": ("Environment", "Environment"),
    "run": ("Time and cost of this run", "Cost"),
}


def render(content: ReportContent) -> str:
    """Render the page.

    Args:
        content: What to show.

    Returns:
        HTML text. All of it but what stands between `RUN_BEGIN` and `RUN_END` is the same for the same content; within,
        the page states the hash of the rest.
    """
    drawings = draw(content)
    order = orders(content)
    page = _fill(
        "report.html.j2",
        content=content,
        section_names=_shown(content),
        about=[*content.about, *effort_rows(content)],
        remarks=[*content.remarks, *effort_remarks(content)],
        winners=winners(content),
        reading=how_to_read(content),
        benchmarks=benchmark_parts(content),
        drawings=drawings,
        confusions=inside.confusion_parts(content, order),
        class_scores=inside.class_score_parts(content, order),
        breakdowns=inside.breakdown_parts(content, order),
        across=across,
        introduction=introduction(content),
        generalisation=generalisation_parts(content),
        sections=sections,
        run_block=Markup(RUN_BEGIN + RUN_END),
        themed=THEMED,
        plotly_js=Markup(get_plotlyjs()),
    )
    run = {"Hash of everything outside this block": report_hash(page)} | content.run
    block = _fill(
        "run.html.j2",
        section_names=SECTIONS,
        run=sections.run(run),
        costs=sections.costs(content),
        compute=drawings.compute,
    )
    return page.replace(RUN_BEGIN, f"{RUN_BEGIN}\n{block}", 1)


def report_hash(page: str) -> str:
    """Return the SHA-256 of a page without its run-specific block, which two runs of the same content share."""
    before, _, rest = page.partition(RUN_BEGIN)
    return hashlib.sha256((before + rest.partition(RUN_END)[2]).encode()).hexdigest()


def _fill(template: str, **values: object) -> str:
    return html_templates().get_template(template).render(**values)


def _shown(content: ReportContent) -> dict[str, tuple[str, str]]:
    """Return the sections, without those that only some runs have."""
    lacking = {
        "generalisation": not pairs_of(content),
        "between": content.table("between").empty,
        "paper-tables": not (content.paper_tables or content.orderings),
    }
    return {name: titles for name, titles in SECTIONS.items() if not lacking.get(name, False)}
