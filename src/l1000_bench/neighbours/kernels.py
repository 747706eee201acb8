"""Distances between two blocks of rows in float32, in tiles that keep their sums in registers.

A tile of 2 x 4 pairs walks over the genes once: six values are loaded for eight terms, and the compiler lays the sums
out in vectors.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from l1000_bench.neighbours.compiled import FAST, compiled

ROWS = 128  # rows of a block: two blocks fit into a core's second cache
WIDTH = 16  # float32 values of the widest registers
_STRIP = 32  # right rows that are met by all left rows before the next ones are loaded
_LEFT, _RIGHT = 2, 4  # rows of a tile
# Makes 0 / 0 of Canberra 0; small beside every value of profiles, and its reciprocal is still a float32.
TINY = np.float32(2.0**-120)

Block = NDArray[np.float32]


class Layout(NamedTuple):
    """What is done to rows when they are copied into a block: (value - centre) * scale.

    Attributes:
        centre: (n,) float64.
        scale: (n,) float64.
    """

    centre: NDArray[np.float64]
    scale: NDArray[np.float64]


def new_block(n_genes: int) -> Block:
    """Return a block of zeros (ROWS, n_genes rounded up to whole registers) that begins where a cache line does."""
    columns = -(-n_genes // WIDTH) * WIDTH
    memory = np.zeros(ROWS * columns + WIDTH, dtype=np.float32)
    first = -memory.ctypes.data % 64 // 4
    return memory[first : first + ROWS * columns].reshape(ROWS, columns)


@compiled()
def fill_block(profiles: NDArray[np.float32], rows: NDArray[np.intp], block: Block) -> None:
    """Copy rows of the profiles (n, n_genes) into the first rows of a block."""
    for place in range(len(rows)):
        source, target = profiles[rows[place]], block[place]
        for gene in range(len(source)):
            target[gene] = source[gene]


@compiled()
def fill_scaled(profiles: NDArray[np.float32], rows: NDArray[np.intp], block: Block, layout: Layout) -> None:
    """Copy rows of the profiles (n, n_genes), centred and scaled, into the first rows of a block."""
    for place in range(len(rows)):
        source, target = profiles[rows[place]], block[place]
        centre, scale = layout.centre[rows[place]], layout.scale[rows[place]]
        for gene in range(len(source)):
            target[gene] = (source[gene] - centre) * scale


_CANBERRA, _MANHATTAN, _SQUARED, _LARGEST, _PRODUCT = range(5)


@compiled(FAST)
def _add(kind: int, total: Any, a: Any, b: Any) -> Any:
    """Add a gene's term; `kind` is a constant where it is called, so the branches are gone when it is compiled."""
    if kind == _CANBERRA:
        return total + abs(a - b) / ((abs(a) + TINY) + abs(b))
    if kind == _MANHATTAN:
        return total + abs(a - b)
    if kind == _SQUARED:
        return total + (a - b) * (a - b)
    if kind == _LARGEST:
        # Of numbers that are not negative the larger has the larger bits, and whole numbers are compared in vectors.
        larger = max(np.float32(total).view(np.int32), np.float32(abs(a - b)).view(np.int32))
        return np.int32(larger).view(np.float32)
    return total - a * b


@compiled(FAST)
def _tile(kind: int, left: Block, right: Block) -> Any:
    """Return the sums of the pairs of two left and four right rows."""
    a0, a1 = left[0], left[1]
    b0, b1, b2, b3 = right[0], right[1], right[2], right[3]
    s00 = s01 = s02 = s03 = s10 = s11 = s12 = s13 = np.float32(0)
    for gene in range(left.shape[1]):
        x0, x1 = a0[gene], a1[gene]
        y0, y1, y2, y3 = b0[gene], b1[gene], b2[gene], b3[gene]
        s00, s01 = _add(kind, s00, x0, y0), _add(kind, s01, x0, y1)
        s02, s03 = _add(kind, s02, x0, y2), _add(kind, s03, x0, y3)
        s10, s11 = _add(kind, s10, x1, y0), _add(kind, s11, x1, y1)
        s12, s13 = _add(kind, s12, x1, y2), _add(kind, s13, x1, y3)
    return (s00, s01, s02, s03), (s10, s11, s12, s13)


@compiled()
def _block(kind: int, left: Block, right: Block, sums: Block) -> None:
    for strip in range(0, len(right), _STRIP):
        for i in range(0, len(left), _LEFT):
            for j in range(strip, strip + _STRIP, _RIGHT):
                tile = _tile(kind, left[i : i + _LEFT], right[j : j + _RIGHT])
                for row in range(_LEFT):
                    for column in range(_RIGHT):
                        sums[i + row, j + column] = tile[row][column]


@compiled()
def canberra(left: Block, right: Block, sums: Block) -> None:
    """Fill `sums` (ROWS, ROWS) with sum_g |a_g - b_g| / (|a_g| + |b_g|) of the rows of two blocks."""
    _block(_CANBERRA, left, right, sums)


@compiled()
def manhattan(left: Block, right: Block, sums: Block) -> None:
    """Fill `sums` (ROWS, ROWS) with sum_g |a_g - b_g| of the rows of two blocks."""
    _block(_MANHATTAN, left, right, sums)


@compiled()
def squared_euclidean(left: Block, right: Block, sums: Block) -> None:
    """Fill `sums` (ROWS, ROWS) with sum_g (a_g - b_g)^2 of the rows of two blocks."""
    _block(_SQUARED, left, right, sums)


@compiled()
def chebyshev(left: Block, right: Block, sums: Block) -> None:
    """Fill `sums` (ROWS, ROWS) with max_g |a_g - b_g| of the rows of two blocks."""
    _block(_LARGEST, left, right, sums)


@compiled()
def negative_product(left: Block, right: Block, sums: Block) -> None:
    """Fill `sums` (ROWS, ROWS) with -sum_g a_g b_g of the rows of two blocks."""
    _block(_PRODUCT, left, right, sums)


# What orders the neighbours: a growing function of the distance, of rows that are scaled where the metric has it so.
KERNELS: dict[str, Callable[[Block, Block, Block], None]] = {
    "canberra": canberra,
    "manhattan": manhattan,
    "euclidean": squared_euclidean,
    "chebyshev": chebyshev,
    "correlation": negative_product,
    "cosine": negative_product,
}
