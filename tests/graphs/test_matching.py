import numpy as np
import pytest
from graph_makers import GRAPHS, block_diagonal, sparse
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from l1000_bench.graphs.matching import match, pair_singles

# A path 0 - 1 - 2 - 3 - 4 with weights 1, 1.5, 1, 2; degrees 1, 2.5, 2.5, 3, 2.
PATH = np.zeros((5, 5))
for start, weight in enumerate([1, 1.5, 1, 2]):
    PATH[start, start + 1] = PATH[start + 1, start] = weight


def greedy(W: NDArray[np.float64], visits: NDArray[np.intp]) -> NDArray[np.intp]:
    """The matching as it is defined, on the dense matrix."""
    d = W.sum(axis=0)
    cluster = np.full(len(W), -1)
    for number, i in enumerate(visits):
        if cluster[i] >= 0:
            continue
        cluster[i] = number
        gains = [W[i, j] * (1 / d[i] + 1 / d[j]) if W[i, j] > 0 and cluster[j] < 0 else 0 for j in range(len(W))]
        if max(gains) > 0:
            cluster[int(np.argmax(gains))] = number
    return cluster


@pytest.mark.parametrize(
    ("visits", "expected"),
    [
        # 1 gains 1 (1/2.5 + 1) = 1.4 by 0 and 1.5 (2/2.5) = 1.2 by 2: the lighter edge wins. 2 then takes 3.
        ([1, 2, 3, 4, 0], [0, 0, 1, 1, 2]),
        # 3 gains 1 (1/3 + 1/2.5) = 0.73 by 2 and 2 (1/3 + 1/2) = 1.67 by 4; 2 takes 1, and 0 is left.
        ([3, 2, 0, 1, 4], [2, 1, 1, 0, 0]),
        # 2 gains 1.2 by 1 and 0.73 by 3.
        ([2, 0, 1, 4, 3], [1, 0, 0, 2, 2]),
    ],
)
def test_a_path_worked_by_hand(visits: list[int], expected: list[int]) -> None:
    assert match(sparse(PATH), np.array(visits)).tolist() == expected


def test_the_first_of_equal_neighbours_is_taken() -> None:
    star = np.zeros((4, 4))
    star[2, [0, 1, 3]] = star[[0, 1, 3], 2] = 1
    assert match(sparse(star), np.array([2, 3, 1, 0])).tolist() == [0, 2, 0, 1]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(GRAPHS, st.integers(0, 10**6))
def test_it_is_the_greedy_matching_of_its_definition(W: NDArray[np.float64], seed: int) -> None:
    visits = np.random.default_rng(seed).permutation(len(W))
    found, expected = match(sparse(W), visits), greedy(W, visits)
    np.testing.assert_array_equal(found[:, None] == found, expected[:, None] == expected)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(GRAPHS, st.integers(0, 5))
def test_partners_are_neighbours_and_singles_have_no_free_neighbour(W: NDArray[np.float64], n_isolated: int) -> None:
    W = block_diagonal(W, np.zeros((n_isolated, n_isolated))) if n_isolated else W
    cluster = match(sparse(W), np.arange(len(W)))
    sizes = np.bincount(cluster)
    assert set(sizes) <= {1, 2}
    for number in np.flatnonzero(sizes == 2):
        a, b = np.flatnonzero(cluster == number)
        assert W[a, b] > 0
    single = sizes[cluster] == 1
    assert not W[np.ix_(single, single)].any()
    assert single[len(W) - n_isolated :].all()


def test_singles_of_one_hub_are_paired_with_one_another() -> None:
    # Hubs 0 and 1 are joined; 2, 4, 6 hang on hub 0 and 3, 5, 7 on hub 1; 8 is isolated.
    W = np.zeros((9, 9))
    for a, b in [(0, 1), (0, 2), (0, 4), (0, 6), (1, 3), (1, 5), (1, 7)]:
        W[a, b] = W[b, a] = 1
    cluster = match(sparse(W), np.arange(9))
    assert cluster.tolist() == [0, 1, 0, 1, 2, 3, 4, 5, 6]  # hubs took 2 and 3
    assert pair_singles(sparse(W), cluster).tolist() == [0, 1, 0, 1, 2, 3, 2, 3, 4]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(GRAPHS, st.integers(0, 5))
def test_pairing_singles_halves_the_graph_and_keeps_the_matched(W: NDArray[np.float64], n_isolated: int) -> None:
    W = block_diagonal(W, np.zeros((n_isolated, n_isolated))) if n_isolated else W
    cluster = match(sparse(W), np.arange(len(W)))
    paired = pair_singles(sparse(W), cluster)
    assert sorted(set(paired)) == list(range(-(-len(W) // 2)))
    assert np.bincount(paired).max() == 2
    matched = np.bincount(cluster)[cluster] == 2
    np.testing.assert_array_equal((paired[:, None] == paired)[matched], (cluster[:, None] == cluster)[matched])


def test_a_graph_without_edges_is_all_singles_and_is_paired_in_turn() -> None:
    empty = sparse(np.zeros((5, 5)))
    assert match(empty, np.array([4, 3, 2, 1, 0])).tolist() == [4, 3, 2, 1, 0]
    assert pair_singles(empty, np.arange(5)).tolist() == [0, 0, 1, 1, 2]
