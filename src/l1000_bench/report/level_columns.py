"""Differences between datasets of one corpus at different levels, as columns of a table of scores."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from l1000_bench.report import cells
from l1000_bench.report.cells import Cell, Column
from l1000_bench.report.content import Benchmark, ReportContent, only
from l1000_bench.report.draft import Draft, capital, metric_values
from l1000_bench.report.findings import short_listing
from l1000_bench.report.names import display
from l1000_bench.report.tables import METRICS
from l1000_bench.report.wording import count_of

DIFFERS = "§"
# Test -> its name, and what it says of the folds.
_TESTS = {
    "paired": ("paired t-test", "Paired t-test: over rotations, as the two share their folds by replicate group."),
    "welch": ("Welch's t-test", "Welch's t-test: over folds that are not paired, as the two do not share theirs."),
}
_HOW = "Differences of mean scores in percentage points; p is adjusted over the classifiers, each metric by itself."
_LIMITS = (
    "The test is not corrected for the training samples that rotations share, so p is too small; the datasets are "
    "tested on different samples, so a difference is one of the data as much as of the classifier."
)


@dataclass(frozen=True, eq=False)
class LevelPair:
    """Two datasets of one corpus, the lower level first, on one task.

    Attributes:
        heading: What stands above its columns.
        tests: Its rows of `ReportContent.between`.
    """

    heading: str
    tests: pd.DataFrame


def level_pairs(content: ReportContent, benchmarks: Collection[Benchmark]) -> list[LevelPair]:
    """Return the compared pairs of which a table of scores has both benchmarks, in the order of the comparisons.

    Args:
        content: Of the page.
        benchmarks: Those of the table.
    """
    between = content.table("between")
    several = len({task for _, task in benchmarks}) > 1
    pairs = []
    for low, high, task in between[["dataset_a", "dataset_b", "task"]].drop_duplicates().itertuples(index=False):
        if {(low, task), (high, task)} <= set(benchmarks):
            heading = f"{display(content.names, low)} − {display(content.names, high)}"
            tests = only(between.rename(columns={"dataset_a": "dataset"}), (low, task))
            named = f"{display(content.names, task)}: {heading}" if several else heading
            pairs.append(LevelPair(named, tests[tests["dataset_b"] == high]))
    return pairs


def with_levels(draft: Draft, pairs: Sequence[LevelPair], alpha: float) -> Draft:
    """Add a group of columns per pair: per metric the difference and its adjusted p.

    Args:
        draft: A table with a row per classifier.
        pairs: Of `level_pairs`.
        alpha: Level for the adjusted p values; differences that reach it are marked.
    """
    for number, pair in enumerate(pairs):
        values = metric_values(pair.tests, f"levels {number} ").drop(columns=["dataset", "task"])
        columns = [
            column
            for metric, words in METRICS.items()
            for column in _columns(capital(words), f"levels {number} {metric} ", alpha)
        ]
        draft = draft.with_columns(values, columns, pair.heading)
    return draft


def _columns(words: str, prefix: str, alpha: float) -> list[Column]:
    difference = cells.number(words, f"{prefix}difference", 1, sign=True, scale=100)

    def cell(row: Mapping[str, Any]) -> Cell:
        return replace(difference.cell(row), mark=DIFFERS if row[f"{prefix}p_adjusted"] <= alpha else "")

    return [replace(difference, cell=cell), cells.p_column(f"{words} p", f"{prefix}p_adjusted")]


def level_notes(pairs: Sequence[LevelPair], names: Mapping[str, str], alpha: float) -> tuple[str, ...]:
    """Say how the pairs were tested, and which classifiers differ between the two; nothing without a pair.

    Args:
        pairs: Of `level_pairs`.
        names: Display names.
        alpha: Level for the adjusted p values.
    """
    if not pairs:
        return ()
    marked = any((pair.tests["p_adjusted"] <= alpha).any() for pair in pairs)
    used = [kind for kind in _TESTS if any((pair.tests["test"] == kind).any() for pair in pairs)]
    return (
        *([f"{DIFFERS} differs between the two datasets (adjusted p\u00a0≤\u00a0{alpha:g})."] if marked else []),
        *(_pair_sentence(pair, names, alpha) for pair in pairs),
        _HOW,
        *(_TESTS[kind][1] for kind in used),
        _LIMITS,
    )


def _pair_sentence(pair: LevelPair, names: Mapping[str, str], alpha: float) -> str:
    said = []
    for metric, words in METRICS.items():
        p = pair.tests[pair.tests["metric"] == metric].set_index("classifier")["p_adjusted"].dropna()
        differing = [display(names, name) for name in p.index[p <= alpha]]
        tested = count_of(len(p), "tested classifier", "tested classifiers")
        verb = "differs" if len(differing) == 1 else "differ"
        which = f" ({short_listing(differing)})" if differing else ""
        said.append(
            f"in {words} {len(differing)} of {tested} {verb}{which}" if len(p) else f"no test of {words} was possible"
        )
    kinds = " and ".join(_TESTS[kind][0] for kind in pair.tests["test"].unique())
    return f"{pair.heading}, {kinds}: {'; '.join(said)}."
