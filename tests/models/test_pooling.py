from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from l1000_bench.errors import InputError
from l1000_bench.models.layers.bias import BiasReLU
from l1000_bench.models.layers.filters import FlattenVertices
from l1000_bench.models.layers.pooling import GraphPooling

# Four vertices, two samples, one channel.
X = np.array([[1, -5], [3, -1], [0, 8], [2, 6]], dtype=np.float32)[:, :, np.newaxis]


def flat(tensor: Any) -> list[list[float]]:
    return [[float(value) for value in row] for row in np.asarray(tensor)[:, :, 0]]


def test_siblings_are_pooled_by_hand() -> None:
    assert flat(GraphPooling(2)(X)) == [[3, -1], [2, 8]]
    assert flat(GraphPooling(2, "average")(X)) == [[2, -3], [1, 7]]
    assert flat(GraphPooling(4)(X)) == [[3, 8]]
    assert flat(GraphPooling(4, "average")(X)) == [[1.5, 2]]
    assert flat(GraphPooling(1)(X)) == flat(X)


def test_pooling_twice_by_two_is_pooling_by_four() -> None:
    x = np.random.default_rng(3).normal(size=(24, 3, 5)).astype(np.float32)
    for mode in ("max", "average"):
        twice = GraphPooling(2, mode)(GraphPooling(2, mode)(x))
        np.testing.assert_allclose(twice, GraphPooling(4, mode)(x), atol=1e-6)


def test_max_pooling_commutes_with_one_bias_per_filter_alone() -> None:
    x = np.random.default_rng(3).normal(size=(24, 3, 5)).astype(np.float32)
    bias = np.random.default_rng(4).normal(size=5).astype(np.float32)

    def with_bias(signal: Any, values: Any, per_vertex: bool = False) -> Any:
        layer = BiasReLU(per_vertex)
        layer.build(signal.shape)
        layer.bias.assign(values)
        return layer(signal)

    after = with_bias(GraphPooling(4)(x), bias)
    np.testing.assert_array_equal(GraphPooling(4)(with_bias(x, bias)), after)
    np.testing.assert_array_equal(after, np.maximum(x.reshape(6, 4, 3, 5).max(axis=1) + bias, 0))
    averaged = GraphPooling(4, "average")
    assert np.abs(averaged(with_bias(x, bias)) - with_bias(averaged(x), bias)).max() > 0.1
    own = np.random.default_rng(5).normal(size=(24, 1, 5)).astype(np.float32)
    np.testing.assert_array_equal(with_bias(x, own, per_vertex=True), np.maximum(x + own, 0))


def test_a_fake_pair_carries_the_relu_of_the_bias() -> None:
    x = np.array([[-3], [0], [0], [0], [2], [0]], dtype=np.float32)[:, :, np.newaxis]  # zeros are fake
    layer = BiasReLU()
    layer.build((3, 1, 1))
    assert layer.bias.numpy() == pytest.approx(0.1)  # as it begins
    assert flat(layer(GraphPooling(2)(x))) == [[pytest.approx(0.1)], [pytest.approx(0.1)], [pytest.approx(2.1)]]
    layer.bias.assign([-0.5])
    assert flat(layer(GraphPooling(2)(x))) == [[0], [0], [1.5]]


def test_features_are_laid_vertex_by_vertex() -> None:
    x = np.arange(12, dtype=np.float32).reshape(3, 2, 2)  # value = 4 vertex + 2 sample + channel
    assert np.asarray(FlattenVertices()(x)).tolist() == [[0, 1, 4, 5, 8, 9], [2, 3, 6, 7, 10, 11]]


@pytest.mark.parametrize("layer", [GraphPooling(4, "average"), BiasReLU(per_vertex=True), FlattenVertices()])
def test_layers_are_rebuilt_from_plain_values_and_know_their_shape(layer: keras.Layer) -> None:
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer), safe_mode=True)
    assert again.get_config() == layer.get_config()
    x = np.ones((8, 3, 5), dtype=np.float32)
    assert again.compute_output_shape(x.shape) == tuple(again(x).shape)


@pytest.mark.parametrize(("size", "mode"), [(0, "max"), (2, "median"), (-2, "average")])
def test_impossible_pooling_is_refused(size: int, mode: str) -> None:
    with pytest.raises(InputError, match=f"the pooling is {size}, '{mode}'; it needs a size of at least 1"):
        GraphPooling(size, mode)


def test_vertices_that_the_size_does_not_divide_are_refused() -> None:
    with pytest.raises(InputError, match="6 vertices cannot be pooled by 4"):
        keras.Sequential([keras.Input(batch_shape=(6, None, 1)), GraphPooling(4)])
