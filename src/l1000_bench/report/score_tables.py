"""The paper's tables of test scores (II to V): our numbers in its layout, and beside its own."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from l1000_bench.report import cells
from l1000_bench.report.beside import GAP, GAP_NOTE, beside_draft, paper_of
from l1000_bench.report.cells import Table
from l1000_bench.report.content import KEYS, Benchmark, ReportContent, benchmarks_of, only, title_of
from l1000_bench.report.draft import Draft, marks_notes, score_draft
from l1000_bench.report.level_columns import level_notes, level_pairs, with_levels
from l1000_bench.report.names import display
from l1000_bench.report.paper_layout import PaperLayout, ScoreTable
from l1000_bench.report.score_notes import against_words, generalisation_notes, pairs_notes
from l1000_bench.report.tables import summarise_scores

BESIDE = "_beside_paper"  # behind the number of the table
SCORES = "test accuracy and macro-F1 in percent, mean ± standard deviation (ddof = 1) over the test folds"
DROP = "Relative drop (%)"


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
        benchmarks = table.benchmarks(there)
        if benchmarks:
            own = _part(rows, benchmarks)
            tables[table.name] = _ours(content, own, table)
            paper = paper_of(content, benchmarks)
            beside = _beside(content, paper, own, table, layout.stated(table.name)) if paper is not None else None
            if beside and beside.rows:
                tables[table.name + BESIDE] = beside
    return tables


def _part(rows: pd.DataFrame, benchmarks: list[Benchmark]) -> pd.DataFrame:
    return pd.concat([only(rows, benchmark) for benchmark in benchmarks])


def _ours(content: ReportContent, rows: pd.DataFrame, table: ScoreTable) -> Table:
    subject, headings = _headings(content, rows)
    against = _compared(content, rows, table)
    draft = _with_own_drops(score_draft(content, rows, headings), content, headings, against)
    pairs = level_pairs(content, headings)
    caption = f"Table {table.name}: {subject}{SCORES}"
    if against:
        caption += f"; relative drop: accuracy lost against {against_words(content.names, against)}, in percent of it"
    notes = (
        *marks_notes(rows, content.alpha),
        *level_notes(pairs, content.names, content.alpha),
        *(pairs_notes(content, headings) if table.significance else ()),
        *(generalisation_notes(content, against) if table.against else ()),
    )
    return with_levels(draft, pairs, content.alpha).table(f"{caption}.", 1, notes)


def _compared(content: ReportContent, rows: pd.DataFrame, table: ScoreTable) -> dict[Benchmark, Benchmark]:
    """Return what the accuracy in every benchmark is compared with, as far as the run has it."""
    there = content.benchmarks
    others = {benchmark: table.compared_with(benchmark) for benchmark in benchmarks_of(rows)}
    return {benchmark: other for benchmark, other in others.items() if other and other in there}


def _with_own_drops(
    draft: Draft, content: ReportContent, headings: Mapping[Benchmark, str], against: Mapping[Benchmark, Benchmark]
) -> Draft:
    """Add to the columns of every benchmark of a `score_draft` its relative drop, where it is compared."""
    means = summarise_scores(content.scores)
    frame, columns = draft.frame, list(draft.columns)
    for place, benchmark in enumerate(headings, start=1):  # the first group names the rows
        if benchmark in against:
            drops = relative_drops(means, benchmark, against[benchmark])
            frame = frame.merge(drops.rename(columns={"drop": f"drop {place}"}), "left", "classifier")
            heading, own = columns[place]
            columns[place] = heading, [*own, cells.number(DROP, f"drop {place}", 1)]
    return Draft(frame, tuple(columns))


def _beside(
    content: ReportContent, paper: pd.DataFrame, rows: pd.DataFrame, table: ScoreTable, stated: tuple[str, ...]
) -> Table:
    subject, headings = _headings(content, rows)
    shown = _part(rows, benchmarks_of(paper))
    draft = beside_draft(paper, rows, headings, content.names)
    draft = _with_both_drops(draft, content, _compared(content, shown, table))
    caption = f"Table {table.name} beside the paper's: {subject}{SCORES}."
    return draft.table(caption, 2, (*marks_notes(shown, content.alpha), GAP_NOTE, *stated))


def _with_both_drops(draft: Draft, content: ReportContent, against: Mapping[Benchmark, Benchmark]) -> Draft:
    """Add the relative drops, ours and the paper's, where there are both."""
    if not against or content.paper is None:
        return draft
    ours, paper = (
        pd.concat(
            [relative_drops(means, benchmark, other).assign(dataset=benchmark[0], task=benchmark[1])
             for benchmark, other in against.items()]
        )
        for means in (summarise_scores(content.scores), content.paper)
    )  # fmt: skip
    both = ours.merge(paper, on=list(KEYS), suffixes=("", "_paper"))
    if both.empty:
        return draft
    columns = [
        cells.number("Ours", "drop", 1),
        cells.number("Paper", "drop_paper", 1),
        cells.number(GAP, "drop_gap", 1, sign=True),
    ]
    return draft.with_columns(both.assign(drop_gap=both["drop"] - both["drop_paper"]), columns, DROP)


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
