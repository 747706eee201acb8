import numpy as np
import pytest
from graph_makers import GRAPHS, edges_of, frame, names, sparse
from hypothesis import given, settings
from numpy.typing import NDArray

from l1000_bench.errors import InputError
from l1000_bench.graphs.laplacian import adjacency, laplacian, rescaled

# 780 - 9 - 2597 with weights 1 and 3, and 10 alone
GENES = ["780", "9", "2597", "10"]
EDGES = frame(("780", "9", 1.0), ("2597", "9", 3.0))


def test_adjacency_mirrors_an_edge_and_keeps_the_direction_when_told() -> None:
    W = np.array([[0, 1, 0, 0], [1, 0, 3, 0], [0, 3, 0, 0], [0, 0, 0, 0]])
    np.testing.assert_array_equal(adjacency(EDGES, GENES).toarray(), W)
    A = np.zeros((4, 4))
    A[0, 1], A[2, 1] = 1, 3
    np.testing.assert_array_equal(adjacency(EDGES, GENES, directed=True).toarray(), A)


def test_two_directions_make_one_edge_with_the_larger_weight() -> None:
    W = adjacency(frame(("780", "9", 1.0), ("9", "780", 2.0)), GENES[:2])
    assert W.toarray().tolist() == [[0, 2], [2, 0]]


def test_the_laplacian_worked_by_hand() -> None:
    L = laplacian(adjacency(EDGES, GENES)).toarray()
    # degrees 1, 4, 3, 0
    expected = np.array(
        [[1, -1 / 2, 0, 0], [-1 / 2, 1, -3 / np.sqrt(12), 0], [0, -3 / np.sqrt(12), 1, 0], [0, 0, 0, 1]]
    )
    np.testing.assert_allclose(L, expected, rtol=0, atol=1e-15)


def test_the_rescaled_laplacian_has_no_diagonal_and_an_isolated_vertex_no_row() -> None:
    L = rescaled(laplacian(adjacency(EDGES, GENES)))
    s = 3 / np.sqrt(12)
    np.testing.assert_allclose(L.toarray()[:3, :3], [[0, -0.5, 0], [-0.5, 0, -s], [0, -s, 0]], rtol=0, atol=1e-15)
    assert L.nnz == 4
    assert not L.toarray()[3].any()


def test_another_bound_rescales_to_it() -> None:
    L = laplacian(adjacency(EDGES, GENES))
    np.testing.assert_allclose(rescaled(L, lmax=1.5).toarray(), 4 / 3 * L.toarray() - np.eye(4), rtol=0, atol=1e-15)


def test_the_directed_laplacian_worked_by_hand() -> None:
    L = rescaled(laplacian(adjacency(EDGES, GENES, directed=True))).toarray()
    # out-degrees 1 and 3, in-degree 4: 1 / sqrt(1 * 4) and 3 / sqrt(3 * 4)
    assert L[0, 1] == pytest.approx(-0.5)
    assert L[2, 1] == pytest.approx(-3 / np.sqrt(12))
    assert np.count_nonzero(L) == 2


@settings(max_examples=40, deadline=None, derandomize=True)
@given(GRAPHS)
def test_the_spectrum_lies_in_the_interval_of_chebyshev(W: NDArray[np.float64]) -> None:
    values = np.linalg.eigvalsh(rescaled(laplacian(sparse(W))).toarray())
    assert values.min() == pytest.approx(-1, abs=1e-12)  # the eigenvector is d^1/2
    assert values.max() <= 1 + 1e-12
    one_way = np.triu(W)
    assert np.linalg.norm(rescaled(laplacian(sparse(one_way))).toarray(), 2) <= 1 + 1e-12


@settings(max_examples=20, deadline=None, derandomize=True)
@given(GRAPHS)
def test_edges_come_back_as_their_matrix(W: NDArray[np.float64]) -> None:
    np.testing.assert_array_equal(adjacency(edges_of(W), names(len(W))).toarray(), W)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("780", "11", 1.0), r"row 1 of the edges, 780, 11, 1\.0, joins a gene that is not among"),
        (("9", "9", 1.0), "row 1 of the edges, 9, 9, .* joins a gene with itself"),
        (("9", "10", 0.0), "row 1 of the edges, 9, 10, .* has a weight that is no positive number"),
        (("9", "10", np.nan), "row 1 .* has a weight that is no positive number"),
        (("9", "10", -1.0), "row 1 .* has a weight that is no positive number"),
    ],
)
def test_an_edge_that_cannot_be_is_refused(row: tuple[str, str, float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        adjacency(frame(("780", "9", 1.0), row), GENES)
