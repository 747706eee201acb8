from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from planted import CLASSES, CODES, FOLDS, K, cell_data, run_here

from l1000_bench.search.best_trials import best_trial
from l1000_bench.search.identity import trial_id

DEV_ACCURACY, TEST_ACCURACY = "dev_accuracy", "test_accuracy"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


# Controls


def test_true_labels_score_one(folder: Path) -> None:
    outcome = run_here(folder, {})
    assert outcome.trials.filter(regex="accuracy|macro_f1").to_numpy().tolist() == [[1.0] * 4] * K
    predictions = outcome.predictions
    assert predictions["y_true"].tolist() == predictions["y_pred"].tolist()
    assert len(predictions) == 2 * 24
    truth = {f"s{number}": CLASSES[code] for number, code in enumerate(CODES)}
    assert all(truth[s] == label for s, label in zip(predictions["sample_id"], predictions["y_true"], strict=True))
    for role, shift in (("dev", 0), ("test", 1)):
        part = predictions[predictions["role"] == role]
        folds = [FOLDS[int(identifier[1:])] for identifier in part["sample_id"]]
        assert ((part["rotation"].to_numpy() + shift) % K).tolist() == folds
        assert part["sample_id"].nunique() == 24


def test_the_majority_baseline_scores_the_share_of_its_class(folder: Path) -> None:
    # lung 6, prostate 3, skin 3 in 4 folds: folds 0 to 2 hold 2 lung and 1 other, fold 3 holds 3 others.
    codes, folds = [0, 0, 1, 0, 0, 2, 0, 0, 1, 1, 2, 2], [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]
    data = cell_data(folder, "sklearn.dummy.DummyClassifier", codes, folds)
    trials = run_here(folder, {"strategy": "most_frequent"}, data=data).trials
    # Two folds train, and of their six samples lung has four, or two as the others have: of equals the first is taken.
    assert trials[DEV_ACCURACY].tolist() == pytest.approx([2 / 3, 2 / 3, 2 / 3, 0])
    assert trials[TEST_ACCURACY].tolist() == pytest.approx([2 / 3, 2 / 3, 0, 2 / 3])
    # The F1 of lung is 2 * 2 / (2 * 2 + 1) = 0.8 and that of the fold's other class 0. Fold 3 has no lung.
    assert trials["dev_macro_f1"].tolist() == pytest.approx([0.4, 0.4, 0.4, 0])


# The choice


def test_the_best_mean_dev_accuracy_is_chosen_and_test_scores_never_count(folder: Path) -> None:
    settings = [{"dev": 0.5, "test": 1.0}, {"dev": 5 / 6, "test": 0.0}, {"dev": 2 / 3, "test": 1.0}]
    outcome = run_here(folder, *settings)
    ids = [trial_id(setting) for setting in settings]
    means = outcome.trials.groupby("trial_id")[[DEV_ACCURACY, TEST_ACCURACY]].mean()
    np.testing.assert_allclose(means.loc[ids], [[0.5, 1.0], [5 / 6, 0.0], [2 / 3, 1.0]])
    assert best_trial(outcome.trials) == ids[1]
    test = outcome.predictions[outcome.predictions["role"] == "test"]
    assert (test["y_true"] != test["y_pred"]).all()


def test_predictions_belong_to_the_chosen_trial(folder: Path) -> None:
    settings = [{"dev": 0.5}, {"dev": 1.0}, {"dev": 2 / 3}]
    together, alone = run_here(folder, *settings), run_here(folder / "alone", settings[1])
    pd.testing.assert_frame_equal(together.predictions, alone.predictions)
    dev = together.predictions[together.predictions["role"] == "dev"]
    right = (dev["y_true"] == dev["y_pred"]).groupby(dev["rotation"]).mean()
    chosen = together.trials[together.trials["trial_id"] == trial_id(settings[1])]
    assert right.tolist() == chosen[DEV_ACCURACY].tolist()


