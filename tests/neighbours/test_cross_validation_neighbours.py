from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from neighbour_data import (
    assert_same,
    clustered_profiles,
    fold_rotations,
    listed,
    random_profiles,
    slow_distances,
)
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from l1000_bench.errors import InputError
from l1000_bench.neighbours.cross_validation import cross_validation_neighbours
from l1000_bench.neighbours.lists import METRICS, MOST_NEIGHBOURS, NeighbourLists, Rotation, training_key

MAKERS = {"random": random_profiles, "clustered": clustered_profiles}
every_metric = pytest.mark.parametrize("metric", METRICS)


def found(profiles: NDArray[np.float32], rotations: list[Rotation], metric: str, n_threads: int = 2) -> NeighbourLists:
    return cross_validation_neighbours(profiles, rotations, metric, n_threads)


@pytest.mark.parametrize("kind", MAKERS)
@every_metric
def test_every_rotation_has_the_neighbours_that_scikit_learn_finds(metric: str, kind: str) -> None:
    profiles = MAKERS[kind](400, 33)
    rotations = fold_rotations(np.random.default_rng(1).integers(0, 5, len(profiles)))
    lists = found(profiles, rotations, metric)
    values = profiles.astype(np.float64)
    compared = tied = 0
    for rotation in rotations:
        search = NearestNeighbors(n_neighbors=51, metric=metric, algorithm="brute").fit(values[rotation.training])
        expected, places = search.kneighbors(values[rotation.queries])
        distances, rows = listed(lists, rotation)
        np.testing.assert_allclose(distances, expected[:, :50], rtol=1e-9, atol=1e-6)
        # Where two distances are alike, scikit-learn takes either row.
        apart = np.diff(expected, axis=1, prepend=-np.inf) > 1e-9
        sure = apart[:, :-1] & apart[:, 1:]
        np.testing.assert_array_equal(rows[sure], rotation.training[places[:, :50]][sure])
        compared, tied = compared + sure.size, tied + int((~sure).sum())
    assert tied <= 0.005 * compared


@every_metric
def test_equal_distances_are_ordered_by_row(metric: str) -> None:
    originals = random_profiles(60, 9, seed=3)
    profiles = np.concatenate([originals, originals[::-1], originals, originals[:20]])  # three or four of each
    rotations = fold_rotations(np.random.default_rng(2).integers(0, 4, len(profiles)))
    lists = found(profiles, rotations, metric)
    for rotation in rotations:
        expected = np.round(slow_distances(profiles, rotation.queries, metric)[:, rotation.training], 12)
        order = np.argsort(expected, axis=1, kind="stable")[:, :MOST_NEIGHBOURS]
        np.testing.assert_array_equal(listed(lists, rotation)[1], rotation.training[order])
        assert (listed(lists, rotation)[0][:, 0] == 0).mean() > 0.5  # duplicates are at distance 0, not near it


@every_metric
def test_threads_do_not_change_the_lists(metric: str) -> None:
    profiles = clustered_profiles(700, 40)
    rotations = fold_rotations(np.random.default_rng(4).integers(0, 10, len(profiles)))
    lists = found(profiles, rotations, metric, n_threads=1)
    assert_same(lists, found(profiles, rotations, metric, n_threads=2))
    assert_same(lists, found(profiles, rotations, metric, n_threads=5))


def test_tasks_with_other_splits_share_the_pass_and_change_nothing() -> None:
    profiles = random_profiles(300, 20)
    rng = np.random.default_rng(5)
    first, second = (fold_rotations(rng.integers(-1, 6, len(profiles))) for _ in range(2))  # -1: unused
    both = found(profiles, [*first, *second, *first], "canberra")
    assert len(both.training_sets) == 12
    for rotations in (first, second):
        alone = found(profiles, rotations, "canberra")
        for rotation in rotations:
            for mine, theirs in zip(listed(both, rotation), listed(alone, rotation), strict=True):
                np.testing.assert_array_equal(mine, theirs)


