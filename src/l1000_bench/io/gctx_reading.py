"""Reading rows and columns of a matrix from its file's own bytes, plain or gzipped, in bounded memory.

The tiles are read from top to bottom, several at a time in threads of their own; of each only what is wanted is read.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from l1000_bench.errors import InputError
from l1000_bench.io.gctx_selection import BUFFER_BYTES, Piece, Selection, Strip
from l1000_bench.io.gctx_tiles import ITEM
from l1000_bench.io.gzip_scan import GzipCursor, GzipScan, Target
from l1000_bench.io.matrix import Positions, Values
from l1000_bench.io.stamp import Stamp

_THREADS = 2


class Cursor(Protocol):
    """Something that reads from one file and is closed at the end."""

    def read_into(self, offset: int, target: Target) -> None:
        """Fill `target` with the bytes from `offset` on."""

    def read_rows(self, offsets: list[int], targets: Values) -> None:
        """Fill every row of `targets`, itself contiguous, with the bytes from its offset on."""

    def expect(self, pieces: list[Piece]) -> None:
        """Hear what will be read next."""

    def close(self) -> None:
        """Close the file."""


class Source(NamedTuple):
    """A file to read from.

    Attributes:
        open: Opens it for one thread.
        cuts: Offsets from which reading can begin without reading what is before; empty if it can anywhere.
    """

    open: Callable[[], Cursor]
    cuts: list[int]


class FileCursor:
    """Reads pieces of a plain file.

    Args:
        path: The file.
        stamp: Its state when its layout was read.

    Raises:
        InputError: If another file is there now.
    """

    def __init__(self, path: Path, stamp: Stamp) -> None:
        self._path = path
        self._file = path.open("rb", buffering=0)
        self._number = self._file.fileno()
        try:
            stamp.check(path, self._number)
        except InputError:
            self.close()
            raise

    def read_into(self, offset: int, target: Target) -> None:
        """Fill `target` with the bytes from `offset` on.

        Raises:
            InputError: If the file ends before.
        """
        read = os.preadv(self._number, [target], offset)
        view = memoryview(target).cast("B")
        while read < len(view):
            more = os.preadv(self._number, [view[read:]], offset + read)
            if not more:
                raise InputError(
                    f"{self._path} ends at byte {offset + read:,}; expected more: it was cut off while it was read; "
                    "fetch it again."
                )
            read += more

    def read_rows(self, offsets: list[int], targets: Values) -> None:
        """Fill every row of `targets`, itself contiguous, with the bytes from its offset on."""
        number, size = self._number, targets.shape[1] * ITEM
        for offset, target in zip(offsets, targets, strict=True):  # tens of thousands: nothing is looked up here
            if os.preadv(number, (target,), offset) != size:
                self.read_into(offset, target)

    def expect(self, pieces: list[Piece]) -> None:
        """Ask the disk for all pieces at once, if the first of them is not in memory."""
        if pieces and not self._is_cached(pieces[0].offset):
            for piece in pieces:
                for offset in piece.reads:
                    os.posix_fadvise(self._number, offset, piece.size, os.POSIX_FADV_WILLNEED)

    def _is_cached(self, offset: int) -> bool:
        try:
            return bool(os.preadv(self._number, [bytearray(1)], offset, os.RWF_NOWAIT))
        except OSError:  # it is not, or the file system does not say
            return False

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def plain(path: Path, stamp: Stamp) -> Source:
    """Return a plain file of the given stamp as a source."""
    return Source(lambda: FileCursor(path, stamp), [])


def gzipped(scan: GzipScan) -> Source:
    """Return a gzip file as a source of its unpacked bytes."""
    return Source(lambda: GzipCursor(scan), [checkpoint.position for checkpoint in scan.checkpoints])


class _Task:
    """Reads blocks with one cursor and one buffer.

    Args:
        cursor: On the file.
        selection: What is read of it.
    """

    def __init__(self, cursor: Cursor, selection: Selection) -> None:
        self._cursor, self._selection = cursor, selection
        self._width = selection.tiles.width
        rows = max(1, min(selection.tiles.height, BUFFER_BYTES // selection.tiles.row_bytes))
        self._buffer = np.empty((rows, self._width), dtype=np.float32)

    def read(self, rows: Positions) -> Values:
        """Return the given rows, ascending, of the wanted columns."""
        block = np.empty((len(rows), self._selection.n_columns), dtype=np.float32)
        pieces = list(self._selection.pieces(rows))
        self._cursor.expect(pieces)
        for piece in pieces:
            if piece.offsets is None:
                values = self._buffer[: piece.rows[-1] + 1]
                self._cursor.read_into(piece.offset, values.reshape(-1)[: piece.size // ITEM])
                self._selection.fill(block, piece, values)
            else:
                self._read_rows(piece.offsets, piece.strip, block[piece.start : piece.start + len(piece.rows)])
        return self._selection.finished(block)

    def _read_rows(self, offsets: list[int], strip: Strip, rows: Values) -> None:
        """Read rows one by one, into some rows of the block."""
        targets = rows[:, strip.slots]
        if strip.is_whole:  # a row of the block is one stretch of memory
            self._cursor.read_rows(offsets, targets)
            return
        buffer = self._buffer[0, : strip.width]
        for offset, target in zip(offsets, targets, strict=True):
            self._cursor.read_into(offset, buffer)
            buffer.take(strip.local, out=target)


def read_tiles(
    source: Source, selection: Selection, wanted: Positions, rows: int
) -> Iterator[tuple[Positions, Values]]:
    """Read rows of a matrix from its file's bytes.

    Args:
        source: The file.
        selection: The tiles, and which columns.
        wanted: The rows, ascending.
        rows: The most rows of one block.

    Yields:
        The rows of a block, shape (n,), and their values, float32 and C-ordered, shape (n, number of columns).

    Raises:
        InputError: If the file ends too early or is damaged.
    """
    tasks = _tasks(source, selection, wanted, rows)
    # Small reads are over before another thread has its turn.
    small = len(wanted) > 0 and all(selection.is_apart(strip, wanted) for strip in selection.strips)
    threads = 1 if small and not source.cuts else _THREADS
    ahead: deque[Future[list[tuple[Positions, Values]]]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        try:
            for task in tasks:
                ahead.append(pool.submit(_run, source, selection, task))
                if len(ahead) > threads:
                    yield from ahead.popleft().result()
            while ahead:
                yield from ahead.popleft().result()
        finally:  # whoever reads may stop early
            for future in ahead:
                future.cancel()


def _run(source: Source, selection: Selection, task: list[Positions]) -> list[tuple[Positions, Values]]:
    cursor = source.open()
    try:
        reader = _Task(cursor, selection)
        return [(part, reader.read(part)) for part in task]
    finally:
        cursor.close()


def _tasks(source: Source, selection: Selection, wanted: Positions, rows: int) -> Iterator[list[Positions]]:
    """Cut the rows into blocks, and join the blocks that lie between two cuts of the source."""
    tiles = selection.tiles
    if not source.cuts or not len(wanted):
        height = rows // tiles.height * tiles.height or rows  # a block is whole tiles where it can be
        yield from ([block] for block in _split(wanted, wanted // height))
        return
    starts: NDArray[np.int64] = tiles.offsets.min(axis=1)[wanted // tiles.height]  # of each row's tiles
    for group in _split(wanted, np.searchsorted(source.cuts, starts, side="right")):
        yield _split(group, np.arange(len(group)) // rows)


def _split(rows: Positions, keys: NDArray[np.intp]) -> list[Positions]:
    """Cut rows wherever the key changes."""
    return np.split(rows, np.flatnonzero(np.diff(keys)) + 1) if len(rows) else []