def test_of_equals_the_first_is_chosen(folder: Path) -> None:
    settings = [{"dev": 1.0, "test": 0.5}, {"dev": 1.0, "test": 1.0}]
    for number, (first, second) in enumerate((settings, settings[::-1])):
        outcome = run_here(folder / str(number), {"dev": 0.5}, first, second)
        assert best_trial(outcome.trials) == trial_id(first)
        test = outcome.predictions[outcome.predictions["role"] == "test"]
        assert (test["y_true"] == test["y_pred"]).mean() == first["test"]


def test_trials_whose_means_differ_in_rounding_alone_are_equals(folder: Path) -> None:
    # Both means are 3/8, but added up one after the other the sums differ in their last digit.
    settings = [
        {"dev_in": dev, "test": test} for dev, test in (([0, 0, 1 / 3, 1], 0.5), ([0, 1 / 6, 1 / 3, 5 / 6], 1.0))
    ]
    for number, (first, second) in enumerate((settings, settings[::-1])):
        outcome = run_here(folder / str(number), first, second)
        assert best_trial(outcome.trials) == trial_id(first)
        test = outcome.predictions[outcome.predictions["role"] == "test"]
        assert (test["y_true"] == test["y_pred"]).mean() == first["test"]


# Failures


def test_a_trial_that_fails_in_one_rotation_is_a_row_and_is_not_chosen(folder: Path) -> None:
    settings: list[dict[str, Any]] = [{"dev": 0.5}, {"dev": 1.0, "fails_in": [2]}, {"dev": 2 / 3}]
    outcome = run_here(folder, *settings)
    failed = outcome.trials[outcome.trials["trial_id"] == trial_id(settings[1])].set_index("rotation")
    assert failed["error"].isna().tolist() == [True, True, False, True]
    assert failed.loc[2, "error"] == "RuntimeError: broken in rotation 2"
    assert failed.filter(regex="accuracy|f1").isna().all(axis=1).tolist() == [False, False, True, False]
    assert failed.loc[0, DEV_ACCURACY] == 1.0
    assert best_trial(outcome.trials) == trial_id(settings[2])
    without = run_here(folder / "without", settings[0], settings[2])
    others = outcome.trials[outcome.trials["trial_id"] != trial_id(settings[1])].reset_index(drop=True)
    pd.testing.assert_frame_equal(others, without.trials)
    pd.testing.assert_frame_equal(outcome.predictions, without.predictions)
    timed = outcome.costs[["fit_seconds", "predict_seconds"]].notna().all(axis=1)
    assert timed.tolist() == [True] * K + [True, True, False, True] + [True] * K


def test_a_rotation_that_fails_at_its_test_samples_keeps_no_score(folder: Path) -> None:
    outcome = run_here(folder, {"forgets_in": [1]}, {"dev": 0.5})
    row = outcome.trials.iloc[1]
    assert row["error"] == "ValueError: forgot"
    assert row.filter(regex="accuracy|f1").isna().all()
    assert best_trial(outcome.trials) == trial_id({"dev": 0.5})


def test_probabilities_that_are_no_numbers_are_an_error(folder: Path) -> None:
    outcome = run_here(folder, {}, data=cell_data(folder, "planted.NotANumber"))
    assert outcome.trials["error"].str.startswith("ValueError: its probabilities are NaN").all()
    assert outcome.trials.filter(regex="accuracy|f1").isna().all(axis=None)
    assert best_trial(outcome.trials) is None


def test_where_every_trial_fails_there_are_no_predictions(folder: Path) -> None:
    outcome = run_here(folder, {"fails_in": [0, 1, 2, 3]}, {"dev": 0.5, "fails_in": [0, 3]})
    assert len(outcome.trials) == 2 * K
    assert outcome.predictions.columns.tolist() == ["sample_id", "y_true", "y_pred", "rotation", "role"]
    assert len(outcome.predictions) == 0


def test_an_error_in_building_is_a_row_too(folder: Path) -> None:
    outcome = run_here(folder, {"no_such": 1}, {})
    assert outcome.trials["error"].iloc[0].startswith("InputError: classifiers.planted: planted.Planted refuses")
    assert best_trial(outcome.trials) == trial_id({})
