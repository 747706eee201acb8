"""A node of a pipeline as a task of a Dask worker."""

from __future__ import annotations

import os
import threading
import time
import traceback
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from distributed import Worker, get_client, get_worker
from kedro.framework.hooks.manager import _create_hook_manager, _register_hooks
from kedro.framework.project import configure_logging, configure_project, settings
from kedro.io import DataCatalog
from kedro.pipeline.node import Node
from kedro.runner.task import Task

from l1000_bench.errors import InputError, require
from l1000_bench.hooks import sentence_of
from l1000_bench.runners.dask_trials import DaskTrials
from l1000_bench.runners.installed import PACKAGE
from l1000_bench.runners.telling import told
from l1000_bench.runners.wanted import stopped_when_unwanted
from l1000_bench.search.engine import running_on

if TYPE_CHECKING:
    from pluggy import PluginManager

_lock = threading.Lock()
_hook_managers: list[PluginManager] = []  # empty, or the one of this process


class Run(NamedTuple):
    """What the nodes of a run share.

    Attributes:
        folder: Where it was started, so that relative paths mean the same on a worker.
        logging: How its process logs.
        topic: To which workers send what nodes log.
    """

    folder: str
    logging: Mapping[str, Any]
    topic: str


def run_node(task: Task, run: Run, priority: int) -> float:
    """Run a node on this worker; a search in it spreads its rotations over the cluster.

    Args:
        task: The node with its part of the catalog.
        run: Which it belongs to.
        priority: Of the node, which its rotations share.

    Returns:
        Seconds.

    Raises:
        InputError: If the worker has more than one thread; and in place of every error that a user can mend, whatever
            Kedro wraps it in.
        RuntimeError: In place of any other, with its traceback as text.
    """
    started = time.perf_counter()
    _refuse_threads(get_worker())
    os.chdir(run.folder)
    task.hook_manager = _hook_manager(run.logging)
    engine = DaskTrials(get_client(), task.node.name, priority)
    failed: Exception | None = None
    try:
        with told(run.topic), running_on(engine), stopped_when_unwanted(engine.close):
            task.execute()
    except Exception as error:
        sentence = sentence_of(error)
        failed = InputError(sentence) if sentence else RuntimeError("".join(traceback.format_exception(error)))
    if failed is not None:  # raised here, it does not hold the first error, which may not be one that can be sent
        raise failed
    return time.perf_counter() - started


def _refuse_threads(worker: Worker) -> None:
    """Refuse to run a node beside others in one Python: see `l1000_bench.hooks.refuse_threads`."""
    n_threads = worker.state.nthreads
    require(
        n_threads == 1,
        f"the worker {worker.address} has {n_threads} threads, and would run nodes beside one another in one Python, "
        "whose numerical libraries have one number of threads, on which results depend; start workers with "
        "`--nthreads 1`, as many on a machine as it has cores (`--nworkers`).",
    )


def catalog_of(node: Node, catalog: DataCatalog) -> DataCatalog:
    """Return the part of a catalog that a node needs: all of a large grid's would be sent with every node."""
    names = [*node.inputs, *node.outputs]
    part = DataCatalog({name: catalog[name] for name in names}, validation_enabled=catalog.validation_enabled)
    part._validator_specs = {name: spec for name, spec in catalog.validator_specs.items() if name in names}
    return part


def _hook_manager(logging: Mapping[str, Any]) -> PluginManager:
    """Return the project's own hooks; the first node of a process makes it know the project."""
    with _lock:
        if not _hook_managers:
            configure_project(PACKAGE)
            configure_logging(dict(logging))
            manager = _create_hook_manager()
            _register_hooks(manager, settings.HOOKS)
            _hook_managers.append(manager)
        return _hook_managers[0]
