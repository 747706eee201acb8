"""The graph convolutional network of the paper as a scikit-learn classifier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from l1000_bench.errors import require
from l1000_bench.graphs.pyramid import Pyramid
from l1000_bench.models.graph_plan import Convolutions, plan_graph
from l1000_bench.models.keras_classifier import KerasClassifier
from l1000_bench.models.plans import HeadPlan, NetworkPlan


class ChebNetClassifier(KerasClassifier):
    """Graph convolutions with pooling over the components of a gene graph, then a dense head.

    The network of Defferrard et al. (2016) as McDermott et al. (2020) used it: weights and b1relu biases are shared by
    all components, the genes outside of them join the pooled features at the head, hidden layers have leaky ReLU
    (slope 0.2) and dropout. Fake vertices have value 0 in the input; after a layer they carry relu(bias), as published.

    How it computes, exact in every case and chosen by itself: the first layer has one channel and a fixed graph, so
    its terms T_k(L~) x are computed with sparse products outside the compiled step, once for all epochs where they fit
    into memory; deeper layers go through the Fourier domain where that takes fewer multiplications
    (`ChebyshevConvolution`); max pooling comes before a bias per filter and ReLU, with which it commutes; vertices
    stand before samples, so that a product with the graph's matrix needs no transposition; and XLA compiles the step.

    Args:
        pyramid: The coarsened graph, its genes the columns of X in order; None sends all genes raw to the head.
        layer: `chebyshev`; or `sage` (mean of the neighbours) or `gcn` (first order), which take every edge as 1.
        filters: Output channels of every graph layer.
        K: Number of Chebyshev terms T_0 .. T_{K-1} of every layer; 1 sees no edge. Only `chebyshev` reads it.
        pool: Vertices that become one after every layer: a power of two, 1 for no pooling.
        pooling: `max` or `average`.
        bias: `b1relu`, one bias per filter, or `b2relu`, one per vertex and filter.
        hidden: Sizes of the hidden dense layers; may be empty.
        dropout: Probability that a hidden value is dropped. The paper's `dropout` is the probability to keep it.
        initializer: `truncated_normal` (standard deviation 0.1, biases 0.1; as published) or `glorot`.
        optimizer: See `KerasClassifier` for this and the following.
        learning_rate: Of the first step.
        decay_rate: Factor of the rate after every stair.
        decay_steps: Steps of one stair.
        momentum: Of the momentum optimiser.
        l2: Factor of half the squared weights and biases of the dense layers; filters go free.
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

    def __init__(  # noqa: PLR0913, PLR0917  # scikit-learn reads the parameters from this signature
        self,
        pyramid: Pyramid | None = None,
        layer: str = "chebyshev",
        filters: Sequence[int] = (32,),
        K: int | Sequence[int] = (10,),
        pool: int | Sequence[int] = (4,),
        pooling: str = "max",
        bias: str = "b1relu",
        hidden: Sequence[int] = (256,),
        dropout: float = 0.5,
        initializer: str = "truncated_normal",
        optimizer: str = "momentum",
        learning_rate: float = 0.003,
        decay_rate: float = 0.95,
        decay_steps: int = 400,
        momentum: float = 0.9,
        l2: float = 0.0005,
        batch_size: int = 100,
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
        self.pyramid, self.layer, self.pooling, self.bias = pyramid, layer, pooling, bias
        self.filters, self.K, self.pool = filters, K, pool
        self.hidden, self.dropout, self.initializer = hidden, dropout, initializer
        self.optimizer, self.learning_rate, self.momentum, self.l2 = optimizer, learning_rate, momentum, l2
        self.decay_rate, self.decay_steps = decay_rate, decay_steps
        self.batch_size, self.epochs = batch_size, epochs
        self.early_stopping, self.validation_fraction, self.patience = early_stopping, validation_fraction, patience
        self.class_weight, self.random_state, self.n_jobs = class_weight, random_state, n_jobs
        self.mixed_precision, self.jit_compile = mixed_precision, jit_compile

    @property
    def coarsenings(self) -> int:
        """How often the pooling needs the graph to be coarsened."""
        return self._convolutions().levels[-1]

    def _convolutions(self) -> Convolutions:
        require(not isinstance(self.filters, int), f"filters is {self.filters}; it takes a list, one number per layer.")
        filters, n = tuple(self.filters), len(self.filters)
        K, pool = ((size,) * n if isinstance(size, int) else tuple(size) for size in (self.K, self.pool))
        return Convolutions(self.layer, filters, K, pool, self.pooling, self.bias)

    def _network_plan(self, n_genes: int, n_classes: int) -> NetworkPlan:
        convolutions = self._convolutions()
        graph = None
        if self.pyramid is not None:
            require(
                len(self.pyramid) == n_genes,
                f"the pyramid has {len(self.pyramid)} genes, the profiles have {n_genes}; make both from one list.",
            )
            graph = plan_graph(self.pyramid, convolutions)
        head = HeadPlan(tuple(self.hidden), "leaky_relu", self.dropout)
        return NetworkPlan(n_genes, n_classes, graph, head, self.initializer, self.mixed_precision)
