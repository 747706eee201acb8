from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import SGDClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.tree import DecisionTreeClassifier

from l1000_bench.errors import InputError
from l1000_bench.search.benchmark_data import BenchmarkData
from l1000_bench.search.trials import Build, Outcome, best_trial, run_trials, trial_id

CLASSES = np.array(["lung", "prostate", "skin"], dtype=object)
K = 4
DEV_ACCURACY, TEST_ACCURACY = "dev_accuracy", "test_accuracy"


def rotations_of(folds: NDArray[np.intp], n_folds: int = K) -> dict[int, dict[str, NDArray[np.intp]]]:
    roles = {}
    for i in range(n_folds):
        dev, test = folds == i, folds == (i + 1) % n_folds
        masks = {"train": ~dev & ~test & (folds >= 0), "dev": dev, "test": test}
        roles[i] = {role: np.flatnonzero(mask) for role, mask in masks.items()}
    return roles


def benchmark(codes: list[int], folds: list[int], profiles: NDArray[np.float32] | None = None) -> BenchmarkData:
    """By default a profile tells its own class and fold, which the planted classifiers below look up."""
    told = np.array([codes, folds], dtype=np.float32).T if profiles is None else profiles
    ids = np.array([f"s{number}" for number in range(len(codes))], dtype=object)
    return BenchmarkData(told, ids, np.array(codes), CLASSES, rotations_of(np.array(folds)), "a.site.planted")


