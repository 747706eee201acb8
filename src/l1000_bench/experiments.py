"""What `experiments.yml` asks for: benchmarks, and the classifiers of each; names are checked in `l1000_bench.grid`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from l1000_bench.errors import InputError


class Benchmark(NamedTuple):
    """A dataset/task pair."""

    dataset: str
    task: str

    def __str__(self) -> str:
        return f"{self.dataset}.{self.task}"


def check_experiments(experiments: Mapping[str, Any]) -> None:
    """Check the form of `experiments.yml`, before anything is derived from it.

    Raises:
        InputError: If a key is unknown or missing, or a list of names is none, is empty, or names something twice.
    """
    keys = set(experiments) - {"graphs", "classifiers_of"}
    own = experiments.get("classifiers_of", {})
    mappings = (experiments.get("benchmarks"), own)
    if keys != {"benchmarks", "classifiers"} or not all(isinstance(held, Mapping) for held in mappings):
        raise InputError(
            f"experiments.yml has the keys {sorted(experiments)}; it takes benchmarks (each dataset with a list "
            "of tasks), classifiers (a list), classifiers_of (a list for a dataset or dataset.task, in place of "
            "those), and graphs (a list, if any beside those of the classifiers)."
        )
    _check_names("benchmarks", list(experiments["benchmarks"]))
    for dataset, names in experiments["benchmarks"].items():
        _check_names(f"benchmarks.{dataset}", names)
    for kind in sorted({"classifiers", "graphs"} & set(experiments)):
        _check_names(kind, experiments[kind])
    for place, names in own.items():
        _check_names(f"classifiers_of.{place}", names)


def chosen_classifiers(experiments: Mapping[str, Any]) -> dict[Benchmark, tuple[str, ...]]:
    """Return the classifiers of every benchmark: those of the task, else of the dataset, else of all.

    Args:
        experiments: `experiments.yml`, as `check_experiments` lets it pass.
    """
    own = experiments.get("classifiers_of", {})
    return {
        Benchmark(dataset, task): tuple(own.get(f"{dataset}.{task}", own.get(dataset, experiments["classifiers"])))
        for dataset, tasks in experiments["benchmarks"].items()
        for task in tasks
    }


def used_classifiers(experiments: Mapping[str, Any]) -> list[str]:
    """Return the classifiers that any benchmark has: those of all first, then the others as they come."""
    used = [name for names in chosen_classifiers(experiments).values() for name in names]
    return list(dict.fromkeys([*(name for name in experiments["classifiers"] if name in used), *used]))


def _check_names(place: str, names: Any) -> None:
    if not isinstance(names, Sequence) or isinstance(names, str) or not names:
        raise InputError(f"experiments.yml: {place} is {names!r}; it takes a list of names, at least one.")
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise InputError(f"experiments.yml: {place} names {twice[0]!r} twice; name it once.")
    odd = [name for name in names if not str(name).isidentifier()]
    if odd:
        raise InputError(f"experiments.yml: {place} names {odd[0]!r}; a name is letters, digits and underscores.")
