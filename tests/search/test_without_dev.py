"""Trials on a split without a dev part, and classifiers that step aside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from planted import CODES, FOLDS, K, cell_data, rotations_of

from l1000_bench.errors import InputError
from l1000_bench.search.best_trials import best_trial, chosen_per_rotation, chosen_setting
from l1000_bench.search.cell_data import CellData
from l1000_bench.search.identity import trial_id
from l1000_bench.search.records import RecordStore
from l1000_bench.search.trials import Trials, chosen_elsewhere

NEAREST = "sklearn.neighbors.KNeighborsClassifier"
EMPTY = np.array([], dtype=np.intp)


def without_dev(data: CellData, codes: list[int] = CODES) -> CellData:
    """The same cell, its dev samples unused."""
    rotations = {r: {**roles, "dev": EMPTY} for r, roles in rotations_of(np.array(FOLDS)).items()}
    return replace(data, benchmark=replace(data.benchmark, rotations=rotations, codes=np.array(codes)))


def run(data: CellData, folder: Path, *settings: Mapping[str, object]) -> Trials:
    return Trials(data, settings, RecordStore(folder / "records"))


def test_the_one_setting_is_the_chosen_one_and_test_samples_alone_are_predicted(tmp_path: Path) -> None:
    data = without_dev(cell_data(tmp_path, NEAREST))
    setting = {"n_neighbors": 1}
    outcome = run(data, tmp_path, setting).run()
    assert not data.benchmark.has_dev
    assert outcome.trials["error"].isna().all()
    assert outcome.trials[["dev_accuracy", "dev_macro_f1"]].isna().all(axis=None)
    assert outcome.trials["test_accuracy"].notna().all()
    assert set(outcome.predictions["role"]) == {"test"}
    assert len(outcome.predictions) == len(CODES)  # every sample is test once
    assert best_trial(outcome.trials) == trial_id(setting)
    assert chosen_setting(outcome.trials) == setting
    per_rotation = chosen_per_rotation(outcome.trials)
    assert per_rotation is not None
    assert per_rotation.tolist() == [trial_id(setting)] * K
    again = run(data, tmp_path, setting).run()  # from the records
    assert again.trials.equals(outcome.trials)
    assert again.predictions.equals(outcome.predictions)


def test_without_a_dev_part_nothing_can_be_chosen_from(tmp_path: Path) -> None:
    data = without_dev(cell_data(tmp_path, NEAREST))
    with pytest.raises(InputError, match=r"a\.site\.planted: 2 settings .* without a dev part.*settings_from"):
        run(data, tmp_path, {"n_neighbors": 1}, {"n_neighbors": 3})
    run(data, tmp_path, {"n_neighbors": 1}, {"n_neighbors": 1})  # one setting, named twice


def test_the_setting_of_another_task_is_taken(tmp_path: Path) -> None:
    settings = [{"n_neighbors": 1}, {"n_neighbors": 4}]
    elsewhere = cell_data(tmp_path / "a", NEAREST)
    source = run(elsewhere, tmp_path / "a", *settings).run().trials
    # the planted profiles tell the class in the first column and the fold in the second, so neighbours of other folds
    means = source.groupby("trial_id")["dev_accuracy"].mean()
    data = without_dev(cell_data(tmp_path / "b", NEAREST))
    outcome = chosen_elsewhere(data, source, RecordStore(tmp_path / "b" / "records")).run()
    assert set(outcome.trials["trial_id"]) == {means.idxmax()}
    assert len(outcome.predictions) == len(CODES)


def test_beyond_its_limits_a_classifier_steps_aside_in_every_rotation(tmp_path: Path) -> None:
    data = cell_data(tmp_path, NEAREST, limits={"samples": 11})  # 12 samples train
    outcome = run(data, tmp_path, {"n_neighbors": 1}).run()
    assert outcome.trials["error"].str.match(r"StepsAside: .*at most 11 .*there are 12").all()
    assert len(outcome.trials) == K
    assert outcome.predictions.empty
    assert best_trial(outcome.trials) is None
    assert not list((tmp_path / "records").glob("*.json"))  # nothing was run, so nothing is kept
    within = run(cell_data(tmp_path, NEAREST, limits={"samples": 12}), tmp_path, {"n_neighbors": 1}).run()
    assert within.trials["error"].isna().all()


def test_where_the_other_task_had_no_end_this_one_steps_aside(tmp_path: Path) -> None:
    aside = run(cell_data(tmp_path / "a", NEAREST, limits={"samples": 5}), tmp_path / "a", {"n_neighbors": 1}).run()
    data = without_dev(cell_data(tmp_path / "b", NEAREST))
    outcome = chosen_elsewhere(data, aside.trials, RecordStore(tmp_path / "b" / "records")).run()
    assert outcome.predictions.empty
    assert outcome.trials["error"].str.startswith("StepsAside: no setting came to its end").all()
