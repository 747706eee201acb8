"""Significance tests between two classifiers: over the rotations of a split, or sample by sample."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar as mcnemar_test
from statsmodels.stats.multitest import multipletests

METRICS = ("accuracy", "macro_f1")
CONFIDENCE = 0.95
# Scores lie between 0 and 1: differences that are closer than this are equal but for rounding.
ROUNDING = 1e-12
_DECIMALS = 12
_EXACT_BELOW = 25  # discordant samples, up to which McNemar's chi-squared is a poor approximation


def paired_t(a: NDArray[np.float64], b: NDArray[np.float64], confidence: float = CONFIDENCE) -> dict[str, float]:
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
        return _outcome(mean, np.nan, np.nan, np.nan, np.nan)
    if np.ptp(difference) < ROUNDING:
        return _outcome(mean, mean, mean, *_without_spread(mean))
    result = stats.ttest_rel(a, b)
    interval = result.confidence_interval(confidence)
    return _outcome(mean, float(interval.low), float(interval.high), float(result.statistic), float(result.pvalue))


def corrected_t(
    a: NDArray[np.float64], b: NDArray[np.float64], ratio: float, confidence: float = CONFIDENCE
) -> dict[str, float]:
    """Test the same with a variance that allows for training samples that rotations share.

    The corrected resampled t-test of Nadeau and Bengio (2003, section 3): the variance of the mean of K differences
    with variance s² is (1/K + n_test/n_train) s², in place of s²/K; t has K - 1 degrees of freedom. It is conservative
    where classifiers are stable.

    Args:
        a: (n_rotations,) scores of the first.
        b: (n_rotations,) scores of the second, same rotations.
        ratio: n_test/n_train.
        confidence: Of the interval.

    Returns:
        As `paired_t`.
    """
    plain = paired_t(a, b, confidence)
    widening = float(np.sqrt(1 + len(a) * ratio))  # of the standard error: (1/K + ratio) s² over s²/K
    mean, t = plain["difference"], plain["t"] / widening
    low, high = (mean + widening * (plain[end] - mean) for end in ("ci_low", "ci_high"))
    return _outcome(mean, low, high, t, float(2 * stats.t.sf(abs(t), len(a) - 1)))


def welch(a: NDArray[np.float64], b: NDArray[np.float64], confidence: float = CONFIDENCE) -> dict[str, float]:
    """Test whether two means are equal where the scores are not paired (Welch 1947).

    Args:
        a: (n_a,) scores.
        b: (n_b,) scores.
        confidence: Of the interval.

    Returns:
        As `paired_t`, with NaN where one side has fewer than two scores.
    """
    mean = float(a.mean() - b.mean())
    if min(len(a), len(b)) < 2:
        return _outcome(mean, np.nan, np.nan, np.nan, np.nan)
    if max(np.ptp(a), np.ptp(b)) < ROUNDING:
        return _outcome(mean, mean, mean, *_without_spread(mean))
    parts = np.array([a.var(ddof=1) / len(a), b.var(ddof=1) / len(b)])  # of the variance of the difference
    error = float(np.sqrt(parts.sum()))
    degrees = float(parts.sum() ** 2 / (parts**2 / [len(a) - 1, len(b) - 1]).sum())
    margin = error * float(stats.t.ppf((1 + confidence) / 2, degrees))
    return _outcome(mean, mean - margin, mean + margin, mean / error, float(2 * stats.t.sf(abs(mean) / error, degrees)))


def _without_spread(mean: float) -> tuple[float, float]:
    return (0.0, 1.0) if abs(mean) < ROUNDING else (float(np.copysign(np.inf, mean)), 0.0)


def _outcome(mean: float, low: float, high: float, t: float, p: float) -> dict[str, float]:
    return {"difference": mean, "ci_low": low, "ci_high": high, "t": t, "p": p}


def wilcoxon_p(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Return the exact p of the signed-rank test (Wilcoxon 1945); zero differences are left out, ties share their rank.

    That of `scipy.stats.wilcoxon`, which takes a tenth of a second for ten rotations with ties. With five rotations p
    cannot fall below 2/32, so that no pair can be told apart at 5 %.

    Args:
        a: (n_rotations,) scores of the first.
        b: (n_rotations,) scores of the second, same rotations.

    Returns:
        p; 1 if all differences are zero, NaN with fewer than two rotations.
    """
    difference = np.round(a - b, _DECIMALS)  # so that ties are seen as such
    if len(difference) < 2:
        return np.nan
    known = difference[difference != 0]
    ranks = (2 * stats.rankdata(np.abs(known))).astype(np.intp)  # twice, so that those of ties are whole
    ways = np.ones(1)  # in how many ways the signs give each sum of positive ranks
    for rank in ranks:
        ways = np.pad(ways, (0, rank)) + np.pad(ways, (rank, 0))
    found = ranks[known > 0].sum()
    tail = min(ways[: found + 1].sum(), ways[found:].sum())
    return float(min(1.0, 2 * tail / ways.sum()))


def mcnemar(right_a: NDArray[np.bool_], right_b: NDArray[np.bool_]) -> dict[str, float]:
    """Test whether two classifiers are right equally often on the same samples (McNemar 1947).

    Exact (binomial) below 25 samples that one alone has right, else chi-squared with continuity correction. It takes
    samples to be independent, which replicates and wells of one plate are not, and says nothing of other training sets.

    Args:
        right_a: (n_samples,) whether the first is right.
        right_b: (n_samples,) whether the second is.

    Returns:
        only_a and only_b (samples that one alone has right) and mcnemar_p.
    """
    only_a, only_b = int((right_a & ~right_b).sum()), int((right_b & ~right_a).sum())
    result = mcnemar_test([[0, only_a], [only_b, 0]], exact=only_a + only_b < _EXACT_BELOW)
    return {"only_a": float(only_a), "only_b": float(only_b), "mcnemar_p": float(result.pvalue)}


def effect_size(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Return d_z, the mean of the differences over their standard deviation (Cohen 1988, section 2.3.5).

    Args:
        a: (n_rotations,) scores of the first.
        b: (n_rotations,) scores of the second, same rotations.

    Returns:
        d_z; NaN where the differences do not vary.
    """
    difference = a - b
    if len(difference) < 2 or np.ptp(difference) < ROUNDING:
        return np.nan
    return float(difference.mean() / difference.std(ddof=1))


def adjust(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Adjust p values for multiple comparisons (Benjamini and Hochberg 1995); NaN stays NaN and is not counted."""
    adjusted = np.full(len(p), np.nan)
    known = ~np.isnan(p)
    if known.any():
        adjusted[known] = multipletests(p[known], method="fdr_bh")[1]
    return adjusted


def adjust_within(table: pd.DataFrame, by: list[str], column: str) -> pd.Series:
    """Adjust a column of p values, each family by itself.

    Args:
        table: One row per comparison.
        by: Columns whose joint values make the families.
        column: The p values.
    """
    adjusted = np.full(len(table), np.nan)
    for family in table.groupby(by, sort=False, observed=True).indices.values():
        adjusted[family] = adjust(table[column].to_numpy()[family])
    return pd.Series(adjusted, table.index)
