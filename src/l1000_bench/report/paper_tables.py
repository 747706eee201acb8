"""The paper's tables, filled with this run's numbers (McDermott et al. 2020, Tables I to XI)."""

from __future__ import annotations

from dataclasses import dataclass

from l1000_bench.report.cells import Table
from l1000_bench.report.content import ReportContent
from l1000_bench.report.orderings import ordering_sentence, ordering_table, orderings
from l1000_bench.report.paper_layout import PaperLayout, further_layout, left_out
from l1000_bench.report.score_tables import score_tables
from l1000_bench.report.sections import table_one
from l1000_bench.report.setting_tables import setting_tables
from l1000_bench.report.tables import standings

ORDERINGS = "orderings"


@dataclass(frozen=True)
class PaperTables:
    """The tables by name, and what must be said of them.

    Attributes:
        tables: `I`, `II`, `II_beside_paper`, …, `S1`, …, `orderings`.
        left_out: Which of the paper's tables the run cannot show and why; empty where it shows all.
        orderings: How many of the paper's orderings the run confirms; None where the run is not the paper's.
    """

    tables: dict[str, Table]
    left_out: str
    orderings: str | None


def paper_tables(content: ReportContent, layout: PaperLayout) -> PaperTables:
    """Lay the run out as the paper's tables, and what it has beyond them as Tables S1, S2, ….

    Where the run is the paper's (`content.paper` is there), every table of scores is followed by one with the paper's
    numbers beside ours, and the last counts how many of the paper's orderings of classifiers the run confirms.

    Args:
        content: Of the page.
        layout: Which benchmarks fill which table.
    """
    rows = standings(content)
    tables = {"I": table_one(content)} if len(content.table_one) else {}
    for part in (layout, further_layout(layout, content)):
        tables |= score_tables(content, rows, part) | setting_tables(content, rows, part)
    missing = left_out(layout, content.benchmarks)
    ordered = orderings(content, layout)
    if ordered.empty:
        return PaperTables(tables, missing, None)
    return PaperTables(tables | {ORDERINGS: ordering_table(content, ordered)}, missing, ordering_sentence(ordered))
