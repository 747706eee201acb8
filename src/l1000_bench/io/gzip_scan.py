"""Random access to a gzip file without unpacking it: one pass that leaves checkpoints, then reads from the nearest one.

A checkpoint is a copy of the decompressor's state (40 KiB). Their distance doubles whenever there are too many, so that
they take the same memory at any size of the file. The pass checks every checksum of the file.
"""

from __future__ import annotations

import bisect
import contextlib
import functools
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from tqdm import tqdm
from zlib_ng import zlib_ng

from l1000_bench.errors import InputError
from l1000_bench.io.excerpts import Excerpts
from l1000_bench.io.stamp import Stamp

Target: TypeAlias = Any  # a writable buffer, contiguous; Python 3.11 has no name for it

_GZIP = 31  # window bits of the gzip format
_STEP = 2**18  # compressed bytes that are read at a time
_MOST = 2**20  # bytes that one step may give: what packs a thousandfold must not fill the memory
_SPACING = 2**24
_CHECKPOINTS = 512


class Checkpoint(NamedTuple):
    """Where unpacking can go on.

    Attributes:
        position: Offset in the unpacked file.
        packed: Offset in the gzip file of what the state has not been given yet.
        state: A decompressor that is never used itself, only copied; None at the start of a member.
    """

    position: int
    packed: int
    state: Any


class Inflater:
    """Unpacks a gzip file from a checkpoint on.

    Args:
        path: The file.
        start: Where to begin.

    Attributes:
        position: Offset in the unpacked file of what comes next.
    """

    def __init__(self, path: Path, start: Checkpoint = Checkpoint(0, 0, None)) -> None:
        self.path, self.position = path, start.position
        self._state = start.state.copy() if start.state else None
        self._file = path.open("rb", buffering=0)
        self._file.seek(start.packed)
        self._packed = start.packed
        self._left = b""

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def check(self, stamp: Stamp) -> None:
        """Refuse a file of another stamp; see `Stamp.check`."""
        stamp.check(self.path, self._file.fileno())

    def checkpoint(self) -> Checkpoint:
        """Return where this stands."""
        state = self._state.copy() if self._state else None
        return Checkpoint(self.position, self._packed - len(self._left), state)

    def pieces(self) -> Iterator[bytes]:
        """Yield what is unpacked, at most 1 MiB at a time, to the end of the file.

        Raises:
            InputError: If the file is damaged or cut off.
        """
        while True:
            if not self._left:
                self._left = self._file.read(_STEP)
                self._packed += len(self._left)
            if self._state is None:
                ended = not self._left
                self._left = self._left.lstrip(b"\0")  # zeros may follow a member
                if ended:
                    return
                if not self._left:
                    continue
                self._state = zlib_ng.decompressobj(_GZIP)
            if piece := self._inflate(self._state):
                self.position += len(piece)
                yield piece

    def _inflate(self, state: Any) -> bytes:
        given = self._left
        try:
            piece: bytes = state.decompress(given, _MOST)
        except zlib_ng.error as error:  # type: ignore[misc]  # its stub calls it a function
            raise self._wrong(str(error)) from error
        if not given and not piece and not state.eof:
            raise self._wrong("it is cut off")
        self._left = state.unused_data if state.eof else state.unconsumed_tail
        if state.eof:
            self._state = None
        return piece

    def _wrong(self, reason: str) -> InputError:
        return InputError(
            f"{self.path} is a gzip file but damaged before byte {self._packed:,} of {os.path.getsize(self.path):,} "
            f"({reason}); fetch it again."
        )


@dataclass(frozen=True, eq=False)
class GzipScan:
    """What one pass over a gzip file has found.

    Attributes:
        path: The file.
        stamp: Its state when it was scanned.
        size: Bytes of the unpacked file.
        checkpoints: In order of position, the first at 0.
        excerpts: Of the unpacked file.
    """

    path: Path
    stamp: Stamp
    size: int
    checkpoints: list[Checkpoint]
    excerpts: Excerpts

    def nearest(self, position: int) -> Checkpoint:
        """Return the last checkpoint that is not behind a position."""
        return self.checkpoints[bisect.bisect_right(self.checkpoints, position, key=lambda c: c.position) - 1]


