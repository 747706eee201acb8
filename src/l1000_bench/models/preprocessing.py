"""Steps that a classifier's entry may put before its estimator; fitted on training profiles alone."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.preprocessing import StandardScaler

from l1000_bench.errors import InputError


class Clip(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Clip values to [-limit, limit], as Level 5 of L1000 does at 10.

    Args:
        limit: Largest absolute value kept, in the units of the profiles (z-scores).
    """

    def __init__(self, limit: float = 10.0) -> None:
        self.limit = limit

    def fit(self, X: NDArray[np.float32], y: object = None) -> Self:
        """Remember the number of genes; there is nothing to learn.

        Args:
            X: (n_samples, n_genes) float32.
            y: Ignored.
        """
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the clipped profiles (n_samples, n_genes)."""
        return np.clip(X, np.float32(-self.limit), np.float32(self.limit))


def make_steps(steps: Any) -> list[tuple[str, BaseEstimator]]:
    """Build the preprocessing from its configuration.

    Args:
        steps: A list of what `make_step` takes.

    Returns:
        Names and steps, as a pipeline takes them.

    Raises:
        InputError: If it is no list, or a step is unknown.
    """
    if not isinstance(steps, list):
        raise InputError(f"preprocess is {steps!r}; it takes a list of steps, such as [standardize].")
    return [(f"preprocess_{number}", make_step(step)) for number, step in enumerate(steps)]


def make_step(step: Any) -> BaseEstimator:
    """Build a preprocessing step from its configuration.

    Args:
        step: `standardize`, or `{clip: LIMIT}` with a number above 0.

    Raises:
        InputError: If the step is unknown.
    """
    if step == "standardize":
        return StandardScaler()
    if isinstance(step, dict) and list(step) == ["clip"] and isinstance(step["clip"], int | float) and step["clip"] > 0:
        return Clip(float(step["clip"]))
    raise InputError(f"unknown preprocessing step {step!r}; it can be standardize, or {{clip: LIMIT}} above 0.")
