from __future__ import annotations

import json
import math
import statistics
from typing import Any

import pandas as pd
import pytest

from l1000_bench.search.best_settings import best_settings, settings_tables

SETTINGS: dict[str, dict[str, Any]] = {
    "first": {"alpha": 0.000123456, "hidden": [137], "penalty": None},
    "second": {"alpha": 1e-05, "hidden": [168, 14], "penalty": "l1"},
}


def trials(error: str | None = None, **scores: list[tuple[float, float]]) -> pd.DataFrame:
    """(dev, test) accuracy by trial and rotation; macro-F1 is half of it; the trial `failing` fails at last."""
    rows = [
        {
            "trial_id": name,
            "params": json.dumps(SETTINGS.get(name, {"name": name}), sort_keys=True),
            "rotation": rotation,
            "dev_accuracy": dev,
            "dev_macro_f1": dev / 2,
            "test_accuracy": test,
            "test_macro_f1": test / 2,
            "error": error if name.startswith("failing") and rotation == 1 else None,
        }
        for name, pairs in scores.items()
        for rotation, (dev, test) in enumerate(pairs)
    ]
    return pd.DataFrame(rows).astype({"error": "str"})


# By the mean of dev, `first` (0.6 against 0.5); rotation 1 alone would take `second`, rotations 0 and 2 `first`.
TWO = trials(first=[(0.7, 0.5), (0.5, 0.6), (0.6, 0.1)], second=[(0.1, 1.0), (0.9, 0.2), (0.5, 1.0)])
BEST = best_settings({"full.moa.linear": TWO})


def test_the_setting_with_the_best_dev_accuracy_and_its_scores() -> None:
    row = BEST.iloc[0]
    assert row[["dataset", "task", "classifier", "trial_id"]].tolist() == ["full", "moa", "linear", "first"]
    assert json.loads(row["params"]) == SETTINGS["first"]
    for name, values in {
        "dev_accuracy": [0.7, 0.5, 0.6],
        "test_accuracy": [0.5, 0.6, 0.1],
        "test_macro_f1": [0.25, 0.3, 0.05],
        "per_rotation_test_accuracy": [0.5, 0.2, 0.1],
        "per_rotation_test_macro_f1": [0.25, 0.1, 0.05],
    }.items():
        assert row[f"{name}_mean"] == pytest.approx(statistics.mean(values))
        assert row[f"{name}_std"] == pytest.approx(statistics.stdev(values))  # n - 1
    assert row["difference"] == pytest.approx(0.8 / 3 - 0.4)


def test_trials_are_counted_by_what_became_of_them() -> None:
    both = [(0.5, 0.5), (math.nan, math.nan)]
    failed = trials("ValueError: no", first=[(0.5, 0.5), (0.4, 0.4)], failing=both, failing_too=both)
    stopped = trials("StoppedEarly: behind", failing=both)
    again = trials("StoppedEarly: behind", failing_again=both)
    again.loc[again["rotation"] == 0, "error"] = "RuntimeError: and failed"
    row = best_settings({"full.moa.knn": pd.concat([failed, stopped.assign(trial_id="stopped"), again])}).iloc[0]
    counts = ["n_trials", "n_complete", "n_failed", "n_stopped"]
    assert row[counts].tolist() == [5, 1, 3, 1]
    assert row["trial_id"] == "first"


def test_a_cell_without_a_complete_trial_has_counts_and_no_setting() -> None:
    table = best_settings({"a.b.c": trials("E", failing=[(0.5, 0.5), (0.5, 0.5)]), "full.moa.linear": TWO})
    row = table.iloc[0]
    assert row[["n_trials", "n_complete", "n_failed", "n_stopped"]].tolist() == [1, 0, 1, 0]
    assert row.drop(["dataset", "task", "classifier"]).iloc[4:].isna().all()
    pd.testing.assert_frame_equal(table.iloc[1:].reset_index(drop=True), BEST)


def test_without_a_dev_part_nothing_is_chosen_per_rotation() -> None:
    row = best_settings({"full.moa.linear": trials(first=[(math.nan, 0.25), (math.nan, 0.75)])}).iloc[0]
    assert row[["trial_id", "n_trials", "n_complete", "n_failed"]].tolist() == ["first", 1, 1, 0]
    assert (row["test_accuracy_mean"], row["test_macro_f1_mean"]) == (0.5, 0.25)
    assert row["test_accuracy_std"] == pytest.approx(statistics.stdev([0.25, 0.75]))
    nothing = ["dev_accuracy", "per_rotation_test_accuracy", "per_rotation_test_macro_f1"]
    assert row[[f"{name}_{moment}" for name in nothing for moment in ("mean", "std")]].isna().all()
    assert math.isnan(row["difference"])


