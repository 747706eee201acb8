"""Feed-forward networks in Keras: with ReLU and dropout, and self-normalizing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from l1000_bench.models.keras_classifier import KerasClassifier
from l1000_bench.models.plans import HeadPlan, NetworkPlan


class KerasMLPClassifier(KerasClassifier):
    """Dense layers with ReLU, each followed by dropout; weights by Glorot and Bengio (2010).

    Args:
        hidden: Sizes of the hidden layers; may be empty.
        dropout: Probability that a hidden value is dropped.
        optimizer: See `KerasClassifier` for this and the following.
        learning_rate: Of the first step.
        decay_rate: Factor of the rate after every stair.
        decay_steps: Steps of one stair.
        momentum: Of the momentum optimiser.
        l2: Factor of half the squared weights and biases.
        batch_size: Samples per step.
        epochs: Passes over the samples.
        early_stopping: Whether to hold out samples and to stop by them.
        validation_fraction: Part held out for it.
        patience: Epochs without improvement before stopping.
        class_weight: None, `balanced` or a weight for every class.
        random_state: Seed.
        n_jobs: Threads.
        mixed_precision: Whether to compute in bfloat16.
        jit_compile: Whether XLA compiles.
    """

    activation: ClassVar[str] = "relu"
    initializer: ClassVar[str] = "glorot"

    def __init__(  # noqa: PLR0913, PLR0917  # scikit-learn reads the parameters from this signature
        self,
        hidden: Sequence[int] = (500,),
        dropout: float = 0.1,
        optimizer: str = "adam",
        learning_rate: float = 0.001,
        decay_rate: float = 1.0,
        decay_steps: int = 1000,
        momentum: float = 0.9,
        l2: float = 0.0001,
        batch_size: int = 200,
        epochs: int = 50,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        patience: int = 10,
        class_weight: str | dict[Any, float] | None = None,
        random_state: int | np.random.RandomState | None = 0,
        n_jobs: int | None = None,
        mixed_precision: bool = False,
        jit_compile: bool = True,
    ) -> None:
        self.hidden, self.dropout = hidden, dropout
        self.optimizer, self.learning_rate, self.momentum, self.l2 = optimizer, learning_rate, momentum, l2
        self.decay_rate, self.decay_steps = decay_rate, decay_steps
        self.batch_size, self.epochs = batch_size, epochs
        self.early_stopping, self.validation_fraction, self.patience = early_stopping, validation_fraction, patience
        self.class_weight, self.random_state, self.n_jobs = class_weight, random_state, n_jobs
        self.mixed_precision, self.jit_compile = mixed_precision, jit_compile

    def _network_plan(self, n_genes: int, n_classes: int) -> NetworkPlan:
        head = HeadPlan(tuple(self.hidden), self.activation, self.dropout)
        return NetworkPlan(n_genes, n_classes, None, head, self.initializer, self.mixed_precision)


class SelfNormalizingClassifier(KerasMLPClassifier):
    """Dense layers with SELU, alpha dropout and LeCun's normal weights (Klambauer et al. 2017).

    Activations then keep mean 0 and variance 1 through many layers; the genes should be standardised. Its parameters
    are those of `KerasMLPClassifier`.
    """

    activation = "selu"
    initializer = "lecun"
