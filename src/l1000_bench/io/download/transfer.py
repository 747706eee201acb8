"""Fetching one file over HTTP, in ranges where the server sends them, until all of it has come.

A file is asked for in ranges only when a change of it would be noticed: by its ETag or date, which every request
repeats (`If-Range`, RFC 9110 section 13.1.5), or by a check of the whole. Everything else starts anew after a break.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

import httpx

from l1000_bench.errors import InputError
from l1000_bench.io.download.answers import BusyError, answer, length_of, remote_of, sends_range
from l1000_bench.io.download.partial import Partial, Piece, Remote

logger = logging.getLogger(__name__)
Result = TypeVar("Result")

CONNECTIONS = 4  # GEO limits the rate of each
RANGED_ATTEMPTS = 2  # a file that changes more often is fetched as a whole
LONGEST_PAUSE = 60.0


class Progress(Protocol):
    """Counts bytes."""

    def begin(self, name: str, size: int, present: int) -> None:
        """Count a file of `size` bytes, of which some are there already; anew, if it was begun before."""

    def add(self, name: str, count: int) -> None:
        """Count bytes of a file that came."""


@dataclass(frozen=True)
class Manner:
    """How breaks are met.

    Attributes:
        attempts: Failures in a row, without a byte between them, after which a download ends.
        pause: Seconds before the second attempt; doubled before every further one, up to a minute.
        timeout: Seconds without an answer that count as a break.
    """

    attempts: int = 5
    pause: float = 1.0
    timeout: float = 60.0


class ChangedError(Exception):
    """The server's file is not the one that the partial file was begun with."""


class StoppedError(Exception):
    """Another part of the download failed, or the user ended it."""


@dataclass
class Transfer:
    """One file's way from a server to a partial file.

    Attributes:
        client: For all requests.
        url: The file.
        target: Where it will be put, for messages.
        is_checked: Whether the whole is checked afterwards, so that a mixed or cut off one would be found.
        manner: How breaks are met.
        progress: Counts the bytes.
        stopped: When set, the transfer ends at the next block.
    """

    client: httpx.Client
    url: str
    target: Path
    is_checked: bool
    manner: Manner
    progress: Progress
    stopped: threading.Event = field(default_factory=threading.Event)
    _changed: threading.Event = field(default_factory=threading.Event)

    def run(self, partial: Partial) -> None:
        """Fetch what is missing of the file.

        Raises:
            InputError: If the server refuses, cannot be reached, or sends something else.
            StoppedError: If `stopped` was set.
        """
        remote = self._ask()
        for _ in range(RANGED_ATTEMPTS):
            if not (remote.in_ranges and (remote.version or self.is_checked)):
                break
            if not partial.resume(remote):
                partial.start(remote)
            try:
                self._fetch_pieces(partial, remote)
                return
            except ChangedError:
                logger.warning("%s changed on its server while it was fetched; it is fetched anew.", self.url)
            self._changed.clear()
            remote = self._ask()
        partial.start(remote._replace(in_ranges=False))
        self._fetch_whole(partial)

    def _ask(self) -> Remote:
        """Ask for the first byte: the answer tells all that is to be known before the file is fetched."""

        def ask() -> Remote:
            with answer(self.client, self.url, self.target, {"Range": "bytes=0-0"}) as response:
                return remote_of(response, self.url)

        return self._patiently(ask)

    def _fetch_pieces(self, partial: Partial, remote: Remote) -> None:
        present = sum(piece.position - piece.start for piece in partial.pieces)
        self._tell(remote.size, present)
        missing = [piece for piece in partial.pieces if piece.position < piece.end]
        try:
            with ThreadPoolExecutor(CONNECTIONS) as pool:
                futures = [pool.submit(self._fetch_piece, partial, piece, remote) for piece in missing]
                for future in as_completed(futures):
                    if error := future.exception():
                        (self._changed if isinstance(error, ChangedError) else self.stopped).set()
                        raise error
        finally:
            partial.save()

    def _fetch_piece(self, partial: Partial, piece: Piece, remote: Remote) -> None:
        def fetch() -> None:
            headers = {"Range": f"bytes={piece.position}-{piece.end - 1}"}
            if remote.version:
                headers["If-Range"] = remote.version
            with answer(self.client, self.url, self.target, headers) as response:
                if not sends_range(response, piece.position, piece.end, remote):
                    raise ChangedError
                for block in response.iter_raw():
                    self._go_on()
                    if len(block) > piece.end - piece.position:
                        raise ChangedError
                    partial.write(piece, block)
                    self.progress.add(self.target.name, len(block))
            if piece.position < piece.end:
                raise BusyError(f"the answer ended at byte {piece.position} of {piece.end}")

        while piece.position < piece.end:
            self._patiently(fetch, lambda: piece.position)

    def _fetch_whole(self, partial: Partial) -> None:
        def fetch() -> None:
            with answer(self.client, self.url, self.target, {}) as response:
                if response.status_code != httpx.codes.OK:
                    raise BusyError(f"the server answers {response.status_code} to a request for all of it")
                size = length_of(response)
                if size is None and not self.is_checked and "Transfer-Encoding" not in response.headers:
                    raise InputError(
                        f"{self.url} does not say how long it is, and no sum of it is published, so that a cut off "
                        f"file could not be told from a whole one; fetch it by hand and put it at {self.target}."
                    )
                self._tell(size, 0)
                position = 0
                partial.write_whole(b"", position)
                for block in response.iter_raw():
                    self._go_on()
                    partial.write_whole(block, position)
                    position += len(block)
                    self.progress.add(self.target.name, len(block))
            if size is not None and position != size:
                raise BusyError(f"{position} bytes came instead of {size}")

        self._patiently(fetch)

    def _tell(self, size: int | None, present: int) -> None:
        self.progress.begin(self.target.name, size or 0, present)
        here = f", {present / 1e6:,.1f} MB are here" if present else ""
        length = f"{size / 1e6:,.1f} MB" if size is not None else "unknown size"
        logger.info("fetching %s (%s%s) from %s", self.target.name, length, here, self.url)

    def _go_on(self) -> None:
        if self.stopped.is_set() or self._changed.is_set():
            raise StoppedError

    def _patiently(self, step: Callable[[], Result], position: Callable[[], int] = lambda: 0) -> Result:
        """Take a step again after a break, as often as the manner says or as long as something comes."""
        failures = 0
        while True:
            self._go_on()
            before = position()
            try:
                return step()
            except (httpx.TransportError, BusyError) as error:
                failures = failures + 1 if position() == before else 1
                what = str(error) or type(error).__name__
                if failures >= self.manner.attempts:
                    raise InputError(
                        f"{self.url} could not be fetched in {failures} attempts ({what}): check the network, the "
                        f"proxy (HTTPS_PROXY) and the address, and run the command again later, or fetch it by hand "
                        f"and put it at {self.target}."
                    ) from error
                pause = min(LONGEST_PAUSE, self.manner.pause * 2 ** (failures - 1))
                if isinstance(error, BusyError):
                    pause = min(LONGEST_PAUSE, max(pause, error.wait))
                logger.info("%s: %s; again in %g s", self.target.name, what, pause)
                if self.stopped.wait(pause):
                    raise StoppedError from error
