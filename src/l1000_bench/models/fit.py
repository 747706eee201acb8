"""One fit, under the conditions that hold for every fit."""

from __future__ import annotations

import sys
import warnings
from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import Pipeline
from threadpoolctl import ThreadpoolController


class Prediction(NamedTuple):
    """Class codes (n_samples,), and probabilities (n_samples, n_fitted_classes) or None."""

    codes: NDArray[np.intp]
    probabilities: NDArray[np.floating[Any]] | None


def prepare(estimator: Pipeline) -> Pipeline:
    """Let an estimator import what its first fit would import, so that the seconds of no fit hold it."""
    if hasattr(estimator[-1], "prepare"):
        estimator[-1].prepare()
    return estimator


def fit(
    estimator: Pipeline,
    profiles: NDArray[np.float32],
    codes: NDArray[np.intp],
    threads: int,
    rows: NDArray[np.intp] | None = None,
) -> Pipeline:
    """Fit an estimator with a fixed number of threads.

    An iteration budget that ends before convergence is the configuration's will, so it warns of nothing; the report
    lists the budgets.

    Args:
        estimator: Unfitted.
        profiles: (n_samples, n_genes) float32.
        codes: (n_samples,) class codes.
        threads: Threads that numerical libraries may use; sums depend on it.
        rows: (n_samples,) where the profiles stand in the dataset: handed to an estimator that `uses_rows` and has no
            preprocessing.

    Returns:
        The estimator, fitted.
    """
    given = {f"{estimator.steps[-1][0]}__{name}": value for name, value in _rows(estimator, rows).items()}
    with _limited(threads), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        estimator.fit(profiles, codes, **given)
    if hasattr(estimator[-1], "estimators_") and "n_jobs" in estimator[-1].get_params():
        # Threads would add up the ensemble's votes in the order in which they finish.
        estimator[-1].set_params(n_jobs=1)
    return estimator


def predict(
    estimator: Pipeline, profiles: NDArray[np.float32], threads: int, rows: NDArray[np.intp] | None = None
) -> Prediction:
    """Predict with a fixed number of threads.

    Args:
        estimator: Fitted on class codes.
        profiles: (n_samples, n_genes) float32.
        threads: Threads that numerical libraries may use.
        rows: (n_samples,) where the profiles stand in the dataset, as in `fit`.

    Returns:
        The predicted codes, and the probabilities where the estimator has them.

    Raises:
        ValueError: If a code or a probability is not finite: a network that diverged would pass as one that predicts
            its first class.
    """
    given = _rows(estimator, rows)
    with _limited(threads):
        if hasattr(estimator[-1], "predict_both"):  # in one go, for it is the distances that take time
            transformed = estimator[:-1].transform(profiles) if len(estimator) > 1 else profiles
            codes, probabilities = estimator[-1].predict_both(transformed, **given)
        else:
            codes = estimator.predict(profiles, **given)
            known = hasattr(estimator, "predict_proba")
            probabilities = estimator.predict_proba(profiles, **given) if known else None
    _check_finite(codes, "it predicts NaN")
    if probabilities is not None:
        _check_finite(probabilities, "its probabilities are NaN or infinite")
    return Prediction(codes, probabilities)


def _limited(threads: int) -> AbstractContextManager[Any]:
    """Limit the threads of the numerical libraries that are loaded, in the whole process: it does one fit at a time."""
    limited: AbstractContextManager[Any] = _controller(len(sys.modules)).limit(limits=threads)
    return limited


@lru_cache(maxsize=1)
def _controller(n_modules: int) -> ThreadpoolController:
    """Find the libraries; anew only where something was imported since, for it takes milliseconds."""
    del n_modules
    return ThreadpoolController()


def _rows(estimator: Pipeline, rows: NDArray[np.intp] | None) -> dict[str, NDArray[np.intp]]:
    if rows is None or len(estimator) > 1 or not getattr(estimator[-1], "uses_rows", False):
        return {}
    return {"rows": rows}


def _check_finite(values: NDArray[Any], what: str) -> None:
    wrong = ~np.isfinite(values).all(axis=tuple(range(1, np.ndim(values))))
    if wrong.any():
        raise ValueError(f"{what} for {wrong.sum():,} of {len(wrong):,} profiles")
