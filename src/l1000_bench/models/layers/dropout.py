"""Dropout whose random numbers XLA makes fast.

Keras leaves the choice of the generator to TensorFlow; what that chooses under XLA takes a hundred times as long on a
CPU as Philox (Salmon et al. 2011), which these layers name.
"""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

# Of SELU (Klambauer et al. 2017, section 2): scale times alpha is how far its activations can fall below 0.
SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805


def _kept(layer: Any, x: tf.Tensor) -> tf.Tensor:
    """Draw which values stay, as ones and zeros in the shape of x; the layer's seed moves on."""
    seed = tf.cast(layer.seed_generator.next(), tf.int32)
    drawn = tf.random.stateless_uniform(tf.shape(x), seed, alg="philox")
    return tf.cast(drawn >= layer.rate, x.dtype)


@keras.saving.register_keras_serializable("l1000_bench")
class PhiloxDropout(keras.layers.Dropout):  # type: ignore[misc]  # Keras is untyped
    """Sets values to 0 with probability `rate` and scales the others by 1 / (1 - rate), in training alone."""

    def call(self, x: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Return x, in training with some of its values dropped."""
        if not training or self.rate == 0:
            return x
        return x * _kept(self, x) / (1 - self.rate)


@keras.saving.register_keras_serializable("l1000_bench")
class PhiloxAlphaDropout(keras.layers.AlphaDropout):  # type: ignore[misc]
    """Alpha dropout: dropped values become SELU's lowest, mean 0 and variance 1 stay (Klambauer et al. 2017, 3).

    With q = 1 - rate and the lowest value l, the affine map a x + b after dropping has a = (q + l^2 q (1 - q))^-1/2 and
    b = -a (1 - q) l.
    """

    def call(self, x: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Return x, in training with some of its values dropped."""
        if not training or self.rate == 0:
            return x
        q, lowest = 1 - self.rate, -SELU_SCALE * SELU_ALPHA
        a = (q + lowest**2 * q * (1 - q)) ** -0.5
        kept = _kept(self, x)
        return a * (x * kept + lowest * (1 - kept)) - a * (1 - q) * lowest
