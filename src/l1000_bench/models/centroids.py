"""Nearest centroid whose probabilities belong to its predictions."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import NearestCentroid


class CentroidClassifier(NearestCentroid):  # type: ignore[misc]  # scikit-learn is untyped
    """Nearest shrunken centroid (Tibshirani et al. 2002), every gene divided by its deviation within the classes.

    scikit-learn's NearestCentroid has probabilities of this distance (Hastie et al. 2009, equation 18.2), but where the
    priors are equal it predicts by the distance in genes as they are, so that the class with the largest probability
    may be another than the predicted one. Here both are of the divided genes. Where every class has one profile there
    is no deviation within classes, and genes are compared as they are.
    """

    def fit(self, X: Any, y: Any) -> Self:
        """Find the centroids.

        Args:
            X: (n_samples, n_genes) profiles.
            y: (n_samples,) labels.

        Raises:
            ValueError: If centroids are to be shrunken and every class has one profile.
        """
        alone = len(np.unique(y)) == len(y)
        if alone and self.shrink_threshold:
            raise ValueError("centroids are shrunken by the deviation within classes, and every class has one profile")
        with np.errstate(invalid="ignore", divide="ignore"):
            super().fit(X, y)
        if alone:
            self.within_class_std_dev_ = np.ones(self.n_features_in_)
            self.deviations_ = np.zeros_like(self.centroids_)
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """Return (n,) labels of profiles X (n, n_genes)."""
        if self.metric != "euclidean":
            return np.asarray(super().predict(X))
        scores = self.decision_function(X)  # of two classes, how much the second is preferred
        return np.asarray(self.classes_[scores.argmax(axis=1) if scores.ndim > 1 else (scores > 0).astype(np.intp)])