def test_folds_may_be_unequal_and_tiny_and_training_sets_smaller_than_the_lists() -> None:
    profiles = random_profiles(90, 12)
    folds = np.repeat([0, 1, 2, 3], [60, 25, 4, 1])
    rotations = fold_rotations(folds)
    lists = found(profiles, rotations, "manhattan")
    for rotation in rotations:
        expected = np.sort(slow_distances(profiles, rotation.queries, "manhattan")[:, rotation.training], axis=1)
        np.testing.assert_allclose(listed(lists, rotation)[0], expected[:, :MOST_NEIGHBOURS])
    small = lists.training_sets.index(training_key(rotations[0].training))  # folds 2 and 3: five profiles
    own = slice(*lists.starts[small : small + 2])
    assert (lists.indices[own, 5:] == -1).all()
    assert np.isposinf(lists.distances[own, 5:]).all()
    assert (lists.indices[own, :5] >= 85).all()
    assert np.isfinite(lists.distances[own, :5]).all()


def test_more_training_sets_than_bits_in_a_word_are_told_apart() -> None:
    profiles = random_profiles(210, 5)
    rotations = [Rotation(np.setdiff1d(np.arange(210), own), own) for own in np.arange(210).reshape(70, 3)]
    lists = found(profiles, rotations, "euclidean")
    for rotation in rotations:
        distances, rows = listed(lists, rotation)
        expected = slow_distances(profiles, rotation.queries, "euclidean")
        expected[:, rotation.queries] = np.inf
        order = np.argsort(expected, axis=1)[:, :MOST_NEIGHBOURS]
        np.testing.assert_array_equal(rows, order)
        np.testing.assert_allclose(distances, np.take_along_axis(expected, order, axis=1))


def test_profiles_may_be_a_memory_map_and_unused_rows_anything(tmp_path: Path) -> None:
    profiles = random_profiles(150, 30)
    folds = np.random.default_rng(6).integers(-1, 4, len(profiles))
    expected = found(profiles, fold_rotations(folds), "correlation")
    profiles[folds < 0] = np.nan
    np.save(tmp_path / "profiles.npy", profiles)
    mapped = np.load(tmp_path / "profiles.npy", mmap_mode="r")
    assert_same(found(mapped, fold_rotations(folds), "correlation"), expected)


def test_a_constant_profile_has_no_correlation_and_comes_last() -> None:
    profiles = random_profiles(80, 10)
    profiles[[3, 50]] = 0.1  # whose mean in float64 is not 0.1 to the last digit
    rotation = Rotation(np.arange(40), np.arange(40, 80))
    distances, rows = found(profiles, [rotation], "correlation").of(*rotation, 40)
    others = np.arange(40, 80) != 50
    assert (rows[others, -1] == 3).all()
    assert np.isnan(distances[others, -1]).all()
    assert np.isfinite(distances[others, :-1]).all()
    assert np.isnan(distances[~others]).all()
    np.testing.assert_array_equal(rows[~others], [np.arange(40)])


def test_a_zero_profile_has_cosine_distance_one_as_in_scikit_learn() -> None:
    profiles = random_profiles(80, 10)
    profiles[[3, 50]] = 0
    rotation = Rotation(np.arange(40), np.arange(40, 80))
    distances, rows = found(profiles, [rotation], "cosine").of(*rotation, 40)
    search = NearestNeighbors(n_neighbors=40, metric="cosine", algorithm="brute").fit(profiles[:40].astype(np.float64))
    expected, places = search.kneighbors(profiles[40:].astype(np.float64))
    np.testing.assert_allclose(distances, expected, atol=1e-12)
    np.testing.assert_array_equal(rows[:10], places[:10])  # row 50 ties with all
    np.testing.assert_array_equal(rows[10], np.arange(40))


AWKWARD = st.one_of(
    st.integers(-3, 3).map(float),
    st.floats(-100, 100, width=32),
    st.sampled_from([1e-30, -1e-37, 1e-12, 1e20, -3e38]),
)


@st.composite
def cases(draw: st.DrawFn, cells: st.SearchStrategy[float]) -> tuple[NDArray[np.float32], list[Rotation]]:
    n, n_genes = draw(st.integers(3, 30)), draw(st.integers(3, 20))
    profiles = draw(st.lists(cells, min_size=n * n_genes, max_size=n * n_genes))
    rotations = []
    for _ in range(draw(st.integers(1, 4))):
        roles = np.array(draw(st.lists(st.integers(0, 2), min_size=n, max_size=n)))
        roles[0] = 0
        rotations.append(Rotation(np.flatnonzero(roles == 0), np.flatnonzero(roles == 1)))
    return np.array(profiles, dtype=np.float32).reshape(n, n_genes), rotations


