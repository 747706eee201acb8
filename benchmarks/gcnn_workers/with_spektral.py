"""Spektral's ChebConv in dense mixed mode (one graph, many signals): `python -m gcnn_workers.with_spektral LEVELS`.

The step is a `tf.function`, as in Spektral's examples of own training loops, on Keras 2 (tf_keras), for which Spektral
is written. Batches are shuffled. ReLU comes after the pooling, where it costs less.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
import tf_keras
from spektral.layers import ChebConv

from gcnn_workers.worker import (
    BATCH,
    FILTERS,
    HIDDEN,
    INFERENCE_BATCH,
    LEARNING_RATE,
    MOMENTUM,
    N_CLASSES,
    POOL,
    K,
    levels,
    profiles,
    seconds_of,
    serve,
)

STEPS, INFERENCES = 30, 32


class Peer:
    """The network, its optimiser and signals on the vertices of level 0."""

    def __init__(self, path: Path) -> None:
        self.laplacians = [tf.constant(level["laplacian"]) for level in levels(path)]
        self.convolutions = [ChebConv(filters, K=K) for filters in FILTERS]
        self.head = [tf_keras.layers.Dense(HIDDEN, "relu"), tf_keras.layers.Dense(N_CLASSES)]
        self.optimizer = tf_keras.optimizers.SGD(LEARNING_RATE, momentum=MOMENTUM)
        self.X, self.y = profiles(STEPS * BATCH, self.laplacians[0].shape[0])
        self.logits(tf.constant(self.X[:BATCH]))  # makes the weights
        layers = [*self.convolutions, *self.head]
        self.weights = [weight for layer in layers for weight in layer.trainable_variables]
        self.optimizer.build(self.weights)
        self.step = tf.function(self._step)
        self.probabilities = tf.function(lambda x: tf.nn.softmax(self.logits(x)))
        self.rng = np.random.default_rng(0)

    def logits(self, x: Any) -> Any:
        """Turn signals (batch, n) into logits (batch, n_classes)."""
        x = x[..., None]  # (batch, n, 1)
        for convolution, laplacian in zip(self.convolutions, self.laplacians, strict=True):
            x = convolution([x, laplacian])
            _, n, channels = x.shape
            x = tf.nn.relu(tf.reduce_max(tf.reshape(x, (-1, n // POOL, POOL, channels)), axis=2))
        x = tf.reshape(x, (-1, x.shape[1] * x.shape[2]))  # (batch, vertices * filters)
        return self.head[1](self.head[0](x))

    def _step(self, x: Any, y: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, self.logits(x)))
        self.optimizer.apply_gradients(zip(tape.gradient(loss, self.weights), self.weights, strict=True))
        return loss

    def train(self) -> None:
        """One epoch."""
        for rows in self.rng.permutation(len(self.X)).reshape(-1, BATCH):
            loss = self.step(tf.constant(self.X[rows]), tf.constant(self.y[rows]))
        float(loss)  # waits for the device

    def infer(self) -> None:
        """Probabilities of `INFERENCES` batches."""
        parts = np.resize(self.X, (INFERENCES, INFERENCE_BATCH, self.X.shape[1]))
        np.concatenate([self.probabilities(tf.constant(part)).numpy() for part in parts])


def main(path: Path) -> None:
    """Make the peer and wait for tasks."""
    peer = Peer(path)
    tasks = {
        "train": lambda: seconds_of(peer.train, STEPS * BATCH),
        "infer": lambda: seconds_of(peer.infer, INFERENCES * INFERENCE_BATCH),
    }
    devices = tf.config.list_physical_devices("GPU") or tf.config.list_physical_devices("CPU")
    serve(devices[0].device_type, ("spektral", "tensorflow", "tf_keras"), tasks)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
