"""Scores condensed to the layout of a results table: means, deviations, and where each classifier stands."""

from __future__ import annotations

import numpy as np
import pandas as pd

from l1000_bench.report.content import Benchmark, ReportContent, benchmarks_of, only

METRICS = {"accuracy": "accuracy", "macro_f1": "macro-F1"}  # column -> the words for it

# Where a classifier stands beside the best mean of its benchmark and metric.
BEST, LEVEL, UNTESTED, BEHIND = "best", "level", "untested", "behind"
MARKS = {BEST: "", LEVEL: "†", UNTESTED: "‡", BEHIND: ""}

_KEYS = ["dataset", "task", "classifier"]


def summarise_scores(scores: pd.DataFrame) -> pd.DataFrame:
    """Average scores over rotations.

    Args:
        scores: As in `ReportContent.scores` (fractions).

    Returns:
        One row per dataset, task and classifier in order of first appearance: n_rotations with a test score, then
        means and standard deviations (ddof = 1) over the test folds and dev_accuracy_mean, all in percent. The
        deviation of a single rotation is NaN.
    """
    test, dev = (scores[scores["role"] == role].groupby(_KEYS, sort=False, observed=True) for role in ("test", "dev"))
    columns: dict[str, pd.Series] = {"n_rotations": test["accuracy"].count()}
    for metric in METRICS:
        columns[f"{metric}_mean"] = 100 * test[metric].mean()
        columns[f"{metric}_std"] = 100 * test[metric].std(ddof=1)
    columns["dev_accuracy_mean"] = 100 * dev["accuracy"].mean()
    table = scores[_KEYS].drop_duplicates().merge(pd.DataFrame(columns).reset_index(), on=_KEYS, how="left")
    return table.assign(n_rotations=table["n_rotations"].fillna(0).astype("int64"))


def standings(content: ReportContent) -> pd.DataFrame:
    """Say for every classifier, benchmark and metric whether it is the best or can be told apart from the best.

    Returns:
        One row per dataset, task, metric and classifier: mean and std (percent), and `standing`: `best` (highest
        mean, equal ones together), `level` (adjusted p against the best above alpha), `untested` (no p value) or
        `behind`. Where fewer than two classifiers have a score nothing is compared and all are `behind`.
    """
    summary = summarise_scores(content.scores)
    parts = [_standings(content, summary, pair, metric) for pair in benchmarks_of(summary) for metric in METRICS]
    columns = ["dataset", "task", "metric", "classifier", "mean", "std", "standing"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def _standings(content: ReportContent, summary: pd.DataFrame, benchmark: Benchmark, metric: str) -> pd.DataFrame:
    part = only(summary, benchmark).rename(columns={f"{metric}_mean": "mean", f"{metric}_std": "std"})
    part = part.assign(metric=metric)[["dataset", "task", "metric", "classifier", "mean", "std"]]
    if part["mean"].notna().sum() < 2:
        return part.assign(standing=BEHIND)
    best = part["classifier"].iloc[int(np.nanargmax(part["mean"]))]
    tests = only(content.comparisons, benchmark)
    tests = tests[tests["metric"] == metric]
    top = np.isclose(part["mean"], part["mean"].max(), rtol=0, atol=1e-9)
    named = zip(part["classifier"], part["mean"], top, strict=True)
    standing = [
        BEST if is_top else _beside(tests, name, str(best), content.alpha) if pd.notna(mean) else BEHIND
        for name, mean, is_top in named
    ]
    return part.assign(standing=standing)


def _beside(tests: pd.DataFrame, classifier: str, best: str, alpha: float) -> str:
    """Read the comparison of a classifier with the best, whichever of the two stands first in it."""
    a, b = tests["classifier_a"], tests["classifier_b"]
    pair = tests[((a == classifier) & (b == best)) | ((a == best) & (b == classifier))]
    p = pair["p_adjusted"].dropna()
    if p.empty:
        return UNTESTED
    return LEVEL if p.iloc[0] > alpha else BEHIND


def beside_paper(paper: pd.DataFrame, part: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Put the paper's numbers beside the rows of `standings` of one metric.

    Returns:
        The rows of `part` with paper and paper_std (percent) and gap = ours - paper (percentage points); NaN where
        the paper has no number.
    """
    theirs = paper[[*_KEYS, f"{metric}_mean", f"{metric}_std"]]
    theirs = theirs.set_axis([*_KEYS, "paper", "paper_std"], axis="columns")
    both = part.merge(theirs, on=_KEYS, how="left")
    return both.assign(gap=both["mean"] - both["paper"])
