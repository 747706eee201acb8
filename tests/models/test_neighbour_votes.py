from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.neighbors import KNeighborsClassifier

from l1000_bench.models.neighbours import NeighboursClassifier
from l1000_bench.neighbours.lists import NeighbourLists, Rotation, training_key


def made_lists(distances: NDArray[np.float64]) -> tuple[NeighbourLists, Rotation]:
    """Lists with these distances to training samples, nearest first."""
    n, k = distances.shape
    rotation = Rotation(np.arange(k), np.arange(k, k + n))
    order = np.argsort(distances, axis=1, kind="stable")
    lists = NeighbourLists(
        metric="canberra",
        training_sets=(training_key(rotation.training),),
        starts=np.array([0, n]),
        rows=rotation.queries.astype(np.int32),
        indices=order.astype(np.int32),
        distances=np.take_along_axis(distances, order, axis=1),
    )
    return lists, rotation


def check_votes(distances: NDArray[np.float64], labels: NDArray[np.str_], weights: str | None) -> None:
    """Compare with scikit-learn, which is given the distances; all training samples vote, so none is in doubt."""
    k = len(labels)
    peer = KNeighborsClassifier(n_neighbors=k, weights=weights, metric="precomputed", algorithm="brute")
    peer.fit(np.zeros((k, k)), labels)
    lists, rotation = made_lists(distances)
    classifier = NeighboursClassifier(n_neighbors=k, weights=weights, metric="canberra", neighbours=lists)
    classifier.fit(None, labels, rows=rotation.training)
    assert classifier.predict(None, rows=rotation.queries).tolist() == peer.predict(distances).tolist()
    expected = peer.predict_proba(distances)
    np.testing.assert_allclose(classifier.predict_proba(None, rows=rotation.queries), expected, rtol=1e-14, atol=0)
    assert classifier.classes_.tolist() == peer.classes_.tolist()


@settings(deadline=None, max_examples=150)
@given(data=st.data(), weights=st.sampled_from(["uniform", "distance", None]))
def test_votes_with_ties_are_counted_as_in_scikit_learn(data: st.DataObject, weights: str | None) -> None:
    k, n = data.draw(st.integers(1, 14)), data.draw(st.integers(1, 4))
    cells = st.sampled_from([0.0, 0.1, 0.2, 0.25, 0.3, 0.5, 0.75, 1.0, 1.5, 3.0, 6.0])
    distances = np.array(data.draw(st.lists(cells, min_size=n * k, max_size=n * k))).reshape(n, k)
    labels = np.array(data.draw(st.lists(st.sampled_from(["b", "a", "c"]), min_size=k, max_size=k)))
    check_votes(distances, labels, weights)


@pytest.mark.parametrize("seed", range(5))
def test_sums_that_are_equal_but_for_rounding_are_compared_as_in_scikit_learn(seed: int) -> None:
    # Two classes have other weights, multiples of a tenth, of the same sum; which is the larger hangs on the order in
    # which they are added up.
    rng = np.random.default_rng(seed)
    tenths = rng.permuted(np.tile(np.arange(1, 41), (4000, 1)), axis=1)[:, :18]
    tenths = tenths[tenths[:, :9].sum(axis=1) == tenths[:, 9:].sum(axis=1)]
    assert len(tenths) > 10
    order = rng.permutation(18)
    check_votes(10 / tenths[:, order], np.repeat(["a", "b"], 9)[order], "distance")
