"""What tests let workers do: classifiers, searches, and functions of nodes."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from distributed import get_client
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin

from l1000_bench.errors import InputError
from l1000_bench.runners.dask_trials import DaskTrials
from l1000_bench.runners.wanted import stopped_when_unwanted
from l1000_bench.search.benchmark_data import BenchmarkData
from l1000_bench.search.cell import CellSpec
from l1000_bench.search.cell_data import CellData, write_cell
from l1000_bench.search.child import Task
from l1000_bench.search.engine import Engine, engine_of_context
from l1000_bench.search.outcome import Outcome
from l1000_bench.search.records import RecordStore
from l1000_bench.search.trials import Trials

FOLDS = 4


class Fickle(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Says the class of the nearest mean; does something else before.

    Args:
        folder: Where it leaves a file named by the worker that started its process.
        together: How many workers must have left one before it goes on.
        seconds: For which it sleeps.
        deadly: Whether it kills that worker.
    """

    def __init__(self, folder: str = "", together: int = 0, seconds: float = 0.0, deadly: bool = False) -> None:
        self.folder = folder
        self.together = together
        self.seconds = seconds
        self.deadly = deadly

    def fit(self, X: NDArray[np.float32], y: NDArray[np.intp]) -> Fickle:
        if self.folder:
            (Path(self.folder) / str(os.getppid())).touch()
            end = time.monotonic() + 60
            while len(list(Path(self.folder).iterdir())) < self.together:
                if time.monotonic() > end:
                    raise TimeoutError("the others did not come")
                time.sleep(0.01)
        time.sleep(self.seconds)
        if self.deadly:
            os.kill(os.getppid(), signal.SIGKILL)
            time.sleep(60)
        self.classes_ = np.unique(y)
        self.means_ = np.array([X[y == one].mean(axis=0) for one in self.classes_])
        return self

    def predict(self, X: NDArray[np.float32]) -> NDArray[np.intp]:
        found: NDArray[np.intp] = self.classes_[((X[:, None] - self.means_) ** 2).sum(axis=2).argmin(axis=1)]
        return found


def cell_data(folder: Path) -> CellData:
    """A cell of 24 samples of three classes in four folds."""
    codes, folds = np.arange(24) % 3, np.arange(24) // 3 % FOLDS
    profiles = np.random.default_rng(1).normal(size=(24, 5)).astype(np.float32)
    profiles[:, 0] += codes
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "matrix.npy", profiles)
    rotations = {}
    for rotation in range(FOLDS):
        dev, test = folds == rotation, folds == (rotation + 1) % FOLDS
        masks = {"train": ~dev & ~test, "dev": dev, "test": test}
        rotations[rotation] = {role: np.flatnonzero(mask) for role, mask in masks.items()}
    ids = np.array([f"s{number}" for number in range(24)], dtype=object)
    classes = np.array(["lung", "prostate", "skin"], dtype=object)
    data = BenchmarkData(profiles, ids, codes, classes, rotations, "a.site.fickle")
    entry = {"name": "fickle", "class": "cluster_tasks.Fickle", "label": "Fickle"}
    cell = CellSpec("a", "site", "site", entry, [], [], 1)
    return CellData(cell, data, tuple("abcde"), folder / "matrix.npy", profiles_digest="made")


def search(folder: str, settings: Sequence[Mapping[str, Any]], engine: Engine | None = None) -> Outcome:
    """Run trials of the cell; on what the context says, unless an engine is named."""
    trials = Trials(cell_data(Path(folder)), settings, RecordStore(Path(folder) / "records"))
    return trials.run(engine or engine_of_context())


def rotation_of(folder: Path, setting: Mapping[str, Any]) -> Task:
    """A rotation of a trial of the cell."""
    data = cell_data(folder)
    write_cell(data, folder / "cell")
    return Task(str(folder / "cell"), str(folder / "records"), data.key(setting), setting, rotation=0, threads=1)


def search_in_a_task(folder: str, settings: Sequence[Mapping[str, Any]]) -> Outcome:
    """Run trials on the cluster, from a task of one of its workers, as a node does."""
    engine = DaskTrials(get_client(), "a.site.fickle")
    with stopped_when_unwanted(engine.close):
        return search(folder, settings, engine)


def where(name: str) -> pd.DataFrame:
    """Say where a node runs, whatever it is named."""
    return pd.DataFrame({"name": [name], "folder": [str(Path.cwd())], "process": [os.getpid()]})


def refuse(table: pd.DataFrame) -> pd.DataFrame:
    """Refuse a table, as a dataset does: inside another error."""
    try:
        raise InputError(f"a table of {len(table)} rows is refused: make another.")
    except InputError as error:
        raise RuntimeError("Failed while loading data") from error
