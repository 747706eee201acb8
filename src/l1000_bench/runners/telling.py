"""What nodes log on a worker is told by the process that runs the pipeline."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from distributed import Client, Worker, get_worker

from l1000_bench import hooks
from l1000_bench.runners.installed import PACKAGE

logger = logging.getLogger(__name__)

LOOK_SECONDS = 10.0
ANSWER_SECONDS = 30.0


@contextmanager
def told(topic: str) -> Iterator[None]:
    """Send what this thread logs, on a worker, to who listens to a topic."""
    handler = _Sender(get_worker(), topic)
    package = logging.getLogger(PACKAGE)
    package.addHandler(handler)
    try:
        yield
    finally:
        package.removeHandler(handler)


def listen(client: Client, topic: str) -> None:
    """Log what is sent to a topic, by the loggers of the same names."""

    def log(event: tuple[float, dict[str, str | int]]) -> None:
        said = event[1]
        logging.getLogger(str(said["name"])).log(int(said["level"]), "%s", said["text"])

    client.subscribe_topic(topic, log)


@contextmanager
def told_of_trouble(client: Client) -> Iterator[None]:
    """Say so when a cluster has no worker left or its scheduler is silent: Dask waits, however long."""
    done = threading.Event()

    def watch() -> None:
        trouble = None
        while not done.wait(LOOK_SECONDS):
            before, trouble = trouble, trouble_of(client)
            if trouble and trouble != before and not done.is_set():
                logger.warning(trouble)

    threading.Thread(target=watch, name="cluster", daemon=True).start()
    try:
        yield
    finally:
        done.set()


def trouble_of(client: Client) -> str | None:
    """Say what keeps a cluster from working; None where nothing does."""
    try:
        cluster = client.sync(client.scheduler.identity, n_workers=0, callback_timeout=ANSWER_SECONDS)
    except TimeoutError:
        return f"The cluster's scheduler has not answered for {ANSWER_SECONDS:g} s; waiting for it."
    except Exception:  # whatever it is, the run meets it too, and says so
        return None
    return None if cluster["n_workers"] else "The cluster has no worker left; waiting for one."


class _Sender(logging.Handler):
    def __init__(self, worker: Worker, topic: str) -> None:
        super().__init__()
        self._worker, self._topic, self._thread = worker, topic, threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        """Send a record; the hooks' line for a node is left to the one who counts all nodes."""
        if record.thread == self._thread and record.name != hooks.logger.name:
            said = {"name": record.name, "level": record.levelno, "text": record.getMessage()}
            self._worker.log_event(self._topic, said)