CODES = [number % 3 for number in range(24)]
FOLDS = [number // 3 % K for number in range(24)]  # two samples of every class in every fold
TOLD = benchmark(CODES, FOLDS)


class Planted(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Knows the truth, and tells it in the folds and the measure that it is asked to."""

    def __init__(
        self, dev: float = 1.0, test: float = 1.0, fails_in: tuple[int, ...] = (), forgets_in: tuple[int, ...] = ()
    ) -> None:
        self.dev = dev
        self.test = test
        self.fails_in = fails_in
        self.forgets_in = forgets_in

    def fit(self, X: NDArray[np.float32], y: NDArray[np.intp]) -> Planted:
        self.classes_ = np.unique(y)
        trained = set(X[:, 1].astype(int))
        (self.rotation_,) = (i for i in range(K) if not {i, (i + 1) % K} & trained)
        if self.rotation_ in self.fails_in:
            raise RuntimeError(f"broken in rotation {self.rotation_}")
        return self

    def predict(self, X: NDArray[np.float32]) -> NDArray[np.intp]:
        truth, fold = X.astype(np.intp).T
        share = self.dev if fold[0] == self.rotation_ else self.test
        if self.rotation_ in self.forgets_in and fold[0] != self.rotation_:  # after dev was scored
            raise ValueError("forgot")
        right = np.arange(len(X)) < round(share * len(X))
        told: NDArray[np.intp] = np.where(right, truth, (truth + 1) % 3)
        return told


def of(kind: type[BaseEstimator]) -> Build:
    return lambda setting: Pipeline([("classifier", kind(**setting))])


def run(*settings: Mapping[str, Any], data: BenchmarkData = TOLD) -> Outcome:
    return run_trials(data, of(Planted), settings, threads=1)


# Controls


def test_true_labels_score_one() -> None:
    outcome = run({})
    assert outcome.trials.filter(regex="accuracy|macro_f1").to_numpy().tolist() == [[1.0] * 4] * K
    predictions = outcome.predictions
    assert predictions["y_true"].tolist() == predictions["y_pred"].tolist()
    assert len(predictions) == 2 * 24
    truth = dict(zip(TOLD.sample_ids, CLASSES[CODES], strict=True))
    assert all(truth[s] == label for s, label in zip(predictions["sample_id"], predictions["y_true"], strict=True))
    for role, shift in (("dev", 0), ("test", 1)):
        part = predictions[predictions["role"] == role]
        folds = [FOLDS[int(identifier[1:])] for identifier in part["sample_id"]]
        assert ((part["rotation"].to_numpy() + shift) % K).tolist() == folds
        assert part["sample_id"].nunique() == 24


def test_the_majority_baseline_scores_the_share_of_its_class() -> None:
    # lung 6, prostate 3, skin 3 in 4 folds: folds 0 to 2 hold 2 lung and 1 other, fold 3 holds 3 others.
    codes, folds = [0, 0, 1, 0, 0, 2, 0, 0, 1, 1, 2, 2], [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]
    data = benchmark(codes, folds)
    trials = run_trials(data, of(DummyClassifier), [{"strategy": "most_frequent"}], threads=1).trials
    # Two folds train, and of their six samples lung has four, or two as the others have: of equals the first is taken.
    assert trials[DEV_ACCURACY].tolist() == pytest.approx([2 / 3, 2 / 3, 2 / 3, 0])
    assert trials[TEST_ACCURACY].tolist() == pytest.approx([2 / 3, 2 / 3, 0, 2 / 3])
    # The F1 of lung is 2 * 2 / (2 * 2 + 1) = 0.8 and that of the fold's other class 0. Fold 3 has no lung.
    assert trials["dev_macro_f1"].tolist() == pytest.approx([0.4, 0.4, 0.4, 0])


# The choice


def test_the_best_mean_dev_accuracy_is_chosen_and_test_scores_never_count() -> None:
    settings = [{"dev": 0.5, "test": 1.0}, {"dev": 5 / 6, "test": 0.0}, {"dev": 2 / 3, "test": 1.0}]
    outcome = run(*settings)
    ids = [trial_id(setting) for setting in settings]
    means = outcome.trials.groupby("trial_id")[[DEV_ACCURACY, TEST_ACCURACY]].mean()
    np.testing.assert_allclose(means.loc[ids], [[0.5, 1.0], [5 / 6, 0.0], [2 / 3, 1.0]])
    assert best_trial(outcome.trials) == ids[1]
    test = outcome.predictions[outcome.predictions["role"] == "test"]
    assert (test["y_true"] != test["y_pred"]).all()
    swapped = outcome.trials.assign(test_accuracy=1.0, test_macro_f1=1.0)
    assert best_trial(swapped) == ids[1]


def test_predictions_belong_to_the_chosen_trial() -> None:
    settings = [{"dev": 0.5}, {"dev": 1.0}, {"dev": 2 / 3}]
    together, alone = run(*settings), run(settings[1])
    pd.testing.assert_frame_equal(together.predictions, alone.predictions)
    dev = together.predictions[together.predictions["role"] == "dev"]
    right = (dev["y_true"] == dev["y_pred"]).groupby(dev["rotation"]).mean()
    chosen = together.trials[together.trials["trial_id"] == trial_id(settings[1])]
    assert right.tolist() == chosen[DEV_ACCURACY].tolist()


def test_of_equals_the_first_is_chosen() -> None:
    settings = [{"dev": 1.0, "test": 0.5}, {"dev": 1.0, "test": 1.0}]
    for first, second in (settings, settings[::-1]):
        assert best_trial(run({"dev": 0.5}, first, second).trials) == trial_id(first)


def test_the_mean_counts_and_not_the_best_rotation() -> None:
    trials = pd.DataFrame(
        {
            "trial_id": ["a", "a", "b", "b"],
            DEV_ACCURACY: [0.9, 0.1, 0.6, 0.5],
            TEST_ACCURACY: [1.0, 1.0, 0.0, 0.0],
            "error": pd.Series([None] * 4, dtype="str"),
        }
    )
    assert best_trial(trials) == "b"
    assert best_trial(trials.iloc[:2]) == "a"
    assert best_trial(trials.iloc[:0]) is None


# Failures


def test_a_trial_that_fails_in_one_rotation_is_a_row_and_is_not_chosen() -> None:
    settings: list[dict[str, Any]] = [{"dev": 0.5}, {"dev": 1.0, "fails_in": (2,)}, {"dev": 2 / 3}]
    outcome = run(*settings)
    failed = outcome.trials[outcome.trials["trial_id"] == trial_id(settings[1])].set_index("rotation")
    assert failed["error"].isna().tolist() == [True, True, False, True]
    assert failed.loc[2, "error"] == "RuntimeError: broken in rotation 2"
    assert failed.filter(regex="accuracy|f1").isna().all(axis=1).tolist() == [False, False, True, False]
    assert failed.loc[0, DEV_ACCURACY] == 1.0
    assert best_trial(outcome.trials) == trial_id(settings[2])
    without = run(settings[0], settings[2])
    others = outcome.trials[outcome.trials["trial_id"] != trial_id(settings[1])].reset_index(drop=True)
    pd.testing.assert_frame_equal(others, without.trials)
    pd.testing.assert_frame_equal(outcome.predictions, without.predictions)
    timed = outcome.costs[["fit_seconds", "predict_seconds"]].notna().all(axis=1)
    assert timed.tolist() == [True] * K + [True, True, False, True] + [True] * K


def test_a_rotation_that_fails_at_its_test_samples_keeps_no_score() -> None:
    outcome = run({"forgets_in": (1,)}, {"dev": 0.5})
    row = outcome.trials.iloc[1]
    assert row["error"] == "ValueError: forgot"
    assert row.filter(regex="accuracy|f1").isna().all()
    assert best_trial(outcome.trials) == trial_id({"dev": 0.5})


def test_when_every_trial_fails_the_first_error_is_quoted() -> None:
    message = r"a\.site\.planted: no trial came to its end; the first error was: RuntimeError: broken in rotation 0"
    with pytest.raises(InputError, match=message):
        run({"fails_in": (0, 1, 2, 3)}, {"dev": 0.5, "fails_in": (0, 3)})


def test_an_error_in_building_is_a_row_too() -> None:
    outcome = run({"no_such": 1}, {})
    assert outcome.trials["error"].iloc[0].startswith("TypeError: ")
    assert best_trial(outcome.trials) == trial_id({})


def test_the_first_error_is_quoted_though_a_rotation_before_it_passed() -> None:
    with pytest.raises(InputError, match="RuntimeError: broken in rotation 1"):
        run({"fails_in": (1, 2)})


# Tables


def test_an_id_depends_on_the_setting_alone() -> None:
    # printf '{"a": 1, "b": [2, "x"]}' | sha256sum | cut -c1-12
    assert trial_id({"b": [2, "x"], "a": 1}) == trial_id({"a": 1, "b": [2, "x"]}) == "aaced0ddb244"
    assert len({trial_id(setting) for setting in ({}, {"a": 1}, {"a": 2}, {"b": 1}, {"a": "1"})}) == 5
    first = run({"dev": 0.5}, {"dev": 1.0}).trials
    other = run({"dev": 1.0}, {"dev": 0.5}, data=benchmark(CODES[::-1], FOLDS)).trials
    pairs = [set(zip(trials["trial_id"], trials["params"], strict=True)) for trials in (first, other)]
    assert pairs[0] == pairs[1]
    assert {identifier: json.loads(params) for identifier, params in pairs[0]} == {
        trial_id({"dev": 0.5}): {"dev": 0.5},
        trial_id({"dev": 1.0}): {"dev": 1.0},
    }


def test_a_setting_that_is_named_twice_is_run_once() -> None:
    twice = run({"dev": 0.5, "test": 1.0}, {"test": 1.0, "dev": 0.5})
    assert twice.trials["rotation"].tolist() == list(range(K))
    assert len(twice.predictions) == 2 * 24


def test_the_columns_are_those_of_the_schemas() -> None:
    outcome = run({"dev": 0.5})
    assert outcome.trials.columns.tolist() == [
        "trial_id", "params", "rotation", "dev_accuracy", "dev_macro_f1", "test_accuracy", "test_macro_f1", "error",
    ]  # fmt: skip
    assert outcome.trials["error"].dtype == "str"
    assert outcome.costs.columns.tolist() == ["trial_id", "rotation", "fit_seconds", "predict_seconds", "peak_rss_mib"]
    assert (outcome.costs[["fit_seconds", "predict_seconds"]] >= 0).all(axis=None)
    assert outcome.costs["peak_rss_mib"].between(10, 100_000).all()  # MiB, not KiB or bytes
    assert outcome.predictions.columns.tolist() == ["sample_id", "y_true", "y_pred", "rotation", "role"]


def noisy(n_samples: int = 60) -> BenchmarkData:
    codes = [number % 3 for number in range(n_samples)]
    profiles = np.random.default_rng(1).normal(size=(n_samples, 8)).astype(np.float32)
    profiles[:, 0] += codes
    return benchmark(codes, [number // 3 % K for number in range(n_samples)], profiles)


def test_the_same_seed_makes_the_same_tables() -> None:
    tree = of(DecisionTreeClassifier)
    settings = [{"random_state": 1, "max_features": 2, "max_depth": depth} for depth in (2, 5)]
    first, second = (run_trials(noisy(), tree, settings, threads=1) for _ in range(2))
    pd.testing.assert_frame_equal(first.trials, second.trials, check_exact=True)
    pd.testing.assert_frame_equal(first.predictions, second.predictions, check_exact=True)
    other = run_trials(noisy(), tree, [{**setting, "random_state": 2} for setting in settings], threads=1)
    assert other.trials[TEST_ACCURACY].tolist() != first.trials[TEST_ACCURACY].tolist()


def test_the_rotations_are_shown_as_they_are_run() -> None:
    shown: list[int] = []

    def progress(rotations: Any) -> Any:
        for rotation in rotations:
            shown.append(rotation)
            yield rotation

    run_trials(TOLD, of(Planted), [{"dev": 0.5}, {}], 1, progress)
    assert shown == [0, 1, 2, 3] * 2


# Probabilities


def test_a_class_that_training_lacks_has_probability_zero() -> None:
    # Lung lies in folds 0 and 1 alone, so rotation 0 trains without it; rotation 2 trains on it.
    codes, folds = [0, 1, 2, 0, 1, 2, 1, 2, 1, 2], [0, 0, 0, 1, 1, 1, 2, 2, 3, 3]
    profiles = np.random.default_rng(2).normal(size=(10, 3)).astype(np.float32)
    data = benchmark(codes, folds, profiles)
    predictions = run_trials(data, of(KNeighborsClassifier), [{"n_neighbors": 4}], threads=1).predictions
    columns = [f"probability:{label}" for label in CLASSES]
    assert predictions.filter(like="probability").columns.tolist() == columns
    assert predictions[columns].notna().all(axis=None)
    assert set(predictions[columns].dtypes) == {np.dtype(np.float32)}
    np.testing.assert_allclose(predictions[columns].sum(axis=1), 1, atol=1e-5)
    assert (predictions.loc[predictions["rotation"] == 2, "probability:lung"] > 0).any()
    # All four training samples of rotation 0 are the neighbours of any other: two of prostate and two of skin.
    assert (predictions.loc[predictions["rotation"] == 0, columns] == [0, 0.5, 0.5]).all(axis=None)


def test_a_classifier_without_probabilities_has_no_such_columns() -> None:
    linear = of(SGDClassifier)
    assert not hasattr(linear({"loss": "hinge"}), "predict_proba")
    predictions = run_trials(noisy(), linear, [{"loss": "hinge", "random_state": 1}], threads=1).predictions
    assert predictions.columns.tolist() == ["sample_id", "y_true", "y_pred", "rotation", "role"]
    predictions = run_trials(noisy(), linear, [{"loss": "log_loss", "random_state": 1}], threads=1).predictions
    assert predictions.columns.tolist()[3:6] == [f"probability:{label}" for label in CLASSES]
    probabilities = predictions.filter(like="probability").to_numpy()
    chosen = [list(CLASSES).index(label) for label in predictions["y_pred"]]
    np.testing.assert_allclose(probabilities[np.arange(len(chosen)), chosen], probabilities.max(axis=1))
