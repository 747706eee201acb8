"""One fit, under the conditions that hold for every fit."""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits


class Prediction(NamedTuple):
    """Class codes (n_samples,), and probabilities (n_samples, n_fitted_classes) or None."""

    codes: NDArray[np.intp]
    probabilities: NDArray[np.float64] | None


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
        estimator.fit(profiles, codes)
    if hasattr(estimator[-1], "estimators_") and "n_jobs" in estimator[-1].get_params():
        # Threads would add up the ensemble's votes in the order in which they finish.
        estimator[-1].set_params(n_jobs=1)
    return estimator


def predict(estimator: Pipeline, profiles: NDArray[np.float32], threads: int) -> Prediction:
    """Predict with a fixed number of threads.

    Args:
        estimator: Fitted on class codes.
        profiles: (n_samples, n_genes) float32.
        threads: Threads that numerical libraries may use.

    Returns:
        The predicted codes, and the probabilities where the estimator has them.
    """
    with threadpool_limits(threads):
        codes = estimator.predict(profiles)
        known = hasattr(estimator, "predict_proba")
        return Prediction(codes, estimator.predict_proba(profiles) if known else None)
