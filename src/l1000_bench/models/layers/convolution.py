"""Graph convolutions as Keras layers on signals (vertices, batch, channels).

Vertices come first so that a product with a matrix of the graph is one product with the (vertices, batch * channels)
matrix that already lies in memory, without a transposition.
"""

from __future__ import annotations

from typing import Any, ClassVar

import keras
import tensorflow as tf
from keras import ops

from l1000_bench.errors import InputError
from l1000_bench.models.layers.matrices import Sparse, from_lists, to_lists
from l1000_bench.models.layers.terms import n_terms, operator, terms


class GraphConvolution(keras.Layer):  # type: ignore[misc]  # Keras is untyped
    """y = sum_k S_k x W_k with the terms S_k of one kind; without bias, which may come after the pooling.

    Args:
        filters: Number of output channels F.
        laplacian: (n, n) rescaled Laplacian L~, or its lists.
        K: Number of terms, where the kind leaves a choice.
        kwargs: Of every Keras layer.

    Raises:
        InputError: If K or the number of filters is below 1.
    """

    kind: ClassVar[str]

    def __init__(self, filters: int, laplacian: Sparse | dict[str, Any], K: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if K < 1 or filters < 1:
            raise InputError(f"a graph convolution has K = {K} and filters = {filters}; both must be at least 1.")
        self.filters, self.K = filters, K
        self.laplacian = from_lists(laplacian)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights W, (n_terms, channels, filters), for signals (n, batch, channels)."""
        n, _, channels = input_shape
        if n != self.laplacian.shape[0]:
            raise InputError(f"the signal has {n} vertices, the Laplacian {self.laplacian.shape[0]}; they must agree.")
        self.kernel = self.add_weight(
            name="kernel",
            shape=(n_terms(self.kind, self.K), channels, self.filters),
            initializer=keras.initializers.TruncatedNormal(stddev=0.1),
        )
        self.operator = self.constant(operator(self.kind, self.laplacian).toarray())

    def constant(self, values: Any) -> tf.Tensor:
        """Return an array as a tensor that compiled functions take as an argument, not as a part of their code."""
        with tf.init_scope():
            return tf.constant(values, dtype=self.compute_dtype)

    def call(self, x: tf.Tensor) -> tf.Tensor:
        """Convolve (n, batch, channels) to (n, batch, filters), term by term as the formula stands."""
        n, _, channels = x.shape
        flat = ops.reshape(x, (n, -1))  # (n, batch * channels)
        images = terms(self.kind, lambda signal: ops.matmul(self.operator, signal), flat, self.K)
        stacked = ops.concatenate([ops.reshape(image, (-1, channels)) for image in images], axis=1)
        weights = ops.reshape(self.kernel, (-1, self.filters))  # (n_terms * channels, filters)
        return ops.reshape(ops.matmul(stacked, weights), (n, -1, self.filters))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return (n, batch, filters)."""
        return (*input_shape[:-1], self.filters)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments as plain values."""
        return dict(super().get_config()) | {
            "filters": self.filters,
            "laplacian": to_lists(self.laplacian),
            "K": self.K,
        }


@keras.saving.register_keras_serializable("l1000_bench")
class MeanAggregation(GraphConvolution):
    """GraphSAGE with the mean aggregator: y = x W_0 + mean of the neighbours W_1 (Hamilton et al. 2017, algorithm 1).

    Every neighbour is taken, none sampled: the graph is small.
    """

    kind = "sage"


@keras.saving.register_keras_serializable("l1000_bench")
class FirstOrderConvolution(GraphConvolution):
    """First-order convolution y = D~^-1/2 (A + I) D~^-1/2 x W (Kipf and Welling 2017, equation 2)."""

    kind = "gcn"
