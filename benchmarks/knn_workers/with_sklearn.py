"""scikit-learn's brute force: `python -m knn_workers.with_sklearn FOLDER`.

A cross-validation fits on every rotation's training profiles and searches the neighbours of its dev and test profiles.
Measured are some queries of some rotations; the seconds are scaled to all.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from gcnn_workers.worker import seconds_of, serve
from sklearn.neighbors import NearestNeighbors

from knn_workers.data import N_FOLDS, N_PROFILES, N_QUERIES, N_TRAINING, K, folds, profiles, tell

ROTATIONS, QUERIES = (0, 5), 256  # that are measured; of each rotation


def search() -> Any:
    """Return an unfitted search."""
    return NearestNeighbors(n_neighbors=K, metric="canberra", algorithm="brute")


def main(folder: Path) -> None:
    """Make the profiles and wait for tasks."""
    values = profiles(N_TRAINING + N_QUERIES)
    fitted = search().fit(values[:N_TRAINING])
    own, fold = profiles(N_PROFILES), folds(N_PROFILES)
    found: list[Any] = []

    def query() -> float:
        seconds = seconds_of(lambda: found.append(fitted.kneighbors(values[N_TRAINING:])), 1)
        tell(folder, "sklearn", found.pop()[1])
        return seconds

    def cross_validate() -> None:
        for rotation in ROTATIONS:
            held_out = (fold == rotation) | (fold == (rotation + 1) % N_FOLDS)
            search().fit(own[~held_out]).kneighbors(own[np.flatnonzero(held_out)[:QUERIES]])

    share = len(ROTATIONS) * QUERIES / (2 * N_PROFILES)  # every profile is a query twice
    serve("CPU", ("scikit-learn", "numpy"), {"query": query, "cv": lambda: seconds_of(cross_validate, 1) / share})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
