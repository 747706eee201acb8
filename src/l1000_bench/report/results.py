"""The results section: per dataset the paper's layout, per benchmark results and comparisons."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from l1000_bench.report import cells
from l1000_bench.report.cells import Cell, Column, Group, Table, make_table
from l1000_bench.report.content import Benchmark, ReportContent, benchmarks_of, display, only, title_of
from l1000_bench.report.tables import BEST, LEVEL, MARKS, METRICS, UNTESTED, beside_paper, standings, summarise_scores
from l1000_bench.report.wording import best_sentence, listing, mean_std, pairs_sentences

_KEYS = ["dataset", "task", "classifier"]


@dataclass(frozen=True)
class BenchmarkPart:
    """What the page says of one benchmark; `comparisons` is None where there is nothing to compare."""

    title: str
    results: Table
    sentences: tuple[str, ...]
    comparisons: Table | None


@dataclass(frozen=True)
class DatasetPart:
    """What the page says of one dataset."""

    title: str
    overview: Table
    benchmarks: tuple[BenchmarkPart, ...]


def dataset_parts(content: ReportContent) -> list[DatasetPart]:
    """Lay out the results of every dataset in order of first appearance in the scores."""
    rows = standings(content)
    parts = []
    for dataset in dict.fromkeys(rows["dataset"]):
        own = rows[rows["dataset"] == dataset]
        benchmarks = tuple(_benchmark(content, own, pair) for pair in benchmarks_of(own))
        parts.append(DatasetPart(display(content.names, dataset), _overview(content, own, dataset), benchmarks))
    return parts


def _overview(content: ReportContent, rows: pd.DataFrame, dataset: str) -> Table:
    """Lay one dataset out as the paper does: a row per classifier, a pair of columns per task."""
    wide = rows[["classifier"]].drop_duplicates()
    columns: list[Column] = [cells.named("Classifier", "classifier", content.names)]
    groups = [Group("", 1)]
    for number, benchmark in enumerate(benchmarks_of(rows)):
        part = only(rows, benchmark)
        groups.append(Group(display(content.names, benchmark[1]), len(METRICS)))
        for metric, words in METRICS.items():
            wide = wide.merge(_prefixed(part[part["metric"] == metric], f"{number} {metric}"), "left", "classifier")
            columns.append(_standing_column(_capital(words), f"{number} {metric} "))
    caption = (
        f"{display(content.names, dataset)}: test accuracy and macro-F1 in percent, mean ± standard deviation "
        "(ddof = 1) over the test folds of the rotations."
    )
    laid = make_table(caption, columns, wide)
    return replace(laid, groups=tuple(groups), notes=_marks_notes(rows, content.alpha))


def _prefixed(part: pd.DataFrame, prefix: str) -> pd.DataFrame:
    values = part[["mean", "std", "standing"]].add_prefix(f"{prefix} ")
    return values.assign(classifier=part["classifier"])


def _standing_column(head: str, prefix: str = "") -> Column:
    """A column "mean ± std": the best in bold, marks on those that cannot be told apart from it or were not tested."""

    def cell(row: Mapping[str, Any]) -> Cell:
        mean, std, standing = (row[f"{prefix}{name}"] for name in ("mean", "std", "standing"))
        if pd.isna(mean):
            return Cell(mean_std(mean, std))
        return Cell(mean_std(mean, std), round(float(mean), 6), standing == BEST, MARKS[standing])

    return Column(head, cell, "number")


def _marks_notes(rows: pd.DataFrame, alpha: float) -> tuple[str, ...]:
    notes = {
        BEST: "Bold: the highest mean of its column.",
        LEVEL: f"{MARKS[LEVEL]} cannot be told apart from the highest mean (adjusted p\u00a0>\u00a0{alpha:g}).",
        UNTESTED: f"{MARKS[UNTESTED]} not tested against the highest mean.",
    }
    return tuple(note for standing, note in notes.items() if (rows["standing"] == standing).any())


def _benchmark(content: ReportContent, rows: pd.DataFrame, benchmark: Benchmark) -> BenchmarkPart:
    part, title = only(rows, benchmark), title_of(content.names, benchmark)
    tests = only(content.comparisons, benchmark)
    some_tests = part["classifier"].nunique() > 1 and len(tests) > 0
    comparisons = _comparisons(content, tests, title) if some_tests else None
    return BenchmarkPart(title, _results(content, part, benchmark), _sentences(content, part, tests), comparisons)


def _results(content: ReportContent, part: pd.DataFrame, benchmark: Benchmark) -> Table:
    """One benchmark: a row per classifier, with the paper's numbers beside ours where it has some."""
    summary = only(summarise_scores(content.scores), benchmark)
    frame = summary[[*_KEYS, "n_rotations", "dev_accuracy_mean"]]
    columns = [cells.named("Classifier", "classifier", content.names)]
    groups = [Group("", 1)]
    paper = None if content.paper is None else only(content.paper, benchmark)
    has_paper = paper is not None and len(paper) > 0
    for metric, words in METRICS.items():
        own = part[part["metric"] == metric]
        columns.append(_standing_column("Ours" if has_paper else _capital(words), f"{metric} "))
        if paper is not None and has_paper:
            own = beside_paper(paper, own, metric)
            columns.append(cells.spread("Paper", f"{metric} paper", f"{metric} paper_std"))
            columns.append(cells.number("Ours − paper", f"{metric} gap", 1, sign=True))
        groups.append(Group(_capital(words), 3))
        values = own.drop(columns=["dataset", "task", "metric"]).set_index("classifier").add_prefix(f"{metric} ")
        frame = frame.merge(values.reset_index(), on="classifier", how="left")
    columns += [cells.number("Dev accuracy", "dev_accuracy_mean", 1), cells.count("Rotations", "n_rotations")]
    caption = (
        f"{title_of(content.names, benchmark)}: scores in percent, mean ± standard deviation (ddof = 1) over test "
        "folds; dev accuracy is the mean over the dev folds, on which settings are chosen."
    )
    laid = make_table(caption, columns, frame)
    groups += [Group("", 1), Group("", 1)]
    return replace(laid, groups=tuple(groups) if has_paper else (), notes=_results_notes(content, part, paper))


