"""How far a float32 distance of `kernels` can be from the true one, so that lists can be proved exact."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from l1000_bench.errors import InputError
from l1000_bench.neighbours.compiled import compiled
from l1000_bench.neighbours.kernels import TINY

_ROUNDING = 2.0**-24  # relative error of a float32 operation
_TERM = 64  # roundings that may go into one term: a reciprocal by Newton's method has some
_LARGEST_SQUARED = 1e15  # values whose squares, summed over the genes, are float32
_LARGEST = 1e30
_ALL_BITS = 0xFFFFFFFF


class Extent(NamedTuple):
    """The magnitudes among some values: the largest, and the smallest that is not zero (infinite without one)."""

    largest: float
    smallest: float


class Bound(NamedTuple):
    """A true distance is at least the computed one * (1 - relative) - absolute."""

    relative: float
    absolute: float

    def lowest(self, computed: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the lowest true distances that may have been computed so."""
        return computed * (1 - self.relative) - self.absolute


def extent_of(profiles: NDArray[np.float32], rows: NDArray[np.intp]) -> Extent:
    """Return the magnitudes among rows of the profiles (n, n_genes).

    Raises:
        InputError: If a value is NaN or infinite; names its row.
    """
    extremes = np.array([0, _ALL_BITS], dtype=np.uint32)
    _scan(profiles.view(np.uint32), rows, extremes)
    extremes[1:] += np.uint32(1)  # of zeros alone it is 0 again
    largest, smallest = extremes.view(np.float32)
    if not np.isfinite(largest):
        row = next(row for row in rows if not np.isfinite(profiles[row]).all())
        gene = int(np.flatnonzero(~np.isfinite(profiles[row]))[0])
        raise InputError(
            f"the profile in row {row} holds {profiles[row, gene]} in column {gene}; neighbours need finite values; "
            "fill or drop the gene when the dataset is curated."
        )
    return Extent(float(largest), float(smallest) or math.inf)


@compiled()
def _scan(bits: NDArray[np.uint32], rows: NDArray[np.intp], extremes: NDArray[np.uint32]) -> None:
    """Find the largest magnitude, and the smallest but zero less one, as bits, in which magnitudes have their order."""
    largest, smallest = extremes[0], extremes[1]
    for row in rows:
        values = bits[row]
        for gene in range(len(values)):
            magnitude = values[gene] & np.uint32(0x7FFFFFFF)  # without the sign
            largest = max(largest, magnitude)
            smallest = min(smallest, np.uint32(magnitude - np.uint32(1)))  # zero becomes the largest of all
    extremes[0], extremes[1] = largest, smallest


def float32_bound(metric: str, n_genes: int, extent: Extent) -> Bound | None:
    """Return the bound of the sums that `kernels` computes for a metric (squared, for the Euclidean one).

    A sum of n terms of one sign, each off by t roundings u at most, is off by (n + t) u relatively, in any order of
    summation (Higham 2002, Accuracy and Stability of Numerical Algorithms, section 4.2). Products of unit rows have
    terms of both signs, whose magnitudes sum up to 1 at most: there the error is absolute. What Canberra's
    denominators were enlarged by, and what underflows, is absolute too.

    Args:
        metric: One of `METRICS`.
        n_genes: Terms of a sum.
        extent: The magnitudes of the profiles.

    Returns:
        None where float32 is too narrow for the profiles' values.
    """
    error = (n_genes + _TERM) * _ROUNDING * 1.01  # the terms of second order
    if metric in ("correlation", "cosine"):
        return Bound(0.0, error)
    largest = _LARGEST_SQUARED if metric == "euclidean" else _LARGEST
    if extent.largest > largest or error > 0.5:
        return None
    enlarged = float(TINY) / extent.smallest if metric == "canberra" else float(np.finfo(np.float32).tiny)
    return Bound(error, n_genes * enlarged)
