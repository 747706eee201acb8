"""The engine that spreads the rotations of a search over a Dask cluster."""

from __future__ import annotations

import pickle
import threading
import time
import uuid
from collections.abc import Mapping
from concurrent.futures import Future as Promise
from contextlib import suppress
from copy import copy
from typing import Any, Self

from distributed import Client, Future, secede
from distributed.scheduler import KilledWorker

from l1000_bench.errors import InputError
from l1000_bench.runners.remote_calls import checked_call, explained, promise
from l1000_bench.runners.rotations import run_rotation
from l1000_bench.search.child import Task
from l1000_bench.search.records import LOST, Record

COUNT_SECONDS = 1.0  # for which the workers, which come and go, are not counted again


class DaskTrials:
    """Runs tasks on the workers of a Dask cluster, each in a process that a worker starts for it.

    Args:
        client: Of the cluster; in a task of a worker that worker's own, and then the task gives its thread back when it
            submits something, so that nodes that wait leave their workers to the rotations.
        name: Of what is searched, as the dashboard shows it.
        priority: Of the rotations; Dask begins tasks of a higher one first.
    """

    def __init__(self, client: Client, name: str, priority: int = 0) -> None:
        self._client, self._name, self._priority = client, name, priority
        self._resources: dict[str, float] = {}
        self._running: set[Future] = set()
        self._closed = threading.Event()
        self._counted, self._slots = -COUNT_SECONDS, 0

    @property
    def slots(self) -> int:
        """How many tasks its workers can run at the same time; 1 where there is no worker, since one may come."""
        if time.monotonic() - self._counted > COUNT_SECONDS:
            self._slots = sum(self._fitting(worker) for worker in self._workers())
            self._counted = time.monotonic()
        return max(1, self._slots)

    def with_resources(self, resources: Mapping[str, float]) -> Self:
        """Return this engine for tasks that need a worker with certain resources.

        Raises:
            InputError: If no worker has them.
        """
        engine = copy(self)
        engine._resources = dict(resources)
        engine._counted = -COUNT_SECONDS
        workers = self._workers()
        if not any(engine._fitting(worker) for worker in workers):
            wanted = " ".join(f"{name}={amount:g}" for name, amount in resources.items())
            raise InputError(
                f"search.resources asks for {wanted}, which none of the cluster's {len(workers)} workers has; start "
                f'one with `dask worker ADDRESS --resources "{wanted}"`, or take it out of search.resources.'
            )
        return engine

    def submit(self, task: Task) -> Promise[Record]:
        """Begin a task; of one whose workers died the record says so, and is not kept."""
        if self._closed.is_set():
            raise InputError(f"{self._name} was stopped.")
        asked = self._client.submit(
            pickle.loads,
            checked_call(run_rotation, task),
            key=f"{self._name}.rotation-{uuid.uuid4()}",
            pure=False,
            resources=self._resources or None,
            priority=self._priority,
        )
        self._running.add(asked)
        with suppress(ValueError, KeyError):  # where this is no task of a worker, or has given its thread back already
            secede()
        return promise(asked, self._record)

    def close(self) -> None:
        """Stop what is running, as soon as the workers notice."""
        self._closed.set()
        with suppress(OSError):  # the scheduler is gone, so the workers stop by themselves
            self._client.cancel(list(self._running), force=True)

    def _record(self, asked: Future) -> Record:
        try:
            record: Record = asked.result()
        except KilledWorker as error:
            return Record(error=f"{LOST}: {explained(error, 'the rotation')}")
        except Exception as error:
            raise explained(error, f"a rotation of {self._name}") from None
        finally:
            self._running.discard(asked)
        return record

    def _workers(self) -> list[dict[str, Any]]:
        return list(self._client.scheduler_info(n_workers=-1)["workers"].values())

    def _fitting(self, worker: Mapping[str, Any]) -> int:
        """Return how many tasks a worker can run at the same time."""
        offered: Mapping[str, float] = worker["resources"]
        threads: int = worker["nthreads"]
        return min([threads, *(int(offered.get(name, 0) // amount) for name, amount in self._resources.items())])
