from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import sparse as sp
from scipy.linalg import block_diag
from scipy.special import eval_chebyt
from small_pyramids import Floats, random_weights, rescaled_laplacian

from l1000_bench.errors import InputError
from l1000_bench.models.layers.chebyshev import ChebyshevConvolution
from l1000_bench.models.layers.convolution import FirstOrderConvolution, GraphConvolution, MeanAggregation
from l1000_bench.models.layers.filters import TermFilters
from l1000_bench.models.layers.genes import GeneTerms, SelectedGenes
from l1000_bench.models.layers.matrices import from_lists, to_lists
from l1000_bench.models.layers.terms import GraphTerms, operator

# Two components, the second with two isolated vertices: 24 vertices.
L = rescaled_laplacian(block_diag(random_weights(14, 3), random_weights(10, 4, isolated=[2, 9])))
N, BATCH = len(L), 5
TOLERANCE = {"float32": 1e-5, "float64": 1e-10}
every_K = pytest.mark.parametrize("K", [1, 2, 3, 10, 35])
both = pytest.mark.parametrize("formulation", ["recurrence", "fourier"])


def signal(channels: int, seed: int = 7) -> Floats:
    return np.random.default_rng(seed).normal(size=(N, BATCH, channels))


def built(layer: GraphConvolution, x: Floats, seed: int = 9) -> tuple[GraphConvolution, Floats]:
    layer.build(x.shape)
    W = np.random.default_rng(seed).normal(size=layer.kernel.shape)
    layer.kernel.assign(W)
    return layer, W


def spectral(matrix: Floats, x: Floats, W: Floats) -> Floats:
    """U g(Lambda) U^T x with the Chebyshev polynomials of scipy, one pair of channels after another."""
    eigenvalues, U = np.linalg.eigh(matrix)
    y = np.zeros((*x.shape[:2], W.shape[2]))
    for k, f_in, f_out in np.ndindex(W.shape):
        g = W[k, f_in, f_out] * eval_chebyt(k, eigenvalues)
        y[:, :, f_out] += U @ np.diag(g) @ U.T @ x[:, :, f_in]
    return y


@every_K
@both
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("channels", [1, 3])
def test_the_convolution_is_the_dense_spectral_filter(K: int, formulation: str, dtype: str, channels: int) -> None:
    x = signal(channels)
    layer, W = built(ChebyshevConvolution(4, sp.csr_matrix(L), K, formulation, dtype=dtype), x)
    expected = spectral(L, x, W)
    y = layer(tf.constant(x, dtype)).numpy()
    assert y.dtype == dtype
    assert np.abs(y - expected).max() <= TOLERANCE[dtype] * np.abs(expected).max()


def test_an_isolated_vertex_sees_the_even_terms_of_its_own_value() -> None:
    x = signal(1)
    layer, W = built(ChebyshevConvolution(1, sp.csr_matrix(L), 6, dtype="float64"), x)
    y = layer(x).numpy()
    for vertex in (16, 23):  # T_0 = 1, T_2 = -1, T_4 = 1 at eigenvalue 0, and the odd ones are 0
        assert not L[vertex].any()
        np.testing.assert_allclose(y[vertex], x[vertex] * (W[0] - W[2] + W[4]), atol=1e-12)


def value_and_gradients(layer: keras.Layer, x: Floats, direction: Floats) -> tuple[float, list[Floats]]:
    """A scalar of the output, and its gradients by the input and the weights."""
    tensor = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(tensor)
        value = tf.reduce_sum(tf.sin(layer(tensor)) * direction)
    return float(value), [gradient.numpy() for gradient in tape.gradient(value, [tensor, layer.kernel.value])]


@every_K
@both
def test_gradients_are_the_differences_of_the_values(K: int, formulation: str) -> None:
    x, direction = signal(2), signal(3, seed=2)
    layer, W = built(ChebyshevConvolution(3, sp.csr_matrix(L), K, formulation, dtype="float64"), x)
    _, (by_x, by_W) = value_and_gradients(layer, x, direction)
    rng, h = np.random.default_rng(5), 1e-5
    for _ in range(3):
        dx, dW = rng.normal(size=x.shape), rng.normal(size=W.shape)
        values = []
        for sign in (1, -1):
            layer.kernel.assign(W + sign * h * dW)
            values.append(value_and_gradients(layer, x + sign * h * dx, direction)[0])
        slope = (values[0] - values[1]) / (2 * h)
        assert slope == pytest.approx((by_x * dx).sum() + (by_W * dW).sum(), rel=1e-6)
        layer.kernel.assign(W)


