"""Rotations on a Dask worker, each in a process that can be stopped and that stays for the next one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from distributed import Reschedule

from l1000_bench.runners.wanted import stopped_when_unwanted
from l1000_bench.search.child import Child, Task
from l1000_bench.search.records import Record

IDLE_SECONDS = 60.0


def run_rotation(task: Task) -> Record:
    """Run a rotation on this worker and return its record.

    Raises:
        Reschedule: If it was stopped because nobody wanted it; should somebody after all, it is run again.
    """
    with _children.one() as child:
        with stopped_when_unwanted(child.interrupt) as stopped:
            record = child.run(task)
        if stopped.is_set():
            raise Reschedule
        return record


class Children:
    """The processes of a worker: as many as ever ran at the same time, but none that was idle for a minute."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[tuple[Child, threading.Timer]] = []

    @contextmanager
    def one(self) -> Iterator[Child]:
        """Lend a process that runs nothing else meanwhile."""
        with self._lock:
            child, timer = self._idle.pop() if self._idle else (Child(), None)
        if timer:
            timer.cancel()
        try:
            yield child
        except BaseException:
            child.kill()
            raise
        self._keep(child)

    def _keep(self, child: Child) -> None:
        timer = threading.Timer(IDLE_SECONDS, self._end, [child])
        timer.daemon = True
        with self._lock:
            self._idle.append((child, timer))
        timer.start()

    def _end(self, child: Child) -> None:
        with self._lock:
            found = [entry for entry in self._idle if entry[0] is child]
            self._idle = [entry for entry in self._idle if entry[0] is not child]
        for idle, _ in found:
            idle.kill()


_children = Children()
