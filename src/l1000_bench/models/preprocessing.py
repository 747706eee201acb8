"""Steps that a classifier's entry may put before its estimator; fitted on training profiles alone."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.preprocessing import StandardScaler

from l1000_bench.errors import InputError

BLOCK_ROWS = 1024  # profiles that Sign and Rank look at at a time


class PerProfile(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]  # untyped
    """A step that looks at one profile at a time, so that training profiles teach it nothing."""

    def fit(self, X: NDArray[np.float32], y: object = None) -> Self:
        """Remember the number of genes; there is nothing to learn.

        Args:
            X: (n_samples, n_genes) float32.
            y: Ignored.
        """
        self.n_features_in_ = X.shape[1]
        return self


class Clip(PerProfile):
    """Clip values to [-limit, limit], as Level 5 of L1000 does at 10.

    Args:
        limit: Largest absolute value kept, in the units of the profiles (z-scores).
    """

    def __init__(self, limit: float = 10.0) -> None:
        self.limit = limit

    def transform(self, X: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the clipped profiles (n_samples, n_genes)."""
        return np.clip(X, np.float32(-self.limit), np.float32(self.limit))


class Sign(PerProfile):
    """Keep of every value whether it is up or down: 1 or -1, and 0 where it is zero or below the threshold.

    What is left of a z-score tells the direction of a gene's change and nothing of its size, as the genes up and
    down of a signature do.

    Args:
        threshold: Least absolute value that counts as a change, in the units of the profiles (z-scores).
    """

    def __init__(self, threshold: float = 0.0) -> None:
        self.threshold = threshold

    def transform(self, X: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return -1, 0 and 1 (n_samples, n_genes) in float32; a missing value stays one."""
        return _in_blocks(X, self._signs)

    def _signs(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        signs = np.sign(block)
        signs[np.abs(block) < self.threshold] = 0
        return signs


class Rank(PerProfile):
    """Replace every value by its rank among the genes of its own profile.

    Rank r of 1 ... p genes becomes (r - (p + 1) / 2) / sqrt((p^2 - 1) / 12): with mean 0 and, where no two values are
    equal, variance 1 in every profile. Equal values share the mean of their ranks. The cosine of two such profiles is
    Spearman's correlation of the profiles. The ranks of one gene's values over the samples are another thing.
    """

    def transform(self, X: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the scaled ranks (n_samples, n_genes) in float32; a profile with a missing value is all missing."""
        return _in_blocks(X, _scaled_ranks)


def _scaled_ranks(block: NDArray[np.float32]) -> NDArray[np.float64]:
    p: int = block.shape[1]
    deviation = math.sqrt((p * p - 1) / 12) or 1.0  # of one gene, whose rank is always 1
    ranks = np.asarray(rankdata(block, axis=1), dtype=np.float64)
    return (ranks - (p + 1) / 2) / deviation


def _in_blocks(X: NDArray[np.float32], change: Callable[[NDArray[np.float32]], NDArray[Any]]) -> NDArray[np.float32]:
    """Change (n_samples, n_genes) some profiles at a time, so that what lies between takes little memory."""
    changed = np.empty(X.shape, dtype=np.float32)
    for start in range(0, len(X), BLOCK_ROWS):
        changed[start : start + BLOCK_ROWS] = change(X[start : start + BLOCK_ROWS])
    return changed


PLAIN_STEPS: dict[str, type[BaseEstimator]] = {"standardize": StandardScaler, "rank": Rank, "sign": Sign}
STEPS_WITH_NUMBER: dict[str, type[BaseEstimator]] = {"clip": Clip, "sign": Sign}


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
        step: `standardize`, `rank`, `sign`, `{sign: THRESHOLD}` or `{clip: LIMIT}`, with numbers above 0.

    Raises:
        InputError: If the step is unknown.
    """
    if isinstance(step, str) and step in PLAIN_STEPS:
        return PLAIN_STEPS[step]()
    if isinstance(step, dict) and len(step) == 1:
        ((name, number),) = step.items()
        is_number = isinstance(number, int | float) and not isinstance(number, bool) and math.isfinite(number)
        if name in STEPS_WITH_NUMBER and is_number and number > 0:
            return STEPS_WITH_NUMBER[name](float(number))
    raise InputError(
        f"unknown preprocessing step {step!r}; it can be standardize, rank, sign, {{sign: THRESHOLD}} above 0, or "
        "{clip: LIMIT} above 0."
    )