class GzipCursor:
    """Reads pieces of an unpacked gzip file, of which this is the scan; fast where they ascend."""

    def __init__(self, scan: GzipScan) -> None:
        self._scan = scan
        self._inflater: Inflater | None = None
        self._pieces: Iterator[bytes] = iter(())
        self._piece, self._start = memoryview(b""), 0

    def read_into(self, offset: int, target: Target) -> None:
        """Fill `target` with the bytes from `offset` on.

        Raises:
            InputError: If the file ends before, or changed since the scan.
        """
        view = memoryview(target).cast("B")
        filled = 0
        while filled < len(view):
            self._go_to(offset + filled)
            part = self._piece[offset + filled - self._start :][: len(view) - filled]
            view[filled : filled + len(part)] = part
            filled += len(part)

    def read_rows(self, offsets: list[int], targets: Target) -> None:
        """Fill every row of `targets` with the bytes from its offset on."""
        for offset, target in zip(offsets, targets, strict=True):
            self.read_into(offset, target)

    def expect(self, pieces: object) -> None:
        """Do nothing: the file is read in one go."""

    def close(self) -> None:
        """Close the file."""
        if self._inflater is not None:
            self._inflater.close()

    def _go_to(self, offset: int) -> None:
        """Unpack up to the piece that holds an offset."""
        end = self._start + len(self._piece)
        if self._inflater is None or offset < self._start or self._scan.nearest(offset).position > end:
            self.close()
            self._inflater = Inflater(self._scan.path, self._scan.nearest(offset))
            self._inflater.check(self._scan.stamp)
            self._pieces = self._inflater.pieces()
            self._piece, self._start = memoryview(b""), self._inflater.position
        while offset >= self._start + len(self._piece):
            self._start += len(self._piece)
            piece = next(self._pieces, None)
            if piece is None:
                raise InputError(
                    f"{self._scan.path} ends at byte {self._start:,} when unpacked; expected more: it was replaced "
                    "while it was read; run this again."
                )
            self._piece = memoryview(piece)


class GzipView(io.RawIOBase):
    """An unpacked gzip file as a file that h5py opens.

    Args:
        scan: Of the file.
    """

    def __init__(self, scan: GzipScan) -> None:
        self._scan, self._cursor, self._at = scan, GzipCursor(scan), 0

    def readable(self) -> bool:
        """Return true."""
        return True

    def seekable(self) -> bool:
        """Return true."""
        return True

    def tell(self) -> int:
        """Return the offset that is read next."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to an offset from the start, from here or from the end."""
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._scan.size}[whence]
        return self._at

    def readinto(self, target: Any) -> int:
        """Fill `target` as far as the file goes and return how many bytes that is."""
        view = memoryview(target).cast("B")
        view = view[: max(0, self._scan.size - self._at)]
        kept = self._scan.excerpts.find(self._at, len(view))
        if kept is None:
            self._cursor.read_into(self._at, view)
        else:
            view[:] = kept
        self._at += len(view)
        return len(view)

    def close(self) -> None:
        """Close the gzip file."""
        self._cursor.close()
        super().close()


def scanned(path: Path) -> GzipScan:
    """Return the scan of a gzip file; that of the last file is kept, since a run opens its matrix more than once.

    Raises:
        InputError: If the file is damaged or cut off.
    """
    return _scanned(path, Stamp.of(path))


@functools.lru_cache(maxsize=1)
def _scanned(path: Path, stamp: Stamp) -> GzipScan:
    inflater, excerpts = Inflater(path), Excerpts()
    checkpoints, spacing = [inflater.checkpoint()], _SPACING
    with (
        contextlib.closing(inflater),
        tqdm(total=stamp.size, desc=f"indexing {path.name}", unit="B", unit_scale=True, disable=None) as bar,
    ):
        for piece in inflater.pieces():
            excerpts.look_at(piece)
            if inflater.position < checkpoints[-1].position + spacing:
                continue
            checkpoints.append(inflater.checkpoint())
            bar.update(checkpoints[-1].packed - checkpoints[-2].packed)
            if len(checkpoints) > _CHECKPOINTS:
                checkpoints, spacing = checkpoints[::2], 2 * spacing
        bar.update(stamp.size - checkpoints[-1].packed)
        inflater.check(stamp)
    return GzipScan(path, stamp, inflater.position, checkpoints, excerpts)
