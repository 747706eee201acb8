"""A classifier of the grid as its YAML file describes it, and the estimator built from it."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, clone, is_classifier
from sklearn.pipeline import Pipeline
from sklearn.utils._param_validation import InvalidParameterError

from l1000_bench.configured import check_field_types, check_keys
from l1000_bench.errors import InputError, is_whole
from l1000_bench.graphs.choice import PyramidChoice, Pyramids, overlaid
from l1000_bench.models.preprocessing import make_steps

PREPROCESS = "preprocess"  # reserved among the parameters of a setting
LIMITS = ("samples", "per_class")
DEAF_TO_JOBS = "sklearn.linear_model._logistic.LogisticRegression"


@dataclass(frozen=True)
class ClassifierSpec:
    """An entry of the grid (`parameters/classifiers/NAME.yml`).

    Attributes:
        name: The entry's name.
        class_path: Import path of a scikit-learn estimator (`class` in the file).
        label: Display name.
        params: Constructor parameters that hold in every trial.
        preprocess: Steps before the estimator, see `make_step`.
        known: Settings tried first, by dataset and task: `{lincs_full: {moa: [{...}]}}`.
        space: The paper's search space.
        modern_space: A search space of today.
        limits: The most training profiles, `samples`, and the least of every class, `per_class`, with which it is run.
        fixed: Parameters that hold over any setting; made from the `params` of an entry that is `like` another.

    A parameter `pyramid` is written as keys and values (see `PyramidChoice`); the estimator is handed the pyramid. A
    setting's `preprocess`, a list of steps, takes the place of the entry's and never reaches the estimator.
    """

    name: str
    class_path: str
    label: str
    params: dict[str, Any] = field(default_factory=dict)
    preprocess: list[Any] = field(default_factory=list)
    known: dict[str, dict[str, list[dict[str, Any]]]] = field(default_factory=dict)
    space: dict[str, Any] = field(default_factory=dict)
    modern_space: dict[str, Any] = field(default_factory=dict)
    limits: dict[str, Any] = field(default_factory=dict)
    fixed: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def from_config(cls, entry: Mapping[str, Any]) -> ClassifierSpec:
        """Read and check an entry.

        Args:
            entry: What stands in the file, and the entry's name under `name`.

        Raises:
            InputError: If a key is unknown or missing, the class cannot be imported, or a parameter does not exist.
        """
        # YAML reads a key with nothing behind it as None; it then has its default.
        given = {key: value for key, value in entry.items() if value is not None}
        written = {key: given[key] for key in given if key not in ("name", "fixed")}  # those two the loader has set
        takes = ("params", "preprocess", "known", "space", "modern_space", "limits", "like")
        check_keys(written, ("class", "label"), takes, f"classifiers.{entry.get('name')}")
        spec = cls(**{("class_path" if key == "class" else key): value for key, value in given.items()})
        try:
            check_field_types(spec)
            for tasks in spec.known.values():
                if not isinstance(tasks, Mapping) or not all(isinstance(settings, list) for settings in tasks.values()):
                    raise InputError(f"known holds {tasks!r}; it takes a list of settings for every dataset and task.")
            for setting in spec._known_settings():
                if not isinstance(setting, Mapping):
                    raise InputError(f"known holds the setting {setting!r}; it takes parameters and their values.")
            _check_limits(spec.limits)
        except InputError as error:
            raise InputError(f"classifiers.{spec.name}: {error}") from error
        for setting in [{}, *spec._known_settings()]:
            spec.build(setting, threads=1)
        return spec

    def _known_settings(self) -> list[dict[str, Any]]:
        return [setting for tasks in self.known.values() for settings in tasks.values() for setting in settings]

    def known_for(self, dataset: str, task: str) -> list[dict[str, Any]]:
        """Return the settings known for a benchmark, else the entry's parameters alone; in full."""
        return [self.in_full(setting) for setting in self.known.get(dataset, {}).get(task) or [{}]]

    def in_full(self, setting: Mapping[str, Any]) -> dict[str, Any]:
        """Return a setting over the parameters and under the fixed ones; of a pyramid it may say some keys alone."""
        return overlaid(overlaid(self.params, setting), self.fixed)

    def steps_aside(self, codes: NDArray[np.intp]) -> str | None:
        """Return why the classifier is not run on a training part, or None where it is run.

        Args:
            codes: (n_samples,) class codes of the training part; classes that it lacks do not count.
        """
        most, least = (self.limits.get(limit) for limit in LIMITS)
        if most is not None and len(codes) > most:
            return f"it is run on at most {most:,} training profiles, and there are {len(codes):,}"
        fewest = int(np.unique(codes, return_counts=True)[1].min(initial=len(codes)))
        if least is not None and fewest < least:
            return f"it needs at least {least:,} training profiles of every class, and one has {fewest:,}"
        return None

    @property
    def graphs(self) -> tuple[str, ...]:
        """Names of the graphs that its parameters and known settings can ask for."""
        return self._graphs_in([self.params, *self._known_settings()])

    @property
    def searched_graphs(self) -> tuple[str, ...]:
        """Names of the graphs that its settings can ask for, those drawn from a space too."""
        return self._graphs_in([self.params, *self._known_settings(), self.space, self.modern_space])

    @property
    def uses_rows(self) -> bool:
        """Whether its class can be told which rows of the dataset the profiles are."""
        return bool(getattr(pkgutil.resolve_name(self.class_path), "uses_rows", False))

    def list_metrics_of(self, settings: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
        """Return the metrics whose lists of neighbours serve one of some settings."""
        if not self.uses_rows:
            return ()
        metrics = [
            getattr(pipeline[-1], "list_metric", None)
            for pipeline in (self.build(setting, threads=1) for setting in settings)
            if len(pipeline) == 1
        ]
        return tuple(dict.fromkeys(metric for metric in metrics if metric))

    def _graphs_in(self, places: list[Any]) -> tuple[str, ...]:
        if "graph" in (self.fixed.get("pyramid") or {}) or self.fixed.get("pyramid", {}) is None:
            places = [self.fixed]
        graphs = (graph for pyramid in _under(places, "pyramid") for graph in _under(pyramid, "graph"))
        return tuple(dict.fromkeys(name for graph in graphs for name in _texts(graph)))

    def build(
        self,
        setting: Mapping[str, Any],
        threads: int,
        pyramids: Pyramids | None = None,
        neighbours: Mapping[str, Any] | None = None,
    ) -> Pipeline:
        """Build the unfitted estimator with its preprocessing.

        Args:
            setting: Hyper-parameters of the trial, over `params`.
            threads: Threads of one fit, handed to estimators that take `n_jobs`.
            pyramids: Makes the pyramid that a setting describes; without it the estimator is checked and gets none.
            neighbours: Lists of neighbours by metric, of profiles as they are: handed to an estimator whose class has
                `uses_rows` and whose `list_metric` is among them, where no step comes before it.

        Raises:
            InputError: If the class cannot be imported, refuses a parameter or is no classifier, its pyramid cannot be
                made, or a step of the preprocessing is unknown.
        """
        parameters = self.in_full(setting)
        try:
            steps = make_steps(parameters.pop(PREPROCESS, self.preprocess))
            choice = _take_out_choice(parameters)
            estimator = clone(self._estimator(parameters))
            pooled = getattr(estimator, "coarsenings", 0)
            if choice and choice.levels is not None and choice.levels < pooled:
                raise InputError(f"pyramid has {choice.levels} levels, the pooling needs {pooled}; leave levels out.")
            # What many trials share is handed over after the clone, which would copy it.
            if _takes_threads(estimator):
                estimator.set_params(n_jobs=threads)
            if choice and pyramids:
                estimator.set_params(pyramid=pyramids(choice, pooled))
            if neighbours and not steps:
                _hand_over(neighbours, estimator)
        except InputError as error:
            raise InputError(f"classifiers.{self.name}: {error}") from error
        return Pipeline([*steps, ("classifier", estimator)])

    def _estimator(self, parameters: Mapping[str, Any]) -> BaseEstimator:
        """Return the bare estimator, its parameters checked."""
        try:
            make = pkgutil.resolve_name(self.class_path)
        except (ImportError, AttributeError, ValueError) as error:
            raise InputError(
                f"cannot import {self.class_path!r} ({error}); "
                "give the full path of a scikit-learn classifier, such as sklearn.naive_bayes.GaussianNB."
            ) from error
        try:
            estimator = make(**parameters)
            if hasattr(estimator, "_parameter_constraints"):
                estimator._validate_params()  # what fit would refuse only after the data were read
        except (InvalidParameterError, InputError) as error:
            raise InputError(str(error)) from error
        except (TypeError, ValueError, AttributeError) as error:
            raise InputError(f"{self.class_path} refuses {parameters}: {error}.") from error
        if not isinstance(estimator, BaseEstimator) or not is_classifier(estimator):
            raise InputError(f"{self.class_path} is no scikit-learn classifier.")
        if PREPROCESS in estimator.get_params():
            raise InputError(
                f"{self.class_path} has a parameter {PREPROCESS!r}, which in a setting names the steps before the "
                "estimator; give the parameter of the class another name."
            )
        return estimator


def _check_limits(limits: Mapping[str, Any]) -> None:
    for name, number in limits.items():
        if name not in LIMITS:
            raise InputError(f"limits has no {name!r}; it takes {' and '.join(LIMITS)}.")
        if not is_whole(number) or number < 1:
            raise InputError(f"limits.{name} is {number!r}; it takes a whole number, at least 1.")


def _takes_threads(estimator: BaseEstimator) -> bool:
    """Return whether the estimator uses `n_jobs`; where it has no effect scikit-learn warns of one that is given."""
    names = {f"{kind.__module__}.{kind.__qualname__}" for kind in type(estimator).__mro__}
    return "n_jobs" in estimator.get_params() and DEAF_TO_JOBS not in names


def _take_out_choice(parameters: dict[str, Any]) -> PyramidChoice | None:
    if parameters.get("pyramid") is None:
        return None
    choice = PyramidChoice.from_config(parameters["pyramid"])
    parameters["pyramid"] = None
    return choice


def _hand_over(neighbours: Mapping[str, Any], estimator: BaseEstimator) -> None:
    metric = getattr(estimator, "list_metric", None)
    takes = getattr(estimator, "uses_rows", False) and "neighbours" in estimator.get_params(deep=False)
    if takes and metric is not None and metric in neighbours:
        estimator.set_params(neighbours=neighbours[metric])


def _under(place: Any, key: str) -> Iterator[Any]:
    """Yield what stands under a key, however deep."""
    if isinstance(place, Mapping):
        if key in place:
            yield place[key]
        for name, value in place.items():
            if name != key:
                yield from _under(value, key)
    elif isinstance(place, list):
        for value in place:
            yield from _under(value, key)


def _texts(value: Any) -> Iterator[str]:
    """Yield a text, or the texts among the options of a choice or a mixture."""
    if isinstance(value, str):
        yield value
    if isinstance(value, Mapping):
        for option in value.get("choice") or value.get("mixture") or []:
            yield from _texts(option)
