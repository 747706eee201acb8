"""A network whose forward pass is compiled once and then serves any number of predictions."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from l1000_bench.models.network import Network

BATCH_SIZE = 128  # profiles per call of the compiled code, which holds for one number alone


class CompiledNetwork:
    """Scores profiles in batches of one fixed size; the last one is filled up, so that every profile is scored.

    Args:
        network: What to compile.
        jit_compile: Whether XLA compiles.

    Attributes:
        lock: To be held from the setting of weights to the last use of them, for fits in several threads share this.
    """

    def __init__(self, network: Network, jit_compile: bool) -> None:
        self.network = network
        self.lock = threading.RLock()
        # Traced at once: a concrete function is not counted among those that TensorFlow finds traced too often.
        forward = tf.function(self._call, jit_compile=jit_compile)
        self._forward = forward.get_concrete_function(network.specs(BATCH_SIZE))

    def _call(self, inputs: list[tf.Tensor]) -> tf.Tensor:
        return self.network.logits(inputs, training=False)

    @property
    def weights(self) -> list[NDArray[np.float32]]:
        """Copies of the trainable weights, in the order of the body's variables."""
        return [variable.value.numpy().copy() for variable in self.network.body.trainable_variables]

    @weights.setter
    def weights(self, values: list[NDArray[np.float32]]) -> None:
        for variable, value in zip(self.network.body.trainable_variables, values, strict=True):
            variable.assign(value)

    def logits(self, X: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return logits (n, n_classes) of profiles (n, n_genes)."""
        return np.concatenate(list(self._batches(X)))

    def _batches(self, X: NDArray[np.float32]) -> Iterator[NDArray[np.float32]]:
        for start in range(0, len(X), BATCH_SIZE):
            batch = X[start : start + BATCH_SIZE]
            missing = BATCH_SIZE - len(batch)
            full = np.pad(batch, ((0, missing), (0, 0))) if missing else batch
            yield self._forward(self.network.inputs(full)).numpy()[: len(batch)]
