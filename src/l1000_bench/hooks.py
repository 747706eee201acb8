"""What happens around a run: the grid is read, missing inputs are named, progress is told, errors are one sentence."""

from __future__ import annotations

import logging
import multiprocessing
import sys
import time
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.framework.project import pipelines
from kedro.io import DataCatalog
from kedro.pipeline import Pipeline
from kedro.pipeline.node import Node
from kedro.pipeline.pipeline import OutputNotUniqueError
from kedro.validation.exceptions import DataValidationError, ParameterValidationError

from l1000_bench import grid, run_statistics
from l1000_bench.errors import InputError, require
from l1000_bench.graphs.spec import missing_links_message
from l1000_bench.io.corpus import missing_files_message
from l1000_bench.run_statistics import NodeRun

logger = logging.getLogger(__name__)

TWO_MAKERS = (
    "the pipelines modeling and search make the same tables, so one run cannot have both: run `kedro run "
    "--pipelines=search`, which tries what modeling tries and more, and then `kedro run --pipelines=modeling "
    "--tags=fit_model` for the models."
)


class ProjectHooks:
    """The project's hooks."""

    def __init__(self) -> None:
        sys.excepthook = print_in_one_sentence  # from here on, since configuration is read before the first hook
        self._running: dict[str, NodeRun] = {}
        self._began = datetime.now(UTC)
        self._n_nodes = 0
        self._n_done = 0

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Read the grid of the environment, which the pipelines are built from."""
        grid.activate(grid.read_grid(context.config_loader["experiments"], context.config_loader["parameters"]))

    @hook_impl
    def before_pipeline_run(self, run_params: dict[str, Any], pipeline: Pipeline, catalog: DataCatalog) -> None:
        """Refuse a run by threads, or one whose inputs are not there, before any work."""
        self._n_nodes, self._n_done = len(pipeline.nodes), 0
        refuse_threads(run_params["runner"])
        refuse_missing_inputs(pipeline, catalog, run_params.get("env"))
        folder = Path(run_params["project_path"]) / "conf" / (run_params.get("env") or "local")
        tell_of_a_search(pipeline, catalog, folder)
        self._began = datetime.now(UTC)
        run_statistics.forget()

    @hook_impl
    def before_dataset_loaded(self, dataset_name: str, node: Node) -> None:
        """Note when a node starts to load; a worker process may run it again in another run."""
        if dataset_name == node.inputs[0]:
            self._running[node.name] = NodeRun(time.perf_counter())

    @hook_impl
    def after_dataset_saved(self, dataset_name: str, data: Any, node: Node) -> None:
        """When a node has saved its last output, say in one line that it is done, with its seconds."""
        run = self._running[node.name]
        run.add(dataset_name, data)
        if len(run.saved) == len(node.outputs):
            self._n_done += 1
            seconds = time.perf_counter() - run.started
            # A worker process knows only of its own nodes.
            count = "" if multiprocessing.parent_process() else f"{self._n_done:3d}/{self._n_nodes}  "
            logger.info("%s%6.1f s  %s", count, seconds, node.name)
            run_statistics.keep(node.name, {"seconds": seconds, "saved": run.saved})

    @hook_impl
    def on_node_error(self, error: Exception, node: Node) -> None:
        """Keep what a node failed of, for Kedro-Viz."""
        run_statistics.keep(node.name, {"error": sentence_of(error) or repr(error)})

    @hook_impl
    def on_pipeline_error(self, error: Exception, pipeline: Pipeline, catalog: DataCatalog) -> None:
        """Tell Kedro-Viz how far the run came."""
        run_statistics.tell(pipeline, catalog, self._began, sentence_of(error) or repr(error))

    @hook_impl
    def after_pipeline_run(self, pipeline: Pipeline, catalog: DataCatalog) -> None:
        """Tell Kedro-Viz of the run, and name the report."""
        run_statistics.tell(pipeline, catalog, self._began)
        if "report" in pipeline.all_outputs():
            logger.info("The report is %s", catalog["report"]._describe()["filepath"])


def refuse_threads(runner: str) -> None:
    """Check that nodes do not run beside one another in one Python.

    Args:
        runner: Its name, or what Python calls an instance of it.

    Raises:
        InputError: If it is Kedro's ThreadRunner.
    """
    require(
        "ThreadRunner" not in runner,
        "ThreadRunner runs nodes beside one another in one Python, whose numerical libraries have one number of "
        "threads, on which results depend; take SequentialRunner (the default), ParallelRunner or "
        "l1000_bench.runners.DaskRunner.",
    )


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
        is_file = corpus in grid.active().corpora and role in grid.active().corpora[corpus].files
        corpora[corpus if is_file else ""].append(role if is_file else name)
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


def tell_of_a_search(pipeline: Pipeline, catalog: DataCatalog, folder: Path) -> None:
    """Warn of a run whose trials take the place of those of a search that nobody has made the known ones.

    Args:
        pipeline: Of the run.
        catalog: Where the results of a search would be.
        folder: The configuration of the environment, which may change what the base says.
    """
    makes_trials = any(name.endswith(".trials") for name in pipeline.all_outputs())
    if not makes_trials or "search_results" in pipeline.all_outputs() or not catalog.exists("search_results"):
        return
    if not list(folder.glob("parameters/**/known_settings.yml")):
        logger.warning(
            "This run tries the settings that the configuration names, and its results take the place of the last "
            "search's; to keep what that chose, copy %s into %s first.",
            catalog["known_settings"]._describe()["filepath"],
            folder / "parameters",
        )


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
        if isinstance(error, OutputNotUniqueError):
            return TWO_MAKERS
        error = error.__cause__
    return None
