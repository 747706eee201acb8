"""Keras networks built from their plans: graph layers, dense head, and both together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from l1000_bench.models.graph_plan import Convolutions, GraphPlan
from l1000_bench.models.layers.bias import BiasReLU
from l1000_bench.models.layers.chebyshev import ChebyshevConvolution
from l1000_bench.models.layers.convolution import FirstOrderConvolution, GraphConvolution, MeanAggregation
from l1000_bench.models.layers.dropout import PhiloxAlphaDropout, PhiloxDropout
from l1000_bench.models.layers.filters import FlattenVertices, TermFilters
from l1000_bench.models.layers.genes import GeneTerms, SelectedGenes
from l1000_bench.models.layers.matrices import Sparse
from l1000_bench.models.layers.pooling import GraphPooling
from l1000_bench.models.layers.terms import GraphTerms, operator
from l1000_bench.models.plans import NetworkPlan

LEAKY_SLOPE = 0.2  # of the published head
AT_ONCE = 64  # profiles whose terms are made together: memory that the allocator keeps, not new pages each time
BODY, TERMS, RAW, HIDDEN, LOGITS = "body", "gene_terms", "raw_genes", "hidden", "logits"
LAYERS: dict[str, type[GraphConvolution]] = {
    "chebyshev": ChebyshevConvolution, "sage": MeanAggregation, "gcn": FirstOrderConvolution
}  # fmt: skip


@dataclass(frozen=True)
class Network:
    """A Keras model of profiles, and the part of it that learns.

    Attributes:
        whole: Profiles (batch, n_genes) to logits (batch, n_classes): what is saved.
        body: The same from its `inputs` on: what is trained. Shares the weights of `whole`.
        terms: Makes the graph's input; None without a graph.
        raw: The genes that go raw to the head; None when all do or none does.
    """

    whole: keras.Model
    body: keras.Model
    terms: GraphTerms | None
    raw: NDArray[np.intp] | None

    def inputs(self, X: NDArray[np.float32]) -> list[tf.Tensor]:
        """Return what the body takes for profiles (n, n_genes): terms (n, vertices, terms) and raw genes (n, raw)."""
        if self.terms is None:
            return [tf.constant(X)]
        parts = [tf.transpose(self.terms(X[i : i + AT_ONCE]), (2, 1, 0)) for i in range(0, len(X), AT_ONCE)]
        terms = tf.concat(parts, axis=0) if len(parts) > 1 else parts[0]
        return [terms] if self.raw is None else [terms, tf.constant(X[:, self.raw])]

    def logits(self, inputs: list[tf.Tensor], training: bool) -> tf.Tensor:
        """Run the body: (batch, n_classes)."""
        return self.body(_bare(inputs), training=training)

    def specs(self, batch_size: int | None) -> list[tf.TensorSpec]:
        """Return the shapes of the body's inputs for a batch, of any size if None."""
        return [tf.TensorSpec((batch_size, *tensor.shape[1:])) for tensor in self.body.inputs]

    @property
    def bytes_per_sample(self) -> int:
        """Memory of the inputs of one profile."""
        return 4 * sum(int(np.prod(tensor.shape[1:])) for tensor in self.body.inputs)

    @property
    def head_weights(self) -> list[keras.Variable]:
        """Weights and biases of the hidden layers and the logits: those that L2 shrinks."""
        layers = [layer for layer in self.body.layers if layer.name.startswith((HIDDEN, LOGITS))]
        return [variable for layer in layers for variable in layer.trainable_variables]


def build(plan: NetworkPlan) -> Network:
    """Build a network.

    A first graph layer has one input channel and no parameter before its weights: its terms are computed outside the
    compiled step (`GraphTerms`), and the layer itself is a matrix product of terms and filters.
    """
    genes = keras.Input((plan.n_genes,), name="genes")
    stack = Stack(plan)
    if plan.graph is None:
        body = keras.Model(genes, stack.head(genes), name=BODY)
        return Network(body, body, None, None)
    front = {TERMS: _gene_terms(plan.graph)(genes)}
    if len(plan.graph.raw):
        front[RAW] = SelectedGenes(plan.graph.raw, name=RAW)(genes)
    inputs = [keras.Input(tensor.shape[1:], name=f"{name}_input") for name, tensor in front.items()]
    features = [stack.graph(plan.graph, inputs[0]), *inputs[1:]]
    joined = features[0] if len(features) == 1 else keras.layers.Concatenate(name="features_and_raw")(features)
    body = keras.Model(_bare(inputs), stack.head(joined), name=BODY)
    return read(keras.Model(genes, body(_bare(list(front.values()))), name="profiles_to_logits"))


