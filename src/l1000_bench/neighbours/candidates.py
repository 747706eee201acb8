"""Lists of the nearest candidates by their float32 distances, which are inserted while pairs are computed."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from l1000_bench.neighbours.compiled import compiled
from l1000_bench.neighbours.lists import MOST_NEIGHBOURS
from l1000_bench.neighbours.plan import Plan

MARGIN = 14  # candidates beyond those that are kept, for what rounding to float32 may have put in another order
CANDIDATES = MOST_NEIGHBOURS + MARGIN


class Candidates(NamedTuple):
    """Lists as they grow, each a heap by (distance, row) whose farthest stands first.

    The order is total, so what a list holds in the end does not depend on the order in which pairs came.

    Attributes:
        rows: (n,) rows of the profiles that take part, see `Plan`.
        trains_in: (n, n_words) their membership.
        starts: (n + 1,) where the lists of each begin.
        sets: (n_lists,) the training set of every list.
        distances: (n_lists, CANDIDATES) float32; infinite where a list is not full.
        neighbours: (n_lists, CANDIDATES) int32 rows of the profiles; -1 where a list is not full.
    """

    rows: NDArray[np.intp]
    trains_in: NDArray[np.uint64]
    starts: NDArray[np.int64]
    sets: NDArray[np.int64]
    distances: NDArray[np.float32]
    neighbours: NDArray[np.int32]

    @classmethod
    def empty(cls, plan: Plan) -> Candidates:
        """Return the lists of a plan with nothing in them."""
        shape = (len(plan.sets), CANDIDATES)
        distances, neighbours = np.full(shape, np.inf, np.float32), np.full(shape, -1, np.int32)
        return cls(plan.rows, plan.trains_in, plan.starts, plan.sets, distances, neighbours)


class Span(NamedTuple):
    """The rows of a block, as places in a plan."""

    start: int
    end: int


@compiled()
def _farther(distance: float, row: int, other_distance: float, other_row: int) -> bool:
    return distance > other_distance or (distance == other_distance and row > other_row)


@compiled()
def _replace_farthest(distances: NDArray[np.float32], neighbours: NDArray[np.int32], distance: float, row: int) -> None:
    """Put a candidate into a list (CANDIDATES,) in the place of the farthest, which is the first."""
    place = 0
    while 2 * place + 1 < len(distances):
        child = 2 * place + 1
        other = child + 1
        if other < len(distances) and _farther(
            distances[other], neighbours[other], distances[child], neighbours[child]
        ):
            child = other
        if not _farther(distances[child], neighbours[child], distance, row):
            break
        distances[place], neighbours[place] = distances[child], neighbours[child]
        place = child
    distances[place], neighbours[place] = distance, row


@compiled()
def push(sums: NDArray[np.float32], own: Span, others: Span, lists: Candidates) -> None:
    """Insert the rows of one block into the lists of another's.

    Args:
        sums: (ROWS, ROWS) distances, the lists' own rows first.
        own: Whose lists are filled.
        others: The candidates; a row itself is in no training set of its lists.
        lists: Changed in place.
    """
    bits = 8 * lists.trains_in.itemsize
    for i in range(own.start, own.end):
        for number in range(lists.starts[i], lists.starts[i + 1]):
            word, bit = lists.sets[number] // bits, np.uint64(lists.sets[number] % bits)
            distances, neighbours = lists.distances[number], lists.neighbours[number]
            for j in range(others.start, others.end):
                distance = sums[i - own.start, j - others.start]
                # Most are too far: that is asked first, before the memory of the membership is touched.
                if distance > distances[0] or not lists.trains_in[j, word] >> bit & np.uint64(1):
                    continue
                row = lists.rows[j]
                if _farther(distances[0], neighbours[0], distance, row):
                    _replace_farthest(distances, neighbours, distance, row)
