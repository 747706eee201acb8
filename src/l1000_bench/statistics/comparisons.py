"""Every pair of classifiers of one benchmark, by every test."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from l1000_bench.statistics.bootstrap import CLUSTERS, Resampled, percentile_interval
from l1000_bench.statistics.counts import METRICS as RESAMPLED_METRICS
from l1000_bench.statistics.pooled import Labels
from l1000_bench.statistics.tests import METRICS, adjust_within, corrected_t, effect_size, mcnemar, paired_t, wilcoxon_p

TESTS = ("", "corrected_", "wilcoxon_", "mcnemar_")  # what stands before p and p_adjusted
_TEXTS = ["metric", "classifier_a", "classifier_b"]
_COLUMNS = [
    *_TEXTS, "n_rotations", "difference", "ci_low", "ci_high", "t", "p", "p_adjusted",
    *(f"corrected_{name}" for name in ("ci_low", "ci_high", "t", "p", "p_adjusted")),
    "wilcoxon_p", "wilcoxon_p_adjusted", "only_a", "only_b", "mcnemar_p", "mcnemar_p_adjusted",
    *(f"{cluster}_ci_{end}" for cluster in CLUSTERS for end in ("low", "high")), "effect_size",
]  # fmt: skip
_TYPES: dict[str, Any] = {
    name: "str" if name in _TEXTS else "int64" if name == "n_rotations" else "float64" for name in _COLUMNS
}


def size_ratios(split: pd.DataFrame) -> pd.Series:
    """Return n_test/n_train of every rotation of a split table, indexed by rotation."""
    sizes = pd.crosstab(split["rotation"], split["role"].astype("str"))
    return sizes["test"] / sizes["train"]


def compare_classifiers(
    scores: pd.DataFrame, labels: Labels, resampled: Mapping[str, Resampled], ratios: pd.Series
) -> pd.DataFrame:
    """Compare every pair of classifiers of one benchmark on its test predictions.

    p values are adjusted by Benjamini and Hochberg (1995) over the pairs of the benchmark, each metric and test by
    itself.

    Args:
        scores: The scores table: classifier, rotation, role, accuracy, macro_f1.
        labels: Test labels of all rotations together.
        resampled: Per kind of cluster the scores of the resamples, see `bootstrap.resample_clusters`.
        ratios: n_test/n_train by rotation.

    Returns:
        The comparisons table, pairs in the order of the classifiers; empty with fewer than two classifiers.
    """
    test = scores[scores["role"] == "test"]
    order = list(dict.fromkeys(test["classifier"]))
    rows = []
    for metric in METRICS:
        wide = test.pivot(index="rotation", columns="classifier", values=metric)[order]
        for a, b in combinations(order, 2):
            names = {"metric": metric, "classifier_a": a, "classifier_b": b}
            own = _over_rotations(wide[[a, b]], ratios) | _over_samples(labels, a, b, metric)
            rows.append(names | own | _intervals(resampled, a, b, metric))
    table = pd.DataFrame(rows, columns=_COLUMNS).astype(_TYPES)
    adjusted = {f"{test}p_adjusted": adjust_within(table, ["metric"], f"{test}p") for test in TESTS}
    return table.assign(**adjusted)


def _over_rotations(pair: pd.DataFrame, ratios: pd.Series) -> dict[str, float]:
    a, b = pair.to_numpy(dtype=np.float64).T
    ratio = float(ratios.reindex(pair.index).mean())
    corrected = {f"corrected_{name}": value for name, value in corrected_t(a, b, ratio).items() if name != "difference"}
    return {
        "n_rotations": len(pair), **paired_t(a, b), **corrected,
        "wilcoxon_p": wilcoxon_p(a, b), "effect_size": effect_size(a, b),
    }  # fmt: skip


def _over_samples(labels: Labels, a: str, b: str, metric: str) -> dict[str, float]:
    if metric != "accuracy":
        return {}
    return mcnemar(labels.predicted[a] == labels.true, labels.predicted[b] == labels.true)


def _intervals(resampled: Mapping[str, Resampled], a: str, b: str, metric: str) -> dict[str, float]:
    """Intervals of the mean difference of two classifiers, which are scored on the same draws."""
    i = RESAMPLED_METRICS.index(metric)
    ends: dict[str, float] = {}
    for cluster, draws in resampled.items():
        difference = draws.scores[a][i] - draws.scores[b][i]
        low, high = percentile_interval(difference, draws.n_clusters)
        ends |= {f"{cluster}_ci_low": low, f"{cluster}_ci_high": high}
    return ends
