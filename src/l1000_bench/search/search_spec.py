"""What a search tries, and what it may take."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import Any

from l1000_bench.configured import check_field_types
from l1000_bench.errors import InputError, require
from l1000_bench.models.spec import ClassifierSpec
from l1000_bench.search.schedule import Rules
from l1000_bench.search.spaces import Space

TRIED = 20  # settings of a space that are built before a run
SPACES = {"paper": "space", "modern": "modern_space"}
BUDGETS = ("trials", "seconds", "trial_seconds", "trial_memory_mib")


@dataclass(frozen=True)
class SearchSpec:
    """What the search tries, and what it may take (`parameters/search.yml`).

    Attributes:
        space: `paper` or `modern`.
        trials: How many settings are drawn for every cell, beside the known ones.
        seed: Of the draws; a larger number of trials begins with the same settings.
        seconds: Wall time in which trials of a cell run, those of earlier runs too, after which no further one begins;
            None for no bound.
        trial_seconds: What the fits and predictions of a trial may take, over all its rotations; None for no bound.
        trial_memory_mib: Memory that the process of a trial may hold for itself; None for no bound.
        early_stop: Whether hopeless trials are stopped after two rotations; never with the space `paper`.
        best_of_others: Whether the best setting of a classifier on one benchmark is tried on its others.
        threads: Threads of one fit; sums depend on it.
        workers: Processes on this machine; None for as many as its cores hold.
        benchmarks: Tasks by dataset; None for those of the grid.
        classifiers: Names; None for those of the grid.
        budgets: By classifier, other values of trials, seconds, trial_seconds and trial_memory_mib.
        resources: By classifier, what a worker of a Dask cluster must have to run its trials, such as `{GPU: 1}`.

    Raises:
        InputError: If a value is out of its range.
    """

    space: str
    trials: int
    seed: int
    seconds: float | None = None
    trial_seconds: float | None = None
    trial_memory_mib: float | None = None
    early_stop: bool = True
    best_of_others: bool = True
    threads: int = 1
    workers: int | None = None
    benchmarks: dict[str, list[str]] | None = None
    classifiers: list[str] | None = None
    budgets: dict[str, dict[str, Any]] = field(default_factory=dict)
    resources: dict[str, dict[str, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_field_types(self)
        if self.space not in SPACES:
            raise InputError(f"space is {self.space!r}; it can be {' or '.join(SPACES)}.")
        for name in (*BUDGETS, "threads", "workers"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise InputError(f"{name} is {value}; it must be above 0, or null for no bound.")
        require(self.seed >= 0, f"seed is {self.seed}; it cannot be negative.")
        for classifier, budget in self.budgets.items():
            keys = ", ".join(BUDGETS)
            if not isinstance(budget, dict) or not set(budget) <= set(BUDGETS):
                raise InputError(f"budgets.{classifier} is {budget!r}; it takes some of {keys}.")
            self.for_classifier(classifier)
        for dataset, tasks in (self.benchmarks or {}).items():
            _check_names(f"benchmarks.{dataset}", tasks)
        _check_names("classifiers", self.classifiers or [])
        for classifier, needed in self.resources.items():
            if not isinstance(needed, dict) or not all(map(_is_resource, needed.items())):
                raise InputError(
                    f"resources.{classifier} is {needed!r}; it takes names with numbers above 0, such as {{GPU: 1}}."
                )

    def for_classifier(self, name: str) -> SearchSpec:
        """Return the search with the budgets of a classifier.

        Raises:
            InputError: If one of them is out of its range.
        """
        try:
            return replace(self, budgets={}, **self.budgets.get(name, {}))
        except InputError as error:
            raise InputError(f"budgets.{name}: {error}") from error

    @property
    def rules(self) -> Rules:
        """When a trial is not continued."""
        early_stop = self.early_stop and self.space != "paper"
        return Rules(early_stop, self.trial_seconds, self.trial_memory_mib)

    def settings(self, spec: ClassifierSpec, benchmark: str) -> list[dict[str, Any]]:
        """Draw settings from a classifier's space; none where it has no such space.

        Args:
            spec: The classifier.
            benchmark: Dataset and task; every benchmark has draws of its own, so that they can learn from one another.

        Raises:
            InputError: If the space cannot be read.
        """
        digest = hashlib.sha256(f"{self.seed} {benchmark}".encode()).digest()
        return draw_settings(spec, self.space, self.trials, int.from_bytes(digest[:8], "big"))


def _check_names(place: str, names: Any) -> None:
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise InputError(f"{place} is {names!r}; it takes a list of names.")


def _is_resource(needed: tuple[Any, Any]) -> bool:
    name, amount = needed
    return isinstance(name, str) and isinstance(amount, int | float) and not isinstance(amount, bool) and amount > 0


def draw_settings(spec: ClassifierSpec, space: str, n: int, seed: int) -> list[dict[str, Any]]:
    """Draw settings from one of a classifier's spaces; none where it has no such space.

    Args:
        spec: The classifier.
        space: `paper` or `modern`.
        n: How many.
        seed: Of the draws.

    Raises:
        InputError: If the space cannot be read.
    """
    values = getattr(spec, SPACES[space])
    try:
        return Space.read(values).settings(n, seed) if values else []
    except InputError as error:
        raise InputError(f"classifiers.{spec.name}: {SPACES[space]}: {error}") from error


def check_spaces(spec: ClassifierSpec) -> None:
    """Read both spaces of a classifier and build estimators from a few settings of each.

    Raises:
        InputError: If a space cannot be read, or gives a setting that the estimator refuses.
    """
    for space in SPACES:
        for setting in draw_settings(spec, space, TRIED, seed=0):
            spec.build(setting, threads=1)
