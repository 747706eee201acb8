"""What a search costs beside its fits, and what a second worker brings, on this machine and on a Dask cluster of it.

    python benchmarks/search.py [--rounds 5]

Every trial is a decision tree on profiles of 978 genes in 20 classes. "Two over one" is the time of a trial of four
rotations on one worker over that on two, in processes of this machine and on Dask workers of one thread each; all
workers were started before and take turns, one, two, one, two. The overhead is of searches of two trials of ten
rotations in one process of this machine, and for comparison in the process that asks: the wall time of the whole search
(settings are drawn, data are written and opened, records are kept, tables made) less that of its fits and predictions,
over that of its fits. Medians over the rounds count; every fit has one thread. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from contextlib import ExitStack
from importlib.metadata import version
from itertools import count
from pathlib import Path
from typing import NamedTuple

import numpy as np
from distributed import Client, LocalCluster

from l1000_bench.runners.dask_trials import DaskTrials
from l1000_bench.search.benchmark_data import BenchmarkData
from l1000_bench.search.cell import CellSpec
from l1000_bench.search.cell_data import CellData
from l1000_bench.search.engine import Engine, LocalProcesses
from l1000_bench.search.records import RecordStore
from l1000_bench.search.spaces import Space
from l1000_bench.search.trials import Trials

GENES, CLASSES = 978, 20
TREE = {"name": "tree", "class": "sklearn.tree.DecisionTreeClassifier", "label": "Tree"}
SPACE = {"ccp_alpha": {"dist": "loguniform", "low": 1e-12, "high": 1e-11}, "random_state": 1}
SAMPLES = {4: 1600, 10: 900}  # by the number of folds: a fit of a second or more
TRIALS = {4: 1, 10: 2}


class Search(NamedTuple):
    """Seconds of a search."""

    wall: float
    fits: float
    predictions: float

    @property
    def overhead_percent(self) -> float:
        """What it took beside its fits and predictions, per cent of its fits."""
        return 100 * (self.wall - self.fits - self.predictions) / self.fits


class Bench:
    """A cell whose trials are timed.

    Args:
        folder: For its data and records.
        n_folds: Number of its folds, so of its rotations.
    """

    def __init__(self, folder: Path, n_folds: int) -> None:
        folder.mkdir()
        rng = np.random.default_rng(0)
        codes, folds = rng.integers(0, CLASSES, SAMPLES[n_folds]), rng.integers(0, n_folds, SAMPLES[n_folds])
        profiles = rng.standard_normal((len(codes), GENES), dtype=np.float32)
        profiles[:, :CLASSES] += np.eye(CLASSES, dtype=np.float32)[codes]
        matrix = folder / "matrix.npy"
        np.save(matrix, profiles)
        rotations = {}
        for rotation in range(n_folds):
            masks = {"dev": folds == rotation, "test": folds == (rotation + 1) % n_folds}
            masks["train"] = ~masks["dev"] & ~masks["test"]
            rotations[rotation] = {role: np.flatnonzero(mask) for role, mask in masks.items()}
        classes = np.array([f"class {code}" for code in range(CLASSES)], dtype=object)
        ids = np.array([f"sample {number}" for number in range(len(codes))], dtype=object)
        data = BenchmarkData(np.load(matrix, mmap_mode="r"), ids, codes, classes, rotations, "made.class.tree")
        cell = CellSpec("made", "class", "class", TREE, [], [], 1)
        self._data = CellData(cell, data, tuple(str(gene) for gene in range(GENES)), matrix, f"made {n_folds}")
        self._store = RecordStore(folder / "records")
        self._n_trials = TRIALS[n_folds]
        self._seeds = count()

    def run(self, engine: Engine | None) -> Search:
        """Draw and run trials that were not run before."""
        started = time.perf_counter()
        settings = Space.read(SPACE).settings(self._n_trials, next(self._seeds))
        outcome = Trials(self._data, settings, self._store).run(engine)
        wall = time.perf_counter() - started
        if outcome.trials["error"].notna().any():
            raise SystemExit(f"a trial failed: {outcome.trials['error'].dropna().iloc[0]}")
        return Search(wall, outcome.costs["fit_seconds"].sum(), outcome.costs["predict_seconds"].sum())


def take_turns(bench: Bench, engines: dict[str, Engine | None], rounds: int) -> dict[str, list[Search]]:
    """Search on every engine uncounted, then once in every round."""
    searches: dict[str, list[Search]] = {name: [] for name in engines}
    for number in range(1 + rounds):
        for name, engine in engines.items():
            search = bench.run(engine)
            if number:
                searches[name].append(search)
    return searches


def two_over_one(searches: dict[str, list[Search]]) -> float:
    """Return the median over the rounds of the time on one worker over that on two."""
    return statistics.median(one.wall / two.wall for one, two in zip(searches["one"], searches["two"], strict=True))


def main() -> None:
    """Measure, print a table, and the JSON object on the last line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        clients = {}
        for workers, number in (("one", 1), ("two", 2)):
            cluster = LocalCluster(n_workers=number, threads_per_worker=1, dashboard_address=":0", memory_limit=0)
            clients[workers] = stack.enter_context(Client(stack.enter_context(cluster), set_as_default=False))
        on_dask: dict[str, Engine | None] = {w: DaskTrials(client, "made.class.tree") for w, client in clients.items()}
        local = {"one": LocalProcesses(1), "two": LocalProcesses(2)}
        for engine in local.values():
            stack.callback(engine.close)
        four, ten = Bench(Path(name) / "four", 4), Bench(Path(name) / "ten", 10)
        here = take_turns(four, {**local}, rounds)
        there = take_turns(four, on_dask, rounds)
        alone = take_turns(ten, {"own process": local["one"], "same process": None}, rounds)
    report(here, there, alone)


def report(here: dict[str, list[Search]], there: dict[str, list[Search]], alone: dict[str, list[Search]]) -> None:
    """Print what was measured."""
    print(f"{'4 rotations':14} {'one':>8} {'two':>8}  s on workers")
    for place, both in (("this machine", here), ("Dask", there)):
        walls = (f"{statistics.median(search.wall for search in both[n]):8.2f}" for n in ("one", "two"))
        print(f"{place:14} {' '.join(walls)}")
    overheads = {place: statistics.median(s.overhead_percent for s in turns) for place, turns in alone.items()}
    print(f"\n{'2 x 10':14} {'wall':>8} {'fits':>8} {'overhead':>9}")
    for place, turns in alone.items():
        wall, fits = (statistics.median(getattr(search, kind) for search in turns) for kind in ("wall", "fits"))
        print(f"{place:14} {wall:6.2f} s {fits:6.2f} s {overheads[place]:7.2f} %")
    ratios = {"dask_two_over_one": two_over_one(there), "local_two_over_one": two_over_one(here)}
    figures = {
        "overhead_percent": overheads["own process"],
        "overhead_percent_same_process": overheads["same process"],
        "trial_seconds": statistics.median(search.wall / TRIALS[10] for search in alone["own process"]),
    }
    print(
        json.dumps(
            {
                "name": "search",
                "ratios": {name: round(value, 3) for name, value in ratios.items()},
                "figures": {name: round(value, 2) for name, value in figures.items()},
                "versions": {name: version(name) for name in ("dask", "distributed", "numpy", "scikit-learn")},
            }
        )
    )


if __name__ == "__main__":
    main()