@pytest.mark.parametrize("K", [2, 10, 35])
def test_the_formulations_agree_in_values_and_gradients(K: int) -> None:
    x, direction = signal(3), signal(4, seed=2)
    results = []
    for formulation in ("recurrence", "fourier"):
        layer, _ = built(ChebyshevConvolution(4, sp.csr_matrix(L), K, formulation, dtype="float64"), x)
        value, gradients = value_and_gradients(layer, x, direction)
        results.append([np.array(value), layer(x).numpy(), *gradients])
    for plain, fast in zip(*results, strict=True):
        np.testing.assert_allclose(fast, plain, rtol=0, atol=1e-9 * np.abs(plain).max())


@every_K
def test_a_first_layer_of_given_terms_is_the_convolution_of_one_channel(K: int) -> None:
    order = np.array([*range(20), -1, -1, -1, -1])
    X = np.random.default_rng(1).normal(size=(BATCH, 20))
    vertices = np.concatenate([X, np.zeros((BATCH, 4))], axis=1).T[:, :, np.newaxis]  # (N, batch, 1)
    direction = signal(4, seed=2)
    plain, W = built(ChebyshevConvolution(4, sp.csr_matrix(L), K, "recurrence", dtype="float64"), vertices)
    value, (_, by_W) = value_and_gradients(plain, vertices, direction)

    images = GeneTerms(order, [sp.csr_matrix(L)], "chebyshev", K, dtype="float64")(tf.constant(X))
    assert images.shape == (BATCH, N, K)
    fast = TermFilters(4, dtype="float64")
    fast.build(images.shape)
    fast.kernel.assign(W[:, 0])
    fast_value, (_, fast_by_W) = value_and_gradients(fast, images.numpy(), direction)
    assert fast_value == pytest.approx(value, rel=1e-10)
    np.testing.assert_allclose(fast_by_W, by_W[:, 0], rtol=0, atol=1e-10 * np.abs(by_W).max())


@pytest.mark.parametrize("kind", ["chebyshev", "sage", "gcn"])
def test_terms_in_scipy_are_those_of_the_layer_and_fake_vertices_are_zero(kind: str) -> None:
    order = np.array([5, 3, 0, 1, -1, 2, 4, *range(6, 22), -1])
    assert len(order) == N
    X = np.random.default_rng(1).normal(size=(BATCH, 22)).astype(np.float32)
    A = operator(kind, sp.csr_matrix(L))
    in_scipy = GraphTerms(order, (A, sp.csr_matrix(A.T)), kind, 4)
    images = in_scipy(X)
    assert images.dtype == np.float32
    assert images.shape == (*in_scipy.shape[::-1], BATCH)
    layer = GeneTerms(order, [A, sp.csr_matrix(A.T)], kind, 4)
    np.testing.assert_allclose(layer(X).numpy(), images.transpose(2, 1, 0), atol=1e-6)
    if kind == "chebyshev":
        assert not images[0, [4, 23]].any()
        np.testing.assert_array_equal(images[0, :4], X.T[[5, 3, 0, 1]])
        np.testing.assert_allclose(images[3, :, 2], eval_matrix(L) @ images[0, :, 2], atol=1e-5)
        np.testing.assert_allclose(images[7, :, 2], eval_matrix(L.T) @ images[0, :, 2], atol=1e-5)


def eval_matrix(matrix: Floats) -> Floats:
    """T_3 of a matrix: 4 M^3 - 3 M."""
    return 4 * matrix @ matrix @ matrix - 3 * matrix


# A path 0 - 1 - 2 with uneven weights, and the isolated vertex 3.
PATH = sp.csr_matrix(rescaled_laplacian(np.array([[0, 2, 0, 0], [2, 0, 5, 0], [0, 5, 0, 0], [0, 0, 0, 0.0]])))
VALUES = np.array([1.0, 10.0, 100.0, 1000.0])


def path_output(layer: GraphConvolution, W: list[float]) -> list[float]:
    x = VALUES[:, np.newaxis, np.newaxis]
    layer.build(x.shape)
    layer.kernel.assign(np.reshape(W, layer.kernel.shape))
    return [float(value) for value in layer(x).numpy().ravel()]


def test_mean_aggregation_by_hand() -> None:
    own = path_output(MeanAggregation(1, PATH, dtype="float64"), [1, 0])
    assert own == [1, 10, 100, 1000]
    neighbours = path_output(MeanAggregation(1, PATH, dtype="float64"), [0, 1])
    assert neighbours == pytest.approx([10, 50.5, 10, 0])