def _bare(tensors: list[Any]) -> Any:
    """Return one tensor alone: Keras tells it from a list of one."""
    return tensors if len(tensors) > 1 else tensors[0]


def read(whole: keras.Model) -> Network:
    """Find the parts of a whole model, such as a loaded one."""
    layers = {layer.name: layer for layer in whole.layers}
    if BODY not in layers:
        return Network(whole, whole, None, None)
    raw = layers[RAW].positions if RAW in layers else None
    return Network(whole, layers[BODY], layers[TERMS].terms, raw)


def _gene_terms(graph: GraphPlan) -> GeneTerms:
    kind, K = graph.convolutions.kind, graph.convolutions.K[0]
    operators = [operator(kind, laplacian) for laplacian in graph.laplacians[0]]
    return GeneTerms(graph.order, operators, kind, K, name=TERMS)


@dataclass(frozen=True)
class Stack:
    """Layers one upon another, named alike in every process so that a saved model is the same file."""

    plan: NetworkPlan

    @property
    def policy(self) -> str:
        """The precision of all layers but the logits."""
        return "mixed_bfloat16" if self.plan.mixed_precision else "float32"

    def graph(self, graph: GraphPlan, terms: keras.KerasTensor) -> keras.KerasTensor:
        """Convolve and pool, (batch, vertices, terms) to (batch, coarse vertices * filters)."""
        plan = graph.convolutions
        x = TermFilters(plan.filters[0], dtype=self.policy, name="convolution_1")(terms)  # (vertices, batch, filters)
        for number, size in enumerate(plan.pool, start=1):
            if number > 1:
                x = self._convolve(plan, number, graph.laplacians[number - 1], x)
            bias = BiasReLU(plan.bias == "b2relu", dtype=self.policy, name=f"bias_{number}")
            pool = GraphPooling(size, plan.pooling, dtype=self.policy, name=f"pool_{number}")
            # Max pooling commutes with b1relu, and leaves it fewer vertices.
            x = bias(pool(x)) if plan.pooling == "max" and plan.bias == "b1relu" else pool(bias(x))
        return FlattenVertices(dtype=self.policy, name="flatten")(x)

    def _convolve(
        self, plan: Convolutions, number: int, laplacians: Sequence[Sparse], x: keras.KerasTensor
    ) -> keras.KerasTensor:
        """Convolve (vertices, batch, channels) along each direction of the edges, and add."""
        sides = []
        for side, laplacian in zip(("", "_out"), laplacians, strict=False):
            layer = LAYERS[plan.kind]
            name = f"convolution_{number}{side}"
            sides.append(
                layer(plan.filters[number - 1], laplacian, plan.K[number - 1], dtype=self.policy, name=name)(x)
            )
        return sides[0] if len(sides) == 1 else keras.layers.Add(dtype=self.policy, name=f"both_ways_{number}")(sides)

    def head(self, x: keras.KerasTensor) -> keras.KerasTensor:
        """Turn features (batch, n_features) into logits (batch, n_classes)."""
        head = self.plan.head
        for number, size in enumerate(head.hidden, start=1):
            x = keras.layers.Dense(size, dtype=self.policy, name=f"{HIDDEN}_{number}")(x)
            x = self._activation(f"{head.activation}_{number}")(x)
            dropout = PhiloxAlphaDropout if head.activation == "selu" else PhiloxDropout
            # The trainer gives it another seed with every fit.
            x = dropout(head.dropout, seed=0, dtype=self.policy, name=f"dropout_{number}")(x)
        return keras.layers.Dense(self.plan.n_classes, dtype="float32", name=LOGITS)(x)

    def _activation(self, name: str) -> keras.Layer:
        activation = self.plan.head.activation
        if activation == "leaky_relu":
            return keras.layers.LeakyReLU(LEAKY_SLOPE, dtype=self.policy, name=name)
        return keras.layers.Activation(activation, dtype=self.policy, name=name)
