"""What all neural networks of the grid share: scikit-learn's interface around a compiled Keras network.

Keras and TensorFlow are imported when a network is fitted or used, never when a classifier is only built.
"""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from l1000_bench.errors import InputError, is_whole, require
from l1000_bench.io.atomic import replacing
from l1000_bench.models.backend import load
from l1000_bench.models.epochs import EarlyStopping, TrainingSet, batches, train_epochs
from l1000_bench.models.hold_out import hold_out
from l1000_bench.models.plans import NetworkPlan, TrainingPlan

if TYPE_CHECKING:
    from l1000_bench.models.training import Trainer


class KerasClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """A neural network as a scikit-learn classifier; subclasses say which network.

    A fitted classifier holds its weights as numpy arrays and no object of TensorFlow, so it can be copied, pickled and
    sent to another process. Subclasses' constructors set the attributes below, scikit-learn's way.

    Attributes:
        optimizer: `momentum` (without Nesterov's look ahead) or `adam`.
        learning_rate: The rate of the first step.
        decay_rate: Factor of the rate after every `decay_steps` steps.
        decay_steps: Steps of one stair.
        momentum: Of the momentum optimiser.
        l2: Factor of half the squared weights and biases of the dense layers.
        batch_size: Samples per step; at most the number of samples.
        epochs: Passes over the samples.
        early_stopping: Whether to stop when the accuracy on held-out samples no longer rises, and to take the weights
            of the best epoch.
        validation_fraction: Part of the samples that early stopping holds out, stratified by class.
        patience: Epochs without a better accuracy before stopping.
        class_weight: None, `balanced` or a weight for every class.
        random_state: Seed of weights, batches and dropout; the same seed gives the same predictions on one device.
        n_jobs: Threads of TensorFlow, fixed with its first use in a process; -1 for all cores, None for what there is.
        mixed_precision: Whether to compute in bfloat16, for devices that are faster with it.
        jit_compile: Whether XLA compiles; it takes a second or more, which very small data do not earn back.
        classes_: (n_classes,) the classes, sorted.
        n_features_in_: Number of genes.
        weights_: Trained weights, float32.
        loss_curve_: Mean loss of every epoch.
        validation_scores_: Accuracy on the held-out samples after every epoch; empty without early stopping.
        n_iter_: Number of epochs run.
    """

    optimizer: str
    learning_rate: float
    decay_rate: float
    decay_steps: int
    momentum: float
    l2: float
    batch_size: int
    epochs: int
    early_stopping: bool
    validation_fraction: float
    patience: int
    class_weight: str | dict[Any, float] | None
    random_state: int | np.random.RandomState | None
    n_jobs: int | None
    mixed_precision: bool
    jit_compile: bool

    _parameter_constraints: ClassVar[dict[str, Any]] = {}  # the plans check more than types

    @abstractmethod
    def _network_plan(self, n_genes: int, n_classes: int) -> NetworkPlan:
        """Return the network that the parameters describe."""

    def prepare(self) -> None:
        """Import TensorFlow and set its threads, as the first fit would."""
        load("training", self.n_jobs)

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Train.

        Args:
            X: (n_samples, n_genes) finite values; used as float32.
            y: (n_samples,) class labels.

        Raises:
            InputError: If a parameter is out of its range, or the loss is no longer finite.
        """
        profiles, y = validate_data(self, X, y, dtype=np.float32)
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        self._check_epochs()
        rng = np.random.default_rng(check_random_state(self.random_state).randint(2**31))
        weights = compute_sample_weight(self.class_weight, y).astype(np.float32)
        train, dev = self._split(TrainingSet(profiles, codes, weights), rng)
        network_plan = self._network_plan(profiles.shape[1], len(self.classes_))
        self.plans_ = network_plan, self._training_plan(len(train))
        trainer = self._trainer()
        with trainer.lock:
            trainer.restart(rng)
            self._train(trainer, train, dev, rng)
        return self

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float32]:
        """Return class probabilities (n_samples, n_classes) of profiles (n_samples, n_genes)."""
        check_is_fitted(self)
        profiles = validate_data(self, X, dtype=np.float32, reset=False)
        trainer = self._trainer()
        with trainer.lock:
            trainer.weights = self.weights_
            logits = trainer.logits(profiles)
        probabilities: NDArray[np.float32] = softmax(logits, axis=1)
        return probabilities

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the most probable class (n_samples,) of profiles (n_samples, n_genes)."""
        probabilities = self.predict_proba(X)  # first, for it says when the classifier is not fitted
        chosen: NDArray[Any] = self.classes_[probabilities.argmax(axis=1)]
        return chosen

    @property
    def keras_model_(self) -> Any:
        """A new Keras model with the trained weights: profiles (batch, n_genes) to logits (batch, n_classes)."""
        return self._network().whole

    def to_keras(self) -> bytes:
        """Return the trained network as a `.keras` archive: all but the classes, for which see `StoredNetwork`."""
        archive: bytes = load("keras_file", self.n_jobs).to_bytes(self._network())
        return archive

    def save_keras(self, path: Path) -> None:
        """Write the `.keras` archive to a file."""
        with replacing(path) as temporary:
            temporary.write_bytes(self.to_keras())

    def _network(self) -> Any:
        check_is_fitted(self)
        network = load("training", self.n_jobs).build(self.plans_[0])
        for variable, value in zip(network.body.trainable_variables, self.weights_, strict=True):
            variable.assign(value)
        return network

    def _trainer(self) -> Trainer:
        trainer: Trainer = load("training", self.n_jobs).trainer_for(*self.plans_)
        return trainer

    def _training_plan(self, n_samples: int) -> TrainingPlan:
        names = ("optimizer", "learning_rate", "decay_rate", "decay_steps", "momentum", "l2", "jit_compile")
        values = {name: getattr(self, name) for name in names}
        return TrainingPlan(**values, batch_size=min(self.batch_size, n_samples))

    def _validate_params(self) -> None:
        """Refuse impossible parameters before there are data: scikit-learn's name for it.

        Raises:
            InputError: If a parameter is out of its range.
        """
        self._network_plan(n_genes=len(getattr(self, "pyramid", None) or [0]), n_classes=2)
        self._training_plan(self.batch_size)
        self._check_epochs()
        check_random_state(self.random_state)

    def _check_epochs(self) -> None:
        for name in ("epochs", "patience"):
            require(is_whole(getattr(self, name)), f"{name} is {getattr(self, name)!r}; it takes a whole number.")
        weight = self.class_weight
        fits = weight in (None, "balanced") or isinstance(weight, dict)
        require(fits, f"class_weight is {weight!r}; it takes None, balanced or a weight for every class.")
        require(self.epochs >= 1, f"epochs is {self.epochs}; it must be at least 1.")
        require(self.patience >= 1, f"patience is {self.patience}; it must be at least 1.")
        fraction = self.validation_fraction
        require(0 < fraction < 1, f"validation_fraction is {fraction}; it must lie between 0 and 1.")

    def _split(self, data: TrainingSet, rng: np.random.Generator) -> tuple[TrainingSet, TrainingSet | None]:
        """Hold out samples for early stopping."""
        if not self.early_stopping:
            return data, None
        train, dev = hold_out(data.codes, self.validation_fraction, int(rng.integers(2**31)))
        return data.take(train), data.take(dev)

    def _train(self, trainer: Trainer, train: TrainingSet, dev: TrainingSet | None, rng: np.random.Generator) -> None:
        stopping = EarlyStopping(self.patience)
        self.loss_curve_: list[float] = []
        for loss in train_epochs(trainer, train, batches(len(train), trainer.plan.batch_size, self.epochs, rng)):
            self.loss_curve_.append(loss)
            if not np.isfinite(loss):
                raise InputError(
                    f"the loss is {loss} in epoch {len(self.loss_curve_)}: the training diverged; take a smaller "
                    f"learning_rate than {self.learning_rate}, or scale the profiles."
                )
            if dev and stopping.should_stop(_accuracy(trainer, dev), trainer.weights):
                break
        self.n_iter_, self.validation_scores_ = len(self.loss_curve_), stopping.scores
        self.weights_ = stopping.best if dev else trainer.weights


def _accuracy(trainer: Trainer, data: TrainingSet) -> float:
    return float((trainer.logits(data.X).argmax(axis=1) == data.codes).mean())
