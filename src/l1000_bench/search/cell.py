"""A cell of the grid as its nodes see it: which labels to learn, with which classifier, in which settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from l1000_bench.errors import InputError, check_field_types
from l1000_bench.models.spec import ClassifierSpec
from l1000_bench.search.spaces import Space

TRIED = 20  # settings of a space that are built before a run
SPACES = {"paper": "space", "modern": "modern_space"}


@dataclass(frozen=True)
class SearchSpec:
    """Which settings a cell tries beside the known ones (`parameters/search.yml`).

    Attributes:
        space: `paper` or `modern`.
        trials: How many settings are drawn.
        seed: Of the draws; a larger number of trials begins with the same settings.

    Raises:
        InputError: If a value is out of its range.
    """

    space: str
    trials: int
    seed: int

    def __post_init__(self) -> None:
        check_field_types(self)
        if self.space not in SPACES:
            raise InputError(f"search.space is {self.space!r}; it can be {' or '.join(SPACES)}.")
        if self.trials < 0 or self.seed < 0:
            raise InputError(f"search.trials is {self.trials} and search.seed {self.seed}; neither can be negative.")

    def settings(self, spec: ClassifierSpec) -> list[dict[str, Any]]:
        """Draw settings from a classifier's space; none where it has no such space.

        Raises:
            InputError: If the space cannot be read.
        """
        space = getattr(spec, SPACES[self.space])
        try:
            return Space.read(space).settings(self.trials, self.seed) if space else []
        except InputError as error:
            raise InputError(f"classifiers.{spec.name}: {SPACES[self.space]}: {error}") from error


def check_spaces(spec: ClassifierSpec) -> None:
    """Read both spaces of a classifier and build estimators from a few settings of each.

    Raises:
        InputError: If a space cannot be read, or gives a setting that the estimator refuses.
    """
    for space in SPACES:
        for setting in SearchSpec(space, trials=TRIED, seed=0).settings(spec):
            spec.build(setting, threads=1)


@dataclass(frozen=True)
class CellSpec:
    """A dataset, a task and a classifier (`params:cells.{dataset}.{task}.{classifier}`).

    Attributes:
        dataset: Name of the dataset.
        task: Name of the task.
        label_column: The task's label column.
        classifier: The classifier's entry, as its file holds it.
        directed_graphs: Names of the graphs whose edges have a direction.
        control_graphs: Names of the graphs that are controls of others.
        search: Which settings to try beside the known ones, see `SearchSpec`.
        threads: Threads of one fit, the same under every runner, since sums change with it.
    """

    dataset: str
    task: str
    label_column: str
    classifier: dict[str, Any]
    directed_graphs: list[str]
    control_graphs: list[str]
    search: dict[str, Any]
    threads: int

    def __post_init__(self) -> None:
        check_field_types(self)
        if self.threads < 1:
            raise InputError(f"modeling.threads is {self.threads}; a fit needs at least 1.")

    def __str__(self) -> str:
        return f"{self.dataset}.{self.task}.{self.classifier['name']}"

    def classifier_spec(self) -> ClassifierSpec:
        """Return the checked entry of the classifier."""
        return ClassifierSpec.from_config(self.classifier)

    def settings(self) -> list[dict[str, Any]]:
        """Return the settings to try, in full: the ones known for this benchmark, else the entry's parameters alone.

        Settings drawn from the search space follow them.
        """
        spec = self.classifier_spec()
        known = spec.known.get(self.dataset, {}).get(self.task) or [{}]
        return [spec.in_full(setting) for setting in [*known, *SearchSpec(**self.search).settings(spec)]]
