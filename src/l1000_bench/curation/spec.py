"""What a dataset, a task and a split scheme are in the configuration; checked before anything runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from l1000_bench.curation.rules import find_rule
from l1000_bench.curation.splits import find_scheme
from l1000_bench.errors import InputError, check_field_types

MISSING_VALUE_RULES = ("error", "drop_profiles", "impute_zero")


@dataclass(frozen=True)
class DatasetSpec:
    """A curated view of a corpus (`parameters/datasets/NAME.yml`).

    Attributes:
        name: The entry's name.
        corpus: The corpus it is a view of.
        label: Display name.
        rules: Curation rules in order, each `{rule: NAME, ...parameters}`.
        stratify_by: Columns whose joint values are shared out over the folds.
        missing_values: What to do with profiles that lack landmark values: `error`, `drop_profiles`, `impute_zero`.
        vehicle: Name of the vehicle control, a class of its own among the mechanisms of action.
    """

    name: str
    corpus: str
    label: str
    rules: list[dict[str, Any]]
    stratify_by: list[str]
    missing_values: str = "error"
    vehicle: str = "DMSO"

    def __post_init__(self) -> None:
        check_field_types(self)
        if self.missing_values not in MISSING_VALUE_RULES:
            raise InputError(f"missing_values is {self.missing_values!r}; it can be {', '.join(MISSING_VALUE_RULES)}.")
        if not self.stratify_by:
            raise InputError("stratify_by is empty; name at least one column, such as cell_id.")
        for entry in self.rules:
            find_rule(entry)


@dataclass(frozen=True)
class TaskSpec:
    """A label column and its split scheme (`parameters/tasks/NAME.yml`)."""

    name: str
    label_column: str
    label: str
    split: str

    def __post_init__(self) -> None:
        check_field_types(self)


@dataclass(frozen=True)
class SplitSpec:
    """A split scheme with its parameters, and what it says of the numbers (`parameters/splits/NAME.yml`)."""

    name: str
    scheme: str
    label: str
    params: dict[str, Any] = field(default_factory=dict)
    remark: str | None = None

    def __post_init__(self) -> None:
        check_field_types(self)
        find_scheme(self.scheme, self.params)
