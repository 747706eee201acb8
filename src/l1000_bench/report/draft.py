"""Score tables in the paper's layout: a row per classifier, a group of columns per benchmark, the best in bold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from l1000_bench.report import cells
from l1000_bench.report.cells import Cell, Column, Table, make_grouped_table
from l1000_bench.report.content import KEYS, Benchmark, ReportContent, only
from l1000_bench.report.tables import ASIDE, BEST, LEVEL, MARKS, METRICS, UNSCORED, UNTESTED
from l1000_bench.report.wording import mean_std


@dataclass(frozen=True)
class Draft:
    """A table in the making, to which groups of columns are added; the columns it starts with name its rows.

    Attributes:
        frame: One row per row of the table, with those of `KEYS` that tell the rows apart.
        columns: Groups of columns, made of that frame, each with the heading above it; an empty one stands for none.
    """

    frame: pd.DataFrame
    columns: tuple[tuple[str, Sequence[Column]], ...]

    @classmethod
    def of(cls, frame: pd.DataFrame, columns: Sequence[Column]) -> Draft:
        """Begin a table with the columns that name its rows."""
        return cls(frame, (("", columns),))

    def with_columns(self, values: pd.DataFrame, columns: Sequence[Column], heading: str = "") -> Draft:
        """Add columns whose values stand in a frame with the same keys."""
        keys = [key for key in KEYS if key in self.frame and key in values]
        return Draft(self.frame.merge(values, "left", keys), (*self.columns, (heading, columns)))

    def table(self, caption: str, row_heads: int, notes: Sequence[str] = ()) -> Table:
        """Return the table."""
        laid = make_grouped_table(caption, self.columns, self.frame, row_heads)
        headed = any(heading for heading, _ in self.columns)
        return replace(laid, groups=laid.groups if headed else (), notes=tuple(notes))


def score_draft(content: ReportContent, rows: pd.DataFrame, headings: Mapping[Benchmark, str]) -> Draft:
    """Lay scores out as the paper does: a row per classifier, a pair of columns per benchmark.

    Args:
        content: Of the page.
        rows: Of `standings`.
        headings: The benchmarks to show, and what stands above their columns.
    """
    parts = {benchmark: only(rows, benchmark) for benchmark in headings}
    classifiers = pd.concat(list(parts.values()))[["classifier"]].drop_duplicates()
    draft = Draft.of(classifiers, [cells.named("Classifier", "classifier", content.names)])
    for number, (benchmark, heading) in enumerate(headings.items()):
        values = metric_values(parts[benchmark], f"{number} ")
        columns = [standing_column(capital(words), f"{number} {metric} ") for metric, words in METRICS.items()]
        draft = draft.with_columns(values.drop(columns=["dataset", "task"]), columns, heading)
    return draft


def metric_values(rows: pd.DataFrame, prefix: str = "") -> pd.DataFrame:
    """Put the metrics of `standings`, and of what was added to its rows, side by side.

    Returns:
        One row per dataset, task and classifier, with columns such as "accuracy mean" behind the prefix.
    """
    keys = list(KEYS)
    wide = rows[keys].drop_duplicates()
    for metric in METRICS:
        own = rows[rows["metric"] == metric].drop(columns="metric").set_index(keys)
        wide = wide.merge(own.add_prefix(f"{prefix}{metric} ").reset_index(), "left", keys)
    return wide


def standing_column(head: str, prefix: str = "") -> Column:
    """A column "mean ± std": the best in bold, marks on those that `marks_notes` speaks of."""

    def cell(row: Mapping[str, Any]) -> Cell:
        mean, std, standing = (row[f"{prefix}{name}"] for name in ("mean", "std", "standing"))
        if pd.isna(mean):
            return Cell(mean_std(mean, std), mark=MARKS.get(standing, ""))  # none where it was not run at all
        return Cell(mean_std(mean, std), round(float(mean), 6), standing == BEST, MARKS[standing])

    return Column(head, cell, "number")


def marks_notes(rows: pd.DataFrame, alpha: float) -> tuple[str, ...]:
    """Say what bold and the marks mean, as far as rows of `standings` have them."""
    notes = {
        BEST: "Bold: the highest mean of its column.",
        LEVEL: (
            f"{MARKS[LEVEL]} cannot be told apart from the highest mean "
            f"(corrected test, adjusted p\u00a0>\u00a0{alpha:g})."
        ),
        UNTESTED: f"{MARKS[UNTESTED]} not tested against the highest mean.",
        UNSCORED: f"{MARKS[UNSCORED]} no trial came to its end, so there is no score.",
        ASIDE: f"{MARKS[ASIDE]} stepped aside: it was not run on this benchmark.",
    }
    return tuple(note for standing, note in notes.items() if (rows["standing"] == standing).any())


def capital(words: str) -> str:
    """Begin words with a capital."""
    return words[:1].upper() + words[1:]
