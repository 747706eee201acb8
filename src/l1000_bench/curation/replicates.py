"""Which samples are replicates of one signature, and what is known of the signature."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l1000_bench.errors import InputError

IDENTITY = ("pert_id", "pert_type", "cell_id", "subject_id")  # what replicates share, or they are none
SHARE_OF_MEMORY = 2  # values that are read, and what is made of them


class Groups(NamedTuple):
    """Groups of samples, each with at least one.

    Attributes:
        names: (n_groups,) text.
        members: (n_members,) positions of the samples, ascending within a group, group after group.
        starts: (n_groups + 1,) where in `members` each group begins, and the last ends.
    """

    names: NDArray[np.object_]
    members: NDArray[np.intp]
    starts: NDArray[np.intp]

    def only(self, wanted: NDArray[np.intp]) -> Groups:
        """Return the groups at some positions (n,), in that order."""
        sizes = np.diff(self.starts)[wanted]
        starts = np.concatenate([[0], np.cumsum(sizes)])
        shift = np.repeat(self.starts[wanted] - starts[:-1], sizes)
        return Groups(self.names[wanted], self.members[np.arange(starts[-1]) + shift], starts)


def make_groups(names: pd.Series, positions: NDArray[np.intp]) -> Groups:
    """Group samples by name, in the order of the first sample of each.

    Args:
        names: (n,) the group of every sample; samples where it is missing are left out.
        positions: (n,) their positions, ascending.
    """
    codes, unique = pd.factorize(names.to_numpy(dtype=object))
    by_group = np.argsort(codes, kind="stable")[(codes < 0).sum() :]
    starts = np.concatenate([[0], np.cumsum(np.bincount(codes[codes >= 0], minlength=len(unique)))])
    return Groups(np.asarray(unique, dtype=object), positions[by_group], starts.astype(np.intp))


def batches(groups: Groups, n_genes: int, memory_mib: int) -> Iterator[Groups]:
    """Cut groups into runs whose float32 values, and as much again, fit into the memory; at least one group each."""
    rows = (memory_mib << 20) // (n_genes * 4 * SHARE_OF_MEMORY)
    first = 0
    while first < len(groups.names):
        fitting = int(np.searchsorted(groups.starts, groups.starts[first] + rows, side="right")) - 1
        last = max(first + 1, fitting)
        yield groups.only(np.arange(first, last))
        first = last


def group_replicates(samples: pd.DataFrame, positions: NDArray[np.intp], place: str) -> tuple[Groups, str]:
    """Find the replicates of every signature: by sig_id if any sample has one, or else by plate_set and well.

    Args:
        samples: One row per sample, with the columns sig_id, or plate_set, plate_id and well.
        positions: (n,) the rows to group, ascending.
        place: The dataset, for messages.

    Returns:
        The groups, named by sig_id or as `plate_set:well`, and what they were made by, in words.

    Raises:
        InputError: If neither is known of any sample, or two samples lie in one well of one plate.
    """
    if "sig_id" in samples.columns and samples["sig_id"].notna().any():
        return make_groups(samples["sig_id"].iloc[positions], positions), "sig_id"
    if "plate_set" in samples.columns:
        names = samples["plate_set"].astype("str") + ":" + samples["well"].astype("str")
        if names.notna().any():
            require_one_sample_per_well(samples, place)
            return make_groups(names.iloc[positions], positions), "plate_set and well"
    raise InputError(
        f"{place}: level 5 needs to know which samples are replicates, and they have neither a sig_id nor both "
        "plate_set and well; give the corpus a sig_info, or columns for the plate set and the well."
    )


def require_one_sample_per_well(samples: pd.DataFrame, place: str) -> None:
    """Refuse two plates with the same id: they show as wells that are used twice.

    Raises:
        InputError: Naming the first such plate and its wells.
    """
    located = samples[["plate_id", "well"]].dropna()
    twice = located[located.duplicated()]
    if len(twice):
        plate = str(twice["plate_id"].iloc[0])
        wells = sorted(set(twice.loc[twice["plate_id"] == plate, "well"]))
        named = ", ".join(wells[:5]) + (", …" if len(wells) > 5 else "")
        raise InputError(
            f"{place}: {len(wells)} well(s) of the plate {plate!r} hold more than one sample ({named}), so two plates "
            f"seem to have the same id ({twice['plate_id'].nunique()} such id(s)); give every physical plate its own "
            "plate_id."
        )


def signature_samples(samples: pd.DataFrame, groups: Groups, place: str) -> pd.DataFrame:
    """Describe every signature by what its replicates have in common.

    A column holds the one value that is known of the replicates, and is missing where they differ.

    Args:
        samples: One row per sample.
        groups: The signatures' replicates.
        place: The dataset, for messages.

    Returns:
        One row per signature with the columns of `samples`, plate_id being the plate set, and n_replicates.

    Raises:
        InputError: If replicates differ in what makes them replicates.
    """
    table = {name: _common(samples[name], groups, place) for name in samples.columns if name != "sample_id"}
    described = pd.DataFrame({"sample_id": pd.Series(groups.names, dtype="str"), **table})
    if "plate_set" in described.columns:
        described["plate_id"] = described["plate_set"]
    return described.assign(n_replicates=np.diff(groups.starts).astype("int64"))


def differing(samples: pd.DataFrame, groups: Groups, described: pd.DataFrame) -> dict[str, int]:
    """Count the signatures whose replicates differ in their dose or time, which is missing in them.

    Args:
        samples: One row per sample.
        groups: The signatures' replicates.
        described: What `signature_samples` makes of them.

    Returns:
        Of each of the two that differs anywhere, the number of signatures.
    """
    counts = {}
    for name in described.columns.intersection(["dose", "time"]):
        known = np.maximum.reduceat(samples[name].notna().to_numpy()[groups.members], groups.starts[:-1])
        counts[name] = int((known & described[name].isna().to_numpy()).sum())
    return {name: count for name, count in counts.items() if count}


def _common(column: pd.Series, groups: Groups, place: str) -> pd.Series:
    codes, unique = pd.factorize(column)
    member_codes = codes[groups.members]
    highest = np.maximum.reduceat(member_codes, groups.starts[:-1])  # -1 where no replicate's value is known
    lowest = np.minimum.reduceat(np.where(member_codes < 0, len(unique), member_codes), groups.starts[:-1])
    differ = np.flatnonzero((highest >= 0) & (lowest != highest))
    if len(differ) and column.name in IDENTITY:
        first = differ[0]
        raise InputError(
            f"{place}: the replicates of {groups.names[first]!r} differ in their {column.name} "
            f"({unique[lowest[first]]} and {unique[highest[first]]}), and so do those of {len(differ) - 1} other "
            "signatures; correct the sig_id, or the plate_set and well, of those samples."
        )
    highest[differ] = -1
    return pd.Series(unique, name=column.name).reindex(highest).reset_index(drop=True)