def _results_notes(content: ReportContent, part: pd.DataFrame, paper: pd.DataFrame | None) -> tuple[str, ...]:
    notes = list(_marks_notes(part, content.alpha))
    if paper is not None:
        notes.append(
            "Differences from the paper are in percentage points of the means."
            if len(paper)
            else "The paper has no numbers for this benchmark."
        )
    return tuple(notes)


def _sentences(content: ReportContent, part: pd.DataFrame, tests: pd.DataFrame) -> tuple[str, ...]:
    """Say in plain words what differs and what cannot be told apart."""
    if part["classifier"].nunique() < 2:
        return ("Only one classifier was run on this benchmark: there is nothing to compare.",)
    if tests["p_adjusted"].notna().sum() == 0:
        ranked = [best_sentence(own, words, content.names) for own, words in _by_metric(part)]
        return (*(sentence for sentence in ranked if sentence), _why_untested(tests))
    sentences = []
    for own, words in _by_metric(part):
        pairs = tests[tests["metric"] == own["metric"].iloc[0]]
        told = pairs_sentences(pairs, words, content.names, content.alpha) if len(pairs) else ""
        sentences.append(f"{best_sentence(own, words, content.names)} {told}".strip())
    return tuple(sentence for sentence in sentences if sentence)


def _by_metric(part: pd.DataFrame) -> list[tuple[pd.DataFrame, str]]:
    return [(part[part["metric"] == metric], words) for metric, words in METRICS.items()]


def _why_untested(tests: pd.DataFrame) -> str:
    if len(tests) and tests["n_rotations"].max() < 2:
        return "No pair was tested: with one rotation there is no spread to test a difference against."
    return "No pair was tested, so which of these classifiers differ is open."


def _comparisons(content: ReportContent, tests: pd.DataFrame, title: str) -> Table:
    columns = [
        Column("Metric", lambda row: _metric_cell(row["metric"])),
        cells.named("Classifier A", "classifier_a", content.names),
        cells.named("Classifier B", "classifier_b", content.names),
        cells.number("A − B", "difference", 2, sign=True, scale=100),
        cells.interval("95 % interval", "ci_low", "ci_high"),
        cells.number("t", "t", 2),
        cells.p_column("p", "p"),
        cells.p_column("Adjusted p", "p_adjusted"),
        Column("Reading", lambda row: _reading(row["p_adjusted"], content.alpha)),
    ]
    if tests["n_rotations"].nunique() > 1:
        columns.append(cells.count("Rotations", "n_rotations"))
    caption = (
        f"{title}: pairwise comparisons over {_rotations(tests)}, differences in percentage points. Paired t-test over "
        "folds with Benjamini-Hochberg per benchmark and metric; the intervals are not adjusted."
    )
    return make_table(caption, columns, tests, row_heads=3)


def _rotations(tests: pd.DataFrame) -> str:
    numbers = sorted({int(n) for n in tests["n_rotations"]})
    return f"{listing([str(n) for n in numbers], 'or')} {'rotation' if numbers == [1] else 'rotations'}"


def _metric_cell(metric: str) -> Cell:
    words = _capital(METRICS.get(metric, metric))
    return Cell(words, words)


def _reading(p_adjusted: float, alpha: float) -> Cell:
    if math.isnan(p_adjusted):
        return Cell("not tested")
    reading = "not told apart" if p_adjusted > alpha else "differs"
    return Cell(reading, reading)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
