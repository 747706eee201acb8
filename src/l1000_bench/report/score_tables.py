"""The paper's tables of test scores (II to V): our numbers in its layout, and beside its own."""

from __future__ import annotations

import pandas as pd

from l1000_bench.report import cells
from l1000_bench.report.beside import GAP, GAP_NOTE, beside_draft, paper_of
from l1000_bench.report.cells import Table
from l1000_bench.report.content import Benchmark, ReportContent, benchmarks_of, only, title_of
from l1000_bench.report.draft import Draft, marks_notes, score_draft
from l1000_bench.report.names import display
from l1000_bench.report.paper_layout import PaperLayout, ScoreTable
from l1000_bench.report.tables import summarise_scores

BESIDE = "_beside_paper"  # behind the number of the table
SCORES = "test accuracy and macro-F1 in percent, mean ± standard deviation (ddof = 1) over the test folds"


def score_tables(content: ReportContent, rows: pd.DataFrame, layout: PaperLayout) -> dict[str, Table]:
    """Lay out the tables of test scores whose benchmarks the run has, each followed by the one beside the paper.

    Args:
        content: Of the page.
        rows: Of `standings`.
        layout: Which benchmarks fill which table.
    """
    there = benchmarks_of(rows)
    tables: dict[str, Table] = {}
    for table in layout.score_tables():
        benchmarks = [benchmark for benchmark in table.benchmarks if benchmark in there]
        if benchmarks:
            own = pd.concat([only(rows, benchmark) for benchmark in benchmarks])
            tables[table.name] = _ours(content, own, table)
            paper = paper_of(content, benchmarks)
            beside = _beside(content, paper, own, table, layout.stated(table.name)) if paper is not None else None
            if beside and beside.rows:
                tables[table.name + BESIDE] = beside
    return tables


def _ours(content: ReportContent, rows: pd.DataFrame, table: ScoreTable) -> Table:
    subject, headings = _headings(content, rows)
    draft = score_draft(content, rows, headings)
    caption = f"Table {table.name}: {subject}{SCORES}"
    if table.against and table.against in benchmarks_of(content.scores):
        drops = relative_drops(summarise_scores(content.scores), table.benchmarks[0], table.against)
        draft = draft.with_columns(drops, [cells.number("Relative drop (%)", "drop", 1)])
        caption += f"; relative drop: accuracy lost against {title_of(content.names, table.against)}, in percent of it"
    return draft.table(f"{caption}.", 1, marks_notes(rows, content.alpha))


def _beside(
    content: ReportContent, paper: pd.DataFrame, rows: pd.DataFrame, table: ScoreTable, stated: tuple[str, ...]
) -> Table:
    subject, headings = _headings(content, rows)
    draft = _with_drops(beside_draft(paper, rows, headings, content.names), content, table)
    caption = f"Table {table.name} beside the paper's: {subject}{SCORES}."
    return draft.table(caption, 2, (*marks_notes(rows, content.alpha), GAP_NOTE, *stated))


def _with_drops(beside: Draft, content: ReportContent, table: ScoreTable) -> Draft:
    """Add the relative drops, ours and the paper's, where the table has some."""
    if table.against is None or content.paper is None:
        return beside
    ours, paper = (
        relative_drops(means, table.benchmarks[0], table.against)
        for means in (summarise_scores(content.scores), content.paper)
    )
    both = ours.merge(paper, on="classifier", suffixes=("", "_paper"))
    if both.empty:
        return beside
    columns = [
        cells.number("Ours", "drop", 1),
        cells.number("Paper", "drop_paper", 1),
        cells.number(GAP, "drop_gap", 1, sign=True),
    ]
    return beside.with_columns(both.assign(drop_gap=both["drop"] - both["drop_paper"]), columns, "Relative drop (%)")


def relative_drops(means: pd.DataFrame, benchmark: Benchmark, against: Benchmark) -> pd.DataFrame:
    """Return the accuracy that is lost in one benchmark against another, in percent of the latter.

    Args:
        means: dataset, task, classifier, accuracy_mean.
        benchmark: Such as the one tested on subjects that no training fold holds.
        against: Such as the one whose folds are dealt per sample.

    Returns:
        classifier and drop, for the classifiers that both benchmarks have; NaN where there is nothing to lose.
    """
    lost, kept = (only(means, pair)[["classifier", "accuracy_mean"]] for pair in (benchmark, against))
    both = kept.merge(lost, on="classifier", suffixes=("", "_lost"))
    full = both["accuracy_mean"].where(both["accuracy_mean"] > 0)
    return both[["classifier"]].assign(drop=100 * (full - both["accuracy_mean_lost"]) / full)


def _headings(content: ReportContent, rows: pd.DataFrame) -> tuple[str, dict[Benchmark, str]]:
    """Return what the benchmarks share, for the caption, and what tells them apart, for their columns."""
    benchmarks = benchmarks_of(rows)
    datasets, tasks = ({benchmark[place] for benchmark in benchmarks} for place in (0, 1))
    if len(datasets) > 1 and len(tasks) > 1:
        return "", {benchmark: title_of(content.names, benchmark) for benchmark in benchmarks}
    shared, apart = (0, 1) if len(datasets) == 1 else (1, 0)
    headings = {benchmark: display(content.names, benchmark[apart]) for benchmark in benchmarks}
    return f"{display(content.names, benchmarks[0][shared])}: ", headings
