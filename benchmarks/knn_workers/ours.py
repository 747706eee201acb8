"""Ours: `python -m knn_workers.ours FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from gcnn_workers.worker import THREADS, seconds_of, serve

from knn_workers.data import N_FOLDS, N_PROFILES, N_QUERIES, N_TRAINING, K, folds, profiles, tell
from l1000_bench.neighbours.cross_validation import cross_validation_neighbours
from l1000_bench.neighbours.lists import NeighbourLists, Rotation


def rotations(n: int) -> list[Rotation]:
    """Return the rotations of a cross-validation of n profiles."""
    fold = folds(n)
    held_out = [(fold == number) | (fold == (number + 1) % N_FOLDS) for number in range(N_FOLDS)]
    return [Rotation(np.flatnonzero(~out), np.flatnonzero(out)) for out in held_out]


def main(folder: Path) -> None:
    """Make the profiles and wait for tasks."""
    values = profiles(N_TRAINING + N_QUERIES)
    batch = Rotation(np.arange(N_TRAINING), np.arange(N_TRAINING, N_TRAINING + N_QUERIES))
    every, own = rotations(N_PROFILES), profiles(N_PROFILES)
    found: list[NeighbourLists] = []

    def query() -> None:
        found[:] = [cross_validation_neighbours(values, [batch], "canberra", THREADS)]

    def cross_validate() -> None:
        found[:] = [cross_validation_neighbours(own, every, "canberra", THREADS)]

    def timed_query() -> float:
        seconds = seconds_of(query, 1)
        tell(folder, "ours", found[0].of(batch.training, batch.queries, K)[1])
        return seconds

    serve("CPU", ("numba", "numpy"), {"query": timed_query, "cv": lambda: seconds_of(cross_validate, 1)})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
