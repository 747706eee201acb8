"""What a network and its training are, as plain values: compiled code is shared between fits whose plans are equal."""

from __future__ import annotations

from dataclasses import dataclass

from l1000_bench.configured import check_field_types
from l1000_bench.errors import is_whole, require
from l1000_bench.models.graph_plan import GraphPlan

ACTIVATIONS = ("leaky_relu", "relu", "selu")
INITIALIZERS = ("truncated_normal", "glorot", "lecun")
OPTIMIZERS = ("momentum", "adam")


@dataclass(frozen=True)
class HeadPlan:
    """The dense layers: each hidden one with its activation and then dropout, at last the logits.

    Attributes:
        hidden: Sizes of the hidden layers.
        activation: `leaky_relu` (slope 0.2), `relu`, or `selu` with alpha dropout.
        dropout: Probability that a hidden value is dropped.

    Raises:
        InputError: If a value is out of its range.
    """

    hidden: tuple[int, ...]
    activation: str
    dropout: float

    def __post_init__(self) -> None:
        check_field_types(self)
        whole = all(is_whole(size) and size >= 1 for size in self.hidden)
        require(whole, f"hidden is {self.hidden}; every layer needs at least 1 unit, in whole numbers.")
        known = ", ".join(ACTIVATIONS)
        require(self.activation in ACTIVATIONS, f"activation is {self.activation!r}; it can be one of {known}.")
        require(
            0 <= self.dropout < 1,
            f"dropout is {self.dropout}; the probability of dropping a value lies from 0 to below 1.",
        )


@dataclass(frozen=True)
class NetworkPlan:
    """A network from profiles to logits.

    Attributes:
        n_genes: Columns of the profiles.
        n_classes: Number of logits.
        graph: The graph part; None for none, where all genes go raw to the head.
        head: The dense layers.
        initializer: Of the weights: `truncated_normal` (standard deviation 0.1, biases 0.1, as published), `glorot`
            (uniform) or `lecun` (normal), both with biases 0.
        mixed_precision: Whether to compute in bfloat16, with weights and logits in float32.
    """

    n_genes: int
    n_classes: int
    graph: GraphPlan | None
    head: HeadPlan
    initializer: str
    mixed_precision: bool

    def __post_init__(self) -> None:
        known = ", ".join(INITIALIZERS)
        require(self.initializer in INITIALIZERS, f"initializer is {self.initializer!r}; it can be one of {known}.")


@dataclass(frozen=True)
class TrainingPlan:
    """How the weights change.

    Attributes:
        optimizer: `momentum` (v = momentum v + gradient, w = w - rate v: not Nesterov's) or `adam`.
        learning_rate: The rate of the first step.
        decay_rate: Factor of the rate after every `decay_steps` steps: rate decay_rate^floor(step / decay_steps).
        decay_steps: Steps of one stair.
        momentum: Of the momentum optimiser.
        l2: Factor of the sum of half the squared weights and biases of the dense layers; filters go free.
        batch_size: Samples per step.
        jit_compile: Whether XLA compiles.

    Raises:
        InputError: If a value is out of its range.
    """

    optimizer: str
    learning_rate: float
    decay_rate: float
    decay_steps: int
    momentum: float
    l2: float
    batch_size: int
    jit_compile: bool

    def __post_init__(self) -> None:
        check_field_types(self)
        known = ", ".join(OPTIMIZERS)
        require(self.optimizer in OPTIMIZERS, f"optimizer is {self.optimizer!r}; it can be one of {known}.")
        require(self.learning_rate > 0, f"learning_rate is {self.learning_rate}; it must be above 0.")
        require(0 < self.decay_rate <= 1, f"decay_rate is {self.decay_rate}; it must be above 0 and at most 1.")
        require(self.decay_steps >= 1, f"decay_steps is {self.decay_steps}; it must be at least 1.")
        require(0 <= self.momentum < 1, f"momentum is {self.momentum}; it lies from 0 to below 1.")
        require(self.l2 >= 0, f"l2 is {self.l2}; it must not be negative.")
        require(self.batch_size >= 1, f"batch_size is {self.batch_size}; it must be at least 1.")
