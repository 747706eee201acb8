"""A file that is on its way, and a journal of what of it has come, so that a killed download goes on from there."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from l1000_bench.errors import InputError
from l1000_bench.io.atomic import replacing

PIECE = 32 * 1024**2  # bytes; a smaller file comes over one connection
MOST_PIECES = 64
SECONDS_BETWEEN_SAVES = 0.25


class Remote(NamedTuple):
    """What a server says of a file.

    Attributes:
        url: Its address.
        size: Its bytes; None where the server does not say.
        version: Its strong ETag, else its date of change; None where the server gives neither.
        in_ranges: Whether the server sends parts of it.
    """

    url: str
    size: int | None
    version: str | None
    in_ranges: bool


@dataclass
class Piece:
    """A run of bytes, `start` up to but without `end`, of which those before `position` have come."""

    start: int
    end: int
    position: int


class Partial:
    """The file `.NAME.part` beside a file that is being fetched.

    Attributes:
        path: The bytes that have come.
        pieces: What it is made of, in order; empty where it comes as a whole.
    """

    def __init__(self, target: Path) -> None:
        self.path = target.with_name(f".{target.name}.part")
        self.pieces: list[Piece] = []
        self._journal = target.with_name(f".{target.name}.part.json")
        self._remote: Remote | None = None
        self._descriptor = -1
        self._saving = threading.Lock()
        self._saved_at = 0.0

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Hold the file open for this process alone; what has come is kept, whatever happens.

        Raises:
            InputError: If another process is fetching the same file.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                ours = os.fstat(self._descriptor).st_ino == self.path.stat().st_ino
            except (BlockingIOError, FileNotFoundError):  # held, or put into its place since it was opened
                ours = False
            if not ours:
                raise InputError(f"{self.path} is being written by another download; wait for it or end it first.")
            yield
        finally:
            os.close(self._descriptor)

    def resume(self, remote: Remote) -> bool:
        """Take over the pieces that came of the same version of the file.

        Returns:
            Whether there are any.

        Raises:
            InputError: If the disk has no room for the rest.
        """
        try:
            held = json.loads(self._journal.read_text(encoding="utf-8"))
            pieces = [Piece(*map(int, piece)) for piece in held["pieces"]]
            same = Remote(*held["remote"]) == remote and os.fstat(self._descriptor).st_size == remote.size
        except (FileNotFoundError, ValueError, KeyError, TypeError):  # none, or cut off by a crash of the machine
            return False
        covered = pieces and pieces[0].start == 0 and pieces[-1].end == remote.size
        joined = all(left.end == right.start for left, right in pairwise(pieces))
        if not (same and covered and joined and all(p.start <= p.position <= p.end for p in pieces)):
            return False
        self.pieces, self._remote = pieces, remote
        self._refuse_too_large(sum(piece.end - piece.position for piece in pieces))
        return True

    def start(self, remote: Remote) -> None:
        """Begin anew.

        Raises:
            InputError: If the disk has no room for the file.
        """
        os.ftruncate(self._descriptor, 0)
        self._journal.unlink(missing_ok=True)
        self._refuse_too_large(remote.size or 0)
        self.pieces, self._remote = [], remote
        if remote.in_ranges and remote.size:
            os.ftruncate(self._descriptor, remote.size)
            count = min(MOST_PIECES, max(1, remote.size // PIECE))
            edges = [remote.size * index // count for index in range(count + 1)]
            self.pieces = [Piece(start, end, start) for start, end in pairwise(edges)]
            self.save()

    def _refuse_too_large(self, missing: int) -> None:
        free = shutil.disk_usage(self.path.parent).free
        if missing > free:
            raise InputError(
                f"{self.path.parent} has {free / 1e9:.3g} GB free, the rest of {self.path.name[1:-5]} takes "
                f"{missing / 1e9:.3g} GB; free some and run the command again."
            )

    def write(self, piece: Piece, content: bytes) -> None:
        """Put the next bytes of a piece into their place."""
        self._write(content, piece.position)
        piece.position += len(content)
        if time.monotonic() - self._saved_at > SECONDS_BETWEEN_SAVES:
            self.save()

    def write_whole(self, content: bytes, position: int) -> None:
        """Write bytes of a file that comes as a whole; the first ones end what was there."""
        if position == 0:
            os.ftruncate(self._descriptor, 0)
        self._write(content, position)

    def _write(self, content: bytes, position: int) -> None:
        view = memoryview(content)
        while view:  # a write that meets the end of the disk is short, and the next one says why
            written = os.pwrite(self._descriptor, view, position)
            view, position = view[written:], position + written

    def save(self) -> None:
        """Write down what has come, once it is on the disk; at most one thread does so at a time."""
        if not self.pieces or not self._saving.acquire(blocking=False):
            return
        try:
            pieces = [(piece.start, piece.end, piece.position) for piece in self.pieces]
            os.fsync(self._descriptor)
            with replacing(self._journal) as temporary:
                temporary.write_text(json.dumps({"remote": self._remote, "pieces": pieces}), encoding="utf-8")
            self._saved_at = time.monotonic()
        finally:
            self._saving.release()

    def finish(self) -> None:
        """Make sure that all bytes are on the disk."""
        self.save()
        os.fsync(self._descriptor)

    def remove(self) -> None:
        """Remove what is left of it."""
        self.path.unlink(missing_ok=True)
        self._journal.unlink(missing_ok=True)


def disk_sentence(path: Path, error: OSError) -> str:
    """Say what kept a file from being written, and what to do."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    why = "the disk (or what this user may write) is full" if full else f"{error.strerror or error}"
    return f"{path} could not be written: {why}. Mend that and run the command again."
