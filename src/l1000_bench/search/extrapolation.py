"""From a few measured sizes to the true one: seconds by a power law, memory by a line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class PowerLaw(NamedTuple):
    """seconds = scale n^exponent."""

    scale: float
    exponent: float

    def at(self, n: float) -> float:
        """Return the seconds of n profiles."""
        return float(self.scale * n**self.exponent)


class Line(NamedTuple):
    """gib = start + slope n."""

    start: float
    slope: float

    def at(self, n: float) -> float:
        """Return the memory of n profiles."""
        return self.start + self.slope * n


def fit_power_law(sizes: Sequence[int], seconds: Sequence[float], exponents: tuple[float, float]) -> PowerLaw:
    """Fit log seconds = log scale + exponent log n by least squares.

    Every size counts in proportion to itself: what a fit costs whatever its size would bend the small ones. An exponent
    out of its range is set to the range's end, and the scale is fitted to it. One size alone has the exponent 1, or
    what of the range is next to it.

    Args:
        sizes: (n_sizes,) profiles.
        seconds: (n_sizes,) above 0.
        exponents: Smallest and largest exponent.
    """
    x, y = np.log(np.asarray(sizes, dtype=float)), np.log(np.asarray(seconds, dtype=float))
    w = np.asarray(sizes, dtype=float) / np.sum(sizes)
    mean_x, mean_y = w @ x, w @ y
    variance = w @ (x - mean_x) ** 2
    slope = w @ ((x - mean_x) * (y - mean_y)) / variance if len(x) > 1 else 1.0
    exponent = float(np.clip(slope, *exponents))
    return PowerLaw(float(np.exp(mean_y - exponent * mean_x)), exponent)


def fit_line(sizes: Sequence[int], gib: Sequence[float], least_slope: float) -> Line:
    """Fit a line by least squares, no flatter than what is known to be held per profile.

    Args:
        sizes: (n_sizes,) profiles.
        gib: (n_sizes,) peaks of memory.
        least_slope: GiB per profile; the slope where there is one size alone.
    """
    x, y = np.asarray(sizes, dtype=float), np.asarray(gib, dtype=float)
    deviation = x - x.mean()
    slope = float(deviation @ (y - y.mean()) / (deviation @ deviation)) if len(x) > 1 else 0.0
    slope = max(slope, least_slope)
    return Line(float(y.mean() - slope * x.mean()), slope)
