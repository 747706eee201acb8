"""A probe's process: reads its task from standard input, measures, and writes a line of JSON as soon as it knows it."""

from __future__ import annotations

import json
import pkgutil
import resource
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn import set_config
from sklearn.pipeline import Pipeline

from l1000_bench.errors import is_whole
from l1000_bench.graphs.choice import Pyramids
from l1000_bench.models.fit import fit, predict
from l1000_bench.models.spec import ClassifierSpec
from l1000_bench.search.probe import CODES, PROFILES, Point, Probe

Emit = Callable[[dict[str, Any]], None]

LEAST_SIZES = 2  # without which nothing is known of growth
GROWTH = 1.5  # with which the next size's seconds are foreseen
WORKING_MEMORY_MIB = 1024  # scikit-learn's own limit of a block of distances
EPOCHS: Any = pkgutil.resolve_name("l1000_bench.models.epochs")  # by name, as all that belongs to the networks
RESIDENT_BYTES: int = EPOCHS.RESIDENT_BYTES
STOPPED_EARLY = 0.8  # of the seconds that all passes would take


class Measurement:
    """Measures a probe size by size.

    Args:
        probe: What to measure.
        folder: Holds the profiles and their codes.
        emit: Is told what was found, as soon as it was.
    """

    def __init__(self, probe: Probe, folder: Path, emit: Emit) -> None:
        self.probe, self.folder, self.emit = probe, folder, emit
        self.spec = ClassifierSpec.from_config(probe.classifier)
        edges = {name: pd.DataFrame(table) for name, table in probe.edges.items()}
        self.pyramids = Pyramids(tuple(probe.gene_ids), edges, probe.directed_graphs)
        parameters = self.spec.build(probe.setting, threads=1)[-1].get_params()
        counted = [name for name in probe.passes if is_whole(parameters.get(name)) and parameters[name] > 0]
        self.passes_name = counted[0] if counted else None
        self.passes = int(parameters[self.passes_name]) if self.passes_name else 1
        stops = bool(parameters.get("early_stopping")) or parameters.get("tol") is not None
        self.may_stop = stops and self.passes > 1

    def run(self) -> None:
        """Measure two sizes, and further ones until the next would take more than the seconds that are left."""
        self.emit({"passes": self.passes, "counted": self.passes_name is not None, "may_stop": self.may_stop})
        end = 0.0
        taken = [0.0]  # seconds of every size so far
        for number, size in enumerate(self.probe.sizes):
            growth = (size / self.probe.sizes[number - 1]) ** GROWTH
            if number >= LEAST_SIZES and time.perf_counter() + growth * taken[-1] > end:
                return
            self.emit({"begun": size})
            X, codes = self._read(size)
            _hold_blocks_as_often(size / self.probe.n_samples)
            first = self._fit(X, codes, 1)[1] if number == 0 else 0.0
            if number == 0:
                end = time.perf_counter() + self.probe.seconds
            point = self._measure(X, codes)
            self.emit({"point": point._asdict()})
            if number == 0:
                self.emit({"start_seconds": max(0.0, first - point.fit_seconds)})
                self._fit_until_it_stops(X, codes, point.fit_seconds)
            taken.append(point.fit_seconds + self.probe.predicted * point.predict_seconds)
            del X

    def _measure(self, X: NDArray[np.float32], codes: NDArray[np.int64]) -> Point:
        """Fit and predict once."""
        estimator, seconds = self._fit(X, codes, 1)
        rows = X[np.arange(self.probe.predicted) % len(X)]
        started = time.perf_counter()
        predict(estimator, rows, self.probe.threads)
        predicting = time.perf_counter() - started
        return Point(len(X), seconds, predicting / len(rows), peak_kib() / 2**20)

    def _read(self, size: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        n_genes = len(self.probe.gene_ids)
        X = np.fromfile(self.folder / PROFILES, dtype=np.float32, count=size * n_genes).reshape(size, n_genes)
        return X, np.fromfile(self.folder / CODES, dtype=np.int64, count=size)

    def _fit(self, X: NDArray[np.float32], codes: NDArray[np.int64], passes: int) -> tuple[Pipeline, float]:
        """Fit as a final fit does, on a copy of the profiles; return the estimator and the seconds."""
        setting = self.probe.setting | ({self.passes_name: passes} if self.passes_name else {})
        estimator = self.spec.build(setting, self.probe.threads, self.pyramids)
        pyramid = estimator[-1].get_params(deep=False).get("pyramid")
        if pyramid is not None:
            self.emit({"vertices": pyramid.sizes[0]})
        chosen = X[np.arange(len(X))]
        started = time.perf_counter()
        fit(estimator, chosen, codes.astype(np.intp), self.probe.threads)
        return estimator, time.perf_counter() - started

    def _fit_until_it_stops(self, X: NDArray[np.float32], codes: NDArray[np.int64], seconds: float) -> None:
        """See after how many passes a fit stops by itself, within half of the seconds."""
        passes = min(self.passes, int(self.probe.seconds / 2 / seconds))
        if passes < 2 or not self.may_stop:
            return
        _, taken = self._fit(X, codes, passes)
        if taken < STOPPED_EARLY * passes * seconds:
            self.emit({"passes_needed": max(1.0, taken / seconds)})


def peak_kib() -> int:
    """Return the peak of this process's resident memory in KiB.

    Linux hands `ru_maxrss` down from the process that started this one, whose peak may be larger, so it is read
    elsewhere there.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(fields["VmHWM"].split()[0])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _hold_blocks_as_often(share: float) -> None:
    """Shrink the limits of what is held at once with the data, so that a subsample is cut as often as the whole.

    Args:
        share: The subsample's part of all profiles.
    """
    EPOCHS.RESIDENT_BYTES = int(RESIDENT_BYTES * min(1.0, share))
    set_config(working_memory=WORKING_MEMORY_MIB * min(1.0, share))


def main() -> None:
    """Run the probe of standard input over the files of this folder."""
    probe = Probe(**json.load(sys.stdin))
    Measurement(probe, Path.cwd(), partial(_write, sys.stdout)).run()


def _write(stream: Any, event: dict[str, Any]) -> None:
    stream.write(json.dumps(event) + "\n")
    stream.flush()


if __name__ == "__main__":
    main()
