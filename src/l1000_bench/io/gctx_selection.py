"""Which bytes of a matrix's file hold the rows and columns that are wanted, and how they become a block of values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from l1000_bench.io.gctx_tiles import ITEM, Tiles
from l1000_bench.io.matrix import MISSING, Positions, Values

BUFFER_BYTES = 2**22
# Where less than this lies between two wanted parts, it is read too: that costs less than another read.
_GAP_BYTES = 3 * 2**12
_GAP_BYTES_AND_COPY = 6 * 2**12  # where a part must be picked apart as well


class Strip(NamedTuple):
    """The wanted columns in one column of tiles.

    Attributes:
        number: Which column of tiles.
        first: The first wanted column, counted from the tile's first.
        width: Columns from the first to the last wanted one.
        local: The wanted columns, counted from `first`, ascending.
        slots: Where they go in the block.
    """

    number: int
    first: int
    width: int
    local: Positions
    slots: slice

    @property
    def is_whole(self) -> bool:
        """Whether all columns from the first to the last are wanted."""
        return len(self.local) == self.width


class Piece(NamedTuple):
    """Some rows of one tile that are read one after the other.

    Attributes:
        offset: Of the first byte.
        size: Bytes of each read.
        rows: The wanted rows, counted from the first one of the piece.
        start: Where the first of them goes in the block.
        strip: The columns.
        offsets: Of the first byte of each row, where every row is read by itself; None where all are read at once.
    """

    offset: int
    size: int
    rows: Positions
    start: int
    strip: Strip
    offsets: list[int] | None = None

    @property
    def reads(self) -> list[int]:
        """Where each read begins."""
        return [self.offset] if self.offsets is None else self.offsets


@dataclass(frozen=True, eq=False)
class Selection:
    """What is read of the tiles.

    Attributes:
        tiles: All of the matrix.
        strips: The wanted columns, from left to right.
        order: For each column in the order asked for, its place from left to right; None where that is the same.
    """

    tiles: Tiles
    strips: list[Strip]
    order: Positions | None

    @property
    def n_columns(self) -> int:
        """How many columns are wanted."""
        return self.strips[-1].slots.stop if self.strips else 0

    @classmethod
    def of(cls, tiles: Tiles, columns: Positions) -> Selection:
        """Select columns, each once, in any order."""
        ascending = np.sort(columns)
        strips, start = [], 0
        for number in np.unique(ascending // tiles.width):
            inside = ascending[ascending // tiles.width == number] - number * tiles.width
            slots = slice(start, start + len(inside))
            first = int(inside[0])
            strips.append(Strip(int(number), first, int(inside[-1]) + 1 - first, inside - first, slots))
            start = slots.stop
        same = np.array_equal(ascending, columns)
        return cls(tiles, strips, None if same else np.searchsorted(ascending, columns))

    def pieces(self, rows: Positions) -> Iterator[Piece]:
        """Yield what must be read for the given rows, ascending, from one tile to the next."""
        bands = rows // self.tiles.height
        starts = np.flatnonzero(np.r_[True, np.diff(bands) > 0]).tolist()
        for start, stop in zip(starts, [*starts[1:], len(rows)], strict=True):
            band = int(bands[start])
            inside = rows[start:stop] - band * self.tiles.height
            for strip in self.strips:
                first = int(self.tiles.offsets[band, strip.number]) + strip.first * ITEM
                yield from self._of_tile(first, inside, start, strip)

    def _of_tile(self, offset: int, rows: Positions, start: int, strip: Strip) -> Iterator[Piece]:
        stride = self.tiles.row_bytes
        if self.is_apart(strip, rows):
            offsets = (offset + rows * stride).tolist()
            yield Piece(offsets[0], strip.width * ITEM, rows - rows[0], start, strip, offsets)
            return
        runs = self._runs(rows).tolist()
        for begin, end in pairwise(runs):
            inside = rows[begin:end] - rows[begin]
            size = int(inside[-1]) * stride + strip.width * ITEM
            yield Piece(offset + int(rows[begin]) * stride, size, inside, start + begin, strip)

    def is_apart(self, strip: Strip, rows: Positions) -> bool:
        """Return whether so much lies between the wanted parts of some rows that each is read by itself."""
        wanted = len(rows) * strip.width * ITEM
        skipped = int(rows[-1] - rows[0] + 1) * self.tiles.row_bytes - wanted
        return skipped > len(rows) * (_GAP_BYTES if strip.is_whole else _GAP_BYTES_AND_COPY)

    def _runs(self, rows: Positions) -> Positions:
        """Return where runs of rows begin, and the end: without long gaps, and no longer than the buffer."""
        most = max(1, BUFFER_BYTES // self.tiles.row_bytes)
        gap = 1 + _GAP_BYTES // self.tiles.row_bytes
        cuts = (np.diff(rows) > gap) | (np.diff((rows - rows[0]) // most) > 0)
        runs: Positions = np.r_[0, np.flatnonzero(cuts) + 1, len(rows)]
        return runs

    def fill(self, block: Values, piece: Piece, values: Values) -> None:
        """Copy a piece, shape (rows of the piece, columns of a tile, the first wanted one first), into the block."""
        strip = piece.strip
        target = block[piece.start : piece.start + len(piece.rows), strip.slots]
        chosen = values if len(piece.rows) == len(values) else values[piece.rows]
        target[:] = chosen[:, : strip.width] if strip.is_whole else chosen.take(strip.local, axis=1)

    def finished(self, block: Values) -> Values:
        """Return a filled block with its columns in the order asked for, and -666 as NaN."""
        ordered = block if self.order is None else block.take(self.order, axis=1)
        ordered[ordered == MISSING] = np.nan
        return ordered
