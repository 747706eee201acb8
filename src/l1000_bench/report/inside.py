"""What looks inside the results of each benchmark: a figure with a menu of classifiers, and tables beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from l1000_bench.report import diagnostics
from l1000_bench.report.cells import Table
from l1000_bench.report.content import Benchmark, ReportContent, benchmarks_of, only, title_of
from l1000_bench.report.draft import capital
from l1000_bench.report.figures.classes import class_score_bars, confusion_map
from l1000_bench.report.figures.drawing import MENU, Drawing, menu_drawing
from l1000_bench.report.figures.parts import breakdown_bars

Orders = dict[Benchmark, list[str]]


@dataclass(frozen=True, eq=False)
class Part:
    """One benchmark in a section: the figure, open tables, and tables to unfold."""

    title: str
    drawing: Drawing
    tables: Sequence[Table] = ()
    folded: Sequence[Table] = ()


def confusion_parts(content: ReportContent, orders: Orders) -> list[Part]:
    """Show which classes are mistaken for which.

    Args:
        content: Of the page.
        orders: Of `tables.orders`.
    """
    parts = []
    for number, (benchmark, own, classifiers) in enumerate(_each(content, "confusions", orders), start=1):
        title = title_of(content.names, benchmark)
        caption = (
            f"{title}: of the samples of every true class (rows), the percent predicted as each class, in whole "
            "numbers and over all rotations; classes run from the most samples to the fewest. What to see: a "
            "strong square off the diagonal is a mistake that the classifier makes often, a strong column a class "
            "that it falls back on."
        )
        plot = confusion_map(own, classifiers[:MENU], "")
        drawing = menu_drawing(f"confusions-{number}", caption, [plot], classifiers, content.names)
        parts.append(Part(title, drawing, [diagnostics.mistakes(content, benchmark, classifiers[0])]))
    return parts


def class_score_parts(content: ReportContent, orders: Orders) -> list[Part]:
    """Show the scores class by class.

    Args:
        content: Of the page.
        orders: Of `tables.orders`.
    """
    parts = []
    for number, (benchmark, own, classifiers) in enumerate(_each(content, "class_scores", orders), start=1):
        title = title_of(content.names, benchmark)
        caption = (
            f"{title}: F1 of every class over all rotations, the class with the most samples (in parentheses) at "
            "the top. What to see: whether the rare classes at the bottom are learned at all. The macro-F1 of the "
            "leaderboard is a mean over rotations, each scored by itself, so the mean of these bars may differ from it."
        )
        plot = class_score_bars(own, classifiers[:MENU], "")
        drawing = menu_drawing(f"class-scores-{number}", caption, [plot], classifiers, content.names)
        parts.append(Part(title, drawing, folded=[diagnostics.class_scores(content, benchmark, classifiers)]))
    return parts


def breakdown_parts(content: ReportContent, orders: Orders) -> list[Part]:
    """Show the accuracy by cell line, subject, dose and time.

    Args:
        content: Of the page.
        orders: Of `tables.orders`.
    """
    parts = []
    for number, (benchmark, own, classifiers) in enumerate(_each(content, "breakdowns", orders), start=1):
        title = title_of(content.names, benchmark)
        caption = (
            f"{title}: accuracy by cell line, subject, dose and time, numbers of samples in parentheses, test "
            "predictions of all rotations. What to see: parts on which the classifier does much worse than elsewhere. "
            "Small parts vary by chance, and parts differ in their classes too."
        )
        plots = [
            breakdown_bars(own[own["column"] == column], classifiers[:MENU], capital(words))
            for column, words in diagnostics.PARTS.items()
            if (own["column"] == column).any()
        ]
        drawing = menu_drawing(f"breakdowns-{number}", caption, plots, classifiers, content.names)
        parts.append(Part(title, drawing, folded=diagnostics.breakdown_tables(content, benchmark, classifiers)))
    return parts


def _each(content: ReportContent, name: str, orders: Orders) -> list[tuple[Benchmark, pd.DataFrame, list[str]]]:
    """Return the benchmarks that a table holds, with their rows and their classifiers, the best first."""
    frame = content.table(name)
    found = []
    for benchmark in benchmarks_of(frame):
        own = only(frame, benchmark)
        known = set(own["classifier"])
        found.append((benchmark, own, [name for name in orders[benchmark] if name in known]))
    return found
