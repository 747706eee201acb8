import numpy as np
import pytest
from graph_makers import sparse

from l1000_bench.graphs.tree import balanced_orders, laid_out, merged

# 0 and 2 become 0, 1 becomes 1, 3 and 4 become 2; then 0 and 2 become 0, 1 becomes 1.
PARENTS = [np.array([0, 1, 0, 2, 2]), np.array([0, 1, 0])]
W = np.array([[0, 1, 8, 0, 0], [1, 0, 2, 3, 4], [8, 2, 0, 5, 0], [0, 3, 5, 0, 16], [0, 4, 0, 16, 0]], dtype=np.float64)


def test_the_layout_of_a_tree_worked_by_hand() -> None:
    level_0, level_1, level_2 = balanced_orders(PARENTS, 2)
    assert level_2.tolist() == [0, 1]
    assert level_1.tolist() == [0, 2, 1, -1]
    assert level_0.tolist() == [0, 2, 3, 4, 1, -1, -1, -1]


def test_without_a_coarsening_the_layout_is_the_graphs_own() -> None:
    assert [order.tolist() for order in balanced_orders([], 3)] == [[0, 1, 2]]


def test_merging_sums_what_is_between_and_drops_what_is_within() -> None:
    coarse = merged(sparse(W), PARENTS[0])
    # 0-1: 1 + 2, 0-2: 5, 1-2: 3 + 4; the edges 0-2 (8) and 3-4 (16) lie within
    assert coarse.toarray().tolist() == [[0, 3, 5], [3, 0, 7], [5, 7, 0]]
    assert coarse.sum() == W.sum() - 2 * (8 + 16)
    top = merged(coarse, PARENTS[1])
    assert top.toarray().tolist() == [[0, 10], [10, 0]]


def test_directions_are_kept_when_vertices_merge() -> None:
    assert merged(sparse(np.triu(W)), PARENTS[0]).toarray().tolist() == [[0, 1, 5], [2, 0, 7], [0, 0, 0]]


def test_a_graph_on_its_layout_is_permuted_and_fake_vertices_have_no_edges() -> None:
    order = np.array([3, -1, 0, 4, -1, 1, 2, -1])
    laid = laid_out(sparse(W), order).toarray()
    real = order >= 0
    np.testing.assert_array_equal(laid[np.ix_(real, real)], W[np.ix_(order[real], order[real])])
    assert not laid[~real].any()
    assert not laid[:, ~real].any()


@pytest.mark.parametrize("n", [1, 4])
def test_a_graph_that_merges_to_one_vertex_has_no_edges_left(n: int) -> None:
    coarse = merged(sparse(np.ones((n, n)) - np.eye(n)), np.zeros(n, dtype=np.intp))
    assert coarse.shape == (1, 1)
    assert coarse.nnz == 0