def test_the_first_order_convolution_by_hand() -> None:
    # Degrees with self-loops: 2, 3, 2, 1.
    expected = [1 / 2 + 10 / 6**0.5, 1 / 6**0.5 + 10 / 3 + 100 / 6**0.5, 10 / 6**0.5 + 100 / 2, 1000]
    assert path_output(FirstOrderConvolution(1, PATH, dtype="float64"), [1]) == pytest.approx(expected)


def test_the_cheaper_formulation_is_chosen() -> None:
    def chosen(K: int, channels: int, filters: int, matrix: Floats = L) -> str:
        layer = ChebyshevConvolution(filters, sp.csr_matrix(matrix), K)
        layer.build((N, None, channels))
        return "fourier" if layer.uses_fourier else "recurrence"

    assert chosen(10, 32, 64) == "fourier"  # 9 * 32 products against 32 + 64
    assert chosen(3, 32, 64) == "recurrence"  # 2 * 32 against 96
    assert chosen(4, 32, 32) == "fourier"
    assert chosen(1, 32, 64) == "recurrence"  # no product at all
    assert chosen(10, 1, 32) == "recurrence"  # 9 against 33
    assert chosen(10, 32, 64, np.triu(L)) == "recurrence"  # directed: no orthonormal eigenvectors


def test_directed_edges_are_convolved_by_the_recurrence() -> None:
    x = signal(2)
    layer, W = built(ChebyshevConvolution(3, sp.csr_matrix(np.triu(L)), 4, dtype="float64"), x)
    M = np.triu(L)
    terms = [np.eye(N), M, 2 * M @ M - np.eye(N), eval_matrix(M)]
    expected = np.einsum("knm,mbi,kio->nbo", np.array(terms), x, W)
    np.testing.assert_allclose(layer(x).numpy(), expected, atol=1e-10 * np.abs(expected).max())


def layers() -> list[Any]:
    matrix = sp.csr_matrix(L)
    return [
        ChebyshevConvolution(3, matrix, 4, "fourier", dtype="float64"),
        MeanAggregation(3, matrix, dtype="float64"),
        FirstOrderConvolution(3, matrix, dtype="float64"),
    ]


@pytest.mark.parametrize("number", range(3))
def test_a_layer_is_rebuilt_from_plain_lists(number: int) -> None:
    layer, x = layers()[number], signal(2)
    y = layer(x).numpy()
    config = keras.saving.serialize_keras_object(layer)
    assert config["registered_name"] == f"l1000_bench>{type(layer).__name__}"
    again = keras.saving.deserialize_keras_object(config, safe_mode=True)
    again.set_weights(layer.get_weights())
    np.testing.assert_array_equal(again(x).numpy(), y)


def test_matrices_survive_as_lists_and_so_do_the_layers_of_genes() -> None:
    lists = to_lists(sp.csr_matrix(L))
    assert {type(value) for value in lists["values"]} == {float}
    np.testing.assert_array_equal(from_lists(lists).toarray(), L)
    X = np.random.default_rng(1).normal(size=(BATCH, N)).astype(np.float32)
    for layer in (
        GeneTerms(range(N), [sp.csr_matrix(L)], "chebyshev", 3),
        SelectedGenes([4, 2]),
        TermFilters(2),
    ):
        again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer), safe_mode=True)
        assert again.get_config() == layer.get_config()
    np.testing.assert_array_equal(SelectedGenes([4, 2])(X).numpy(), X[:, [4, 2]])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"K": 0}, "K = 0 and filters = 2; both must be at least 1"),
        ({"filters": 0}, "K = 3 and filters = 0"),
        ({"formulation": "quick"}, "formulation is 'quick'; it can be one of auto, recurrence, fourier"),
        ({"laplacian": sp.csr_matrix(np.triu(L)), "formulation": "fourier"}, "not symmetric has no Fourier basis"),
    ],
)
def test_impossible_layers_are_refused(options: dict[str, Any], message: str) -> None:
    possible: dict[str, Any] = {"filters": 2, "laplacian": sp.csr_matrix(L), "K": 3}
    with pytest.raises(InputError, match=message):
        ChebyshevConvolution(**(possible | options))


def test_a_signal_on_another_graph_is_refused() -> None:
    with pytest.raises(InputError, match="the signal has 23 vertices, the Laplacian 24"):
        ChebyshevConvolution(2, sp.csr_matrix(L), 3).build((23, None, 1))
