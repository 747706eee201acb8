"""Distances in float64 of float32 profiles, by the metrics' own formulas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from l1000_bench.neighbours.compiled import ANY_ORDER, compiled
from l1000_bench.neighbours.kernels import Layout

Profiles = NDArray[np.float32]


class Moments(NamedTuple):
    """What is known of the rows (n,) in float64: what is taken off their values, and the sums of squares without it.

    The centre is the mean for correlation and 0 for the others; the squares are those of correlation and cosine.
    """

    centre: NDArray[np.float64]
    squares: NDArray[np.float64]

    @classmethod
    def of(cls, profiles: Profiles, rows: NDArray[np.intp], metric: str) -> Moments:
        """Return the moments that a metric needs, of some rows of profiles (n, n_genes)."""
        moments = cls(np.zeros(len(profiles)), np.zeros(len(profiles)))
        if metric in ("correlation", "cosine"):
            _measure(profiles, rows, metric == "correlation", moments)
        return moments

    def layout(self) -> Layout:
        """Return how rows are centred and scaled to length 1; rows without length stay zero."""
        lengths = np.sqrt(self.squares)
        return Layout(self.centre, np.divide(1, lengths, out=np.zeros_like(lengths), where=lengths > 0))


@compiled(ANY_ORDER)
def _measure(profiles: Profiles, rows: NDArray[np.intp], centred: bool, moments: Moments) -> None:
    for row in rows:
        values = profiles[row]
        lowest = highest = values[0]
        total = 0.0
        for gene in range(len(values)):
            lowest, highest = min(lowest, values[gene]), max(highest, values[gene])
            total += values[gene]
        centre = total / len(values) if centred else 0.0
        squares = 0.0
        for gene in range(len(values)):
            squares += (values[gene] - centre) * (values[gene] - centre)
        moments.centre[row] = centre
        # Rounding of the mean would leave a constant row something to correlate with.
        moments.squares[row] = 0.0 if centred and lowest == highest else squares


_CANBERRA, _MANHATTAN, _SQUARED, _LARGEST, _CORRELATION, _COSINE = range(6)


@compiled(ANY_ORDER)
def _add(kind: int, total: Any, x: Any, y: Any) -> Any:
    if kind == _CANBERRA:
        size = abs(x) + abs(y)
        return total + abs(x - y) / (size + (size == 0))  # 0 / 0 is 0
    if kind == _MANHATTAN:
        return total + abs(x - y)
    if kind == _SQUARED:
        return total + (x - y) * (x - y)
    if kind == _LARGEST:
        return max(total, abs(x - y))
    return total + x * y


@compiled(ANY_ORDER)
def _finish(kind: int, total: Any, squares: Any) -> Any:
    if kind == _SQUARED:
        return np.sqrt(total)
    if kind == _COSINE and squares == 0:
        return 1.0
    if kind in (_CORRELATION, _COSINE):
        return max(0.0, 1 - total / np.sqrt(squares)) if squares > 0 else np.nan
    return total


class Asked(NamedTuple):
    """Whose distances are wanted: rows (n,), and for each some others (n, n_others); -1 where there is none."""

    rows: NDArray[np.intp]
    others: NDArray[np.int32]


@compiled(ANY_ORDER)
def _fill(kind: int, profiles: Profiles, asked: Asked, moments: Moments, out: NDArray[np.float64]) -> None:
    for number in range(len(asked.rows)):
        row = asked.rows[number]
        for place in range(asked.others.shape[1]):
            other = asked.others[number, place]
            if other < 0:
                out[number, place] = np.inf
                continue
            a, b = profiles[row], profiles[other]
            a_centre, b_centre = moments.centre[row], moments.centre[other]
            total = 0.0
            for gene in range(len(a)):
                total = _add(kind, total, a[gene] - a_centre, b[gene] - b_centre)
            out[number, place] = _finish(kind, total, moments.squares[row] * moments.squares[other])


@compiled()
def canberra(profiles: Profiles, asked: Asked, moments: Moments, out: NDArray[np.float64]) -> None:
    """Fill in sum_g |a_g - b_g| / (|a_g| + |b_g|), where 0 / 0 is 0 (Lance & Williams 1967)."""
    _fill(_CANBERRA, profiles, asked, moments, out)


@compiled()
def manhattan(profiles: Profiles, asked: Asked, moments: Moments, out: NDArray[np.float64]) -> None:
    """Fill in sum_g |a_g - b_g|."""
    _fill(_MANHATTAN, profiles, asked, moments, out)


@compiled()
def euclidean(profiles: Profiles, asked: Asked, moments: Moments, out: NDArray[np.float64]) -> None:
    """Fill in (sum_g (a_g - b_g)^2)^(1/2)."""
    _fill(_SQUARED, profiles, asked, moments, out)


@compiled()
def chebyshev(profiles: Profiles, asked: Asked, moments: Moments, out: NDArray[np.float64]) -> None:
    """Fill in max_g |a_g - b_g|."""
    _fill(_LARGEST, profiles, asked, moments, out)


@compiled()
def correlation(profiles: Profiles, asked: Asked, moments: Moments, out: NDArray[np.float64]) -> None:
    """Fill in 1 - r, Pearson's; NaN where a row is constant, as in scipy."""
    _fill(_CORRELATION, profiles, asked, moments, out)


@compiled()
def cosine(profiles: Profiles, asked: Asked, moments: Moments, out: NDArray[np.float64]) -> None:
    """Fill in 1 - the cosine of the rows' angle; 1 where a row is zero, as in scikit-learn."""
    _fill(_COSINE, profiles, asked, moments, out)


EXACT: dict[str, Callable[[Profiles, Asked, Moments, NDArray[np.float64]], None]] = {
    "canberra": canberra,
    "manhattan": manhattan,
    "euclidean": euclidean,
    "chebyshev": chebyshev,
    "correlation": correlation,
    "cosine": cosine,
}
