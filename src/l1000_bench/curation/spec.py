"""What a dataset, a task and a split scheme are in the configuration; checked before anything runs."""

from __future__ import annotations

import inspect
import math
from dataclasses import dataclass, field
from typing import Any

from l1000_bench.configured import check_field_types
from l1000_bench.curation.grouped import Dealing
from l1000_bench.curation.rules import check_quality, find_rule
from l1000_bench.curation.splits import find_scheme
from l1000_bench.errors import InputError, require
from l1000_bench.io.corpus import LEVELS

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
        level: The level of the profiles: 3 (normalised expression), 4 (z-scores per plate) or 5 (signatures); by
            default the one the corpus holds.
        quality: What the samples' metadata must say before anything else, see `l1000_bench.curation.rules.quality`; by
            default nothing.
        clip: Values beyond ±clip are set to it; by default none are.
        memory_mib: How much the values may take that are held at once where profiles are brought to another level.
        splits: Parameters of split schemes for this dataset, over those of their own entry, by the entry's name.
    """

    name: str
    corpus: str
    label: str
    rules: list[dict[str, Any]]
    stratify_by: list[str]
    missing_values: str = "error"
    vehicle: str = "DMSO"
    level: int | None = None
    quality: dict[str, Any] | None = None
    clip: float | None = None
    memory_mib: int = 256
    splits: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_field_types(self)
        if self.missing_values not in MISSING_VALUE_RULES:
            raise InputError(f"missing_values is {self.missing_values!r}; it can be {', '.join(MISSING_VALUE_RULES)}.")
        if not self.stratify_by:
            raise InputError("stratify_by is empty; name at least one column, such as cell_id.")
        if self.level is not None and self.level not in LEVELS:
            raise InputError(f"level is {self.level!r}; it can be {', '.join(map(str, LEVELS))}.")
        if self.clip is not None and not 0 < self.clip < math.inf:
            raise InputError(f"clip is {self.clip!r}; it takes a number above 0, such as 10.")
        if self.memory_mib < 1:
            raise InputError(f"memory_mib is {self.memory_mib!r}; it takes a whole number, at least 1.")
        if self.quality is not None:
            find_rule({"rule": "quality", **self.quality})
            check_quality(self.quality)
        for entry in self.rules:
            find_rule(entry)
        for name, parameters in self.splits.items():
            require(
                isinstance(parameters, dict),
                f"splits.{name} is {parameters!r}; it takes parameters of the split scheme with their values.",
            )

    def level_of(self, corpus_level: int) -> int:
        """Return the level of the dataset's profiles.

        Args:
            corpus_level: The level that the corpus holds.

        Raises:
            InputError: If the dataset asks for a lower one, or for zeros where a zero means nothing.
        """
        level = corpus_level if self.level is None else self.level
        if level < corpus_level:
            raise InputError(
                f"datasets.{self.name}: level is {level}, and {self.corpus} holds profiles of level {corpus_level}, "
                "which cannot be taken back; leave level out, or name a corpus of a lower level."
            )
        if level == 3 and self.missing_values == "impute_zero":
            raise InputError(
                f"datasets.{self.name}: missing_values is impute_zero, and zero is the plate's median in z-scores "
                "alone, not in level 3; set it to drop_profiles, or level to 4."
            )
        return level


@dataclass(frozen=True)
class TaskSpec:
    """A label column and its split scheme (`parameters/tasks/NAME.yml`).

    Attributes:
        name: The entry's name.
        label_column: The column of the samples that holds the classes.
        label: Display name.
        split: Name of the split scheme's entry.
        against: Tasks of the same dataset that its scores are set beside; the first that a run covers counts.
        settings_from: Task of the same dataset whose chosen settings are taken, for a split without a dev part.
    """

    name: str
    label_column: str
    label: str
    split: str
    against: list[str] = field(default_factory=list)
    settings_from: str | None = None

    def __post_init__(self) -> None:
        check_field_types(self)
        for task in (*self.against, self.settings_from):
            require(task != self.name, f"it names itself ({task}) under against or settings_from; name another task.")


@dataclass(frozen=True)
class SplitSpec:
    """A split scheme with its parameters, and what it says of the numbers (`parameters/splits/NAME.yml`).

    Attributes:
        name: The entry's name.
        scheme: See `l1000_bench.curation.splits.find_scheme`.
        label: Display name.
        params: The scheme's own parameters.
        remark: A sentence for the report on what the numbers promise.
        unseen: What the training part has never seen of the test part, such as `compounds`; None where folds are dealt
            per sample.
    """

    name: str
    scheme: str
    label: str
    params: dict[str, Any] = field(default_factory=dict)
    remark: str | None = None
    unseen: str | None = None

    def __post_init__(self) -> None:
        check_field_types(self)
        require(
            self.unseen is None or self.scheme != "stratified",
            f"unseen is {self.unseen!r}, and the scheme stratified deals samples one by one, so nothing is unseen: "
            "remove unseen, or take another scheme.",
        )
        self._check(self.params)

    def params_for(self, dataset: DatasetSpec) -> dict[str, Any]:
        """Return the parameters as a dataset has them.

        Raises:
            InputError: If they do not fit the scheme, a number of folds or a seed is out of range, or samples are dealt
                one by one under a promise that the test part is new; naming the dataset if it sets any.
        """
        own = dataset.splits.get(self.name, {})
        parameters = self.params | own
        queries = [name for name in ("train", "test") if self.scheme == "transfer" and name in own]
        try:
            require(
                not queries,
                f"it sets {' and '.join(queries)}, of which the split's label and remark say nothing; write a split of "
                "its own for these queries, and a task that names it.",
            )
            self._check(parameters)
            require(
                self.unseen is None or parameters.get("per_sample") is not True,
                f"unseen is {self.unseen!r}, and per_sample: true deals the same samples one by one, so nothing is "
                "unseen: remove unseen or per_sample.",
            )
        except InputError as error:
            place = f"datasets.{dataset.name}: splits.{self.name}" if own else f"splits.{self.name}"
            raise InputError(f"{place}: {error}") from error
        return parameters

    def has_dev(self, dataset: DatasetSpec) -> bool | None:
        """Return whether its rotations have a dev part in a dataset; None where only a user's own scheme knows."""
        if ":" in self.scheme:
            return None
        return bool(_bound(self.scheme, self.params_for(dataset)).get("dev", False))

    def _check(self, parameters: dict[str, Any]) -> None:
        given = _bound(self.scheme, parameters)
        # What its numbers may be, a user's own scheme says itself.
        if ":" not in self.scheme and {"n_folds", "seed"} <= given.keys():
            dealing = {name: given[name] for name in ("n_folds", "seed", "dev") if name in given}
            Dealing(**dealing).check(f"split scheme {self.scheme}")


def _bound(scheme: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of a scheme with its defaults."""
    bound = inspect.signature(find_scheme(scheme, parameters)).bind(None, **parameters)
    bound.apply_defaults()
    return bound.arguments
