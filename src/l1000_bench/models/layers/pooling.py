"""Pooling over the vertices of a pyramid, where the descendants of a coarse vertex stand side by side."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf
from keras import ops

from l1000_bench.errors import InputError

MODES = ("max", "average")


@keras.saving.register_keras_serializable("l1000_bench")
class GraphPooling(keras.Layer):  # type: ignore[misc]  # Keras is untyped
    """Pool every `size` consecutive vertices: in a pyramid they are the descendants of one coarse vertex.

    Args:
        size: Vertices that become one; a power of two in a pyramid.
        mode: `max` or `average`.
        kwargs: Of every Keras layer.

    Raises:
        InputError: If the size is below 1 or the mode unknown.
    """

    def __init__(self, size: int, mode: str = "max", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if size < 1 or mode not in MODES:
            raise InputError(f"the pooling is {size}, {mode!r}; it needs a size of at least 1 and max or average.")
        self.size, self.mode = size, mode

    def call(self, x: tf.Tensor) -> tf.Tensor:
        """Pool (n, batch, channels) to (n / size, batch, channels)."""
        n, _, channels = x.shape
        groups = ops.reshape(x, (n // self.size, self.size, -1, channels))  # (n / size, size, batch, channels)
        return (ops.max if self.mode == "max" else ops.mean)(groups, axis=1)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return (n / size, batch, channels).

        Raises:
            InputError: If the vertices cannot be divided by the size.
        """
        n = input_shape[0] or 0
        if n % self.size:
            raise InputError(f"{n} vertices cannot be pooled by {self.size}; take a size that divides them.")
        return (n // self.size, *input_shape[1:])

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return dict(super().get_config()) | {"size": self.size, "mode": self.mode}
