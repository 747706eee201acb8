"""The first and the last of the graph layers: from samples first to vertices first, and back."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf
from keras import ops


@keras.saving.register_keras_serializable("l1000_bench")
class TermFilters(keras.Layer):  # type: ignore[misc]  # Keras is untyped
    """A first graph layer whose terms are given: y = sum_k (S_k x) W_k is a matrix product of terms and weights.

    Args:
        filters: Number of output channels.
        kwargs: Of every Keras layer.
    """

    def __init__(self, filters: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.filters = filters

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights, (terms, filters), for terms (batch, n, terms)."""
        self.kernel = self.add_weight(
            name="kernel",
            shape=(input_shape[-1], self.filters),
            initializer=keras.initializers.TruncatedNormal(stddev=0.1),
        )

    def call(self, images: tf.Tensor) -> tf.Tensor:
        """Turn terms (batch, n, terms) into a signal (n, batch, filters)."""
        n, terms = images.shape[1:]
        rows = ops.reshape(ops.transpose(images, (1, 0, 2)), (-1, terms))  # (n * batch, terms)
        return ops.reshape(ops.matmul(rows, self.kernel), (n, -1, self.filters))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return (n, batch, filters)."""
        return (input_shape[1], input_shape[0], self.filters)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's argument."""
        return dict(super().get_config()) | {"filters": self.filters}


@keras.saving.register_keras_serializable("l1000_bench")
class FlattenVertices(keras.Layer):  # type: ignore[misc]  # Keras is untyped
    """Lay the channels of all vertices of a sample side by side."""

    def call(self, x: tf.Tensor) -> tf.Tensor:
        """Turn a signal (n, batch, channels) into features (batch, n * channels)."""
        n, _, channels = x.shape
        return ops.reshape(ops.transpose(x, (1, 0, 2)), (-1, n * channels))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return (batch, n * channels)."""
        n, batch, channels = input_shape
        return (batch, (n or 0) * (channels or 0))
