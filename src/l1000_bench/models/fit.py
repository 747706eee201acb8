"""One fit, under the conditions that hold for every fit."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits


def fit(estimator: Pipeline, profiles: NDArray[np.float32], codes: NDArray[np.intp], threads: int) -> Pipeline:
    """Fit an estimator with a fixed number of threads.

    An iteration budget that ends before convergence is the configuration's will, so it warns of nothing; the report
    lists the budgets.

    Args:
        estimator: Unfitted.
        profiles: (n_samples, n_genes) float32.
        codes: (n_samples,) class codes.
        threads: Threads that numerical libraries may use; sums depend on it.

    Returns:
        The estimator, fitted.
    """
    with threadpool_limits(threads), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return estimator.fit(profiles, codes)
