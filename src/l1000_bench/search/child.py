"""A process that runs rotations for this one, and is stopped when one takes more than it may."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import psutil

from l1000_bench.search.memory import own_mib
from l1000_bench.search.records import LOST, MEMORY, TIME, Record, RecordStore

MODULE = "l1000_bench.search.child_process"
WATCH_SECONDS = 0.1
TRIES = 2  # of a task whose process was lost
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


@dataclass(frozen=True)
class Task:
    """A rotation of a trial, as any process can run it; all of it can be written as JSON.

    Attributes:
        cell: Folder that `write_cell` wrote.
        store: Folder of the records.
        key: Of the trial.
        setting: Of the trial, in full.
        rotation: Which.
        threads: Threads of the process that runs it.
        seconds: After which it is stopped, what is left of its trial's; None for no bound.
        trial_seconds: All that its trial may take.
        memory_mib: Memory that its process may hold for itself; None for no bound.
    """

    cell: str
    store: str
    key: str
    setting: Mapping[str, Any]
    rotation: int
    threads: int
    seconds: float | None = None
    trial_seconds: float | None = None
    memory_mib: float | None = None


class Lost(Exception):
    """The process ended without an answer."""


class Child:
    """The process, started when it is first needed and again when it was lost or stopped."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # of who starts the process, and who stops it
        self._process: subprocess.Popen[bytes] | None = None
        self._errors: IO[bytes] | None = None
        self._threads = 0
        self._closed = False

    def run(self, task: Task) -> Record:
        """Run a task.

        Returns:
            Its record; of a task that was stopped one that says at which budget, and of one whose process was lost
            twice one that is not kept, so that the next search tries again.
        """
        said = "nothing"
        for _ in range(TRIES):
            try:
                return self._attempt(task)
            except (Lost, BrokenPipeError):
                said = self._last_words()
                self.kill()
        error = f"{LOST}: the process that ran it ended twice without an answer; the last time it said: {said}"
        return Record(error=error)

    def kill(self) -> None:
        """Stop the process."""
        with self._lock:
            if self._process is not None:
                self._process.kill()
                self._process.communicate()
                self._process = None
            if self._errors is not None:
                self._errors.close()
                self._errors = None

    def interrupt(self) -> None:
        """Stop the process for good while another thread waits for its answer, which cleans up."""
        with self._lock:
            self._closed = True
            if self._process is not None:
                self._process.kill()

    def _attempt(self, task: Task) -> Record:
        process = self._started(task.threads)
        self._send(process, asdict(task))
        self._answer(process, None, None)  # that the data are open, from when on the seconds count
        began = time.time()
        try:
            return Record.from_json(self._answer(process, task.seconds, task.memory_mib))
        except BudgetError as stopped:
            self.kill()
            limit = task.trial_seconds if stopped.kind == TIME else task.memory_mib
            record = Record(
                error=str(stopped), peak_rss_mib=stopped.peak_mib, limit=limit, began=began, ended=time.time()
            )
            return RecordStore(Path(task.store)).write(task.key, task.rotation, record)

    def _started(self, threads: int) -> subprocess.Popen[bytes]:
        """Return a running process with so many threads, which libraries fix when they are first used."""
        if self._process is not None and (self._process.poll() is not None or threads != self._threads):
            self.kill()
        with self._lock:
            if self._closed:
                raise Lost
            if self._process is None:
                self._errors = tempfile.TemporaryFile()
                self._threads = threads
                self._process = subprocess.Popen(
                    [sys.executable, "-m", MODULE],
                    bufsize=0,  # or a line might be in a buffer, where `select` does not see it
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=self._errors,
                    env={**os.environ, **dict.fromkeys(THREAD_VARIABLES, str(threads))},
                    start_new_session=True,  # an interrupt of the terminal is for this process, which stops that one
                )
            return self._process

    @staticmethod
    def _send(process: subprocess.Popen[bytes], message: Mapping[str, Any]) -> None:
        stream = process.stdin
        if stream is None:
            raise Lost
        stream.write(json.dumps(message).encode() + b"\n")

    @staticmethod
    def _answer(process: subprocess.Popen[bytes], seconds: float | None, memory_mib: float | None) -> str:
        """Wait for one line."""
        stream = process.stdout
        if stream is None:
            raise Lost
        started, peak = time.monotonic(), 0.0
        while not select.select([stream], [], [], WATCH_SECONDS)[0]:
            if seconds is not None and time.monotonic() - started > seconds:
                raise BudgetError(TIME, f"the trial took more than the {seconds:.1f} s that were left to it", peak)
            if memory_mib is not None and (peak := max(peak, _memory(process))) > memory_mib:
                text = f"the process held more than {memory_mib:g} MiB for itself"
                raise BudgetError(MEMORY, text, peak)
        line = stream.readline()
        if not line.endswith(b"\n"):
            raise Lost
        return line.decode()

    def _last_words(self) -> str:
        if self._errors is None:
            return "nothing"
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return lines[-1][:200] if lines else "nothing"


class BudgetError(Exception):
    """A task was stopped at a budget."""

    def __init__(self, kind: str, text: str, peak_mib: float) -> None:
        super().__init__(f"{kind}: {text}")
        self.kind = kind
        self.peak_mib = peak_mib


def _memory(process: subprocess.Popen[bytes]) -> float:
    try:
        return own_mib(psutil.Process(process.pid))
    except psutil.NoSuchProcess:
        return 0.0
