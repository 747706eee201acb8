"""Classifiers ranked over many benchmarks (Demsar 2006)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from l1000_bench.statistics.tests import METRICS

_DECIMALS = 12  # scores that are equal but for rounding share a rank
_RANKS: dict[str, Any] = {
    "metric": "str", "classifier": "str", "mean_rank": "float64", "n_benchmarks": "int64", "n_classifiers": "int64",
    **dict.fromkeys(("chi_squared", "p", "f", "f_p", "critical_difference"), "float64"),
}  # fmt: skip


def rank_classifiers(scores: pd.DataFrame, alpha: float) -> pd.DataFrame:
    """Rank the classifiers by their mean test scores on every benchmark, and test whether all ranks are alike.

    Args:
        scores: The stacked scores: dataset, task, classifier, rotation, role, accuracy, macro_f1. Classifiers without a
            score on every benchmark are left out.
        alpha: Level of the critical difference.

    Returns:
        The ranks table: per metric and classifier its mean_rank (1 is best, ties share), and the statistics of
        `friedman` and `critical_difference`; these are NaN with fewer than two benchmarks or three classifiers. Only
        benchmarks where some classifier has a score count; without one there is no row.
    """
    test = scores[scores["role"] == "test"]
    if test.empty:
        return pd.DataFrame(columns=list(_RANKS)).astype(_RANKS)
    order = list(dict.fromkeys(test["classifier"]))
    tables = []
    for metric in METRICS:
        means = test.groupby(["dataset", "task", "classifier"], sort=False, observed=True)[metric].mean()
        wide = means.unstack("classifier").reindex(columns=order).dropna(axis="columns").round(_DECIMALS)
        ranks = wide.rank(axis="columns", ascending=False).to_numpy(dtype=np.float64)  # (n_benchmarks, n_classifiers)
        sizes = {"n_benchmarks": ranks.shape[0], "n_classifiers": ranks.shape[1]}
        table = pd.DataFrame({"metric": metric, "classifier": wide.columns, "mean_rank": ranks.mean(axis=0), **sizes})
        tables.append(table.assign(**friedman(ranks), critical_difference=critical_difference(*ranks.shape, alpha)))
    return pd.concat(tables, ignore_index=True).astype(_RANKS)


def friedman(ranks: NDArray[np.float64]) -> dict[str, float]:
    """Test whether all classifiers have the same mean rank (Friedman 1937; Iman and Davenport 1980).

    Args:
        ranks: (n_benchmarks, n_classifiers).

    Returns:
        chi_squared and p of Friedman's test, corrected for ties, and Iman and Davenport's less conservative f and f_p;
        0 and 1 where all ranks are tied, NaN with fewer than two benchmarks or three classifiers. f and f_p are NaN too
        where all benchmarks rank alike: f is infinite then, however few they are.
    """
    n, k = ranks.shape
    if n < 2 or k < 3:
        return dict.fromkeys(("chi_squared", "p", "f", "f_p"), np.nan)
    if not np.ptp(ranks):
        return {"chi_squared": 0.0, "p": 1.0, "f": 0.0, "f_p": 1.0}
    chi_squared, p = map(float, stats.friedmanchisquare(*ranks.T))
    f = iman_davenport(chi_squared, n, k)
    return {"chi_squared": chi_squared, "p": p, "f": f, "f_p": float(stats.f.sf(f, k - 1, (k - 1) * (n - 1)))}


def iman_davenport(chi_squared: float, n: int, k: int) -> float:
    """Return F of Iman and Davenport (1980) from Friedman's chi-squared for n benchmarks and k classifiers."""
    left = n * (k - 1) - chi_squared
    return (n - 1) * chi_squared / left if left > _LEFT else np.nan


_LEFT = 1e-9  # chi-squared at its largest but for rounding


def critical_difference(n: int, k: int, alpha: float) -> float:
    """Return how far two mean ranks must lie apart to differ (Nemenyi 1963; Demsar 2006, section 3.2.2).

    Args:
        n: Number of benchmarks.
        k: Number of classifiers.
        alpha: Level, for all pairs together.

    Returns:
        q sqrt(k (k + 1) / (6 n)), q the studentized range's quantile over sqrt(2); NaN with fewer than two benchmarks
        or three classifiers.
    """
    if n < 2 or k < 3:
        return np.nan
    q = float(stats.studentized_range.ppf(1 - alpha, k, np.inf)) / np.sqrt(2)
    return float(q * np.sqrt(k * (k + 1) / (6 * n)))
