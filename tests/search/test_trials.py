from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from planted import CLASSES, CODES, FOLDS, K, cell_data

from l1000_bench.search.best_trials import best_trial
from l1000_bench.search.cell_data import CellData
from l1000_bench.search.identity import trial_id
from l1000_bench.search.outcome import Outcome
from l1000_bench.search.records import RecordStore
from l1000_bench.search.schedule import Rules
from l1000_bench.search.trials import Budget, Trials

DEV_ACCURACY, TEST_ACCURACY = "dev_accuracy", "test_accuracy"
TREE, LINEAR = "sklearn.tree.DecisionTreeClassifier", "sklearn.linear_model.SGDClassifier"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def run(folder: Path, *settings: Mapping[str, Any], data: CellData | None = None) -> Outcome:
    return Trials(data or cell_data(folder), settings, RecordStore(folder / "records")).run()


def files(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_ino for path in (folder / "records").iterdir()}


# Controls


def test_true_labels_score_one(folder: Path) -> None:
    outcome = run(folder, {})
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
    trials = run(folder, {"strategy": "most_frequent"}, data=data).trials
    # Two folds train, and of their six samples lung has four, or two as the others have: of equals the first is taken.
    assert trials[DEV_ACCURACY].tolist() == pytest.approx([2 / 3, 2 / 3, 2 / 3, 0])
    assert trials[TEST_ACCURACY].tolist() == pytest.approx([2 / 3, 2 / 3, 0, 2 / 3])
    # The F1 of lung is 2 * 2 / (2 * 2 + 1) = 0.8 and that of the fold's other class 0. Fold 3 has no lung.
    assert trials["dev_macro_f1"].tolist() == pytest.approx([0.4, 0.4, 0.4, 0])


# The choice


def test_the_best_mean_dev_accuracy_is_chosen_and_test_scores_never_count(folder: Path) -> None:
    settings = [{"dev": 0.5, "test": 1.0}, {"dev": 5 / 6, "test": 0.0}, {"dev": 2 / 3, "test": 1.0}]
    outcome = run(folder, *settings)
    ids = [trial_id(setting) for setting in settings]
    means = outcome.trials.groupby("trial_id")[[DEV_ACCURACY, TEST_ACCURACY]].mean()
    np.testing.assert_allclose(means.loc[ids], [[0.5, 1.0], [5 / 6, 0.0], [2 / 3, 1.0]])
    assert best_trial(outcome.trials) == ids[1]
    test = outcome.predictions[outcome.predictions["role"] == "test"]
    assert (test["y_true"] != test["y_pred"]).all()


def test_predictions_belong_to_the_chosen_trial(folder: Path) -> None:
    settings = [{"dev": 0.5}, {"dev": 1.0}, {"dev": 2 / 3}]
    together, alone = run(folder, *settings), run(folder / "alone", settings[1])
    pd.testing.assert_frame_equal(together.predictions, alone.predictions)
    dev = together.predictions[together.predictions["role"] == "dev"]
    right = (dev["y_true"] == dev["y_pred"]).groupby(dev["rotation"]).mean()
    chosen = together.trials[together.trials["trial_id"] == trial_id(settings[1])]
    assert right.tolist() == chosen[DEV_ACCURACY].tolist()


def test_of_equals_the_first_is_chosen(folder: Path) -> None:
    settings = [{"dev": 1.0, "test": 0.5}, {"dev": 1.0, "test": 1.0}]
    for number, (first, second) in enumerate((settings, settings[::-1])):
        outcome = run(folder / str(number), {"dev": 0.5}, first, second)
        assert best_trial(outcome.trials) == trial_id(first)
        test = outcome.predictions[outcome.predictions["role"] == "test"]
        assert (test["y_true"] == test["y_pred"]).mean() == first["test"]


# Failures


def test_a_trial_that_fails_in_one_rotation_is_a_row_and_is_not_chosen(folder: Path) -> None:
    settings: list[dict[str, Any]] = [{"dev": 0.5}, {"dev": 1.0, "fails_in": [2]}, {"dev": 2 / 3}]
    outcome = run(folder, *settings)
    failed = outcome.trials[outcome.trials["trial_id"] == trial_id(settings[1])].set_index("rotation")
    assert failed["error"].isna().tolist() == [True, True, False, True]
    assert failed.loc[2, "error"] == "RuntimeError: broken in rotation 2"
    assert failed.filter(regex="accuracy|f1").isna().all(axis=1).tolist() == [False, False, True, False]
    assert failed.loc[0, DEV_ACCURACY] == 1.0
    assert best_trial(outcome.trials) == trial_id(settings[2])
    without = run(folder / "without", settings[0], settings[2])
    others = outcome.trials[outcome.trials["trial_id"] != trial_id(settings[1])].reset_index(drop=True)
    pd.testing.assert_frame_equal(others, without.trials)
    pd.testing.assert_frame_equal(outcome.predictions, without.predictions)
    timed = outcome.costs[["fit_seconds", "predict_seconds"]].notna().all(axis=1)
    assert timed.tolist() == [True] * K + [True, True, False, True] + [True] * K


