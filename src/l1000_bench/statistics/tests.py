"""Significance tests between classifiers over the rotations of a split."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from statsmodels.stats.multitest import multipletests

METRICS = ("accuracy", "macro_f1")
# Scores lie between 0 and 1: differences that are closer than this are equal but for rounding.
_ROUNDING = 1e-12


def paired_t(a: NDArray[np.float64], b: NDArray[np.float64], confidence: float = 0.95) -> dict[str, float]:
    """Test whether the mean difference of two classifiers' scores is zero (Student's paired t-test).

    Folds share training samples, so the differences are not independent and p is too small on average
    (Nadeau and Bengio 2003); it is the paper's test and is reported as such.

    Args:
        a: (n_rotations,) scores of the first.
        b: (n_rotations,) scores of the second, same rotations.
        confidence: Of the interval.

    Returns:
        difference (mean of a - b), ci_low, ci_high, t and p. With equal differences everywhere t is 0 and p 1 when
        they are zero, else t infinite and p 0; with one rotation t, p and the interval are NaN.
    """
    difference = a - b
    mean = float(difference.mean())
    if len(difference) < 2:
        return {"difference": mean, "ci_low": np.nan, "ci_high": np.nan, "t": np.nan, "p": np.nan}
    if np.ptp(difference) < _ROUNDING:
        t, p = (0.0, 1.0) if abs(mean) < _ROUNDING else (float(np.copysign(np.inf, mean)), 0.0)
        return {"difference": mean, "ci_low": mean, "ci_high": mean, "t": t, "p": p}
    result = stats.ttest_rel(a, b)
    interval = result.confidence_interval(confidence)
    return {
        "difference": mean, "ci_low": float(interval.low), "ci_high": float(interval.high),
        "t": float(result.statistic), "p": float(result.pvalue),
    }  # fmt: skip


def compare_classifiers(scores: pd.DataFrame) -> pd.DataFrame:
    """Compare every pair of classifiers of one benchmark on its test scores.

    p values are adjusted by Benjamini and Hochberg (1995) over the pairs of the benchmark, each metric by itself.

    Args:
        scores: The scores table: classifier, rotation, role, accuracy, macro_f1.

    Returns:
        The comparisons table, pairs in the order of the classifiers; empty with fewer than two classifiers.
    """
    test = scores[scores["role"] == "test"]
    order = list(dict.fromkeys(test["classifier"]))
    tables = []
    for metric in METRICS:
        wide = test.pivot(index="rotation", columns="classifier", values=metric)[order]
        rows: list[dict[str, Any]] = [
            {"metric": metric, "classifier_a": a, "classifier_b": b, "n_rotations": len(wide)}
            | paired_t(wide[a].to_numpy(), wide[b].to_numpy())
            for a, b in combinations(order, 2)
        ]
        table = pd.DataFrame(rows, columns=_COLUMNS).astype(_TYPES)
        tables.append(table.assign(p_adjusted=adjust(table["p"].to_numpy())))
    return pd.concat(tables, ignore_index=True)


_COLUMNS = ["metric", "classifier_a", "classifier_b", "n_rotations", "difference", "ci_low", "ci_high", "t", "p"]
_TYPES: dict[str, Any] = {name: "str" for name in _COLUMNS[:3]} | {"n_rotations": "int64"} | {
    name: "float64" for name in _COLUMNS[4:]
}  # fmt: skip


def adjust(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Adjust p values for multiple comparisons (Benjamini and Hochberg 1995); NaN stays NaN and is not counted."""
    adjusted = np.full(len(p), np.nan)
    known = ~np.isnan(p)
    if known.any():
        adjusted[known] = multipletests(p[known], method="fdr_bh")[1]
    return adjusted
