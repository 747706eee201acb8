"""The tables that are made of trials."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from planted import CLASSES, K, cell_data, run_here

from l1000_bench.search.cell_data import CellData
from l1000_bench.search.identity import trial_id

TEST_ACCURACY = "test_accuracy"
TREE, LINEAR = "sklearn.tree.DecisionTreeClassifier", "sklearn.linear_model.SGDClassifier"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def test_an_id_depends_on_the_setting_alone(folder: Path) -> None:
    # printf '{"a": 1, "b": [2, "x"]}' | sha256sum | cut -c1-12
    assert trial_id({"b": [2, "x"], "a": 1}) == trial_id({"a": 1, "b": [2, "x"]}) == "aaced0ddb244"
    assert len({trial_id(setting) for setting in ({}, {"a": 1}, {"a": 2}, {"b": 1}, {"a": "1"})}) == 5
    trials = run_here(folder, {"dev": 0.5}, {"dev": 1.0}).trials
    assert dict(zip(trials["trial_id"], map(json.loads, trials["params"]), strict=True)) == {
        trial_id({"dev": 0.5}): {"dev": 0.5},
        trial_id({"dev": 1.0}): {"dev": 1.0},
    }


def test_a_setting_that_is_named_twice_is_run_once(folder: Path) -> None:
    twice = run_here(folder, {"dev": 0.5, "test": 1.0}, {"test": 1.0, "dev": 0.5})
    assert twice.trials["rotation"].tolist() == list(range(K))
    assert len(twice.predictions) == 2 * 24


def test_the_columns_are_those_of_the_schemas(folder: Path) -> None:
    outcome = run_here(folder, {"dev": 0.5})
    assert outcome.trials.columns.tolist() == [
        "trial_id", "params", "rotation", "dev_accuracy", "dev_macro_f1", "test_accuracy", "test_macro_f1", "error",
    ]  # fmt: skip
    assert outcome.trials["error"].dtype == "str"
    assert outcome.costs.columns.tolist() == ["trial_id", "rotation", "fit_seconds", "predict_seconds", "peak_rss_mib"]
    assert (outcome.costs[["fit_seconds", "predict_seconds"]] >= 0).all(axis=None)
    assert outcome.costs["peak_rss_mib"].between(10, 100_000).all()  # MiB, not KiB or bytes
    assert outcome.predictions.columns.tolist() == ["sample_id", "y_true", "y_pred", "rotation", "role"]


def noisy(folder: Path, kind: str, n_samples: int = 60) -> CellData:
    codes = [number % 3 for number in range(n_samples)]
    profiles = np.random.default_rng(1).normal(size=(n_samples, 8)).astype(np.float32)
    profiles[:, 0] += codes
    return cell_data(folder, kind, codes, [number // 3 % K for number in range(n_samples)], profiles)


def test_the_same_seed_makes_the_same_tables(folder: Path) -> None:
    settings = [{"random_state": 1, "max_features": 2, "max_depth": depth} for depth in (2, 5)]
    first, second = (run_here(folder / name, *settings, data=noisy(folder / name, TREE)) for name in "ab")
    pd.testing.assert_frame_equal(first.trials, second.trials, check_exact=True)
    pd.testing.assert_frame_equal(first.predictions, second.predictions, check_exact=True)
    other = run_here(folder / "c", *({**s, "random_state": 2} for s in settings), data=noisy(folder / "c", TREE)).trials
    assert other[TEST_ACCURACY].tolist() != first.trials[TEST_ACCURACY].tolist()


# Probabilities


def test_a_class_that_training_lacks_has_probability_zero(folder: Path) -> None:
    # Lung lies in folds 0 and 1 alone, so rotation 0 trains without it; rotation 2 trains on it.
    codes, folds = [0, 1, 2, 0, 1, 2, 1, 2, 1, 2], [0, 0, 0, 1, 1, 1, 2, 2, 3, 3]
    profiles = np.random.default_rng(2).normal(size=(10, 3)).astype(np.float32)
    data = cell_data(folder, "sklearn.neighbors.KNeighborsClassifier", codes, folds, profiles)
    predictions = run_here(folder, {"n_neighbors": 4}, data=data).predictions
    columns = [f"probability:{label}" for label in CLASSES]
    assert predictions.filter(like="probability").columns.tolist() == columns
    assert predictions[columns].notna().all(axis=None)
    assert set(predictions[columns].dtypes) == {np.dtype(np.float32)}
    np.testing.assert_allclose(predictions[columns].sum(axis=1), 1, atol=1e-5)
    assert (predictions.loc[predictions["rotation"] == 2, "probability:lung"] > 0).any()
    # All four training samples of rotation 0 are the neighbours of any other: two of prostate and two of skin.
    assert (predictions.loc[predictions["rotation"] == 0, columns] == [0, 0.5, 0.5]).all(axis=None)


def test_a_classifier_without_probabilities_has_no_such_columns(folder: Path) -> None:
    data = noisy(folder, LINEAR)
    predictions = run_here(folder, {"loss": "hinge", "random_state": 1}, data=data).predictions
    assert predictions.columns.tolist() == ["sample_id", "y_true", "y_pred", "rotation", "role"]
    predictions = run_here(folder, {"loss": "log_loss", "random_state": 1}, data=data).predictions
    assert predictions.columns.tolist()[3:6] == [f"probability:{label}" for label in CLASSES]
    probabilities = predictions.filter(like="probability").to_numpy()
    chosen = [list(CLASSES).index(label) for label in predictions["y_pred"]]
    np.testing.assert_allclose(probabilities[np.arange(len(chosen)), chosen], probabilities.max(axis=1))