def test_a_rotation_that_fails_at_its_test_samples_keeps_no_score(folder: Path) -> None:
    outcome = run(folder, {"forgets_in": [1]}, {"dev": 0.5})
    row = outcome.trials.iloc[1]
    assert row["error"] == "ValueError: forgot"
    assert row.filter(regex="accuracy|f1").isna().all()
    assert best_trial(outcome.trials) == trial_id({"dev": 0.5})


def test_probabilities_that_are_no_numbers_are_an_error(folder: Path) -> None:
    outcome = run(folder, {}, data=cell_data(folder, "planted.NotANumber"))
    assert outcome.trials["error"].str.startswith("ValueError: its probabilities are NaN").all()
    assert outcome.trials.filter(regex="accuracy|f1").isna().all(axis=None)
    assert best_trial(outcome.trials) is None


def test_where_every_trial_fails_there_are_no_predictions(folder: Path) -> None:
    outcome = run(folder, {"fails_in": [0, 1, 2, 3]}, {"dev": 0.5, "fails_in": [0, 3]})
    assert len(outcome.trials) == 2 * K
    assert outcome.predictions.columns.tolist() == ["sample_id", "y_true", "y_pred", "rotation", "role"]
    assert len(outcome.predictions) == 0


def test_an_error_in_building_is_a_row_too(folder: Path) -> None:
    outcome = run(folder, {"no_such": 1}, {})
    assert outcome.trials["error"].iloc[0].startswith("InputError: classifiers.planted: planted.Planted refuses")
    assert best_trial(outcome.trials) == trial_id({})


# What is kept


def test_a_second_run_runs_nothing_and_gives_the_same_tables(folder: Path) -> None:
    settings: list[dict[str, Any]] = [{"dev": 0.5}, {"dev": 1.0, "fails_in": [2]}, {"dev": 2 / 3}]
    first = run(folder, *settings)
    kept = files(folder)
    second = run(folder, *settings)
    assert files(folder) == kept
    for one, other in zip(first, second, strict=True):
        pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_only_what_is_missing_is_run(folder: Path) -> None:
    settings = [{"dev": 0.5}, {"dev": 1.0}]
    first = run(folder, settings[0])
    kept = files(folder)
    longer = run(folder, *settings)
    assert {name: files(folder)[name] for name in kept if name.endswith(".json")}.items() <= kept.items()
    pd.testing.assert_frame_equal(longer.trials.iloc[:K], first.trials)
    pd.testing.assert_frame_equal(longer.trials, run(folder / "anew", *settings).trials)


def test_a_record_that_is_cut_off_is_run_again(folder: Path) -> None:
    first = run(folder, {"dev": 0.5})
    records = sorted((folder / "records").glob("*.json"))
    records[1].write_text(records[1].read_text()[:20])
    records[2].write_text("")
    pd.testing.assert_frame_equal(run(folder, {"dev": 0.5}).trials, first.trials)
    assert all(json.loads(path.read_text())["error"] is None for path in records)


def test_predictions_that_were_changed_are_made_again(folder: Path) -> None:
    first = run(folder, {"dev": 0.5})
    changed = sorted((folder / "records").glob("*.npz"))[0]
    changed.write_bytes(changed.read_bytes()[:-5] + b"12345")
    pd.testing.assert_frame_equal(run(folder, {"dev": 0.5}).predictions, first.predictions)


def test_the_predictions_of_the_best_alone_are_kept_and_are_made_again_for_another(folder: Path) -> None:
    settings = [{"dev": 0.5, "test": 0.5}, {"dev": 1.0}, {"dev": 2 / 3}]
    run(folder, *settings)
    kept = [path.name.split(".")[0] for path in (folder / "records").glob("*.npz")]
    assert kept == [cell_data(folder).key(settings[1])] * K
    again = run(folder, settings[0])
    pd.testing.assert_frame_equal(again.predictions, run(folder / "alone", settings[0]).predictions)


def test_other_data_folds_threads_or_graphs_are_other_trials(folder: Path) -> None:
    data = cell_data(folder)
    changed = [
        cell_data(folder, folds=FOLDS[::-1]),
        cell_data(folder, codes=CODES[::-1]),
        cell_data(folder, profiles=np.array([CODES, FOLDS], dtype=np.float32).T + 0.25),
        cell_data(folder, preprocess=["standardize"]),
        cell_data(folder, "planted.NotANumber"),
    ]
    assert len({one.key({}) for one in [data, *changed]}) == 6
    assert data.key({}) != data.key({"dev": 0.5})
    assert data.key({}) == cell_data(folder / "elsewhere", label="Another name").key({})


