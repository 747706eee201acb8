"""What happens around a run: the grid is read, missing inputs are named, progress is told, errors are one sentence."""

from __future__ import annotations

import logging
import multiprocessing
import sys
import time
from collections import defaultdict
from types import TracebackType
from typing import Any

from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.framework.project import pipelines
from kedro.io import DataCatalog
from kedro.pipeline import Pipeline
from kedro.pipeline.node import Node
from kedro.validation.exceptions import DataValidationError, ParameterValidationError

from l1000_bench import grid
from l1000_bench.errors import InputError
from l1000_bench.graphs.spec import missing_links_message
from l1000_bench.io.corpus import missing_files_message

logger = logging.getLogger(__name__)


class ProjectHooks:
    """The project's hooks."""

    def __init__(self) -> None:
        sys.excepthook = print_in_one_sentence  # from here on, since configuration is read before the first hook
        self._started: dict[str, float] = {}
        self._unsaved: dict[str, int] = {}
        self._n_nodes = 0
        self._n_done = 0

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Read the grid of the environment, which the pipelines are built from."""
        grid.activate(grid.read_grid(context.config_loader["experiments"], context.config_loader["parameters"]))

    @hook_impl
    def before_pipeline_run(self, run_params: dict[str, Any], pipeline: Pipeline, catalog: DataCatalog) -> None:
        """Refuse a run whose inputs are not there, before any work."""
        self._n_nodes, self._n_done = len(pipeline.nodes), 0
        self._started, self._unsaved = {}, {}
        refuse_missing_inputs(pipeline, catalog, run_params.get("env"))

    @hook_impl
    def before_dataset_loaded(self, node: Node) -> None:
        """Note when a node starts to load."""
        self._started.setdefault(node.name, time.perf_counter())

    @hook_impl
    def after_dataset_saved(self, node: Node) -> None:
        """When a node has saved its last output, say in one line that it is done, with its seconds."""
        self._unsaved[node.name] = self._unsaved.get(node.name, len(node.outputs)) - 1
        if self._unsaved[node.name] == 0:
            self._n_done += 1
            seconds = time.perf_counter() - self._started[node.name]
            # A worker process knows only of its own nodes.
            count = "" if multiprocessing.parent_process() else f"{self._n_done:3d}/{self._n_nodes}  "
            logger.info("%s%6.1f s  %s", count, seconds, node.name)

    @hook_impl
    def after_pipeline_run(self, pipeline: Pipeline, catalog: DataCatalog) -> None:
        """Name the report."""
        if "report" in pipeline.all_outputs():
            logger.info("The report is %s", catalog["report"]._describe()["filepath"])


def refuse_missing_inputs(pipeline: Pipeline, catalog: DataCatalog, environment: str | None) -> None:
    """Check that every input that no node of the run makes is there.

    Raises:
        InputError: One message that names every missing file, where it comes from, and what to do.
    """
    names = sorted(name for name in pipeline.inputs() if not name.startswith("params:") and name != "parameters")
    missing = [name for name in names if not catalog.exists(name)]
    if not missing:
        return
    corpora: dict[str, list[str]] = defaultdict(list)
    for name in missing:
        corpus, _, role = name.rpartition(".")
        corpora[corpus if corpus in grid.active().corpora else ""].append(
            role if corpus in grid.active().corpora else name
        )
    links = {name: name.removesuffix(".links") for name in corpora.get("", []) if name.endswith(".links")}
    made = [name for name in corpora.pop("", []) if name not in links]
    messages = [missing_files_message(grid.active().corpora[corpus], roles) for corpus, roles in corpora.items()]
    messages += [missing_links_message(grid.active().graphs[graph]) for graph in links.values()]
    if made:
        few = ", ".join(made[:3]) + (f" and {len(made) - 3} more" if len(made) > 3 else "")
        option = f" --env={environment}" if environment else ""
        options = f"{_makers(made)}{option}"
        messages.append(f"This run needs {few}, which no run has made yet: run `kedro run{options}` first.")
    raise InputError("\n".join(messages))


def _makers(names: list[str]) -> str:
    """Return the option that names the pipelines which make some datasets, where the default ones do not."""
    pipelines.set_requested(None)  # Kedro has loaded those of this run alone
    made = {name: pipeline.all_outputs() for name, pipeline in pipelines.items()}
    missing = [name for name in names if name not in made["__default__"]]
    makers = dict.fromkeys(
        maker for name in missing for maker, outputs in made.items() if name in outputs and maker != "__default__"
    )
    return f" --pipelines={','.join(makers)}" if makers else ""


def print_in_one_sentence(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Print an error that a user can mend without a traceback, and any other error with one."""
    sentence = sentence_of(error)
    if sentence is None:
        sys.__excepthook__(kind, error, trace)
    else:
        sys.stderr.write(f"\nError: {sentence}\n")


def sentence_of(error: BaseException | None) -> str | None:
    """Return what an error that a user can mend says, whatever it is wrapped in; None of any other error."""
    while error is not None:
        if isinstance(error, InputError | ParameterValidationError | DataValidationError):
            return str(error)
        error = error.__cause__
    return None
