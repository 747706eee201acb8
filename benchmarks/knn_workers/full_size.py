"""A corpus of full size: `python -m knn_workers.full_size ROUNDS` plays some rounds of its pass and ranks its lists.

The rounds of the tournament cost alike, so a few tell of all; the memory is that of the whole work from its first round
on.
"""

from __future__ import annotations

import sys
import time

import numpy as np
from gcnn_workers.worker import THREADS, serve

from knn_workers.data import N_CORPUS, profiles
from knn_workers.ours import rotations
from l1000_bench.neighbours.bounds import extent_of, float32_bound
from l1000_bench.neighbours.candidates import Candidates
from l1000_bench.neighbours.exact import Moments
from l1000_bench.neighbours.pairs import AllPairs, Rounds
from l1000_bench.neighbours.plan import plan_lists
from l1000_bench.neighbours.rerank import Rerank

METRIC = "canberra"


def main(n_rounds: int) -> None:
    """Make the profiles and wait for the task."""
    values = profiles(N_CORPUS)
    values.flags.writeable = False

    def work() -> float:
        plan = plan_lists(len(values), rotations(len(values)))
        moments = Moments.of(values, plan.rows, METRIC)
        bound = float32_bound(METRIC, values.shape[1], extent_of(values, plan.rows))
        candidates = Candidates.empty(plan)
        rounds = Rounds.of(plan)
        chosen = set(np.linspace(1, len(rounds) - 1, n_rounds).astype(int))
        sample = [pairs for number, pairs in enumerate(rounds) if number in chosen]
        share = sum(map(len, sample)) / sum(map(len, rounds))
        started = time.perf_counter()
        AllPairs(values, METRIC, plan, None, candidates).run(sample, THREADS)
        passed = time.perf_counter()
        Rerank(values, METRIC, plan, moments, bound).run(candidates, THREADS)
        return (passed - started) / share + time.perf_counter() - passed

    serve("CPU", ("numba", "numpy"), {"work": work})


if __name__ == "__main__":
    main(int(sys.argv[1]))
