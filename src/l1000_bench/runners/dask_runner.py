"""Runs every node of a pipeline as a task of a Dask cluster.

kedro run --runner=l1000_bench.runners.DaskRunner --runner-params=address=tcp://HOST:8786
"""

from __future__ import annotations

import logging
import os
import pickle
import uuid
from concurrent.futures import Executor
from concurrent.futures import Future as Promise
from functools import partial
from pathlib import Path
from typing import Any

from distributed import Client, Future
from kedro.framework.project import LOGGING
from kedro.io import DataCatalog
from kedro.pipeline import Pipeline
from kedro.pipeline.node import Node
from kedro.runner import AbstractRunner
from kedro.runner.task import Task

from l1000_bench.errors import InputError, require
from l1000_bench.runners.cluster import check_storage, connect, quiet
from l1000_bench.runners.node_tasks import Run, catalog_of, run_node
from l1000_bench.runners.remote_calls import checked_call, explained, promise
from l1000_bench.runners.telling import listen, told_of_trouble

logger = logging.getLogger(__name__)


class DaskRunner(AbstractRunner):
    """Runs nodes on the workers of a Dask cluster as soon as what they need is made.

    Args:
        address: Of the cluster's scheduler.
        wait_seconds: For how long a first worker is waited for.
        is_async: Whether a node loads and saves its datasets at the same time, in threads.

    Raises:
        InputError: If there is no address, or another parameter.
    """

    def __init__(
        self, address: str | None = None, wait_seconds: float = 30.0, is_async: bool = False, **unknown: object
    ) -> None:
        super().__init__(is_async=is_async)
        for name in unknown:
            raise InputError(f"--runner-params names {name!r}; DaskRunner takes address, wait_seconds and is_async.")
        if address is None:
            raise InputError(
                "DaskRunner needs the address of the cluster's scheduler: --runner-params=address=tcp://HOST:8786."
            )
        if not isinstance(wait_seconds, int | float):
            raise InputError(f"wait_seconds is {wait_seconds!r}; it takes a number of seconds.")
        self._address, self._wait_seconds = str(address), wait_seconds
        self._nodes: Nodes | None = None

    @property
    def _logger(self) -> logging.Logger:
        return logging.getLogger(AbstractRunner.__module__)  # what Kedro says is told as under its own runners

    def _get_executor(self, max_workers: int) -> Executor | None:
        return self._nodes

    def _run(  # type: ignore[override]  # Kedro hands over a DataCatalog
        self, pipeline: Pipeline, catalog: DataCatalog, hook_manager: object = None, run_id: str | None = None
    ) -> None:
        """Run the pipeline; the hooks for nodes and datasets are called on the workers."""
        refuse_unstored(pipeline, catalog)
        with quiet(), connect(self._address, self._wait_seconds) as client:
            folder = _folder_of_results(pipeline, catalog)
            if folder:
                check_storage(client, folder)
            logger.info("The cluster's dashboard is %s", client.dashboard_link)
            self._nodes = Nodes(client, pipeline, catalog)
            with told_of_trouble(client):
                super()._run(pipeline, catalog, run_id=run_id)


class Nodes(Executor):
    """Hands nodes to a cluster and tells when they are done.

    Args:
        client: Of the cluster.
        pipeline: The nodes.
        catalog: Of the run.
    """

    def __init__(self, client: Client, pipeline: Pipeline, catalog: DataCatalog) -> None:
        self._client, self._catalog = client, catalog
        self._priorities = {node.name: -number for number, node in enumerate(pipeline.nodes)}
        self._run = Run(os.getcwd(), dict(LOGGING), f"l1000-bench-{uuid.uuid4()}")
        self._running: set[Future] = set()
        self._n_done = 0
        listen(client, self._run.topic)

    def submit(self, task: Task) -> Promise[Node]:  # type: ignore[override]  # Kedro submits nothing else
        """Begin a node when a worker is free; those that come first in the pipeline go first."""
        node = task.node
        task.catalog = catalog_of(node, self._catalog)
        priority = self._priorities[node.name]
        asked = self._client.submit(
            pickle.loads,
            checked_call(run_node, task, self._run, priority),
            key=f"{node.name}-{uuid.uuid4()}",
            pure=False,
            priority=priority,
        )
        self._running.add(asked)
        return promise(asked, partial(self._done, node))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Cancel the nodes that are not done."""
        if self._running:
            self._client.cancel(list(self._running), force=True)

    def _done(self, node: Node, asked: Future) -> Node:
        try:
            seconds = asked.result()
        except Exception as error:
            raise explained(error, f"the node {node.name}") from None
        finally:
            self._running.discard(asked)
        self._n_done += 1
        logger.info("%3d/%d  %6.1f s  %s", self._n_done, len(self._priorities), seconds, node.name)
        return node


def refuse_unstored(pipeline: Pipeline, catalog: DataCatalog) -> None:
    """Check that whatever a node makes is stored where the next one finds it.

    Raises:
        InputError: Names all datasets of which that does not hold.
    """
    unstored = sorted(name for name in pipeline.all_outputs() if getattr(catalog[name], "_EPHEMERAL", False))
    require(
        not unstored,
        f"{', '.join(unstored)} would be kept in memory alone, where the workers of a cluster do not find it; give it "
        "an entry with a file in conf/base/catalog.",
    )


def _folder_of_results(pipeline: Pipeline, catalog: DataCatalog) -> Path | None:
    described: list[dict[str, Any]] = [catalog[name]._describe() for name in sorted(pipeline.all_outputs())]
    return next((Path(entry["filepath"]).parent for entry in described if "filepath" in entry), None)
