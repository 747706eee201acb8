from __future__ import annotations

import logging

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from neighbour_data import listed, random_profiles, slow_distances
from numpy.typing import NDArray

from l1000_bench.neighbours.bounds import Bound, extent_of, float32_bound
from l1000_bench.neighbours.candidates import CANDIDATES, Candidates
from l1000_bench.neighbours.cross_validation import cross_validation_neighbours
from l1000_bench.neighbours.exact import EXACT, Asked, Moments
from l1000_bench.neighbours.kernels import KERNELS, ROWS, fill_block, fill_scaled, new_block
from l1000_bench.neighbours.lists import METRICS, NeighbourLists, Rotation
from l1000_bench.neighbours.pairs import AllPairs, Rounds
from l1000_bench.neighbours.plan import plan_lists
from l1000_bench.neighbours.rerank import Rerank

EVERY = np.arange(2 * ROWS)
N_GENES = 61


def sums_of(profiles: NDArray[np.float32], metric: str) -> NDArray[np.float64]:
    """What the kernel of a metric computes for the first ROWS profiles and the next ROWS."""
    left, right, sums = new_block(N_GENES), new_block(N_GENES), np.empty((ROWS, ROWS), dtype=np.float32)
    for block, rows in ((left, EVERY[:ROWS]), (right, EVERY[ROWS:])):
        if metric in ("correlation", "cosine"):
            fill_scaled(profiles, rows, block, Moments.of(profiles, EVERY, metric).layout())
        else:
            fill_block(profiles, rows, block)
    KERNELS[metric](left, right, sums)
    return sums.astype(np.float64)


def true_sums_of(profiles: NDArray[np.float32], metric: str) -> NDArray[np.float64]:
    out = np.empty((ROWS, ROWS))
    others = np.broadcast_to(EVERY[ROWS:].astype(np.int32), out.shape).copy()
    EXACT[metric](profiles, Asked(EVERY[:ROWS], others), Moments.of(profiles, EVERY, metric), out)
    if metric == "euclidean":
        return out**2
    return out - 1 if metric in ("correlation", "cosine") else out


@pytest.mark.parametrize("metric", METRICS)
@settings(deadline=None, max_examples=25)
@given(
    seed=st.integers(0, 2**32 - 1),
    magnitude=st.sampled_from([1e-8, 1e-3, 1.0, 1e3, 1e14]),
    spread=st.sampled_from([1e-6, 1e-2, 1.0]),
    decades=st.sampled_from([0, 3]),
)
def test_kernels_err_by_no_more_than_the_bound(
    metric: str, seed: int, magnitude: float, spread: float, decades: int
) -> None:
    rng = np.random.default_rng(seed)
    centre = rng.choice([0.0, 1.0]) + rng.normal(size=N_GENES)
    values = magnitude * (centre + spread * rng.normal(size=(2 * ROWS, N_GENES)))
    values *= 10.0 ** rng.uniform(-decades, 0, values.shape)
    values[rng.random(values.shape) < 0.1] = 0
    profiles = values.astype(np.float32)
    bound = float32_bound(metric, N_GENES, extent_of(profiles, EVERY))
    assert bound is not None
    computed, true = sums_of(profiles, metric), true_sums_of(profiles, metric)
    assert (np.abs(computed - true) <= bound.relative * true + bound.absolute).all()
    assert (true >= bound.lowest(computed)).all()


def test_exact_distances_are_scipys() -> None:
    profiles = random_profiles(2 * ROWS, N_GENES)
    for metric in METRICS:
        expected = slow_distances(profiles, EVERY[:ROWS], metric)[:, ROWS:]
        true = true_sums_of(profiles, metric)
        found = np.sqrt(true) if metric == "euclidean" else true + (metric in ("correlation", "cosine"))
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)


# The certificate


def near_ties(n: int, seed: int = 0) -> NDArray[np.float32]:
    """Profiles whose distances to the last ten differ by less than float32 can tell, in no order of their rows."""
    profiles = np.ones((n, 200), dtype=np.float32)
    profiles[:, 0] += np.random.default_rng(seed).permutation(n).astype(np.float32) * np.float32(2.0**-23)
    profiles[-10:] = random_profiles(10, 200) ** 2
    return profiles


