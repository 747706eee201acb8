from __future__ import annotations

import copy
import hashlib

import numpy as np
import pytest

from l1000_bench.errors import InputError
from l1000_bench.neighbours.lists import NeighbourLists, training_key

FIRST, SECOND = np.array([0, 1, 2]), np.array([4, 5])
LISTS = NeighbourLists(
    metric="canberra",
    training_sets=(training_key(FIRST), training_key(SECOND)),
    starts=np.array([0, 2, 5]),
    rows=np.array([4, 7, 0, 1, 7], dtype=np.int32),
    indices=np.array([[2, 0, 1], [1, 2, 0], [4, 5, -1], [5, 4, -1], [5, 4, -1]], dtype=np.int32),
    distances=np.array([[1, 2, 3], [4, 5, 6], [7, 8, np.inf], [9, 10, np.inf], [11, 12, np.inf]]),
)


def test_a_training_set_is_known_by_its_rows_in_any_order() -> None:
    expected = hashlib.sha256(bytes([3, *7 * [0], 0, 1, *6 * [0]])).hexdigest()  # 3 and 256 as int64
    assert training_key(np.array([256, 3])) == training_key(np.array([3, 256])) == expected
    assert training_key(np.array([3, 256], dtype=np.int32)) == expected


def test_rows_are_asked_for_in_any_order_and_more_than_once() -> None:
    distances, neighbours = LISTS.of(SECOND[::-1], np.array([7, 0, 7]), 2)
    np.testing.assert_array_equal(distances, [[11, 12], [7, 8], [11, 12]])
    np.testing.assert_array_equal(neighbours, [[5, 4], [4, 5], [5, 4]])
    distances, neighbours = LISTS.of(FIRST, np.array([7]), 1)
    assert (distances.tolist(), neighbours.tolist()) == ([[4.0]], [[1]])
    assert LISTS.of(FIRST, np.array([], dtype=np.intp), 3)[1].shape == (0, 3)


@pytest.mark.parametrize(
    ("training", "rows", "n_neighbors", "sentence"),
    [
        (
            [0, 1],
            [7],
            1,
            "the stored canberra neighbours know no training set of these 2 profiles; .* another split; run",
        ),
        (
            [0, 1, 2],
            [0],
            1,
            "the stored canberra neighbours lack profile 0 for this training set; .* another split; run",
        ),
        ([4, 5], [1, 8], 1, "the stored canberra neighbours lack profile 8 for this training set"),
        ([0, 1, 2], [7], 4, "4 neighbours were asked for; the lists hold 1 to 3, the training set has 3 profiles"),
        ([4, 5], [7], 3, "3 neighbours were asked for; the lists hold 1 to 3, the training set has 2 profiles"),
        ([4, 5], [7], 0, "0 neighbours were asked for"),
    ],
)
def test_what_the_lists_do_not_hold_is_refused(
    training: list[int], rows: list[int], n_neighbors: int, sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        LISTS.of(np.array(training), np.array(rows), n_neighbors)


def test_copies_share_the_lists() -> None:
    assert copy.deepcopy({"neighbours": LISTS})["neighbours"] is LISTS
