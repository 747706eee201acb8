"""A trained network as it comes out of its file: it predicts, and cannot be fitted again."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_array

from l1000_bench.errors import InputError
from l1000_bench.models.backend import load

if TYPE_CHECKING:
    from l1000_bench.models.compiled import CompiledNetwork


class StoredNetwork(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Predicts with the content of a `.keras` file; Keras is imported and reads it with the first prediction.

    Args:
        content: The archive, as `KerasClassifier.to_keras` returns it.
        classes: (n_classes,) the class of every logit.
        n_jobs: Threads of TensorFlow; -1 for all cores, None for what there is.
    """

    def __init__(self, content: bytes, classes: Sequence[Any], n_jobs: int | None = None) -> None:
        self.content = content
        self.classes = classes
        self.n_jobs = n_jobs

    @property
    def classes_(self) -> NDArray[Any]:
        """The class of every logit."""
        return np.asarray(self.classes)

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def fit(self, X: ArrayLike, y: ArrayLike) -> NoReturn:
        """Refuse.

        Raises:
            InputError: Always.
        """
        raise InputError("a stored network cannot be fitted; build the classifier that made it and fit that.")

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float32]:
        """Return class probabilities (n_samples, n_classes) of profiles (n_samples, n_genes).

        Raises:
            InputError: If the number of genes differs.
        """
        profiles = check_array(X, dtype=np.float32)
        compiled = _compiled(self.content, self.n_jobs)
        n_genes = compiled.network.whole.input_shape[1]
        if profiles.shape[1] != n_genes:
            raise InputError(f"the network takes {n_genes} genes, the profiles have {profiles.shape[1]}.")
        with compiled.lock:
            probabilities: NDArray[np.float32] = softmax(compiled.logits(profiles), axis=1)
        return probabilities

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the most probable class (n_samples,) of profiles (n_samples, n_genes)."""
        chosen: NDArray[Any] = self.classes_[self.predict_proba(X).argmax(axis=1)]
        return chosen


@lru_cache(maxsize=2)
def _compiled(content: bytes, n_jobs: int | None) -> CompiledNetwork:
    network = load("keras_file", n_jobs).from_bytes(content)
    compiled: CompiledNetwork = load("compiled", n_jobs).CompiledNetwork(network, jit_compile=True)
    return compiled
