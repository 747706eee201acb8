"""What is said over several benchmarks: mean ranks, and the same classifiers on two views of one corpus."""

from __future__ import annotations

import math

import pandas as pd

from l1000_bench.report import cells
from l1000_bench.report.cells import Cell, Column, Table, make_table
from l1000_bench.report.content import ReportContent, benchmarks_of, title_of
from l1000_bench.report.draft import capital
from l1000_bench.report.names import display
from l1000_bench.report.tables import METRICS
from l1000_bench.report.wording import decimal, listing, p_value

_MANY = 10  # benchmarks above which Friedman's statistic is well approximated (Demsar 2006, section 3.2.2)
_TESTS = {"paired": "paired t-test", "welch": "Welch's t-test"}


def rank_table(content: ReportContent) -> Table:
    """Mean rank of every classifier, a column per metric."""
    ranks = content.table("ranks")
    wide = ranks.pivot(index="classifier", columns="metric", values="mean_rank").reset_index()
    known = [metric for metric in METRICS if metric in wide]
    columns = [
        cells.named("Classifier", "classifier", content.names),
        *(cells.number(f"Mean rank by {METRICS[metric]}", metric, 2) for metric in known),
    ]
    caption = "Mean rank over the benchmarks by mean test score: 1 is best, equal scores share a rank."
    return make_table(caption, columns, wide.sort_values(known[:1], kind="stable"))


def rank_sentences(content: ReportContent) -> list[str]:
    """Say what the ranks show, how far they can be trusted, and who has none."""
    ranks, empty = content.table("ranks"), _unscored_benchmarks(content)
    if ranks.empty:
        without = content.ranks is not None and len(content.scores)
        why = ": no classifier has a score on every one of them" if without else ""
        return [f"This run ranks nothing over benchmarks{why}."]
    metrics = {metric: ranks[ranks["metric"] == metric].iloc[0] for metric in METRICS if metric in set(ranks["metric"])}
    first = next(iter(metrics.values()))
    n, k = int(first["n_benchmarks"]), int(first["n_classifiers"])
    if math.isnan(first["critical_difference"]):
        return [
            "Ranks are compared over at least two benchmarks and three classifiers with a score on each of them; here "
            f"the benchmarks number {n} and the classifiers {k}, so nothing is tested.",
            *empty,
            *_unranked(content, ranks),
        ]
    said = [_verdict(row, METRICS[metric], content.alpha) for metric, row in metrics.items()]
    if n <= _MANY:
        said.append(
            f"{n} benchmarks are few: Nemenyi's test sees only ranks that lie "
            f"{decimal(first['critical_difference'], 2)} or more apart, of the {k - 1} that there can be between "
            f"{k} classifiers."
        )
    said.append(
        "Benchmarks that share profiles, such as two tasks of one dataset, are not independent, though these tests "
        "take them to be: read the ranks as a summary of this run's benchmarks, not as evidence for others."
    )
    return [*said, *empty, *_unranked(content, ranks)]


def _unscored_benchmarks(content: ReportContent) -> list[str]:
    scored = benchmarks_of(content.scores)
    without = [title_of(content.names, benchmark) for benchmark in content.benchmarks if benchmark not in scored]
    return [f"Not counted, as no classifier has a score there: {'; '.join(without)}."] if without else []


def _unranked(content: ReportContent, ranks: pd.DataFrame) -> list[str]:
    missing = [display(content.names, name) for name in content.classifiers if name not in set(ranks["classifier"])]
    return [f"Without a score on every benchmark, and so without a rank: {listing(missing)}."] if missing else []


def _verdict(row: pd.Series, words: str, alpha: float) -> str:
    if math.isnan(row["p"]):
        return f"In {words}, no test of the mean ranks was possible."
    if math.isnan(row["f_p"]):
        p, statistic = row["p"], f"chi-squared = {decimal(row['chi_squared'], 2)}"
        alike = " All benchmarks rank the classifiers alike, so Iman and Davenport's F has no value."
    else:
        p, statistic, alike = row["f_p"], f"Iman and Davenport's F = {decimal(row['f'], 2)}", ""
    tested = f"Friedman's test with {statistic}, p\u00a0=\u00a0{p_value(p)}".replace("=\u00a0<", "<")
    if p > alpha:
        verdict = f"no difference between the mean ranks is established ({tested}), so their order may be chance."
    else:
        verdict = f"the mean ranks differ ({tested}); which pairs do is said by the critical difference."
    return f"In {words}, {verdict}{alike}"


def between_table(content: ReportContent) -> Table:
    """The same classifiers on two datasets cut from one corpus at different levels."""
    columns = [
        cells.named("Task", "task", content.names),
        cells.named("Classifier", "classifier", content.names),
        cells.named("Dataset A", "dataset_a", content.names),
        cells.named("Dataset B", "dataset_b", content.names),
        Column("Metric", lambda row: _words(capital(METRICS[row["metric"]]))),
        cells.number("A − B", "difference", 2, sign=True, scale=100),
        cells.interval("95 %", "ci_low", "ci_high"),
        cells.number("t", "t", 2),
        cells.p_column("p", "p"),
        cells.p_column("Adjusted p", "p_adjusted"),
        Column("Test", lambda row: _words(_TESTS[row["test"]])),
    ]
    caption = (
        "Between datasets: mean difference of the test scores in percentage points. Paired where the two share their "
        "folds by replicate group, else Welch's test; neither is corrected for shared training samples, so p is too "
        "small. The two are tested on different samples: a difference is one of the data as much as of the classifier."
    )
    return make_table(caption, columns, content.table("between"), row_heads=2)


def _words(text: str) -> Cell:
    return Cell(text, text)
