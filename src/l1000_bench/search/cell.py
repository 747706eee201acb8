"""A cell of the grid as its nodes see it: which labels to learn, with which classifier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from l1000_bench.errors import InputError, check_field_types
from l1000_bench.models.spec import ClassifierSpec


@dataclass(frozen=True)
class CellSpec:
    """A dataset, a task and a classifier (`params:cells.{dataset}.{task}.{classifier}`).

    Attributes:
        dataset: Name of the dataset.
        task: Name of the task.
        label_column: The task's label column.
        classifier: The classifier's entry, as its file holds it.
        threads: Threads of one fit, the same under every runner, since sums change with it.
    """

    dataset: str
    task: str
    label_column: str
    classifier: dict[str, Any]
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
        """Return the settings to try, in full: the ones known for this benchmark, else the entry's parameters alone."""
        spec = self.classifier_spec()
        return [{**spec.params, **known} for known in spec.known.get(self.dataset, {}).get(self.task) or [{}]]
