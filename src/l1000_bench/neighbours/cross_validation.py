"""The nearest neighbours that cross-validation needs: of all rotations of all tasks of a dataset in one pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from l1000_bench.errors import InputError
from l1000_bench.neighbours.bounds import extent_of, float32_bound
from l1000_bench.neighbours.candidates import Candidates
from l1000_bench.neighbours.exact import Moments
from l1000_bench.neighbours.lists import METRICS, NeighbourLists, Rotation
from l1000_bench.neighbours.pairs import AllPairs, Pair, Rounds
from l1000_bench.neighbours.plan import plan_lists
from l1000_bench.neighbours.rerank import Rerank

Progress = Callable[[Iterable[list[Pair]]], Iterable[list[Pair]]]


def cross_validation_neighbours(
    profiles: NDArray[np.float32],
    rotations: Sequence[Rotation],
    metric: str,
    n_threads: int,
    progress: Progress | None = None,
) -> NeighbourLists:
    """Find the `MOST_NEIGHBOURS` nearest training profiles of every query of every rotation, exactly.

    Every pair of profiles is computed once, in float32, and serves both sides and all rotations. Of each list somewhat
    more candidates are kept than neighbours, ranked by their distances in float64, and the list is proved: no other
    profile can be nearer by more than rounding hides. A list that cannot be proved is made anew from its whole training
    set in float64. So the result does not depend on the order of the work or the number of threads.

    Held in memory: the profiles, as they come (of a memory map, the pages that are read: all of them); per list 64
    candidates of 8 bytes and 50 neighbours of 12 bytes; per thread 1.1 MB at 978 genes. For 156,461 profiles in ten
    folds that is 584 MiB, 328 MiB and 2 MiB per thread.

    Args:
        profiles: (n, n_genes) float32 in C order; may be a memory map. Only the rows of the rotations are read.
        rotations: Training and query rows, of one task or several. A query is never its own neighbour.
        metric: One of `METRICS`.
        n_threads: Threads, at least 1.
        progress: Wraps the rounds of the pass, to show them.

    Returns:
        One list per training set and query.

    Raises:
        InputError: If the metric is unknown, the profiles are not such an array or hold a value that is not finite, or
            a rotation does not fit, see `plan_lists`.
    """
    if metric not in METRICS:
        raise InputError(f"no neighbours can be found by the metric {metric!r}; it can be {', '.join(METRICS)}.")
    if n_threads < 1:
        raise InputError(f"neighbours were to be found with {n_threads} threads; give at least 1.")
    profiles = _plain(profiles)
    plan = plan_lists(len(profiles), rotations)
    bound = float32_bound(metric, profiles.shape[1], extent_of(profiles, plan.rows))
    moments = Moments.of(profiles, plan.rows, metric)
    candidates = Candidates.empty(plan)
    if bound is not None:
        layout = moments.layout() if metric in ("correlation", "cosine") else None
        pairs = AllPairs(profiles, metric, plan, layout, candidates)
        pairs.run((progress or iter)(Rounds.of(plan)), n_threads)
    return Rerank(profiles, metric, plan, moments, bound).run(candidates, n_threads)


def _plain(profiles: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a read-only view of the profiles; compiled code is made once for all of them."""
    plain = np.asarray(profiles)
    if plain.ndim != 2 or plain.dtype != np.float32 or not plain.flags.c_contiguous or not plain.shape[1]:
        raise InputError(
            f"profiles are {plain.dtype} of shape {plain.shape}; neighbours are found among float32 profiles "
            "(n_samples, n_genes) in C order."
        )
    view = plain.view()
    view.flags.writeable = False
    return view
