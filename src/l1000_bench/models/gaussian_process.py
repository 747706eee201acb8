"""Gaussian process classification with a kernel that a configuration can name."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_solve, cholesky, solve_triangular
from scipy.special import expit, log_expit
from sklearn.gaussian_process import GaussianProcessClassifier, kernels
from sklearn.utils import gen_batches
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from l1000_bench.errors import InputError
from l1000_bench.models.predicted import Predicted, PredictsBoth

Floats = NDArray[np.float64]

KERNELS = {
    "constant": kernels.ConstantKernel,
    "dot_product": kernels.DotProduct,
    "exp_sine_squared": kernels.ExpSineSquared,
    "matern": kernels.Matern,
    "rational_quadratic": kernels.RationalQuadratic,
    "rbf": kernels.RBF,
    "white": kernels.WhiteKernel,
}
WITH_LENGTH = ("exp_sine_squared", "matern", "rational_quadratic", "rbf")
BLOCK_ROWS = 4096  # profiles that are predicted at a time
LEVEL = 1e-10  # Newton's method ends when the posterior's logarithm grows by less
_POSITIVE = Interval(Real, 0, None, closed="neither")


class Latent(NamedTuple):
    """Means and variances (n, n_functions) of the latent functions: one for two classes, else one for every class."""

    means: Floats
    variances: Floats


class ProcessClassifier(PredictsBoth):
    """A Gaussian process for every class against the rest, with Laplace's approximation of the posterior.

    Algorithms 3.1 and 3.2 of Rasmussen and Williams (2006). A probability is the mean of the logistic function over the
    latent normal distribution in MacKay's approximation (1992), expit(mean / sqrt(1 + pi variance / 8)); of more than
    two classes they are divided by their sum. A fit factorises a matrix of training profiles x training profiles many
    times for every class, so its time grows with the cube of their number. scikit-learn's GaussianProcessClassifier has
    the same latent functions, computes the kernel anew for every class, and takes its probabilities from another
    approximation of that mean (Williams and Barber 1998), so that they differ by some thousandths.

    Args:
        kernel: One of `KERNELS`, with scikit-learn's defaults, or the sum of several, such as `white+rbf`.
        variance: Factor of the kernel, the variance of the latent function where the kernel is 1; None for none.
        length_scale: Of the kernels that have one, where the search for it begins if there is one.
        optimizer: None to take the kernel as it is; with `fmin_l_bfgs_b` scikit-learn fits its parameters for every
            class by the marginal likelihood, which takes a hundred times as long.
        n_restarts_optimizer: How often that is begun again from a random place.
        max_iter: Most steps of Newton's method for a posterior.
        random_state: Seed of the random places.
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "variance": [_POSITIVE, None],
        "length_scale": [_POSITIVE],
        "optimizer": [StrOptions({"fmin_l_bfgs_b"}), None],
        "n_restarts_optimizer": [Interval(Integral, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(  # noqa: PLR0913  # the keys of a user's YAML
        self,
        *,
        kernel: str = "dot_product",
        variance: float | None = None,
        length_scale: float = 1.0,
        optimizer: str | None = None,
        n_restarts_optimizer: int = 0,
        max_iter: int = 100,
        random_state: int | None = None,
    ) -> None:
        self.kernel = kernel
        self.variance = variance
        self.length_scale = length_scale
        self.optimizer = optimizer
        self.n_restarts_optimizer = n_restarts_optimizer
        self.max_iter = max_iter
        self.random_state = random_state

    def _validate_params(self) -> None:
        super()._validate_params()
        self._kernel()

    def _kernel(self) -> Any:
        """Return scikit-learn's kernel.

        Raises:
            InputError: If there is none of a name.
        """
        kernel = None
        for name in str(self.kernel).split("+"):
            if name not in KERNELS:
                raise InputError(
                    f"kernel is {self.kernel!r}; it takes one of {', '.join(KERNELS)}, or several joined by +."
                )
            part = KERNELS[name](**({"length_scale": self.length_scale} if name in WITH_LENGTH else {}))
            kernel = part if kernel is None else kernel + part
        return kernel if self.variance is None else kernels.ConstantKernel(self.variance) * kernel

    def fit(self, X: NDArray[np.floating[Any]], y: NDArray[Any]) -> Self:
        """Find the posterior mode of every class.

        Args:
            X: (n_samples, n_genes), kept for the predictions.
            y: (n_samples,) labels.
        """
        self._validate_params()
        X, y = validate_data(self, X, y, dtype=[np.float32, np.float64])
        check_classification_targets(y)
        self.profiles_ = X
        self.classes_, codes = np.unique(y, return_inverse=True)
        positive = [1] if len(self.classes_) == 2 else range(len(self.classes_))
        self.targets_ = np.array([codes == k for k in positive], dtype=np.float64)  # (n_functions, n)
        self.kernels_ = self._fitted_kernels(y)
        K = _values(self.kernels_[0], X)
        modes = []
        for k, target in enumerate(self.targets_):
            if k and len(self.kernels_) > 1:
                K = _values(self.kernels_[k], X)
            modes.append(posterior_mode(K, target, self.max_iter))
        self.modes_ = np.array(modes)  # (n_functions, n)
        return self

    def _fitted_kernels(self, y: NDArray[Any]) -> list[Any]:
        """Return one kernel for all functions, or a fitted one for each."""
        if self.optimizer is None:
            return [self._kernel()]
        process = GaussianProcessClassifier(
            self._kernel(),
            optimizer=self.optimizer,
            n_restarts_optimizer=self.n_restarts_optimizer,
            copy_X_train=False,
            random_state=self.random_state,
        ).fit(self.profiles_.astype(np.float64), y)
        return [process.kernel_] if len(self.targets_) == 1 else list(process.kernel_.kernels)

    def predict_both(self, X: NDArray[np.floating[Any]]) -> Predicted:
        """Return labels and probabilities of profiles X (n, n_genes)."""
        means, variances = self.latent(X)
        p = expit(means / np.sqrt(1 + np.pi * variances / 8))
        probabilities = np.column_stack([1 - p, p]) if p.shape[1] == 1 else p / p.sum(axis=1, keepdims=True)
        return Predicted(self.classes_[np.argmax(probabilities, axis=1)], probabilities)

    def latent(self, X: NDArray[np.floating[Any]]) -> Latent:
        """Return the latent functions' means and variances at profiles X (n, n_genes)."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=[np.float32, np.float64])
        blocks = [self._latent(X[rows]) for rows in gen_batches(len(X), BLOCK_ROWS)]
        return Latent(*(np.concatenate(parts) for parts in zip(*blocks, strict=True)))

    def _latent(self, X: NDArray[np.floating[Any]]) -> Latent:
        """Do the same for a block. The factors are made anew: for all functions they would be a large model."""
        means, variances = np.empty((2, len(X), len(self.targets_)))
        for k, (f, target) in enumerate(zip(self.modes_, self.targets_, strict=True)):
            if k == 0 or len(self.kernels_) > 1:
                kernel = self.kernels_[k]
                K, across = _values(kernel, self.profiles_), _values(kernel, self.profiles_, X)
                itself = kernel.diag(X.astype(np.float64))
            means[:, k] = across.T @ (target - expit(f))
            root, L = _factor(K, f)
            v = solve_triangular(L, root[:, None] * across, lower=True)
            variances[:, k] = itself - np.einsum("ij,ij->j", v, v)
        return Latent(means, np.maximum(variances, 0.0))


def posterior_mode(K: Floats, target: Floats, max_iter: int) -> Floats:
    """Find the mode of a latent function's posterior by Newton's method (algorithm 3.1).

    Args:
        K: (n, n) kernel of the training profiles.
        target: (n,) 1 for those of the class, 0 for the rest.
        max_iter: Most steps.

    Returns:
        (n,) the function's values.
    """
    f = np.zeros(len(target))
    before = -np.inf
    for _ in range(max_iter):
        p = expit(f)
        root, L = _factor(K, f)
        b = root**2 * f + target - p
        a = b - root * cho_solve((L, True), root * (K @ b))
        f = K @ a
        objective = log_expit((2 * target - 1) * f).sum() - a @ f / 2
        if objective - before < LEVEL:
            break
        before = objective
    return f


def _factor(K: Floats, f: Floats) -> tuple[Floats, Floats]:
    """Return W^1/2 (n,) and the Cholesky factor L (n, n) of I + W^1/2 K W^1/2; W is the likelihood's curvature."""
    p = expit(f)
    root = np.sqrt(p * (1 - p))
    return root, cholesky(np.eye(len(f)) + root[:, None] * K * root, lower=True)


def _values(kernel: Any, X: NDArray[np.floating[Any]], Z: NDArray[np.floating[Any]] | None = None) -> Floats:
    """Return the kernel (n, n) of profiles X, or (n, m) between X and Z, in double precision."""
    return np.asarray(kernel(X.astype(np.float64), None if Z is None else Z.astype(np.float64)))
