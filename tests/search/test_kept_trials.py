"""What is kept of trials, and what another run does with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from planted import CODES, FOLDS, K, Planted, cell_data, run_here

from l1000_bench.search.records import RecordStore
from l1000_bench.search.schedule import Rules
from l1000_bench.search.trials import Budget, Trials


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def files(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_ino for path in (folder / "records").iterdir()}


def test_a_second_run_runs_nothing_and_gives_the_same_tables(folder: Path) -> None:
    settings: list[dict[str, Any]] = [{"dev": 0.5}, {"dev": 1.0, "fails_in": [2]}, {"dev": 2 / 3}]
    first = run_here(folder, *settings)
    kept = files(folder)
    second = run_here(folder, *settings)
    assert files(folder) == kept
    for one, other in zip(first, second, strict=True):
        pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_only_what_is_missing_is_run(folder: Path) -> None:
    settings = [{"dev": 0.5}, {"dev": 1.0}]
    first = run_here(folder, settings[0])
    kept = files(folder)
    longer = run_here(folder, *settings)
    assert {name: files(folder)[name] for name in kept if name.endswith(".json")}.items() <= kept.items()
    pd.testing.assert_frame_equal(longer.trials.iloc[:K], first.trials)
    pd.testing.assert_frame_equal(longer.trials, run_here(folder / "anew", *settings).trials)


def test_a_record_that_is_cut_off_is_run_again(folder: Path) -> None:
    first = run_here(folder, {"dev": 0.5})
    records = sorted((folder / "records").glob("[!.]*.json"))
    records[1].write_text(records[1].read_text()[:20])
    records[2].write_text("")
    pd.testing.assert_frame_equal(run_here(folder, {"dev": 0.5}).trials, first.trials)
    assert all(json.loads(path.read_text())["error"] is None for path in records)


def test_predictions_that_were_changed_are_made_again(folder: Path) -> None:
    first = run_here(folder, {"dev": 0.5})
    changed = sorted((folder / "records").glob("*.npz"))[0]
    changed.write_bytes(changed.read_bytes()[:-5] + b"12345")
    pd.testing.assert_frame_equal(run_here(folder, {"dev": 0.5}).predictions, first.predictions)


def test_the_predictions_of_the_best_alone_are_kept_and_are_made_again_for_another(folder: Path) -> None:
    settings = [{"dev": 0.5, "test": 0.5}, {"dev": 1.0}, {"dev": 2 / 3}]
    run_here(folder, *settings)
    kept = [path.name.split(".")[0] for path in (folder / "records").glob("*.npz")]
    assert kept == [cell_data(folder).key(settings[1])] * K
    again = run_here(folder, settings[0])
    pd.testing.assert_frame_equal(again.predictions, run_here(folder / "alone", settings[0]).predictions)


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


@pytest.mark.parametrize("error", [MemoryError("full"), OSError(28, "No space left on device")])
def test_what_the_machine_lacked_is_a_row_that_the_next_run_tries_again(
    folder: Path, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lack(*_: Any) -> Planted:
        raise error

    with monkeypatch.context() as lacking:
        lacking.setattr(Planted, "fit", lack)
        first = run_here(folder, {"dev": 0.5})
    assert first.trials["error"].tolist() == [f"{type(error).__name__}: {error}"] * K
    pd.testing.assert_frame_equal(run_here(folder, {"dev": 0.5}).trials, run_here(folder / "anew", {"dev": 0.5}).trials)


def test_what_a_trial_lacked_is_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = run_here(folder, {"fails_in": [0, 1, 2, 3]})
    monkeypatch.setattr(Planted, "fit", None)  # it is not called
    pd.testing.assert_frame_equal(run_here(folder, {"fails_in": [0, 1, 2, 3]}).trials, first.trials)


# The wall time of a cell


def within(folder: Path, seconds: float, *devs: float) -> list[float]:
    """Run trials of 0.4 s, and return the dev accuracies of those that the wall time lets begin."""
    settings = [{"dev": dev, "seconds": 0.1} for dev in devs]
    trials = Trials(cell_data(folder), settings, RecordStore(folder / "records"), Budget(seconds=seconds)).run().trials
    assert trials.groupby("trial_id").size().eq(K).all()  # what has begun is run to its end
    return [float(dev) for dev in trials["dev_accuracy"][::K]]


def test_the_wall_time_of_a_cell_ends_with_whole_trials(folder: Path) -> None:
    assert within(folder, 0.1, 0.0, 0.5, 1.0) == [0.0]
    assert within(folder / "longer", 600, 0.0, 0.5, 1.0) == [0.0, 0.5, 1.0]


def test_the_wall_time_of_earlier_runs_counts(folder: Path) -> None:
    assert within(folder, 0.1, 0.0) == [0.0]
    kept = files(folder)
    assert within(folder, 0.1, 0.0, 0.5, 1.0) == [0.0]  # such as a second node that has further settings
    assert files(folder) == kept
    assert within(folder, 600, 0.0, 0.5, 1.0) == [0.0, 0.5, 1.0]


def test_hopeless_trials_are_rows_that_say_so(folder: Path) -> None:
    settings = [{"dev": 1.0, "test": test} for test in (0.1, 0.2, 0.3, 0.4, 0.5)] + [{"dev": 0.5}]
    trials = Trials(cell_data(folder), settings, RecordStore(folder / "records"), Budget(Rules(early_stop=True)))
    last = trials.run().trials.iloc[-K:]
    assert last["error"].isna().tolist() == [True, True, False, False]
    assert last["error"].iloc[2].startswith("StoppedEarly: ")
