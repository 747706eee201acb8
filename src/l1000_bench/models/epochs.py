"""Epochs over a training set, and when to stop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from l1000_bench.models.training import Trainer

# Inputs that fit stay on the device for all epochs; else they are made anew, part by part, in every epoch.
RESIDENT_BYTES = 2**29
PART_BYTES = 2**24


@dataclass(frozen=True)
class TrainingSet:
    """What is learned.

    Attributes:
        X: (n, n_genes) profiles, float32.
        codes: (n,) class codes.
        weights: (n,) weight of every profile in the loss.
    """

    X: NDArray[np.float32]
    codes: NDArray[np.intp]
    weights: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.X)

    def take(self, rows: NDArray[np.intp]) -> TrainingSet:
        """Return the profiles of some rows."""
        return TrainingSet(self.X[rows], self.codes[rows], self.weights[rows])


def batches(n: int, batch_size: int, epochs: int, rng: np.random.Generator) -> Iterator[NDArray[np.intp]]:
    """Yield, epoch by epoch, the rows of its batches, (n_steps, batch_size).

    All batches are full: what a permutation leaves over begins the next epoch's first batch, as in the original, so
    that no sample is seen less often than another. Together they are floor(epochs n / batch_size) steps.

    Args:
        n: Number of samples, at least `batch_size`.
        batch_size: Samples per batch.
        epochs: Number of permutations.
        rng: Source of the permutations.
    """
    left = np.empty(0, dtype=np.intp)
    for _ in range(epochs):
        stream = np.concatenate([left, rng.permutation(n)])
        full = len(stream) // batch_size * batch_size
        yield stream[:full].reshape(-1, batch_size)
        left = stream[full:]


def train_epochs(trainer: Trainer, data: TrainingSet, orders: Iterator[NDArray[np.intp]]) -> Iterator[float]:
    """Train epoch by epoch.

    Args:
        trainer: Has its first weights.
        data: What to learn.
        orders: The batches of every epoch.

    Yields:
        The mean loss of the epoch, after it.
    """
    network = trainer.network
    if network.bytes_per_sample * len(data) <= RESIDENT_BYTES:
        inputs = network.inputs(data.X)
        for order in orders:
            yield trainer.run(inputs, data.codes, data.weights, order)
        return
    steps_per_part = max(1, PART_BYTES // (network.bytes_per_sample * trainer.plan.batch_size))
    for order in orders:
        losses = 0.0
        for start in range(0, len(order), steps_per_part):
            rows = order[start : start + steps_per_part]
            part = data.take(rows.ravel())
            own_order = np.arange(rows.size).reshape(rows.shape)
            losses += len(rows) * trainer.run(network.inputs(part.X), part.codes, part.weights, own_order)
        yield losses / len(order)


@dataclass
class EarlyStopping:
    """Keeps the weights with the best score on profiles that are held out.

    Attributes:
        patience: Epochs without a better score after which training stops.
        scores: Of all epochs so far.
        best: The weights of the best epoch, the first of equals.
    """

    patience: int
    scores: list[float] = field(default_factory=list)
    best: list[NDArray[np.float32]] = field(default_factory=list)

    def should_stop(self, score: float, weights: list[NDArray[np.float32]]) -> bool:
        """Take note of an epoch and say whether it was the last."""
        if not self.scores or score > max(self.scores):
            self.best = weights
        self.scores.append(score)
        return len(self.scores) - 1 - int(np.argmax(self.scores)) >= self.patience
