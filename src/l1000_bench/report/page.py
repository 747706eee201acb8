"""The report as one self-contained HTML page that loads nothing from outside."""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from l1000_bench.report import sections
from l1000_bench.report.content import ReportContent
from l1000_bench.report.figures import INK, accuracy_figure, class_count_figure
from l1000_bench.report.results import dataset_parts

RUN_BEGIN = "<!-- run-specific: begin -->"
RUN_END = "<!-- run-specific: end -->"

# Anchor of a section -> its heading and its entry in the navigation.
SECTIONS = {
    "about": ("What this run is", "This run"),
    "results": ("Results", "Results"),
    "accuracy": ("Test accuracy at a glance", "Accuracy"),
    "table-one": ("Datasets and tasks (Table I)", "Table I"),
    "classes": ("Class counts", "Classes"),
    "audit": ("Curation audit", "Audit"),
    "splits": ("Splits", "Splits"),
    "graphs": ("Gene graphs", "Graphs"),
    "settings": ("Settings and hyper-parameters", "Settings"),
    "environment": ("Environment", "Environment"),
    "run": ("Time and cost of this run", "Time and cost"),
}


@dataclass(frozen=True)
class Figure:
    """A figure ready for the template: its JSON, safe inside a script element, and its height in pixels."""

    json: Markup
    height: int


def render(content: ReportContent) -> str:
    """Render the page.

    Args:
        content: What to show.

    Returns:
        HTML text. All of it but what stands between `RUN_BEGIN` and `RUN_END` is the same for the same content.
    """
    template = _environment().get_template("report.html.j2")
    return template.render(
        content=content,
        section_names=SECTIONS,
        datasets=dataset_parts(content),
        accuracy=_figure(accuracy_figure(content.scores, content.names)) if len(content.scores) else None,
        class_counts=_figure(class_count_figure(content.class_counts, content.names))
        if len(content.class_counts)
        else None,
        sections=sections,
        run_begin=Markup(RUN_BEGIN),
        run_end=Markup(RUN_END),
        ink=INK,
        plotly_js=Markup(get_plotlyjs()),
    )


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("l1000_bench.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )


def _figure(figure: go.Figure) -> Figure:
    """Write a figure as JSON; Plotly writes `<`, `>` and `/` as escapes, so no name can close the script element."""
    return Figure(Markup(figure.to_json()), int(figure.layout.height))
