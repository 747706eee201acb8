"""Trials: a hyper-parameter setting run over all rotations of a split, scored on dev and test.

Protocol (McDermott et al. 2020, section 3.3): the setting with the highest mean dev accuracy among complete trials is
chosen; test scores are stored and never read for the choice.
"""

from __future__ import annotations

import hashlib
import json
import resource
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from l1000_bench.errors import InputError
from l1000_bench.models.fit import fit, predict
from l1000_bench.search.benchmark_data import BenchmarkData
from l1000_bench.statistics.metrics import accuracy, macro_f1

Build = Callable[[Mapping[str, Any]], Pipeline]
SCORED_ROLES = ("dev", "test")


class Outcome(NamedTuple):
    """Tables of all trials, and the predictions of the chosen one."""

    trials: pd.DataFrame
    costs: pd.DataFrame
    predictions: pd.DataFrame


def trial_id(setting: Mapping[str, Any]) -> str:
    """Return twelve hexadecimal digits that depend on the setting alone."""
    return hashlib.sha256(_as_json(setting).encode("utf-8")).hexdigest()[:12]


def _as_json(setting: Mapping[str, Any]) -> str:
    return json.dumps(setting, sort_keys=True, default=str)


def run_trials(
    benchmark: BenchmarkData,
    build: Build,
    settings: Sequence[Mapping[str, Any]],
    threads: int,
    progress: Callable[[Iterable[int]], Iterable[int]] = iter,
) -> Outcome:
    """Run every setting over all rotations and keep the predictions of the best.

    Args:
        benchmark: The data.
        build: Makes an unfitted estimator from a setting.
        settings: The trials; one that is named twice is run once.
        threads: Threads that numerical libraries may use in one fit; sums depend on it, so it is fixed.
        progress: Wraps the rotations of a trial, to show them.

    Raises:
        InputError: If no trial is complete; quotes the first error.
    """
    trials: list[dict[str, Any]] = []
    costs: list[dict[str, Any]] = []
    predictions: dict[str, list[pd.DataFrame]] = {}
    for setting in {trial_id(setting): setting for setting in settings}.values():
        key = {"trial_id": trial_id(setting)}
        for rotation in progress(benchmark.rotations):
            row, cost, tables = _run_rotation(benchmark, partial(build, setting), rotation, threads)
            trials.append({**key, "params": _as_json(setting), **row})
            costs.append({**key, **cost})
            predictions.setdefault(key["trial_id"], []).extend(tables)
        best = best_trial(pd.DataFrame(trials))
        predictions = {name: tables for name, tables in predictions.items() if name == best}
    table = pd.DataFrame(trials).astype({"error": "str"})
    best = best_trial(table)
    if best is None:
        first = table["error"].dropna().iloc[0]
        raise InputError(f"{benchmark.place}: no trial came to its end; the first error was: {first}")
    return Outcome(table, pd.DataFrame(costs), pd.concat(predictions[best], ignore_index=True))


def best_trial(trials: pd.DataFrame) -> str | None:
    """Choose the complete trial with the highest mean dev accuracy; the first of equals.

    Args:
        trials: One row per trial and rotation, see the trials table.

    Returns:
        Its trial_id, or None when no trial is complete.
    """
    complete = trials.groupby("trial_id", sort=False)["error"].transform(lambda error: error.isna().all())
    means = trials[complete.astype(bool)].groupby("trial_id", sort=False)["dev_accuracy"].mean()
    return str(means.idxmax()) if len(means) else None


def _run_rotation(
    benchmark: BenchmarkData, build: Callable[[], Pipeline], rotation: int, threads: int
) -> tuple[dict[str, Any], dict[str, Any], list[pd.DataFrame]]:
    """Fit on one rotation's training samples; return its trial row, its costs and its predictions."""
    scores: dict[str, Any] = {
        f"{role}_{metric}": np.nan for role in SCORED_ROLES for metric in ("accuracy", "macro_f1")
    }
    row: dict[str, Any] = {"rotation": rotation, **scores, "error": None}
    cost: dict[str, Any] = {"rotation": rotation, "fit_seconds": np.nan, "predict_seconds": np.nan}
    tables: list[pd.DataFrame] = []
    positions = benchmark.rotations[rotation]
    try:
        started = time.perf_counter()
        train = positions["train"]
        estimator = fit(build(), benchmark.profiles[train], benchmark.codes[train], threads)
        fitted = time.perf_counter()
        for role in SCORED_ROLES:
            table = _predict(benchmark, estimator, positions[role], threads).assign(rotation=rotation, role=role)
            true, predicted = table["y_true"].to_numpy(dtype=object), table["y_pred"].to_numpy(dtype=object)
            row |= {f"{role}_accuracy": accuracy(true, predicted), f"{role}_macro_f1": macro_f1(true, predicted)}
            tables.append(table)
        cost |= {"fit_seconds": fitted - started, "predict_seconds": time.perf_counter() - fitted}
    except Exception as error:  # a trial's failure is a row of the table, whatever it was
        row |= {**scores, "error": f"{type(error).__name__}: {error}"}
        tables = []
    cost["peak_rss_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return row, cost, tables


def _predict(benchmark: BenchmarkData, estimator: Pipeline, positions: NDArray[np.intp], threads: int) -> pd.DataFrame:
    predicted = predict(estimator, benchmark.profiles[positions], threads)
    labels = {
        "y_true": benchmark.classes[benchmark.codes[positions]],
        "y_pred": benchmark.classes[predicted.codes],
    }
    columns: dict[str, Any] = {"sample_id": benchmark.sample_ids[positions], **labels}
    if predicted.probabilities is not None:
        # A class that the training part lacks has probability zero.
        probabilities = np.zeros((len(positions), len(benchmark.classes)), dtype=np.float32)
        probabilities[:, estimator.classes_] = predicted.probabilities
        columns |= {f"probability:{label}": probabilities[:, code] for code, label in enumerate(benchmark.classes)}
    return pd.DataFrame(columns)
