"""Reading parts of an HDF5 matrix in bounded memory.

A whole L1000 corpus is a matrix of 65 GB, of which an analysis needs 978 columns and some of the rows. So it is read
along the file's own chunks, leaving out those without a wanted row, through a buffer of a few MiB.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import h5py
import numpy as np
from numpy.typing import NDArray

from l1000_bench.io.matrix import MISSING, Positions, Values

# Rows that together have this size are worth a read of their own; a shorter gap is read through at no more cost.
_UNIT_BYTES = 2**20
_BUFFER_BYTES = 2**22


def read_blocks(
    matrix: h5py.Dataset, columns: Positions, wanted: Positions, rows: int
) -> Iterator[tuple[Positions, Values]]:
    """Read some rows and columns of a matrix, a block at a time.

    Args:
        matrix: The dataset, shape (n_rows, n_columns), of any type of number.
        columns: The columns to keep, in the order wanted.
        wanted: The rows to keep, ascending.
        rows: The most rows of one block.

    Yields:
        The rows of a block, shape (n,), and their values, float32 and C-ordered, shape (n, len(columns)), where
        -666 has become NaN.
    """
    plan = _Plan.of(matrix, columns, rows)
    for inside in _split(wanted, np.diff(wanted // plan.block) > 0):
        yield inside, plan.read(matrix, inside)


@dataclass(frozen=True, eq=False)
class _Plan:
    """How a matrix is read.

    Attributes:
        unit: Rows that are read together or not at all.
        block: Rows of the file that one block covers, a multiple of `unit` where that fits.
        span: The columns of one read.
        columns: The columns kept, counted from the start of `span`, in the order wanted.
        buffer: Where HDF5 reads to, shape (most rows of one read, columns of one read).
    """

    unit: int
    block: int
    span: slice
    columns: Positions
    buffer: Values

    @classmethod
    def of(cls, matrix: h5py.Dataset, columns: Positions, rows: int) -> _Plan:
        n_rows, n_columns = matrix.shape
        span = _span(columns, n_columns, contiguous=not matrix.chunks)
        width = span.stop - span.start
        # A contiguous matrix is read as if it had chunks of whole rows.
        unit = matrix.chunks[0] if matrix.chunks else max(1, _UNIT_BYTES // (4 * max(1, n_columns)))
        block = _multiple(unit, rows)
        depth = _multiple(unit, max(unit, _BUFFER_BYTES // (4 * max(1, width))))
        buffer = np.empty((max(1, min(depth, block, n_rows)), width), dtype=np.float32)
        return cls(unit, block, span, columns - span.start, buffer)

    def read(self, matrix: h5py.Dataset, rows: Positions) -> Values:
        """Return the given rows, ascending, of the plan's columns; HDF5 turns other number types into float32."""
        block = np.empty((len(rows), len(self.columns)), dtype=np.float32)
        ends = (np.diff(rows // self.unit) > 1) | (np.diff(rows // len(self.buffer)) > 0)
        filled = 0
        for run in _split(rows, ends):
            start, stop = int(run[0]), int(run[-1]) + 1
            matrix.read_direct(self.buffer, np.s_[start:stop, self.span], np.s_[: stop - start])
            # A slice spares the copy that picking rows would make.
            kept = self.buffer[: stop - start] if len(run) == stop - start else self.buffer[run - start]
            block[filled : filled + len(run)] = kept.take(self.columns, axis=1)
            filled += len(run)
        block[block == MISSING] = np.nan
        return block


def _span(columns: Positions, n_columns: int, *, contiguous: bool) -> slice:
    """Return the columns of one read: from the first to the last wanted, or all where one long read is faster."""
    if not len(columns):
        return slice(0, 0)
    first, last = int(columns.min()), int(columns.max()) + 1
    whole = contiguous and 2 * (last - first) > n_columns
    return slice(0, n_columns) if whole else slice(first, last)


def _multiple(unit: int, most: int) -> int:
    """Return the largest multiple of `unit` up to `most`, or `most` itself where a single unit is larger."""
    return most // unit * unit if unit <= most else most


def _split(rows: Positions, ends: NDArray[np.bool_]) -> list[Positions]:
    """Cut `rows` after each place where `ends`, which is one shorter, is true."""
    return np.split(rows, np.flatnonzero(ends) + 1) if len(rows) else []
