"""Support vector machines on a matrix of kernel values that is computed once."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.metrics.pairwise import pairwise_kernels
from sklearn.svm import SVC, NuSVC
from sklearn.utils import gen_batches
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted, validate_data

Floats = NDArray[np.float64]

BLOCK_ROWS = 1024  # profiles that are predicted at a time
READS = {"linear": (), "rbf": ("gamma",), "sigmoid": ("gamma", "coef0"), "poly": ("gamma", "coef0", "degree")}
_POSITIVE = Interval(Real, 0, None, closed="neither")


class KernelMachine(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """What the two machines share: libsvm's machine, one class against one, fed with kernel values.

    libsvm computes a kernel value anew, gene by gene, for every pair of classes that needs it. Here all values between
    training profiles are one product of matrices, which takes n^2 numbers of 8 bytes for n training profiles and
    a tenth of the time for the sizes at which that fits into memory. Predictions are the same but for rounding.

    There are no probabilities: libsvm's would come from another cross-validation, need not agree with its predictions,
    and are deprecated in scikit-learn 1.9.
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "kernel": [StrOptions(set(READS))],
        "degree": [Interval(Integral, 1, None, closed="left")],
        "gamma": [StrOptions({"scale", "auto"}), _POSITIVE],
        "coef0": [Interval(Real, None, None, closed="neither")],
        "tol": [_POSITIVE],
        "max_iter": [Interval(Integral, -1, None, closed="left")],
    }

    kernel: str
    degree: int
    gamma: str | float
    coef0: float
    tol: float
    max_iter: int

    def fit(self, X: NDArray[np.floating[Any]], y: NDArray[Any]) -> Self:
        """Fit the machine.

        Args:
            X: (n_samples, n_genes), kept for the predictions.
            y: (n_samples,) labels.
        """
        self._validate_params()
        X, y = validate_data(self, X, y, dtype=[np.float32, np.float64])
        self.profiles_ = X
        self.gamma_ = self._gamma(X)
        self.machine_ = self._machine(y).fit(self._values(X), y)
        self.classes_ = self.machine_.classes_
        return self

    def predict(self, X: NDArray[np.floating[Any]]) -> NDArray[Any]:
        """Return (n,) labels of profiles X (n, n_genes)."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=[np.float32, np.float64])
        blocks = gen_batches(len(X), BLOCK_ROWS)
        return np.concatenate([self.machine_.predict(self._values(X[rows])) for rows in blocks])

    def _machine(self, y: NDArray[Any]) -> Any:
        raise NotImplementedError

    def _gamma(self, X: NDArray[np.floating[Any]]) -> float:
        """Return gamma as scikit-learn does: `scale` is 1 / (n_genes variance), `auto` is 1 / n_genes."""
        if not isinstance(self.gamma, str):
            return self.gamma
        variance = float(np.var(X, dtype=np.float64)) if self.gamma == "scale" else 1.0
        return float(1 / (X.shape[1] * (variance or 1.0)))

    def _values(self, X: NDArray[np.floating[Any]]) -> Floats:
        """Return (n, n_training) kernel values."""
        given = {"gamma": self.gamma_, "coef0": self.coef0, "degree": self.degree}
        read = {name: given[name] for name in READS[self.kernel]}
        x, training = (np.asarray(profiles, dtype=np.float64) for profiles in (X, self.profiles_))
        values: Floats = pairwise_kernels(x, training, metric=self.kernel, **read)
        return values


class SupportVectorClassifier(KernelMachine):
    """scikit-learn's SVC on kernel values that are computed once.

    Args:
        C: What an error costs.
        kernel: linear, poly, rbf or sigmoid: x'z, (gamma x'z + coef0)^degree, exp(-gamma |x - z|^2), tanh(gamma x'z +
            coef0).
        degree: Of poly.
        gamma: A number, `scale` or `auto`, as in scikit-learn.
        coef0: Of poly and sigmoid.
        tol: When the optimisation ends.
        max_iter: Most steps of the optimisation; -1 for no bound.
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {**KernelMachine._parameter_constraints, "C": [_POSITIVE]}

    def __init__(  # noqa: PLR0913  # the parameters of scikit-learn
        self,
        *,
        C: float = 1.0,
        kernel: str = "rbf",
        degree: int = 3,
        gamma: str | float = "scale",
        coef0: float = 0.0,
        tol: float = 1e-3,
        max_iter: int = -1,
    ) -> None:
        self.C = C
        self.kernel = kernel
        self.degree = degree
        self.gamma = gamma
        self.coef0 = coef0
        self.tol = tol
        self.max_iter = max_iter

    def _machine(self, y: NDArray[Any]) -> SVC:
        return SVC(C=self.C, kernel="precomputed", tol=self.tol, max_iter=self.max_iter)


class NuSupportVectorClassifier(KernelMachine):
    """scikit-learn's NuSVC on kernel values that are computed once, with a nu that the classes' sizes allow.

    nu bounds the share of training profiles beyond the margin from above, and that of support vectors from below
    (Schoelkopf et al. 2000). Of two classes with a and b profiles it can be at most 2 min(a, b) / (a + b): beyond that
    the smaller class has not enough profiles to balance the larger one, and libsvm refuses. One nu holds for every pair
    of classes, so the largest and the smallest class bound it. Where `nu` is above the bound, the bound is used, and
    `nu_` says so. Weights of classes would not help, as libsvm reads none here.

    Args:
        nu: Above 0, at most 1.
        kernel: As in `SupportVectorClassifier`, and so are the others.
        degree: Of poly.
        gamma: A number, `scale` or `auto`.
        coef0: Of poly and sigmoid.
        tol: When the optimisation ends.
        max_iter: Most steps of the optimisation; -1 for no bound.
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **KernelMachine._parameter_constraints,
        "nu": [Interval(Real, 0, 1, closed="right")],
    }

    def __init__(  # noqa: PLR0913  # the parameters of scikit-learn
        self,
        *,
        nu: float = 0.5,
        kernel: str = "rbf",
        degree: int = 3,
        gamma: str | float = "scale",
        coef0: float = 0.0,
        tol: float = 1e-3,
        max_iter: int = -1,
    ) -> None:
        self.nu = nu
        self.kernel = kernel
        self.degree = degree
        self.gamma = gamma
        self.coef0 = coef0
        self.tol = tol
        self.max_iter = max_iter

    def _machine(self, y: NDArray[Any]) -> NuSVC:
        self.nu_ = min(self.nu, most_nu(y))
        return NuSVC(nu=self.nu_, kernel="precomputed", tol=self.tol, max_iter=self.max_iter)


def most_nu(y: NDArray[Any]) -> float:
    """Return the largest nu with which every two classes can be told apart, a trifle less for libsvm's rounding.

    Args:
        y: (n_samples,) labels.
    """
    counts = np.unique(y, return_counts=True)[1]
    return float(2 * counts.min() / (counts.min() + counts.max()) * (1 - 1e-9))
