"""Which lists of neighbours are wanted, and which rows may stand in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from l1000_bench.errors import InputError, require
from l1000_bench.neighbours.lists import Rotation, training_key

BITS = 64  # training sets in a word of membership


@dataclass(frozen=True, eq=False)
class Plan:
    """The lists of several rotations, each wanted once.

    Rows that train and are asked for alike stand together: in a cross-validation, the rows of a fold. The profiles of
    one fold are never one another's neighbours, so their pairs can be left out.

    Attributes:
        training_sets: (n_sets,) keys.
        trainings: Per set, its rows, ascending.
        rows: (n,) rows of the profiles that take part.
        trains_in: (n, n_words) uint64; bit s of a row says whether it is in training set s.
        starts: (n + 1,) int64; the lists of row i are those from `starts[i]` to `starts[i + 1]`.
        sets: (n_lists,) int64, the training set of every list.
    """

    training_sets: tuple[str, ...]
    trainings: tuple[NDArray[np.intp], ...]
    rows: NDArray[np.intp]
    trains_in: NDArray[np.uint64]
    starts: NDArray[np.int64]
    sets: NDArray[np.int64]

    def list_rows(self) -> NDArray[np.intp]:
        """Return (n_lists,) the row of the profiles whose neighbours each list holds."""
        return np.repeat(self.rows, np.diff(self.starts))

    def asked(self) -> NDArray[np.uint64]:
        """Return (n, n_words) the sets in which the neighbours of every row are wanted, as bits."""
        owners = np.repeat(np.arange(len(self.rows)), np.diff(self.starts))
        bits = np.zeros_like(self.trains_in)
        np.bitwise_or.at(bits, (owners, self.sets // BITS), np.uint64(1) << (self.sets % BITS).astype(np.uint64))
        return bits


def plan_lists(n_profiles: int, rotations: Sequence[Rotation]) -> Plan:
    """Find the lists that rotations need; training sets and lists that several share are kept once.

    Args:
        n_profiles: Rows that there are.
        rotations: Of any tasks.

    Raises:
        InputError: If there is no rotation, a rotation has no training rows, its rows are outside the profiles or named
            twice, or a row is both trained on and asked for.
    """
    require(len(rotations) > 0, "no rotation was given whose neighbours are wanted; give at least one.")
    for number, rotation in enumerate(rotations):
        _check(number, rotation, n_profiles)
    keys = [training_key(rotation.training) for rotation in rotations]
    trainings = {key: np.sort(rotation.training) for key, rotation in zip(keys, rotations, strict=True)}
    numbers = {key: number for number, key in enumerate(trainings)}
    trains_in = np.zeros((n_profiles, -(-len(numbers) // BITS)), dtype=np.uint64)
    for key, number in numbers.items():
        trains_in[trainings[key], number // BITS] |= np.uint64(1 << number % BITS)
    wanted = _wanted(rotations, [numbers[key] for key in keys])
    counts = np.bincount(wanted[:, 0], minlength=n_profiles)
    rows = _grouped(trains_in, counts)
    places = np.empty(n_profiles, dtype=np.intp)
    places[rows] = np.arange(len(rows))
    order = np.lexsort((wanted[:, 1], places[wanted[:, 0]]))
    return Plan(
        training_sets=tuple(numbers),
        trainings=tuple(trainings.values()),
        rows=rows,
        trains_in=trains_in[rows],
        starts=np.concatenate([[0], np.cumsum(counts[rows])]).astype(np.int64),
        sets=wanted[order, 1].astype(np.int64),
    )


def _wanted(rotations: Sequence[Rotation], sets: Sequence[int]) -> NDArray[np.intp]:
    """Return (n_lists, 2) the queries and the numbers of their training sets, each pair once."""
    parts = [
        np.stack([rotation.queries, np.full(len(rotation.queries), number)], axis=1)
        for rotation, number in zip(rotations, sets, strict=True)
    ]
    return np.asarray(np.unique(np.concatenate(parts), axis=0), dtype=np.intp)


def _grouped(trains_in: NDArray[np.uint64], counts: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the rows that take part, those of equal membership together."""
    takes_part = (counts > 0) | trains_in.any(axis=1)
    order = np.lexsort((counts > 0, *trains_in.T))
    return order[takes_part[order]]


def _check(number: int, rotation: Rotation, n_profiles: int) -> None:
    for name, rows in (("training", rotation.training), ("query", rotation.queries)):
        if rows.ndim != 1 or rows.dtype.kind not in "iu":
            raise InputError(
                f"rotation {number}: its {name} rows are {rows.dtype} of shape {rows.shape}; give row numbers."
            )
        if len(rows) and not (0 <= rows.min() and rows.max() < n_profiles):
            raise InputError(
                f"rotation {number}: its {name} rows lie between {rows.min()} and {rows.max()}, and there are "
                f"{n_profiles} profiles; number them from 0."
            )
        if len(np.unique(rows)) < len(rows):
            raise InputError(f"rotation {number}: a {name} row is named twice; name each once.")
    if not len(rotation.training):
        raise InputError(f"rotation {number} trains on no profile; give it training rows.")
    both = np.intersect1d(rotation.training, rotation.queries)
    if len(both):
        raise InputError(
            f"rotation {number}: {len(both)} profiles, the first in row {both[0]}, are both trained on and asked for; "
            "let each have one role."
        )
