"""The network of the paper in numpy, float64: one component, one matrix of vertices after another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import softmax
from small_pyramids import Floats, two_component_pyramid

from l1000_bench.graphs.pyramid import Component
from l1000_bench.models.chebnet import ChebNetClassifier

PYRAMID = two_component_pyramid()
GENES = len(PYRAMID)
RNG = np.random.default_rng(11)
X = RNG.normal(size=(150, GENES)).astype(np.float32)
Y = np.array(["drug", "DMSO", "shRNA"])[np.arange(150) % 3]
# Two graph layers over two components: K, filters, pooling by two each.
TWO_LAYERS: dict[str, Any] = {"filters": (3, 4), "K": (4, 5), "pool": (2, 2), "hidden": (6,)}
QUICK: dict[str, Any] = {"epochs": 2, "batch_size": 20, "jit_compile": False, "learning_rate": 0.01}


def classifier(**parameters: Any) -> ChebNetClassifier:
    return ChebNetClassifier(**({"pyramid": PYRAMID} | TWO_LAYERS | QUICK | parameters))


def relu(x: Floats) -> Floats:
    return np.maximum(x, 0)


def chebyshev(L: Floats, K: int) -> list[Floats]:
    terms = [np.eye(len(L)), L]
    for _ in range(2, K):
        terms.append(2 * L @ terms[-1] - terms[-2])
    return terms[:K]


def sage(L: Floats, K: int) -> list[Floats]:
    A = (L != 0).astype(float)
    return [np.eye(len(L)), A / np.maximum(A.sum(axis=1, keepdims=True), 1)]


def gcn(L: Floats, K: int) -> list[Floats]:
    A = (L != 0) + np.eye(len(L))
    return [A / np.sqrt(np.outer(A.sum(axis=1), A.sum(axis=0)))]


LAYERS: dict[str, Callable[[Floats, int], list[Floats]]] = {"chebyshev": chebyshev, "sage": sage, "gcn": gcn}


def shaken(model: ChebNetClassifier) -> ChebNetClassifier:
    """Give a fitted model random weights, with biases of both signs."""
    rng = np.random.default_rng(3)
    model.weights_ = [rng.normal(scale=0.5, size=weight.shape).astype(np.float32) for weight in model.weights_]
    return model


def named_weights(model: ChebNetClassifier) -> dict[str, Floats]:
    return {weight.path: weight.numpy().astype(np.float64) for weight in model.keras_model_.trainable_variables}


def convolved(model: ChebNetClassifier, part: Component, profiles: Floats) -> list[Floats]:
    """The signals (samples, vertices, filters) of one component after each ReLU, and after the last pooling."""
    weights, signals = named_weights(model), []
    x = np.stack([profiles[:, gene] if gene >= 0 else 0 * profiles[:, 0] for gene in part.order], axis=1)
    x, level = x[:, :, np.newaxis], 0
    for number, (size, K) in enumerate(zip(np.atleast_1d(model.pool), np.atleast_1d(model.K), strict=True), start=1):
        sides = [part.laplacians[level], *([part.laplacians_out[level]] if part.laplacians_out else [])]
        terms = [term for L in sides for term in LAYERS[model.layer](L.toarray(), K)]
        if number == 1:
            W = weights["convolution_1/kernel"][:, np.newaxis]
        else:
            names = [f"convolution_{number}{side}/kernel" for side in ("", "_out")]
            W = np.concatenate([weights[name] for name in names if name in weights])
        bias = weights[f"bias_{number}/bias"]  # one per filter, shared by the components
        x = relu(sum(term @ x @ W[k] for k, term in enumerate(terms)) + bias)
        signals.append(x)
        groups = x.reshape(len(x), -1, size, x.shape[2])
        x = groups.max(axis=2) if model.pooling == "max" else groups.mean(axis=2)
        level += int(np.log2(size))
    return [*signals, x]


def published(model: ChebNetClassifier, profiles: Floats) -> Floats:
    """Class probabilities of the network as published, in float64, one component and one matrix at a time."""
    assert model.pyramid is not None
    weights = named_weights(model)
    parts = [convolved(model, part, profiles)[-1].reshape(len(profiles), -1) for part in model.pyramid.components]
    x = np.concatenate([*parts, profiles[:, model.pyramid.raw]], axis=1)
    for number in range(1, len(model.hidden) + 1):
        z = x @ weights[f"hidden_{number}/kernel"] + weights[f"hidden_{number}/bias"]
        x = np.where(z > 0, z, 0.2 * z)
    probabilities: Floats = softmax(x @ weights["logits/kernel"] + weights["logits/bias"], axis=1)
    return probabilities
