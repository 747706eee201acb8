"""Where rotations are run: in this process, or in processes of their own on this machine.

A runner that knows other machines sets its own engine with `running_on`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

from l1000_bench.search.child import Child, Task
from l1000_bench.search.records import Record
from l1000_bench.search.rotation import Workplace, run_rotation


class Engine(Protocol):
    """Runs tasks."""

    @property
    def slots(self) -> int:
        """How many tasks it can run at the same time."""

    def with_resources(self, resources: Mapping[str, float]) -> Engine:
        """Return what runs tasks that a worker needs something for, such as `{GPU: 1}`."""

    def submit(self, task: Task) -> Future[Record]:
        """Begin a task; its record is kept when the future is done."""

    def close(self) -> None:
        """Stop what is running."""


class InProcess:
    """Runs every task at once, in this process; it cannot stop one that takes too long.

    Args:
        place: Where the cell's trials are run.
    """

    slots = 1

    def __init__(self, place: Workplace) -> None:
        self._place = place

    def with_resources(self, resources: Mapping[str, float]) -> Engine:
        """Return itself: this process has what the machine has."""
        return self

    def submit(self, task: Task) -> Future[Record]:
        """Run a task and return its record."""
        future: Future[Record] = Future()
        future.set_result(run_rotation(self._place, task.key, task.setting, task.rotation))
        return future

    def close(self) -> None:
        """Do nothing: nothing runs beside the caller."""


class LocalProcesses:
    """Runs tasks in processes of this machine, which stay for the next ones.

    Args:
        n_processes: How many.
    """

    def __init__(self, n_processes: int) -> None:
        self.slots = n_processes
        self.closed = False
        self._threads = ThreadPoolExecutor(n_processes, thread_name_prefix="trial")
        self._children = [Child() for _ in range(n_processes)]
        self._idle = list(self._children)

    def with_resources(self, resources: Mapping[str, float]) -> Engine:
        """Return itself: every process has what the machine has."""
        return self

    def submit(self, task: Task) -> Future[Record]:
        """Begin a task in the next process that is free."""
        return self._threads.submit(self._run, task)

    def close(self) -> None:
        """Stop all processes, for good."""
        self.closed = True
        for child in self._children:
            child.interrupt()
        self._threads.shutdown(cancel_futures=True)
        for child in self._children:
            child.kill()

    def _run(self, task: Task) -> Record:
        child = self._idle.pop()  # the one that was used last, so that no more are started than are needed
        try:
            return child.run(task)
        finally:
            self._idle.append(child)


_engine: ContextVar[Engine | None] = ContextVar("engine", default=None)


@contextmanager
def running_on(engine: Engine) -> Iterator[None]:
    """Let every search in this context run its tasks on an engine."""
    token = _engine.set(engine)
    try:
        yield
    finally:
        _engine.reset(token)


def engine_of_context() -> Engine | None:
    """Return the engine that a runner has set, or None."""
    return _engine.get()


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