def test_the_wall_time_of_a_cell_ends_with_whole_trials(folder: Path) -> None:
    budget = Budget(seconds=1e-9)
    store = RecordStore(folder / "records")
    store_of_one = Trials(cell_data(folder), [{"dev": 0.5}], store)
    store_of_one.schedule.begin()
    outcome = Trials(cell_data(folder), [{"dev": 0.5}, {"dev": 1.0}], store, budget).run()
    assert len(outcome.trials) == 0  # nothing had begun
    run(folder, {"dev": 0.5})
    outcome = Trials(cell_data(folder), [{"dev": 0.5}, {"dev": 1.0}], store, budget).run()
    assert outcome.trials["trial_id"].unique().tolist() == [trial_id({"dev": 0.5})]


def test_hopeless_trials_are_rows_that_say_so(folder: Path) -> None:
    settings = [{"dev": 1.0, "test": test} for test in (0.1, 0.2, 0.3, 0.4, 0.5)] + [{"dev": 0.5}]
    trials = Trials(cell_data(folder), settings, RecordStore(folder / "records"), Budget(Rules(early_stop=True)))
    last = trials.run().trials.iloc[-K:]
    assert last["error"].isna().tolist() == [True, True, False, False]
    assert last["error"].iloc[2].startswith("StoppedEarly: ")


# Tables


def test_an_id_depends_on_the_setting_alone(folder: Path) -> None:
    # printf '{"a": 1, "b": [2, "x"]}' | sha256sum | cut -c1-12
    assert trial_id({"b": [2, "x"], "a": 1}) == trial_id({"a": 1, "b": [2, "x"]}) == "aaced0ddb244"
    assert len({trial_id(setting) for setting in ({}, {"a": 1}, {"a": 2}, {"b": 1}, {"a": "1"})}) == 5
    trials = run(folder, {"dev": 0.5}, {"dev": 1.0}).trials
    assert dict(zip(trials["trial_id"], map(json.loads, trials["params"]), strict=True)) == {
        trial_id({"dev": 0.5}): {"dev": 0.5},
        trial_id({"dev": 1.0}): {"dev": 1.0},
    }


def test_a_setting_that_is_named_twice_is_run_once(folder: Path) -> None:
    twice = run(folder, {"dev": 0.5, "test": 1.0}, {"test": 1.0, "dev": 0.5})
    assert twice.trials["rotation"].tolist() == list(range(K))
    assert len(twice.predictions) == 2 * 24


def test_the_columns_are_those_of_the_schemas(folder: Path) -> None:
    outcome = run(folder, {"dev": 0.5})
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
    first, second = (run(folder / name, *settings, data=noisy(folder / name, TREE)) for name in "ab")
    pd.testing.assert_frame_equal(first.trials, second.trials, check_exact=True)
    pd.testing.assert_frame_equal(first.predictions, second.predictions, check_exact=True)
    other = run(folder / "c", *({**s, "random_state": 2} for s in settings), data=noisy(folder / "c", TREE)).trials
    assert other[TEST_ACCURACY].tolist() != first.trials[TEST_ACCURACY].tolist()


# Probabilities


def test_a_class_that_training_lacks_has_probability_zero(folder: Path) -> None:
    # Lung lies in folds 0 and 1 alone, so rotation 0 trains without it; rotation 2 trains on it.
    codes, folds = [0, 1, 2, 0, 1, 2, 1, 2, 1, 2], [0, 0, 0, 1, 1, 1, 2, 2, 3, 3]
    profiles = np.random.default_rng(2).normal(size=(10, 3)).astype(np.float32)
    data = cell_data(folder, "sklearn.neighbors.KNeighborsClassifier", codes, folds, profiles)
    predictions = run(folder, {"n_neighbors": 4}, data=data).predictions
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
    predictions = run(folder, {"loss": "hinge", "random_state": 1}, data=data).predictions
    assert predictions.columns.tolist() == ["sample_id", "y_true", "y_pred", "rotation", "role"]
    predictions = run(folder, {"loss": "log_loss", "random_state": 1}, data=data).predictions
    assert predictions.columns.tolist()[3:6] == [f"probability:{label}" for label in CLASSES]
    probabilities = predictions.filter(like="probability").to_numpy()
    chosen = [list(CLASSES).index(label) for label in predictions["y_pred"]]
    np.testing.assert_allclose(probabilities[np.arange(len(chosen)), chosen], probabilities.max(axis=1))
