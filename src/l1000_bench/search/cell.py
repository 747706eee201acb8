"""A cell of the grid as its nodes see it: which labels to learn, with which classifier, in which settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from l1000_bench.configured import check_field_types
from l1000_bench.errors import InputError
from l1000_bench.models.spec import ClassifierSpec
from l1000_bench.search.search_spec import SearchSpec


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
        threads: Threads of one fit, the same under every runner, since sums change with it.
        settings_from: The task of the dataset whose settings are taken; None for the cell's own.
    """

    dataset: str
    task: str
    label_column: str
    classifier: dict[str, Any]
    directed_graphs: list[str]
    control_graphs: list[str]
    threads: int
    settings_from: str | None = None

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
        """Return the settings known for this benchmark, or the one it takes them from, else the parameters; in full."""
        return self.classifier_spec().known_for(self.dataset, self.settings_from or self.task)

    def searched_settings(self, search: SearchSpec) -> list[dict[str, Any]]:
        """Return the settings that a search tries, in full: the known ones, then those drawn from the space.

        Raises:
            InputError: If the estimator refuses one.
        """
        spec = self.classifier_spec()
        drawn = [
            spec.in_full(setting)
            for setting in search.for_classifier(spec.name).settings(spec, f"{self.dataset}.{self.task}")
        ]
        for setting in drawn:
            spec.build(setting, self.threads)
        return [*self.settings(), *drawn]
