"""Lists of neighbours that serve every rotation of every task of a dataset."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np
import pandas as pd

from l1000_bench.io.parts import Profiles
from l1000_bench.neighbours.cross_validation import cross_validation_neighbours
from l1000_bench.neighbours.lists import NeighbourWork, Rotation
from l1000_bench.search.benchmark_data import rotations_of
from l1000_bench.search.engine import cores
from l1000_bench.search.identity import sources_digest
from l1000_bench.search.rotation import SCORED_ROLES


def neighbour_work(profiles: Profiles, splits: Mapping[str, pd.DataFrame], metric: str) -> NeighbourWork:
    """Say how the lists of neighbours of a dataset are made, and what they depend on.

    Args:
        profiles: Stored profiles of the dataset.
        splits: The split table of every task.
        metric: See `l1000_bench.neighbours`.

    Returns:
        What the catalog stores, unless it has lists of the same digest.

    Raises:
        InputError: If a split names a sample that the dataset lacks.
    """
    rotations = [
        Rotation(roles["train"], np.sort(np.concatenate([roles[role] for role in SCORED_ROLES])))
        for task, split in splits.items()
        for roles in rotations_of(split, profiles.sample_ids, f"{task} and {metric}").values()
    ]
    digest = hashlib.sha256(f"{profiles.digest} {metric} {sources_digest('neighbours')}".encode())
    for rotation in rotations:
        for positions in rotation:
            digest.update(positions.astype(np.int64).tobytes() + b"|")
    return NeighbourWork(
        digest.hexdigest(),
        lambda: cross_validation_neighbours(profiles.mapped(), rotations, metric, cores()),
    )
