"""Ending what a Dask worker does when nobody wants it any more: its thread itself cannot be stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from distributed import Status, Worker, get_worker

WATCH_SECONDS = 0.5
AT_WORK = {Status.running, Status.paused, Status.closing_gracefully}


@contextmanager
def stopped_when_unwanted(stop: Callable[[], None]) -> Iterator[threading.Event]:
    """Watch the task that runs in this thread.

    Args:
        stop: Called, from another thread, when the task is cancelled, the one who asked for it is gone, or the worker
            closes.

    Yields:
        Set when it was called.
    """
    worker = get_worker()
    key = worker.get_current_task()
    stopped, done = threading.Event(), threading.Event()

    def watch() -> None:
        while not done.wait(WATCH_SECONDS):
            if not _is_wanted(worker, key):
                stopped.set()
                stop()
                return

    watcher = threading.Thread(target=watch, name="watcher", daemon=True)
    watcher.start()
    try:
        yield stopped
    finally:
        done.set()
        watcher.join()


def _is_wanted(worker: Worker, key: str) -> bool:
    task = worker.state.tasks.get(key)
    return worker.status in AT_WORK and task is not None and task.state in ("executing", "long-running")
