"""Nearest centroid whose probabilities belong to its predictions."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import NearestCentroid


class CentroidClassifier(NearestCentroid):  # type: ignore[misc]  # scikit-learn is untyped
    """Nearest shrunken centroid (Tibshirani et al. 2002), every gene divided by its deviation within the classes.

    scikit-learn's NearestCentroid has probabilities of this distance (Hastie et al. 2009, equation 18.2), but where the
    priors are equal it predicts by the distance in genes as they are, so that the class with the largest probability
    may be another than the predicted one. Here both are of the divided genes.
    """

    def predict(self, X: Any) -> NDArray[Any]:
        """Return (n,) labels of profiles X (n, n_genes)."""
        if self.metric != "euclidean":
            return np.asarray(super().predict(X))
        scores = self.decision_function(X)  # of two classes, how much the second is preferred
        return np.asarray(self.classes_[scores.argmax(axis=1) if scores.ndim > 1 else (scores > 0).astype(np.intp)])
