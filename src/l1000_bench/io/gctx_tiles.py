"""Where the values of an HDF5 matrix lie in its file, so that they can be read without HDF5.

HDF5 copies every byte that it reads at least once more and reads whole chunks. A matrix of plain float32, as GEO's are,
can be read from its file as it stands there.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from l1000_bench.errors import InputError

_PLAIN = np.dtype("<f4")
ITEM = _PLAIN.itemsize
# Rows of a contiguous matrix that together have this size make a tile.
_TILE_BYTES = 2**20
# What lies beyond is in no file.
_FAR = 2**60


@dataclass(frozen=True, eq=False)
class Tiles:
    """A matrix as rectangles of float32, each row by row in the file.

    Attributes:
        shape: Rows and columns of the matrix.
        height: Rows of a tile; the last ones may go beyond the matrix.
        width: Columns of a tile, likewise.
        offsets: Offset of each tile in the file, int64, shape (tiles downwards, tiles to the right).
    """

    shape: tuple[int, int]
    height: int
    width: int
    offsets: NDArray[np.int64]

    @property
    def row_bytes(self) -> int:
        """Bytes from one row of a tile to the next."""
        return self.width * ITEM

    @property
    def end(self) -> int:
        """Offset of what follows the last value of the matrix."""
        starts = self.offsets.max(axis=1)  # (tiles downwards,)
        n_rows = np.minimum(self.height, self.shape[0] - self.height * np.arange(len(starts)))
        return int((starts + n_rows * self.row_bytes).max())


def tiles_of(matrix: h5py.Dataset, size: int, path: Path) -> Tiles | None:
    """Return where the values lie, or None if HDF5 must read them: packed, of another type, or never written.

    Args:
        matrix: The dataset, of two dimensions.
        size: Bytes of the file (of the unpacked file, if it is packed as a whole).
        path: The file, for the message.

    Raises:
        InputError: If a part of the matrix would lie outside of the file.
    """
    properties = matrix.id.get_create_plist()
    plain = matrix.dtype == _PLAIN and properties.get_nfilters() == 0 and matrix.external is None
    # Behind a user block, offsets would count from another place.
    if not plain or matrix.file.userblock_size or not matrix.size:
        return None
    make = {h5py.h5d.CONTIGUOUS: _contiguous, h5py.h5d.CHUNKED: _chunked}.get(properties.get_layout())
    tiles = make(matrix, path) if make else None
    if tiles is not None and (tiles.end > size or tiles.offsets.min() < 0):
        raise InputError(
            f"{path} ends at byte {size:,}, but its matrix goes up to byte {tiles.end:,}: it is cut off or damaged; "
            "fetch it again."
        )
    return tiles


def _contiguous(matrix: h5py.Dataset, _path: Path) -> Tiles | None:
    start = matrix.id.get_offset()
    if start is None:
        return None
    start = min(start, _FAR)
    n_rows, n_columns = matrix.shape
    height = max(1, _TILE_BYTES // (ITEM * n_columns))
    rows = np.arange(0, n_rows, height, dtype=np.int64)
    return Tiles((n_rows, n_columns), height, n_columns, start + rows[:, None] * n_columns * ITEM)


def _chunked(matrix: h5py.Dataset, path: Path) -> Tiles | None:
    height, width = matrix.chunks
    n_rows, n_columns = matrix.shape
    n_down, n_right = -(-n_rows // height), -(-n_columns // width)
    # A chunk takes its place in the index; fewer chunks than places mean parts that were never written.
    if matrix.id.get_storage_size() < n_down * n_right * height * width * ITEM:
        return None
    offsets = np.full((n_down, n_right), -1, dtype=np.int64)

    def note(chunk: h5py.h5d.StoreInfo) -> None:
        row, column = chunk.chunk_offset
        if row >= n_rows or column >= n_columns:
            raise InputError(
                f"{path} keeps values of row {row} and column {column} of its matrix of {n_rows} x {n_columns}: it is "
                "damaged; fetch it again."
            )
        offsets[row // height, column // width] = min(chunk.byte_offset, _FAR)

    matrix.id.chunk_iter(note)
    return None if (offsets < 0).any() else Tiles((n_rows, n_columns), height, width, offsets)