def check_case(metric: str, profiles: NDArray[np.float32], rotations: list[Rotation]) -> None:
    lists = found(profiles, rotations, metric)
    for rotation in rotations:
        expected = slow_distances(profiles, rotation.queries, metric)[:, rotation.training]
        distances, rows = listed(lists, rotation)
        scale = max(1.0, float(expected.max(initial=0)))
        np.testing.assert_allclose(distances / scale, np.sort(expected, axis=1)[:, :50] / scale, atol=1e-9)
        own = np.take_along_axis(expected, np.searchsorted(rotation.training, rows), axis=1)
        np.testing.assert_allclose(own / scale, distances / scale, atol=1e-9)
        steps = np.diff(distances, axis=1)
        assert (steps >= 0).all()
        assert (np.diff(rows, axis=1)[steps == 0] > 0).all()


@pytest.mark.parametrize("metric", METRICS[:4])
@settings(deadline=None, max_examples=40)
@given(case=cases(AWKWARD))
def test_no_profile_is_nearer_than_those_listed(metric: str, case: tuple[NDArray[np.float32], list[Rotation]]) -> None:
    check_case(metric, *case)


@pytest.mark.parametrize("metric", METRICS[4:])
@settings(deadline=None, max_examples=40)
@given(case=cases(st.integers(-20, 20).map(float)))
def test_no_profile_is_at_a_smaller_angle_than_those_listed(
    metric: str, case: tuple[NDArray[np.float32], list[Rotation]]
) -> None:
    profiles, rotations = case
    profiles[:, :2] = 30, 40  # none is constant, which has no correlation
    check_case(metric, profiles, rotations)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"metric": "corr"}, "no neighbours can be found by the metric 'corr'; it can be canberra, manhattan, "),
        ({"n_threads": 0}, "neighbours were to be found with 0 threads; give at least 1"),
        ({"rotations": []}, "no rotation was given whose neighbours are wanted"),
        (
            {"rotations": [Rotation(np.arange(3), np.arange(2, 5))]},
            "rotation 0: 1 profiles, the first in row 2, are both",
        ),
        (
            {"rotations": [Rotation(np.arange(3), np.array([7, 20]))]},
            "rotation 0: its query rows lie between 7 and 20, ",
        ),
        (
            {"rotations": [Rotation(np.array([-1, 3]), np.array([7]))]},
            "rotation 0: its training rows lie between -1 and",
        ),
        ({"rotations": [Rotation(np.array([3, 3]), np.array([7]))]}, "rotation 0: a training row is named twice"),
        ({"rotations": [Rotation(np.arange(0), np.array([7]))]}, "rotation 0 trains on no profile"),
        (
            {"rotations": [Rotation(np.array([0.5]), np.array([7]))]},
            "rotation 0: its training rows are float64 of shape",
        ),
        ({"profiles": np.zeros((20, 4))}, r"profiles are float64 of shape \(20, 4\); .* float32"),
        ({"profiles": np.zeros(20, np.float32)}, r"profiles are float32 of shape \(20,\)"),
        ({"profiles": np.zeros((4, 20), np.float32).T}, r"profiles are float32 of shape \(20, 4\); .* in C order"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(change: dict[str, object], sentence: str) -> None:
    arguments = {
        "profiles": random_profiles(20, 4),
        "rotations": [Rotation(np.arange(3), np.array([7]))],
        "metric": "canberra",
        "n_threads": 1,
    }
    with pytest.raises(InputError, match=sentence):
        cross_validation_neighbours(**(arguments | change))  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_value_that_is_not_finite_is_named(value: float) -> None:
    profiles = random_profiles(20, 4)
    profiles[7, 2] = value
    with pytest.raises(InputError, match=rf"the profile in row 7 holds {value} in column 2; .* finite values"):
        found(profiles, [Rotation(np.arange(3), np.array([7]))], "cosine")


def test_rounds_can_be_shown() -> None:
    shown: list[int] = []

    def progress(rounds):  # type: ignore[no-untyped-def]
        for number, pairs in enumerate(rounds):
            shown.append(number)
            yield pairs

    profiles = random_profiles(300, 4)  # three blocks of rows: the diagonal, and three rounds
    cross_validation_neighbours(profiles, [Rotation(np.arange(200), np.arange(200, 300))], "canberra", 1, progress)
    assert shown == [0, 1, 2, 3]
