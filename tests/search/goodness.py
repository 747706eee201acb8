"""Tests of goodness of fit, for draws whose distribution is written down beside them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

WORST_P = 0.001  # of a right distribution; the seeds are fixed
Cdf = Callable[[NDArray[Any]], Any]


def cdf_p_value(values: ArrayLike, cdf: Cdf, whole: bool) -> float:
    """Kolmogorov-Smirnov of draws against a distribution function, of whole numbers too.

    A whole number k becomes a number uniform between F(k - 1) and F(k): uniform from 0 to 1 over all draws (Brockwell
    2007). The function may depend on what stands beside each draw, such as the layer before.
    """
    drawn = np.asarray(values)
    high = np.asarray(cdf(drawn), dtype=float)
    low = np.asarray(cdf(drawn - 1), dtype=float) if whole else high
    uniform = low + (high - low) * np.random.default_rng(len(drawn)).random(len(drawn))
    return float(stats.kstest(uniform, "uniform").pvalue)


def p_value(values: ArrayLike, distribution: Any) -> float:
    """Kolmogorov-Smirnov of draws against a frozen distribution of scipy."""
    return cdf_p_value(values, distribution.cdf, whole=hasattr(distribution, "pmf"))


def counts_p_value(values: list[Any], expected: Mapping[Any, float]) -> float:
    """Chi-square of draws against the probability of every option, written as JSON where it is no text."""
    names = [value if isinstance(value, str) else json.dumps(value) for value in values]
    probabilities = {key if isinstance(key, str) else json.dumps(key): p for key, p in expected.items()}
    assert set(names) <= set(probabilities)
    counts = [names.count(name) for name in probabilities]
    if len(counts) == 1:
        return 1.0
    return float(stats.chisquare(counts, np.array(list(probabilities.values())) * len(values)).pvalue)
