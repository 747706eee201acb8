"""Folds and the rotations that are made of them.

Samples are dealt one by one (`deal_folds`) or in whole groups (`deal_groups`). With a dev fold, in rotation i fold i is
dev, fold (i + 1) mod K is test and the others train (McDermott et al. 2020, section 3.3).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l1000_bench.curation.splits import DEV, ROLES, TEST, TRAIN, UNUSED


def deal_folds(samples: pd.DataFrame, stratify_by: Sequence[str], n_folds: int, seed: int) -> NDArray[np.intp]:
    """Deal samples to folds so that every stratum, and every value of each column, is shared out evenly.

    Each stratum gives every fold the same number; what is left over goes, one by one, to the folds that have had the
    fewest left-overs of the same column values, so that strata smaller than K do not pile up. The row order of
    the samples does not matter.

    Args:
        samples: Column sample_id and the columns of `stratify_by`.
        stratify_by: Columns whose joint values make the strata; missing values make one of their own.
        n_folds: K.
        seed: Seed of the shuffle.

    Returns:
        (n_samples,) the fold of each sample, 0 to K - 1.
    """
    rng = np.random.default_rng(seed)
    codes = np.stack([pd.factorize(samples[column], sort=True)[0] + 1 for column in stratify_by])  # (n_columns, n)
    by_id = np.argsort(samples["sample_id"].to_numpy(dtype=object), kind="stable")
    shuffled = by_id[rng.permutation(len(samples))]
    values, stratum = np.unique(codes, axis=1, return_inverse=True)  # (n_columns, n_strata), (n,)
    members = np.split(shuffled[np.argsort(stratum[shuffled], kind="stable")], np.cumsum(np.bincount(stratum))[:-1])
    leftovers = np.zeros((len(values), int(codes.max(initial=0)) + 1, n_folds))  # per column, value and fold
    size = np.zeros(n_folds)
    folds = np.empty(len(samples), dtype=np.intp)
    for number in sorted(range(len(members)), key=lambda s: -len(members[s])):
        own = leftovers[np.arange(len(values)), values[:, number]]  # (n_columns, K)
        favoured = np.lexsort((size, own.sum(axis=0)))
        extra = favoured[: len(members[number]) % n_folds]
        leftovers[np.arange(len(values))[:, None], values[:, number, None], extra[None, :]] += 1
        size[extra] += 1
        folds[members[number]] = np.resize(favoured, len(members[number]))
    return folds


def deal_groups(classes: NDArray[np.generic], groups: NDArray[np.generic], n_folds: int, seed: int) -> NDArray[np.intp]:
    """Deal whole groups to folds so that every class is shared out evenly.

    The groups come largest first; those of one size in an order that the seed shuffles. Each goes to the fold that has
    the least of its classes: the smallest sum, over the group's classes, of the share of the class's groups that
    lie there already; among equals the smallest sum of the shares of the classes' samples, then the fewest samples.
    So a class that shares no group with another has as many groups in one fold as in the next, but for one, and no
    fold stays empty if there are K groups. The row order of the samples does not matter. (Dealing the largest first
    to where there is least is Graham's 1969 rule for balanced schedules.)

    Args:
        classes: (n_samples,) class of each sample.
        groups: (n_samples,) name or number of each sample's group.
        n_folds: K.
        seed: Seed of the shuffle.

    Returns:
        (n_samples,) the fold of each sample, 0 to K - 1.
    """
    names, group = np.unique(groups, return_inverse=True)  # sorted, hence the same for any row order
    kinds, kind = np.unique(classes, return_inverse=True)
    pairs, count = np.unique(group * len(kinds) + kind, return_counts=True)  # the classes of every group, by group
    starts = np.searchsorted(pairs, np.arange(len(names) + 1) * len(kinds))
    own_kinds = pairs % len(kinds)
    of_kind = np.stack([np.bincount(own_kinds, minlength=len(kinds)), np.bincount(kind, minlength=len(kinds))])
    sizes = np.bincount(group, minlength=len(names))
    shuffled = np.random.default_rng(seed).permutation(len(names))
    there = np.zeros((2, len(kinds), n_folds))  # the groups and the samples of a class in a fold
    filled = np.zeros(n_folds)
    fold_of = np.empty(len(names), dtype=np.intp)
    for number in shuffled[np.argsort(-sizes[shuffled], kind="stable")]:
        own = slice(starts[number], starts[number + 1])
        shares = (there[:, own_kinds[own]] / of_kind[:, own_kinds[own], None]).sum(axis=1)  # (2, K)
        # Rounded, so that sums that are equal on paper are so here.
        least = np.lexsort((filled, *shares[::-1].round(9)))[0]
        there[0, own_kinds[own], least] += 1
        there[1, own_kinds[own], least] += count[own]
        filled[least] += sizes[number]
        fold_of[number] = least
    return fold_of[group]


def rotate(sample_ids: NDArray[np.object_], folds: NDArray[np.intp], n_folds: int, *, dev: bool = True) -> pd.DataFrame:
    """Turn folds into rotations.

    Args:
        sample_ids: (n_samples,) text.
        folds: (n_samples,) 0 to K - 1, or -1 for a sample that is not used.
        n_folds: K.
        dev: Whether a fold is held out as dev.

    Returns:
        The split table, see `l1000_bench.curation.splits.make_split`.
    """
    return split_table(sample_ids, rotation_roles(folds, n_folds, dev))


def rotation_roles(folds: NDArray[np.intp], n_folds: int, dev: bool) -> NDArray[np.intp]:
    """Give every sample its role in every rotation.

    Args:
        folds: (n_samples,) 0 to K - 1, or -1 for a sample that is not used.
        n_folds: K.
        dev: With it, fold i is dev in rotation i and fold i + 1 is test; without, fold i is test.

    Returns:
        (K, n_samples) positions in `ROLES`.
    """
    rotations = np.arange(n_folds)[:, None]
    tested = (rotations + 1) % n_folds if dev else rotations
    roles = np.where(folds == tested, TEST, TRAIN)
    if dev:
        roles = np.where(folds == rotations, DEV, roles)
    return np.where(folds < 0, UNUSED, roles)


def split_table(sample_ids: NDArray[np.object_], roles: NDArray[np.intp]) -> pd.DataFrame:
    """Write roles as a split table.

    Args:
        sample_ids: (n_samples,) text.
        roles: (n_rotations, n_samples) positions in `ROLES`.

    Returns:
        The split table, see `l1000_bench.curation.splits.make_split`.
    """
    n_rotations = len(roles)
    ids = np.tile(np.arange(len(sample_ids)), n_rotations)
    return pd.DataFrame(
        {
            "rotation": np.repeat(np.arange(n_rotations), len(sample_ids)),
            "sample_id": pd.Categorical.from_codes(ids, pd.Index(sample_ids)),
            "role": pd.Categorical.from_codes(roles.ravel(), pd.Index(ROLES)),
        }
    )
