"""Bias and ReLU of a graph convolution, apart from it so that pooling may come between."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf
from keras import ops


@keras.saving.register_keras_serializable("l1000_bench")
class BiasReLU(keras.Layer):  # type: ignore[misc]  # Keras is untyped
    """relu(x + b) with one bias per filter (b1relu), or one per vertex and filter (b2relu).

    A rising function of one filter's value, as with b1relu, commutes with the maximum: max_i relu(x_i + b) =
    relu(max_i x_i + b). So it may come after max pooling, where a fraction of the vertices is left.

    Args:
        per_vertex: Whether every vertex has biases of its own.
        kwargs: Of every Keras layer.
    """

    def __init__(self, per_vertex: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.per_vertex = per_vertex

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the biases for signals (n, batch, channels)."""
        n, _, channels = input_shape
        self.bias = self.add_weight(
            name="bias",
            shape=(n, 1, channels) if self.per_vertex else (channels,),
            initializer=keras.initializers.Constant(0.1),
        )

    def call(self, x: tf.Tensor) -> tf.Tensor:
        """Return (n, batch, channels), as they came."""
        return ops.relu(x + self.bias)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape that came."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's argument."""
        return dict(super().get_config()) | {"per_vertex": self.per_vertex}
