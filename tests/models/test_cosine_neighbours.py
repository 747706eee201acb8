"""Neighbours by the cosine of signs, of which many are equally far."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from sklearn.neighbors import KNeighborsClassifier

from l1000_bench.models import neighbours
from l1000_bench.models.neighbours import NeighboursClassifier

RNG = np.random.default_rng(4)
TRAINING = np.sign(RNG.normal(size=(90, 16))).astype(np.float32)
QUERIES = np.sign(np.round(RNG.normal(size=(70, 16)))).astype(np.float32)  # zeros too
CODES = RNG.integers(0, 4, size=90)


def first_neighbours(query: NDArray[np.float32], training: NDArray[np.float32], k: int) -> list[int]:
    """The nearest, of equally near ones the first, with no rounding: by the signed square of the cosine."""

    def nearness(profile: NDArray[np.float32]) -> Fraction:
        product, norms = int(query @ profile), int(query @ query) * int(profile @ profile)
        return Fraction(product * abs(product), norms) if norms else Fraction(0)

    return sorted(range(len(training)), key=lambda row: (-nearness(training[row]), row))[:k]


def counted(query: NDArray[np.float32], k: int) -> list[float]:
    votes = np.bincount(CODES[first_neighbours(query, TRAINING, k)], minlength=4)
    return list(votes / k)


@pytest.mark.parametrize("k", [1, 2, 7, 90])
def test_of_equally_near_profiles_the_first_votes(k: int) -> None:
    told = NeighboursClassifier(k, metric="cosine").fit(TRAINING, CODES).predict_both(QUERIES)
    expected = np.array([counted(query, k) for query in QUERIES])
    np.testing.assert_allclose(told.probabilities, expected)
    np.testing.assert_array_equal(told.labels, expected.argmax(axis=1))
    ties = [first_neighbours(query, TRAINING[::-1], k) for query in QUERIES]
    straight = [first_neighbours(query, TRAINING, k) for query in QUERIES]
    assert k == 90 or any({89 - row for row in tie} != set(line) for tie, line in zip(ties, straight, strict=True))


@pytest.mark.parametrize("weights", ["uniform", "distance"])
def test_how_many_are_asked_for_at_a_time_makes_no_difference(weights: str, monkeypatch: pytest.MonkeyPatch) -> None:
    classifier = NeighboursClassifier(9, weights=weights, metric="cosine").fit(TRAINING, CODES)
    together = classifier.predict_both(QUERIES)
    alone = np.concatenate([classifier.predict_proba(QUERIES[row : row + 1]) for row in range(len(QUERIES))])
    np.testing.assert_array_equal(together.probabilities, alone)
    monkeypatch.setattr(neighbours, "BLOCK_VALUES", 4 * len(TRAINING))
    np.testing.assert_array_equal(classifier.predict_proba(QUERIES), alone)
    np.testing.assert_array_equal(classifier.predict(QUERIES), together.labels)


@pytest.mark.parametrize("weights", ["uniform", "distance"])
def test_without_ties_it_is_scikit_learns(weights: str) -> None:
    profiles, queries = RNG.normal(size=(90, 20)), RNG.normal(size=(40, 20))
    mine = NeighboursClassifier(6, weights=weights, metric="cosine").fit(profiles, CODES)
    peer = KNeighborsClassifier(6, weights=weights, metric="cosine").fit(profiles, CODES)
    np.testing.assert_array_equal(mine.predict(queries), peer.predict(queries))
    np.testing.assert_allclose(mine.predict_proba(queries), peer.predict_proba(queries), rtol=1e-9)


def test_a_profile_equal_to_a_training_profile_has_its_class() -> None:
    signs = np.unique(TRAINING, axis=0)[:18]
    codes = np.arange(len(signs))
    mine = NeighboursClassifier(5, weights="distance", metric="cosine").fit(signs, codes)
    np.testing.assert_array_equal(mine.predict_proba(signs), np.eye(len(signs)))
    nothing = np.zeros((1, 16), dtype=np.float32)  # as far from all
    np.testing.assert_allclose(mine.predict_proba(nothing)[0, :6], [0.2, 0.2, 0.2, 0.2, 0.2, 0])


@settings(max_examples=80, deadline=None, derandomize=True)
@given(arrays(np.float64, (3, 8), elements=st.integers(0, 4).map(float)), st.integers(1, 8))
def test_the_first_smallest_are_those_of_a_stable_sort(distances: NDArray[np.float64], k: int) -> None:
    smallest, places = neighbours._first_smallest(distances, k)
    order = np.argsort(distances, axis=1, kind="stable")[:, :k]
    np.testing.assert_array_equal(places, order)
    np.testing.assert_array_equal(smallest, np.take_along_axis(distances, order, axis=1))
