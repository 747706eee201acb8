"""Feed-forward networks, per epoch of 50,000 profiles: `python -m gcnn_workers.feed_forward ours` (`sklearn`, `keras`).

One hidden layer of 500 with ReLU, Adam, 200 samples a step; ours and Keras with dropout, which scikit-learn lacks.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import keras
import tensorflow as tf
from sklearn.neural_network import MLPClassifier

from gcnn_workers.worker import N_CLASSES, THREADS, profiles, seconds_of, serve
from l1000_bench.models.mlp import KerasMLPClassifier

N, N_GENES, UNITS, STEP, DROPOUT, RATE = 50_000, 978, 500, 200, 0.1, 0.001
EPOCHS = 5


def ours() -> Callable[[], float]:
    """The whole of `fit`, over its epochs."""
    X, y = profiles(N, N_GENES)
    classifier = KerasMLPClassifier(
        (UNITS,), DROPOUT, batch_size=STEP, learning_rate=RATE, epochs=EPOCHS, n_jobs=THREADS
    )
    return lambda: seconds_of(lambda: classifier.fit(X, y), EPOCHS)


def sklearn() -> Callable[[], float]:
    """`partial_fit`, which is one epoch; further ones go on from its weights."""
    X, y = profiles(N, N_GENES)
    classifier = MLPClassifier((UNITS,), solver="adam", batch_size=STEP, learning_rate_init=RATE, random_state=0)
    return lambda: seconds_of(lambda: classifier.partial_fit(X, y, classes=range(N_CLASSES)), 1)


class EndsOfEpochs(keras.callbacks.Callback):  # type: ignore[misc]  # Keras is untyped
    """Notes when epochs end."""

    def on_train_begin(self, logs: object = None) -> None:
        """Forget an earlier training."""
        self.times: list[float] = []

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        """Note the time."""
        self.times.append(time.perf_counter())


def stock_keras() -> Callable[[], float]:
    """`Model.fit` as it comes, epochs after its first."""
    X, y = profiles(N, N_GENES)
    dense = keras.layers.Dense
    layers = [keras.Input((N_GENES,)), dense(UNITS, "relu"), keras.layers.Dropout(DROPOUT), dense(N_CLASSES)]
    model = keras.Sequential(layers)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(RATE), loss)
    ends = EndsOfEpochs()

    def epoch() -> float:
        model.fit(X, y, batch_size=STEP, epochs=1 + EPOCHS, verbose=0, callbacks=[ends])
        return (ends.times[-1] - ends.times[0]) / EPOCHS

    return epoch


def main(name: str) -> None:
    """Make the network and wait for tasks."""
    train = {"ours": ours, "sklearn": sklearn, "keras": stock_keras}[name]()
    devices = tf.config.list_physical_devices("GPU") or tf.config.list_physical_devices("CPU")
    serve("CPU" if name == "sklearn" else devices[0].device_type, ("keras", "scikit-learn"), {"train": train})


if __name__ == "__main__":
    main(sys.argv[1])
