"""From candidates by float32 distances to lists that are exact in float64, or made anew where they might not be."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from l1000_bench.neighbours.bounds import Bound
from l1000_bench.neighbours.candidates import Candidates
from l1000_bench.neighbours.exact import EXACT, Asked, Moments
from l1000_bench.neighbours.lists import MOST_NEIGHBOURS, NeighbourLists
from l1000_bench.neighbours.plan import Plan

logger = logging.getLogger(__name__)

_LISTS_AT_ONCE = 1024
_NO_ROW = np.iinfo(np.int32).max  # sorts behind every row


@dataclass(frozen=True, eq=False)
class Rerank:
    """What is ranked anew.

    Attributes:
        profiles: (n_profiles, n_genes) float32.
        metric: One of `METRICS`.
        plan: The lists that are wanted.
        moments: Of the profiles, for the metric.
        bound: How far the candidates' distances may be off; None where they tell nothing.
    """

    profiles: NDArray[np.float32]
    metric: str
    plan: Plan
    moments: Moments
    bound: Bound | None

    def run(self, candidates: Candidates, n_threads: int) -> NeighbourLists:
        """Return the lists in the order of sets and rows.

        A list is proved where its last neighbour is nearer than any row that is no candidate can be. The others, such
        as those that many equal distances straddle, are made anew from their whole training sets.
        """
        rows = self.plan.list_rows()
        order = np.lexsort((rows, self.plan.sets))  # (n_lists,) the lists' numbers in the plan
        shape = (len(order), MOST_NEIGHBOURS)
        lists = NeighbourLists(
            metric=self.metric,
            training_sets=self.plan.training_sets,
            starts=np.searchsorted(self.plan.sets[order], np.arange(len(self.plan.training_sets) + 1)),
            rows=rows[order].astype(np.int32),
            indices=np.empty(shape, dtype=np.int32),
            distances=np.empty(shape, dtype=np.float64),
        )
        parts = [slice(start, start + _LISTS_AT_ONCE) for start in range(0, len(order), _LISTS_AT_ONCE)]
        with ThreadPoolExecutor(n_threads) as pool:
            proved = list(pool.map(lambda part: self._rank(candidates, order[part], lists, part), parts))
            doubtful = np.flatnonzero(~np.concatenate([np.ones(0, dtype=np.bool_), *proved]))
            if len(doubtful):
                logger.info(
                    "%d of %d lists of %s neighbours are too close to tell apart in float32; they are made anew in "
                    "float64",
                    len(doubtful),
                    len(order),
                    self.metric,
                )
            list(pool.map(partial(self._make_anew, lists), doubtful))
        return lists

    def _rank(
        self, candidates: Candidates, numbers: NDArray[np.intp], lists: NeighbourLists, part: slice
    ) -> NDArray[np.bool_]:
        """Rank the candidates of some lists; return which of them are proved."""
        others = candidates.neighbours[numbers]  # (n, CANDIDATES)
        distances = self._distances(lists.rows[part], others)
        missing = others < 0
        keys = np.where(missing, np.nan, distances), np.where(missing, _NO_ROW, others)
        nearest = np.lexsort(keys[::-1], axis=1)[:, :MOST_NEIGHBOURS]  # NaN comes last
        lists.distances[part] = np.take_along_axis(distances, nearest, axis=1)
        lists.indices[part] = np.take_along_axis(others, nearest, axis=1)
        if self.bound is None:
            return np.zeros(len(numbers), dtype=np.bool_)
        farthest = self.bound.lowest(candidates.distances[numbers, 0].astype(np.float64))
        return missing.any(axis=1) | (lists.distances[part][:, -1] < self._from_sums(farthest))

    def _from_sums(self, sums: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the distances (n,) of what `kernels` sums up."""
        if self.metric == "euclidean":
            return np.sqrt(np.maximum(sums, 0))
        return 1 + sums if self.metric in ("correlation", "cosine") else sums

    def _make_anew(self, lists: NeighbourLists, place: int) -> None:
        number = int(np.searchsorted(lists.starts, place, side="right")) - 1
        training = self.plan.trainings[number].astype(np.int32)
        distances = self._distances(lists.rows[place : place + 1], training[np.newaxis])[0]
        nearest = np.argsort(distances, kind="stable")[:MOST_NEIGHBOURS]  # rows ascend, so equals stay in their order
        lists.distances[place] = np.inf
        lists.distances[place, : len(nearest)] = distances[nearest]
        lists.indices[place] = -1
        lists.indices[place, : len(nearest)] = training[nearest]

    def _distances(self, rows: NDArray[np.int32], others: NDArray[np.int32]) -> NDArray[np.float64]:
        """Return the distances (n, n_others) of rows (n,) to others (n, n_others)."""
        out = np.empty(others.shape)
        EXACT[self.metric](self.profiles, Asked(rows.astype(np.intp), others), self.moments, out)
        return out