def ranked(profiles: NDArray[np.float32], rotation: Rotation, metric: str, bound: Bound | None) -> NeighbourLists:
    """The lists as a bound proves them."""
    profiles.flags.writeable = False
    plan = plan_lists(len(profiles), [rotation])
    moments = Moments.of(profiles, plan.rows, metric)
    candidates = Candidates.empty(plan)
    pairs = AllPairs(profiles, metric, plan, None, candidates)
    pairs.run(Rounds.of(plan), 1)
    return Rerank(profiles, metric, plan, moments, bound).run(candidates, 1)


@pytest.mark.parametrize("metric", ["canberra", "manhattan", "euclidean"])
def test_lists_that_float32_cannot_tell_apart_are_made_anew(metric: str, caplog: pytest.LogCaptureFixture) -> None:
    profiles = near_ties(400)
    rotation = Rotation(np.arange(390), np.arange(390, 400))
    expected = slow_distances(profiles, rotation.queries, metric)[:, :390]
    order = np.argsort(expected, axis=1, kind="stable")[:, :50]
    with caplog.at_level(logging.INFO):
        lists = cross_validation_neighbours(profiles, [rotation], metric, 2)
    assert f"10 of 10 lists of {metric} neighbours are too close to tell apart in float32" in caplog.text
    distances, rows = listed(lists, rotation)
    np.testing.assert_allclose(distances, np.take_along_axis(expected, order, axis=1), rtol=1e-14)
    # The distances differ by 1e-9 of themselves, and float64 sums in another order by 1e-15.
    np.testing.assert_array_equal(rows, order)
    # Without the certificate the candidates would have been believed, and some are others.
    believed = ranked(profiles, rotation, metric, Bound(0, 0))
    assert (listed(believed, rotation)[1] != order).any()


def test_lists_that_are_proved_are_not_made_anew(caplog: pytest.LogCaptureFixture) -> None:
    profiles = random_profiles(600, 100)
    rotation = Rotation(np.arange(400), np.arange(400, 600))
    with caplog.at_level(logging.INFO):
        proved = cross_validation_neighbours(profiles, [rotation], "canberra", 1)
    assert "anew" not in caplog.text
    with caplog.at_level(logging.INFO):
        anew = ranked(profiles, rotation, "canberra", None)
    assert "200 of 200 lists" in caplog.text
    for one, other in zip(listed(proved, rotation), listed(anew, rotation), strict=True):
        np.testing.assert_array_equal(one, other)


def test_more_duplicates_than_candidates_are_listed_by_row() -> None:
    profiles = random_profiles(300, 10)
    copies = np.random.default_rng(1).permutation(280)[: 2 * CANDIDATES]
    profiles[copies] = profiles[290]
    rotation = Rotation(np.arange(280), np.arange(280, 300))
    distances, rows = cross_validation_neighbours(profiles, [rotation], "correlation", 2).of(*rotation, 50)
    np.testing.assert_array_equal(rows[10], np.sort(copies)[:50])
    np.testing.assert_array_equal(distances[10], np.zeros(50))
    expected = np.round(slow_distances(profiles, rotation.queries, "correlation")[:, :280], 12)
    np.testing.assert_array_equal(rows, np.argsort(expected, axis=1, kind="stable")[:, :50])


@pytest.mark.parametrize(("metric", "magnitude"), [("euclidean", 1e18), ("canberra", 1e37), ("canberra", 1e-36)])
def test_values_beyond_float32_arithmetic_are_searched_in_float64(metric: str, magnitude: float) -> None:
    profiles = (random_profiles(200, 10) * magnitude).astype(np.float32)
    rotation = Rotation(np.arange(150), np.arange(150, 200))
    distances, rows = cross_validation_neighbours(profiles, [rotation], metric, 1).of(*rotation, 50)
    expected = slow_distances(profiles, rotation.queries, metric)[:, :150]
    order = np.argsort(expected, axis=1)[:, :50]
    np.testing.assert_array_equal(rows, order)
    np.testing.assert_allclose(distances, np.take_along_axis(expected, order, axis=1), rtol=1e-12)
