"""Weights before the first step, drawn in numpy so that they are the same on every device."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

TRUNCATED_STD = PUBLISHED_BIAS = 0.1  # of the original implementation (Defferrard et al. 2016, McDermott et al. 2020)


def initial_bias(initializer: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return biases of an initialiser of `plans.INITIALIZERS`: 0.1 beside truncated normal weights, else 0."""
    return np.full(shape, PUBLISHED_BIAS if initializer == "truncated_normal" else 0.0, dtype=np.float32)


def initial_kernel(initializer: str, shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float32]:
    """Draw the weights of a layer.

    Args:
        initializer: One of `plans.INITIALIZERS`.
        shape: The last axis is the output; all others together are the input.
        rng: Source of the numbers.

    Returns:
        float32 weights: truncated normal within two standard deviations of 0.1; uniform within
        sqrt(6 / (inputs + outputs)) (Glorot and Bengio 2010, equation 16); or normal with variance 1 / inputs (LeCun
        et al. 1998, section 4.6).
    """
    inputs, outputs = math.prod(shape[:-1]), shape[-1]
    if initializer == "truncated_normal":
        return TRUNCATED_STD * _truncated_normal(shape, rng)
    if initializer == "glorot":
        limit = math.sqrt(6 / (inputs + outputs))
        return rng.uniform(-limit, limit, shape).astype(np.float32)
    return rng.standard_normal(shape, dtype=np.float32) * np.float32(inputs**-0.5)


def _truncated_normal(shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float32]:
    values = rng.standard_normal(shape, dtype=np.float32)
    while (outside := np.abs(values) > 2).any():
        values[outside] = rng.standard_normal(int(outside.sum()), dtype=np.float32)
    return values
