"""Quadratic discriminant analysis of classes that have fewer profiles than genes."""

from __future__ import annotations

from collections.abc import Iterator
from numbers import Real
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.special import softmax
from sklearn.utils import gen_batches
from sklearn.utils._param_validation import Interval
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from l1000_bench.models.predicted import Predicted, PredictsBoth

Floats = NDArray[np.float64]

BLOCK_ROWS = 1024  # profiles that are scored at a time
ROUNDING = 1e-10  # eigenvalues below this share of the largest are rounding


class QuadraticClassifier(PredictsBoth):
    """A Gaussian with a regularized covariance of its own for every class (Friedman 1989, with the identity as target).

    Class k has mean m_k, share p_k and covariance C_k = (1 - r) S_k + r I, where S_k is the covariance of its n_k
    training profiles (divided by n_k) and r `reg_param`. A profile x belongs to the class with the largest

        log p_k - log det(C_k) / 2 - (x - m_k)' C_k^-1 (x - m_k) / 2.

    scikit-learn's class of this name with the solver `svd` is the same, and takes no class with fewer profiles than
    genes; its solver `eigen` decomposes a matrix of genes x genes for every class. Here only the at most n_k directions
    are found in which S_k is not zero, from the smaller of the two products of the centred profiles with themselves; in
    all others C_k is r I. As r I is measured in the units of the profiles, 1 is the natural size of z-scores.

    Args:
        reg_param: r, above 0 and at most 1, with which only the means and shares of the classes differ.
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {"reg_param": [Interval(Real, 0, 1, closed="right")]}

    def __init__(self, reg_param: float = 0.5) -> None:
        self.reg_param = reg_param

    def fit(self, X: NDArray[np.floating[Any]], y: NDArray[Any]) -> Self:
        """Find the mean and the directions of every class.

        Args:
            X: (n_samples, n_genes).
            y: (n_samples,) labels.
        """
        self._validate_params()
        X, y = validate_data(self, X, y, dtype=[np.float32, np.float64])
        check_classification_targets(y)
        self.classes_, codes, counts = np.unique(y, return_inverse=True, return_counts=True)
        self.log_shares_ = np.log(counts / len(codes))
        self.means_ = np.empty((len(counts), X.shape[1]))
        self.directions_: list[Floats] = []  # (n_genes, n_directions) of each class, of length 1
        self.variances_: list[Floats] = []  # (n_directions,) of C_k along each
        for k in range(len(counts)):
            own = X[codes == k].astype(np.float64)
            self.means_[k] = own.mean(axis=0)
            directions, variances = principal_directions(own - self.means_[k])
            self.directions_.append(directions)
            self.variances_.append((1 - self.reg_param) * variances + self.reg_param)
        return self

    def predict_both(self, X: NDArray[np.floating[Any]]) -> Predicted:
        """Return labels and probabilities of profiles X (n, n_genes), scored once."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=[np.float32, np.float64])
        scores = np.concatenate([self._log_densities(block) for block in _blocks(X)])
        return Predicted(self.classes_[np.argmax(scores, axis=1)], softmax(scores, axis=1))

    def _log_densities(self, x: Floats) -> Floats:
        """Return (n, n_classes) the logarithms of share times density, but for a constant."""
        n, p = x.shape
        scores = np.empty((n, len(self.classes_)))
        for k, (directions, variances) in enumerate(zip(self.directions_, self.variances_, strict=True)):
            centred = x - self.means_[k]
            along = (centred @ directions) ** 2  # (n, n_directions)
            # All directions as if their variance were r, then what the class's own ones differ from that.
            distance = np.einsum("ij,ij->i", centred, centred) / self.reg_param
            distance -= along @ (1 / self.reg_param - 1 / variances)
            log_det = np.log(variances).sum() + (p - len(variances)) * np.log(self.reg_param)
            scores[:, k] = self.log_shares_[k] - (log_det + distance) / 2
        return scores


def principal_directions(centred: Floats) -> tuple[Floats, Floats]:
    """Return the directions in which centred profiles vary, and their variances there.

    Args:
        centred: (n, p) profiles less their mean.

    Returns:
        (p, d) directions of length 1, at right angles to one another, and (d,) variances divided by n; d is at most
        the smaller of n and p.
    """
    n, p = centred.shape
    if n >= p:
        squares, directions = eigh(centred.T @ centred)
        kept = squares > ROUNDING * squares[-1]
        return directions[:, kept], squares[kept] / n
    squares, weights = eigh(centred @ centred.T)
    kept = squares > ROUNDING * squares[-1]
    return centred.T @ (weights[:, kept] / np.sqrt(squares[kept])), squares[kept] / n


def _blocks(X: NDArray[np.floating[Any]]) -> Iterator[Floats]:
    for rows in gen_batches(len(X), BLOCK_ROWS):
        yield X[rows].astype(np.float64)
