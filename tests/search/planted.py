"""Classifiers that do what a test asks of them, and cells of a few samples to try them on."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin

from l1000_bench.search.benchmark_data import BenchmarkData
from l1000_bench.search.cell import CellSpec
from l1000_bench.search.cell_data import CellData
from l1000_bench.search.outcome import Outcome
from l1000_bench.search.records import RecordStore
from l1000_bench.search.trials import Trials

CLASSES = np.array(["lung", "prostate", "skin"], dtype=object)
K = 4
CODES = [number % 3 for number in range(24)]
FOLDS = [number // 3 % K for number in range(24)]  # two samples of every class in every fold


class Planted(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Knows the truth, and tells it in the folds and the measure that it is asked to.

    `kills_once` is a file: where it is not there, the process makes it and kills itself in rotation 1.
    """

    def __init__(
        self,
        *,
        dev: float = 1.0,
        test: float = 1.0,
        fails_in: tuple[int, ...] = (),
        forgets_in: tuple[int, ...] = (),
        dev_in: tuple[float, ...] = (),
        seconds: float = 0.0,
        mib: int = 0,
        kills_once: str = "",
        n_genes: int = 2,
    ) -> None:
        self.dev = dev
        self.test = test
        self.fails_in = fails_in
        self.forgets_in = forgets_in
        self.dev_in = dev_in
        self.seconds = seconds
        self.mib = mib
        self.kills_once = kills_once
        self.n_genes = n_genes

    def fit(self, X: NDArray[np.float32], y: NDArray[np.intp]) -> Planted:
        self.classes_ = np.unique(y)
        trained = set(X[:, 1].astype(int))
        (self.rotation_,) = (i for i in range(K) if not {i, (i + 1) % K} & trained)
        if self.kills_once and self.rotation_ == 1 and not Path(self.kills_once).exists():
            Path(self.kills_once).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        held = np.ones(self.mib * 2**17)  # float64
        end = time.monotonic() + self.seconds
        while time.monotonic() < end:
            time.sleep(0.01)
        del held
        if self.rotation_ in self.fails_in:
            raise RuntimeError(f"broken in rotation {self.rotation_}")
        return self

    def predict(self, X: NDArray[np.float32]) -> NDArray[np.intp]:
        truth, fold = X.astype(np.intp).T[:2]
        dev = self.dev_in[self.rotation_] if self.dev_in else self.dev
        share = dev if fold[0] == self.rotation_ else self.test
        if self.rotation_ in self.forgets_in and fold[0] != self.rotation_:  # after dev was scored
            raise ValueError("forgot")
        right = np.arange(len(X)) < round(share * len(X))
        told: NDArray[np.intp] = np.where(right, truth, (truth + 1) % 3)
        return told


class NotANumber(Planted):
    """Knows the truth, but its probabilities are no numbers."""

    def predict_proba(self, X: NDArray[np.float32]) -> NDArray[np.float64]:
        return np.full((len(X), len(self.classes_)), np.nan)


def rotations_of(folds: NDArray[np.intp], n_folds: int = K) -> dict[int, dict[str, NDArray[np.intp]]]:
    roles = {}
    for i in range(n_folds):
        dev, test = folds == i, folds == (i + 1) % n_folds
        masks = {"train": ~dev & ~test & (folds >= 0), "dev": dev, "test": test}
        roles[i] = {role: np.flatnonzero(mask) for role, mask in masks.items()}
    return roles


def cell_data(
    folder: Path,
    kind: str = "planted.Planted",
    codes: list[int] = CODES,
    folds: list[int] = FOLDS,
    profiles: NDArray[np.float32] | None = None,
    **entry: Any,
) -> CellData:
    """By default a profile tells its own class and fold, which the planted classifiers look up."""
    folder.mkdir(parents=True, exist_ok=True)
    told = np.array([codes, folds], dtype=np.float32).T if profiles is None else profiles
    matrix = folder / "matrix.npy"
    np.save(matrix, told)
    ids = np.array([f"s{number}" for number in range(len(codes))], dtype=object)
    data = BenchmarkData(told, ids, np.array(codes), CLASSES, rotations_of(np.array(folds)), "a.site.planted")
    classifier = {"name": "planted", "class": kind, "label": "Planted", **entry}
    cell = CellSpec("a", "site", "site", classifier, [], [], 1)
    genes = tuple(str(number) for number in range(told.shape[1]))
    return CellData(cell, data, genes, matrix, profiles_digest=str(told.tobytes()))


def run_here(folder: Path, *settings: Mapping[str, Any], data: CellData | None = None) -> Outcome:
    """Run the trials of a cell in this process; their records go to a folder of that name."""
    return Trials(data or cell_data(folder), settings, RecordStore(folder / "records")).run()
