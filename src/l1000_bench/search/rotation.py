"""One rotation of one trial: fit on its training samples, score on dev and test, keep the record."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from l1000_bench.models.fit import Prediction, fit, predict, prepare
from l1000_bench.search.benchmark_data import BenchmarkData
from l1000_bench.search.memory import peak_mib, reset_peak
from l1000_bench.search.records import Record, RecordStore
from l1000_bench.statistics.metrics import accuracy, macro_f1

SCORED_ROLES = ("dev", "test")
OF_THE_MACHINE = (MemoryError, OSError)  # errors that say nothing of the trial


class Workplace(NamedTuple):
    """Where a cell's trials are run: its data, its estimators, its records.

    Attributes:
        benchmark: The data.
        build: Makes an unfitted estimator from a setting.
        threads: Threads that numerical libraries may use in one fit; sums depend on it, so it is fixed.
        store: Where the records go.
    """

    benchmark: BenchmarkData
    build: Callable[[Mapping[str, Any]], Pipeline]
    threads: int
    store: RecordStore


def run_rotation(place: Workplace, key: str, setting: Mapping[str, Any], rotation: int) -> Record:
    """Run a rotation and keep its record.

    Args:
        place: Where.
        key: Of the trial.
        setting: Of the trial, in full.
        rotation: Which.

    Returns:
        The record; an error, whatever it was, stands in it. One that the machine is to blame for, such as a full disk,
        is not kept, so that the next search tries again.
    """
    reset_peak()
    began = time.time()
    scores: dict[str, float] = {}
    predicted: dict[str, Prediction] = {}
    data = place.benchmark
    positions = data.rotations[rotation]
    try:
        estimator = prepare(place.build(setting))
        started = time.perf_counter()
        train = positions["train"]
        fit(estimator, _profiles(data, train, estimator), data.codes[train], place.threads, train)
        fitted = time.perf_counter()
        for role in SCORED_ROLES:
            rows = positions[role]
            if not len(rows):  # a split without a dev part
                continue
            prediction = predict(estimator, _profiles(data, rows, estimator), place.threads, rows)
            predicted[role] = _over_all_classes(prediction, estimator.classes_, len(data.classes))
        ended = time.perf_counter()
        for role, prediction in predicted.items():
            true, found = data.codes[positions[role]], prediction.codes
            scores |= {f"{role}_accuracy": accuracy(true, found), f"{role}_macro_f1": macro_f1(true, found)}
    except Exception as error:  # a trial's failure is a row of the table, whatever it was
        text = f"{type(error).__name__}: {error}"
        failed = Record(error=text, peak_rss_mib=peak_mib(), began=began, ended=time.time())
        return failed if isinstance(error, OF_THE_MACHINE) else place.store.write(key, rotation, failed)
    record = Record(scores, None, fitted - started, ended - fitted, peak_mib(), began=began, ended=time.time())
    return place.store.write(key, rotation, record, predicted)


def _profiles(data: BenchmarkData, positions: NDArray[np.intp], estimator: Pipeline) -> NDArray[np.float32]:
    """Copy some profiles (n, n_genes); an estimator with lists of neighbours, which reads none, gets no copy."""
    if estimator[-1].get_params(deep=False).get("neighbours") is None:
        return data.profiles[positions]
    return np.broadcast_to(np.float32(np.nan), (len(positions), data.profiles.shape[1]))


def _over_all_classes(prediction: Prediction, fitted: NDArray[np.intp], n_classes: int) -> Prediction:
    """Give every class of the benchmark its column; one that the training part lacks has probability zero."""
    if prediction.probabilities is None:
        return prediction
    probabilities = np.zeros((len(prediction.codes), n_classes), dtype=np.float32)
    probabilities[:, fitted] = prediction.probabilities
    return Prediction(prediction.codes, probabilities)
