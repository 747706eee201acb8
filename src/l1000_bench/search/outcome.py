"""The tables of a cell's trials, made from its records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from l1000_bench.models.fit import Prediction
from l1000_bench.search.benchmark_data import BenchmarkData
from l1000_bench.search.identity import as_json, trial_id
from l1000_bench.search.rotation import SCORED_ROLES
from l1000_bench.search.schedule import Schedule

SCORES = ("dev_accuracy", "dev_macro_f1", "test_accuracy", "test_macro_f1")
COSTS = ("fit_seconds", "predict_seconds", "peak_rss_mib")


class Outcome(NamedTuple):
    """Tables of all trials, and the predictions of the chosen one: without a row where no trial is complete."""

    trials: pd.DataFrame
    costs: pd.DataFrame
    predictions: pd.DataFrame


def trial_tables(settings: Sequence[Mapping[str, Any]], schedule: Schedule) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the trials and the costs tables of the trials of which anything was run.

    Args:
        settings: Of the trials, in full, in the order of the schedule.
        schedule: Holds their records.
    """
    trials: list[dict[str, Any]] = []
    costs: list[dict[str, Any]] = []
    errors: list[str | None] = []
    for trial, setting in enumerate(settings):
        key, params = {"trial_id": trial_id(setting)}, as_json(setting)
        for rotation, record in schedule.rows(trial).items():
            scores = {name: record.scores.get(name) for name in SCORES}
            trials.append({**key, "params": params, "rotation": rotation, **scores})
            errors.append(record.error)
            seconds = {"fit_seconds": record.fit_seconds, "predict_seconds": record.predict_seconds}
            costs.append({**key, "rotation": rotation, **seconds, "peak_rss_mib": record.peak_rss_mib})
    return _typed(trials, ["params"], SCORES).assign(error=pd.Series(errors, dtype="str")), _typed(costs, [], COSTS)


def _typed(rows: list[dict[str, Any]], texts: Sequence[str], numbers: Sequence[str]) -> pd.DataFrame:
    """Make a table whose columns have their types even where it has no row."""
    types = {"trial_id": "str", **dict.fromkeys(texts, "str"), "rotation": "int64", **dict.fromkeys(numbers, "float64")}
    return pd.DataFrame(rows, columns=list(types)).astype(types)


def predictions_table(data: BenchmarkData, predicted: Mapping[int, Mapping[str, Prediction]]) -> pd.DataFrame:
    """Return predictions with the samples' ids and labels.

    Args:
        data: The benchmark.
        predicted: Per rotation and scored role, codes (n,) and probabilities (n, n_classes).

    Returns:
        Columns sample_id, y_true, y_pred, `probability:{label}` where there are any, rotation and role.
    """
    if not predicted:
        nobody = Prediction(np.empty(0, dtype=np.intp), None)
        return _one_role(data, nobody, np.empty(0, dtype=np.intp)).assign(
            rotation=pd.Series(dtype="int64"), role=pd.Series(dtype="str")
        )
    tables = [
        _one_role(data, roles[role], data.rotations[rotation][role]).assign(rotation=rotation, role=role)
        for rotation, roles in predicted.items()
        for role in SCORED_ROLES
        if role in roles
    ]
    return pd.concat(tables, ignore_index=True)


def _one_role(data: BenchmarkData, prediction: Prediction, positions: Any) -> pd.DataFrame:
    columns: dict[str, Any] = {
        "sample_id": data.sample_ids[positions],
        "y_true": data.classes[data.codes[positions]],
        "y_pred": data.classes[prediction.codes],
    }
    if prediction.probabilities is not None:
        columns |= {f"probability:{label}": prediction.probabilities[:, i] for i, label in enumerate(data.classes)}
    return pd.DataFrame(columns).astype(dict.fromkeys(("sample_id", "y_true", "y_pred"), "str"))
