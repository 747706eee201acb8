"""Lists of neighbours that serve every rotation of every task of a dataset."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l1000_bench.errors import InputError, require
from l1000_bench.io.parts import Profiles
from l1000_bench.neighbours.cross_validation import cross_validation_neighbours
from l1000_bench.neighbours.lists import NeighbourLists, NeighbourWork, Rotation
from l1000_bench.search.benchmark_data import rotations_of
from l1000_bench.search.engine import cores
from l1000_bench.search.identity import sources_digest
from l1000_bench.search.rotation import SCORED_ROLES

Roles = Mapping[str, NDArray[np.intp]]

AGAIN = "run the pipeline graph_prep again, or for a search the pipeline search."


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
        _rotation(roles)
        for task, split in splits.items()
        for roles in rotations_of(split, profiles.sample_ids, f"{task} and {metric}").values()
    ]
    among, sources = profiles.digest, sources_digest("neighbours")
    digest = hashlib.sha256(f"{among} {metric} {sources}".encode())
    for rotation in rotations:
        for positions in rotation:
            digest.update(positions.astype(np.int64).tobytes() + b"|")
    return NeighbourWork(
        digest.hexdigest(),
        lambda: replace(
            cross_validation_neighbours(profiles.mapped(), rotations, metric, cores()), profiles=among, sources=sources
        ),
    )


def check_lists(lists: NeighbourLists, profiles: str, rotations: Iterable[Roles], place: str) -> None:
    """Refuse lists of neighbours that are not those of a benchmark: nothing in a list itself would tell.

    Args:
        lists: Of one metric.
        profiles: Digest of the benchmark's profiles.
        rotations: Of the benchmark: the positions of the samples of every role.
        place: For messages.

    Raises:
        InputError: If they were found among other profiles, by other sources, or lack a rotation's training set or a
            sample that it predicts.
    """
    found = f"{place}: the {lists.metric} neighbours in {lists.folder} were found"
    require(lists.profiles == profiles, f"{found} among other profiles than those of the dataset now; {AGAIN}")
    same = lists.sources == sources_digest("neighbours")
    require(same, f"{found} by other sources of l1000_bench than these; {AGAIN}")
    for roles in rotations:
        try:
            lists.places(*_rotation(roles))
        except InputError as error:
            raise InputError(f"{place}: {error}") from error


def _rotation(roles: Roles) -> Rotation:
    return Rotation(roles["train"], np.sort(np.concatenate([roles[role] for role in SCORED_ROLES])))
