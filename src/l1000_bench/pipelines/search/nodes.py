"""Nodes of the search pipeline."""

from __future__ import annotations

import logging
import multiprocessing
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from l1000_bench.errors import require
from l1000_bench.models.spec import ClassifierSpec
from l1000_bench.search.best_settings import best_settings, settings_tables
from l1000_bench.search.cell import CellSpec
from l1000_bench.search.cell_data import CellData, gather_cell, named
from l1000_bench.search.engine import Engine, LocalProcesses, cores, engine_of_context
from l1000_bench.search.identity import trial_id
from l1000_bench.search.known_settings import known_yaml
from l1000_bench.search.others import best_of_others
from l1000_bench.search.outcome import Outcome
from l1000_bench.search.records import RecordStore
from l1000_bench.search.search_spec import SearchSpec
from l1000_bench.search.trials import Budget, Trials, chosen_elsewhere

logger = logging.getLogger(__name__)

OTHER = "searched:"  # of the inputs that are trials tables of other benchmarks
TRIALS = "trials:"


def search_settings(cell: CellSpec, search: SearchSpec, records: Path, **given: Any) -> pd.DataFrame:
    """Run the known settings and those drawn from the search space; what was run before is not run again.

    Args:
        cell: What to learn with which classifier.
        search: What to try, and what it may take.
        records: Folder of the records of the cell's trials.
        given: Data, edges and lists of neighbours, see `gather_cell`.

    Returns:
        The trials table.

    Raises:
        InputError: If the classifier refuses a setting, before any is run.
    """
    cell = replace(cell, threads=search.threads)
    settings = cell.searched_settings(search)
    data = gather_cell(cell, given)
    settings = settings if data.benchmark.has_dev else cell.settings()  # with no dev part there is nothing to choose by
    return _trials(data, settings, search, records).run(_engine(search, cell), predictions=False).trials


def search_best_of_others(cell: CellSpec, search: SearchSpec, records: Path, **given: Any) -> Outcome:
    """Run the best settings of the other benchmarks too, after the cell's own.

    The paper did so: its authors began the search on one task with the best settings of the others. A setting is best
    there by dev accuracy.

    Args:
        cell: What to learn with which classifier.
        search: What to try, and what it may take.
        records: Folder of the records of the cell's trials.
        given: As of `search_settings`, and the trials tables of the same classifier on every searched benchmark, keyed
            `searched:BENCHMARK`.

    Returns:
        The trials, costs and predictions tables of all settings; the last without a row where no trial is complete.
    """
    cell = replace(cell, threads=search.threads)
    tables = named(given, OTHER)
    tried = set(tables.pop(f"{cell.dataset}.{cell.task}")["trial_id"])  # not all, where the time was up
    own = [setting for setting in cell.searched_settings(search) if trial_id(setting) in tried]
    data = gather_cell(cell, given)
    borrowed = best_of_others(tables) if search.best_of_others and data.benchmark.has_dev else []
    return _trials(data, [*own, *borrowed], search, records).run(_engine(search, cell))


def run_chosen(cell: CellSpec, search: SearchSpec, records: Path, source: pd.DataFrame, **given: Any) -> Outcome:
    """Run the setting that the search has chosen on another task of the dataset.

    Args:
        cell: What to learn with which classifier.
        search: What a trial may take.
        records: Folder of the records of the cell's trials.
        source: The trials table of the other task.
        given: Data, edges and lists of neighbours, see `gather_cell`.

    Returns:
        The trials, costs and predictions tables.
    """
    cell = replace(cell, threads=search.threads)
    trials = chosen_elsewhere(gather_cell(cell, given), source, RecordStore(records), _budget(search, cell))
    return trials.run(_engine(search, cell))


def _trials(data: CellData, settings: list[dict[str, Any]], search: SearchSpec, records: Path) -> Trials:
    return Trials(data, settings, RecordStore(records), _budget(search, data.cell))


def _budget(search: SearchSpec, cell: CellSpec) -> Budget:
    budget = search.for_classifier(cell.classifier["name"])
    return Budget(budget.rules, budget.seconds)


def _engine(search: SearchSpec, cell: CellSpec) -> Engine:
    """Return where to run: on what the runner has set, else in processes of this machine."""
    engine = engine_of_context() or _local(_n_processes(search))
    resources = search.resources.get(cell.classifier["name"])
    return engine.with_resources(resources) if resources else engine


def _n_processes(search: SearchSpec) -> int:
    if multiprocessing.parent_process():  # a worker of the ParallelRunner is one of as many as there are cores
        return 1
    return search.workers or max(1, cores() // search.threads)


_local_engines: dict[int, LocalProcesses] = {}


def _local(n_processes: int) -> Engine:
    """Return processes that serve all searches of this one, until an error closes them."""
    if n_processes not in _local_engines or _local_engines[n_processes].closed:
        _local_engines[n_processes] = LocalProcesses(n_processes)
    return _local_engines[n_processes]


def tabulate(
    names: dict[str, str], classifiers: dict[str, dict[str, Any]], **trials: pd.DataFrame
) -> tuple[pd.DataFrame, str, str]:
    """Sum up a search.

    Args:
        names: Display names of datasets, tasks and classifiers.
        classifiers: Every entry by its name.
        trials: The trials table of every cell, keyed `trials:CELL`.

    Returns:
        A row per cell with its best setting and both ways to choose it; the same in the paper's layout, as Markdown;
        and the best settings as YAML.

    Raises:
        InputError: If the search covers no cell.
    """
    tables: Mapping[str, pd.DataFrame] = named(trials, TRIALS)
    require(
        bool(tables),
        "the search covers no cell: what search.benchmarks and search.classifiers name is not in experiments.yml, or "
        "takes its settings from another task (settings_from), which is then the one to search; name something that is "
        "searched, or set them to null for the whole grid.",
    )
    best = best_settings(tables)
    specs = {name: ClassifierSpec.from_config(classifiers[name]) for name in dict.fromkeys(best["classifier"])}
    return best, settings_tables(best, names), known_yaml(best, specs)