ASIDE = "StepsAside: 1,500 training profiles are more than its 800"


def test_a_classifier_that_stepped_aside_has_not_failed() -> None:
    table = trials(first=[(math.nan, math.nan)] * 2, second=[(math.nan, math.nan)] * 2).assign(error=ASIDE)
    row = best_settings({"full.moa.network": table}).iloc[0]
    assert row[["n_trials", "n_complete", "n_failed", "n_stopped"]].tolist() == [2, 0, 0, 0]
    assert row["aside"] == "1,500 training profiles are more than its 800"
    assert pd.isna(row["trial_id"])
    assert pd.isna(BEST["aside"].iloc[0])
    assert ("| network | stepped aside: 1,500 training profiles are more than its 800 | – | – |") in settings_tables(
        best_settings({"full.moa.network": table}), {}
    )


def test_the_setting_of_a_split_without_dev_is_shown_without_dev_accuracy() -> None:
    table = settings_tables(best_settings({"f.m.linear": trials(second=[(math.nan, 0.5)])}), {})
    assert "| linear | alpha = 1e-05, hidden = [168, 14], penalty = l1 | – | 50.0 |" in table


def test_types_do_not_depend_on_the_trials() -> None:
    for table in (BEST, best_settings({}), best_settings({"a.b.c": TWO.iloc[:0]})):
        pd.testing.assert_series_equal(table.dtypes, BEST.dtypes)
        assert table["n_trials"].dtype == "int64"
        assert table["trial_id"].dtype == "str"
    assert best_settings({}).empty


def test_one_rotation_has_no_deviation() -> None:
    row = best_settings({"full.moa.linear": trials(first=[(0.5, 0.25)])}).iloc[0]
    assert (row["test_accuracy_mean"], row["difference"]) == (0.25, 0.0)
    assert math.isnan(row["test_accuracy_std"])


def test_test_scores_do_not_change_the_choice() -> None:
    perfect = trials(first=[(0.5, 0.0), (0.6, 0.0)], second=[(0.1, 1.0), (0.2, 1.0)])
    row = best_settings({"full.moa.linear": perfect}).iloc[0]
    assert (row["trial_id"], row["test_accuracy_mean"], row["per_rotation_test_accuracy_mean"]) == ("first", 0.0, 0.0)


def test_the_tables_are_laid_out_as_the_papers() -> None:
    second = trials(second=[(0.1, 1.0)])
    failing = trials("E", failing=[(0.5, 0.5), (0.5, 0.5)])
    majority = trials(none=[(0.5, 0.5)]).assign(params="{}")
    cells = {
        "full.moa.linear": TWO, "full.moa.ffann": second, "full.moa.knn": failing, "prostate.moa.majority": majority,
    }  # fmt: skip
    names = {"full": "Full view", "moa": "Mechanism | action", "linear": "Linear classifier"}
    # Deviations: dev 70, 50, 60 -> 10; test 50, 60, 10 -> sqrt(1400 / 2) = 26.46.
    assert settings_tables(best_settings(cells), names) == (
        "## Full view: Mechanism | action\n"
        "\n"
        "| Classifier | Best hyper-parameters | Dev accuracy (%) | Test accuracy (%) |\n"
        "|---|---|---|---|\n"
        "| Linear classifier | alpha = 0.0001235, hidden = [137], penalty = null | 60.0 ± 10.00 | 40.0 ± 26.46 |\n"
        "| ffann | alpha = 1e-05, hidden = [168, 14], penalty = l1 | 10.0 | 100.0 |\n"
        "| knn | no trial of 1 came to its end | – | – |\n"
        "\n"
        "## prostate: Mechanism | action\n"
        "\n"
        "| Classifier | Best hyper-parameters | Dev accuracy (%) | Test accuracy (%) |\n"
        "|---|---|---|---|\n"
        "| majority | none to choose | 50.0 | 50.0 |\n"
    )
    assert settings_tables(best_settings({}), {}) == ""


def test_values_are_written_to_read() -> None:
    setting = {
        "pyramid": {"graph": "regnetwork", "cutoff": 0.123456}, "preprocess": [{"clip": 10}, "standardize"],
        "K": [5, 7], "early_stopping": True, "sizes": 123456, "rate": 1234567.0, "odd": "a|b",
    }  # fmt: skip
    table = settings_tables(best_settings({"f.m.c": trials(one=[(0.5, 0.5)]).assign(params=json.dumps(setting))}), {})
    assert (
        "| pyramid = {graph: regnetwork, cutoff: 0.1235}, preprocess = [{clip: 10}, standardize], K = [5, 7], "
        "early_stopping = true, sizes = 123456, rate = 1.235e+06, odd = a\\|b |"
    ) in table
