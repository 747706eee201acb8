"""Small profiles and rotations, and lists of neighbours found the slow way."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from l1000_bench.neighbours.lists import NeighbourLists, Rotation

SCIPY = {"manhattan": "cityblock"}


def random_profiles(n: int, n_genes: int, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(size=(n, n_genes)).astype(np.float32)


def clustered_profiles(n: int, n_genes: int, seed: int = 0) -> NDArray[np.float32]:
    """Profiles around few centres, some very near to others, with zeros."""
    rng = np.random.default_rng(seed)
    centres = 3 * rng.normal(size=(7, n_genes))
    spread = rng.normal(size=(n, n_genes)) * rng.choice([0.05, 0.5], size=(n, 1))
    values = centres[rng.integers(0, 7, n)] + spread
    values[:, :2] = 0  # 0 / 0 in Canberra's terms
    return np.asarray(values, dtype=np.float32)


def fold_rotations(folds: NDArray[np.intp]) -> list[Rotation]:
    """The paper's rotations: fold i is dev, the next one test; a negative fold is unused."""
    n_folds = int(folds.max()) + 1
    rotations = []
    for fold in range(n_folds):
        held_out = [np.flatnonzero(folds == fold), np.flatnonzero(folds == (fold + 1) % n_folds)]
        training = np.setdiff1d(np.flatnonzero(folds >= 0), np.concatenate(held_out))
        rotations.append(Rotation(training, np.concatenate(held_out)))
    return rotations


def slow_distances(profiles: NDArray[np.float32], queries: NDArray[np.intp], metric: str) -> NDArray[np.float64]:
    """scipy's, (n_queries, n_profiles), with scikit-learn's 1 for the cosine of zeros."""
    values = profiles.astype(np.float64)
    name: Any = SCIPY.get(metric, metric)
    distances = np.asarray(cdist(values[queries], values, name))
    return np.nan_to_num(distances, nan=1.0) if metric == "cosine" else distances


def listed(lists: NeighbourLists, rotation: Rotation) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """All neighbours that the lists of a rotation hold."""
    return lists.of(rotation.training, rotation.queries, min(lists.indices.shape[1], len(rotation.training)))


def assert_same(one: NeighbourLists, other: NeighbourLists) -> None:
    assert (one.metric, one.training_sets) == (other.metric, other.training_sets)
    for name in ("starts", "rows", "indices", "distances"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
