"""Names in the configuration that must be those of something else in it; a check raises an InputError if one is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from l1000_bench.curation.spec import DatasetSpec, SplitSpec, TaskSpec
from l1000_bench.errors import InputError
from l1000_bench.experiments import Benchmark
from l1000_bench.models.spec import ClassifierSpec
from l1000_bench.search.search_spec import SearchSpec

HasDev = Mapping[Benchmark, bool | None]  # whether the rotations of a benchmark have a dev part, if that is known


def check_places(places: Mapping[str, Any], parameters: Mapping[str, Any]) -> None:
    """Refuse classifiers of what is no dataset or task; those of a benchmark not in the run do not count."""
    for place in places:
        dataset, _, task = str(place).partition(".")
        if dataset not in parameters["datasets"] or (task and task not in parameters["tasks"]):
            raise InputError(
                f"experiments.yml: classifiers_of names {place!r}, which is no dataset or dataset.task of the "
                "configuration; correct the name or remove it."
            )


def check_splits(dataset: DatasetSpec, used: Sequence[SplitSpec], parameters: Mapping[str, Any]) -> None:
    """Refuse parameters of unknown split schemes, and those that do not fit a scheme that is used."""
    for name in dataset.splits:
        if name not in parameters["splits"]:
            there = ", ".join(sorted(parameters["splits"]))
            raise InputError(f"datasets.{dataset.name}: splits names {name!r}; there are {there}: correct the name.")
    for scheme in used:
        scheme.params_for(dataset)


def check_labels(splits: Mapping[str, SplitSpec]) -> None:
    """Refuse two split schemes of one label, by which the report tells them apart."""
    names: dict[str, str] = {}
    for split in splits.values():
        other = names.setdefault(split.label, split.name)
        if other != split.name:
            raise InputError(
                f"splits.{split.name} has the label {split.label!r} of splits.{other}, and the report tells schemes "
                "apart by their labels; give one of them another."
            )


def check_known(
    chosen: Mapping[Benchmark, tuple[str, ...]], classifiers: Mapping[str, ClassifierSpec], has_dev: HasDev,
    tasks: Mapping[str, TaskSpec],
) -> None:  # fmt: skip
    """Refuse known settings of a benchmark that cannot use them: it takes its own from another, or cannot choose."""
    for benchmark, names in chosen.items():
        for name in names:
            known = classifiers[name].known.get(benchmark.dataset, {}).get(benchmark.task, [])
            source = tasks[benchmark.task].settings_from
            if known and source:
                raise InputError(
                    f"classifiers.{name}: known has settings of {benchmark}, which takes its setting from {source}; "
                    "give them to that task, or remove them."
                )
            if len(known) > 1 and has_dev[benchmark] is False:
                raise InputError(
                    f"classifiers.{name}: known has {len(known)} settings of {benchmark}, whose split has no dev part, "
                    "which leaves nothing to choose by; leave one."
                )


def check_sources(
    tasks: Mapping[str, TaskSpec], chosen: Mapping[Benchmark, tuple[str, ...]], parameters: Mapping[str, Any]
) -> None:
    """Refuse tasks that are set beside unknown ones, or take settings from what the run does not have."""
    for task in tasks.values():
        unknown = [name for name in (*task.against, task.settings_from) if name and name not in parameters["tasks"]]
        if unknown:
            there = ", ".join(sorted(parameters["tasks"]))
            raise InputError(f"tasks.{task.name} names the task {unknown[0]!r}; there are {there}: correct the name.")
    for benchmark, classifiers in chosen.items():
        name = tasks[benchmark.task].settings_from
        if name is None:
            continue
        source = benchmark._replace(task=name)
        missing = [each for each in classifiers if each not in chosen.get(source, ())]
        if missing:
            raise InputError(
                f"experiments.yml: {benchmark} takes its settings from {source}, which the grid does not have with "
                f"{missing[0]}: add it there, or take it away here."
            )
        if tasks[name].settings_from:
            raise InputError(
                f"tasks.{benchmark.task} takes its settings from {name}, which takes its own from "
                f"{tasks[name].settings_from}: name a task that has settings of its own."
            )


def check_search(search: SearchSpec, parameters: Mapping[str, Any]) -> SearchSpec:
    """Refuse what names no entry of the configuration; what is not in the grid is not searched."""
    searched = {"classifiers": search.classifiers or [], "budgets": search.budgets, "resources": search.resources}
    named = [(f"search.{key}", "classifiers", name) for key, names in searched.items() for name in names]
    for dataset, tasks in (search.benchmarks or {}).items():
        named += [("search.benchmarks", "datasets", dataset), *(("search.benchmarks", "tasks", task) for task in tasks)]
    for place, kind, name in named:
        if name not in parameters[kind]:
            there = ", ".join(sorted(parameters[kind]))
            raise InputError(f"{place} names {name!r}, which is none of the {kind} {there}; correct the name.")
    return search
