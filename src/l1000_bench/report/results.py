"""The results section: per benchmark the leaderboard, what it says in words, and all pairs."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from l1000_bench.report.cells import Table
from l1000_bench.report.comparisons import comparison_tables
from l1000_bench.report.content import Benchmark, ReportContent, benchmarks_of, only, title_of
from l1000_bench.report.findings import (
    best_sentence,
    disagreement_sentence,
    failures_sentence,
    pairs_sentences,
    why_untested,
)
from l1000_bench.report.leaderboard import leaderboard
from l1000_bench.report.tables import ASIDE, METRICS, standings


@dataclass(frozen=True)
class Finding:
    """A paragraph: the sentence to see first, and what follows it."""

    first: str
    then: str = ""


@dataclass(frozen=True)
class BenchmarkPart:
    """What the page says of the results on one benchmark; without comparisons there is nothing to compare."""

    title: str
    leaderboard: Table
    findings: tuple[Finding, ...]
    comparisons: list[Table]


def benchmark_parts(content: ReportContent) -> list[BenchmarkPart]:
    """Lay out the results of every benchmark, in the order of `ReportContent.benchmarks`."""
    rows = standings(content)
    return [
        BenchmarkPart(
            title_of(content.names, benchmark),
            leaderboard(content, rows, benchmark),
            _findings(content, only(rows, benchmark), benchmark),
            comparison_tables(content, benchmark),
        )
        for benchmark in benchmarks_of(rows)
    ]


def _findings(content: ReportContent, part: pd.DataFrame, benchmark: Benchmark) -> tuple[Finding, ...]:
    """Say in plain words what differs and what cannot be told apart."""
    tests = only(content.comparisons, benchmark)
    said = [_told(content, part, tests, metric) for metric in METRICS]
    scored = part.loc[part["mean"].notna(), "classifier"].nunique()
    if not scored:
        why = failures_sentence(only(content.settings, benchmark), content.names)
        said = [Finding(_nobody(part), why)]
    elif scored < 2:
        said = [Finding("Only one classifier has scores on this benchmark: there is nothing to compare.")]
    elif tests["corrected_p_adjusted"].notna().sum() == 0:
        said.append(Finding(why_untested(tests)))
    return tuple(finding for finding in said if finding.first)


def _nobody(part: pd.DataFrame) -> str:
    """Say that no classifier has a score, and whether any was run at all."""
    if (part["standing"] == ASIDE).all():
        return "Every classifier stepped aside on this benchmark, so it has no scores."
    return "No classifier has a score on this benchmark."


def _told(content: ReportContent, part: pd.DataFrame, tests: pd.DataFrame, metric: str) -> Finding:
    own, pairs, words = part[part["metric"] == metric], tests[tests["metric"] == metric], METRICS[metric]
    best = best_sentence(own, words, content.names)
    if pairs["corrected_p_adjusted"].isna().all():
        return Finding(best)
    then = [
        pairs_sentences(pairs, words, content.names, content.alpha),
        disagreement_sentence(pairs, words, content.names, content.alpha),
    ]
    return Finding(best, " ".join(sentence for sentence in then if sentence))
