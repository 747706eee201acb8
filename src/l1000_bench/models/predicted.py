"""Labels and probabilities that are found together."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin


class Predicted(NamedTuple):
    """Labels (n,), and probabilities (n, n_classes) in the order of `classes_`."""

    labels: NDArray[Any]
    probabilities: NDArray[np.float64]


class PredictsBoth(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """A classifier for which one look at the profiles gives its labels and its probabilities."""

    def predict_both(self, X: NDArray[np.floating[Any]]) -> Predicted:
        """Return labels and probabilities of profiles X (n, n_genes)."""
        raise NotImplementedError

    def predict(self, X: NDArray[np.floating[Any]]) -> NDArray[Any]:
        """Return (n,) labels of profiles X (n, n_genes)."""
        return self.predict_both(X).labels

    def predict_proba(self, X: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """Return (n, n_classes) probabilities, in the order of `classes_`, of profiles X (n, n_genes)."""
        return self.predict_both(X).probabilities
