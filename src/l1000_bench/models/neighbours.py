"""K nearest neighbours that can vote from lists of neighbours found once for all trials."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import KNeighborsClassifier
from sklearn.utils import gen_batches
from sklearn.utils.extmath import weighted_mode
from sklearn.utils.validation import check_is_fitted, validate_data

from l1000_bench.errors import InputError
from l1000_bench.models.predicted import Predicted
from l1000_bench.neighbours.lists import METRICS, MOST_NEIGHBOURS, NeighbourLists

Rows = NDArray[np.intp]

_SYNONYMS = {"l1": "manhattan", "cityblock": "manhattan", "l2": "euclidean", "infinity": "chebyshev"}
_POWERS = {1: "manhattan", 2: "euclidean", np.inf: "chebyshev"}
# Sums of one sign that differ by less may have been added in another order: scikit-learn adds votes up in two orders.
_LEVEL = 1e-9
BLOCK_VALUES = 2**22  # distances that are held at a time


def metric_of(params: Mapping[str, Any]) -> str | None:
    """Return the metric, one of `METRICS`, that parameters of KNeighborsClassifier come to, or None for another.

    Args:
        params: `metric`, `p` and `metric_params`, each with scikit-learn's default where it is left out.
    """
    metric = params.get("metric", "minkowski")
    if params.get("metric_params") or not isinstance(metric, str):
        return None
    if metric == "minkowski":
        return _POWERS.get(params.get("p", 2))
    metric = _SYNONYMS.get(metric, metric)
    return metric if metric in METRICS else None


class NeighboursClassifier(KNeighborsClassifier):  # type: ignore[misc]  # scikit-learn is untyped
    """scikit-learn's KNeighborsClassifier with brute force, and with lists of neighbours where there are some.

    With `neighbours` for its metric, and rows given to `fit`, `predict` and `predict_proba`, the votes come from the
    lists and the profiles are not looked at. Without them (other metrics, more than `MOST_NEIGHBOURS` neighbours, new
    profiles) it is scikit-learn's own. Both give the same predictions, save where the last neighbour and the next one
    are equally far: the lists then take the first row. So does the metric `cosine` without lists, for among signs of
    profiles that is no rare case, and scikit-learn's choice changes with how many profiles it is asked for at a time.

    Args:
        n_neighbors: How many neighbours vote.
        weights: `uniform`, `distance` (votes weigh 1 / distance), or a function of distances.
        algorithm: scikit-learn's, of the search without lists.
        leaf_size: Of the algorithms with trees.
        p: Power of the metric `minkowski`.
        metric: As in scikit-learn.
        metric_params: Further arguments of the metric.
        n_jobs: Threads of scikit-learn's search.
        neighbours: Lists of neighbours, or None.
    """

    uses_rows = True
    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **KNeighborsClassifier._parameter_constraints,
        "neighbours": [NeighbourLists, None],
    }

    def __init__(  # noqa: PLR0913  # the parameters of scikit-learn
        self,
        n_neighbors: int = 5,
        *,
        weights: str | Callable[..., Any] | None = "uniform",
        algorithm: str = "brute",
        leaf_size: int = 30,
        p: float = 2,
        metric: str | Callable[..., float] = "minkowski",
        metric_params: dict[str, Any] | None = None,
        n_jobs: int | None = None,
        neighbours: NeighbourLists | None = None,
    ) -> None:
        super().__init__(
            n_neighbors=n_neighbors,
            weights=weights,
            algorithm=algorithm,
            leaf_size=leaf_size,
            p=p,
            metric=metric,
            metric_params=metric_params,
            n_jobs=n_jobs,
        )
        self.neighbours = neighbours

    def fit(self, X: Any, y: Any, rows: Rows | None = None) -> Self:
        """Remember the training profiles or, with lists of neighbours for them, their rows alone.

        Args:
            X: (n_samples, n_genes); anything where the lists are used.
            y: (n_samples,) labels.
            rows: (n_samples,) the rows of X among the dataset's profiles, or None for profiles of elsewhere.

        Raises:
            InputError: If there are not as many rows as labels.
        """
        for name in ("_fit_X", "_y", "_tree", "_fit_method"):  # an earlier fit may have been of the other kind
            self.__dict__.pop(name, None)
        self.rows_: Rows | None = None
        if rows is None or not self._has_lists():
            super().fit(X, y)
            return self
        self._validate_params()
        labels, rows = np.asarray(y), np.asarray(rows)
        if labels.shape != rows.shape or rows.ndim != 1:
            raise InputError(
                f"labels of shape {labels.shape} were given for rows of shape {rows.shape}; give one each."
            )
        order = np.argsort(rows)
        self.rows_ = rows[order]
        self.classes_, self._y = np.unique(labels[order], return_inverse=True)
        self.n_samples_fit_ = len(rows)
        return self

    def predict(self, X: Any, rows: Rows | None = None) -> NDArray[Any]:
        """Return (n,) labels of profiles X (n, n_genes), or of rows of the dataset where `fit` used the lists."""
        return np.asarray(super().predict(X)) if self._is_other() else self.predict_both(X, rows).labels

    def predict_proba(self, X: Any, rows: Rows | None = None) -> Any:
        """Return (n, n_classes) probabilities, in the order of `classes_`, of what `predict` takes."""
        return super().predict_proba(X) if self._is_other() else self.predict_both(X, rows).probabilities

    def predict_both(self, X: Any, rows: Rows | None = None) -> Predicted:
        """Return labels and probabilities, with the neighbours looked for once.

        Args:
            X: (n, n_genes); anything where `fit` used the lists.
            rows: (n,) the profiles' rows in the dataset, needed where `fit` used the lists.

        Raises:
            InputError: If rows are needed and missing, or the lists lack one.
            ValueError: If there are fewer training profiles than neighbours, in scikit-learn's words.
        """
        other = self._is_other()
        if self.rows_ is not None:
            return self._vote(*self._listed(self.rows_, rows))
        self._require_enough(np.shape(X)[0])
        if other:
            return Predicted(self.predict(X), self.predict_proba(X))
        if metric_of(self.get_params(deep=False)) == "cosine":
            return self._vote(*self._nearest_by_cosine(X))
        if self.weights == "distance":
            return self._vote(*self.kneighbors(X))
        # Counts of votes: the first of the largest is scikit-learn's mode.
        probabilities = super().predict_proba(X)
        return Predicted(self.classes_[np.argmax(probabilities, axis=1)], probabilities)

    @property
    def list_metric(self) -> str | None:
        """Metric whose lists of neighbours hold what the parameters ask for; None where no lists do."""
        if callable(self.weights) or (self.n_neighbors or MOST_NEIGHBOURS + 1) > MOST_NEIGHBOURS:
            return None
        return metric_of(self.get_params(deep=False))

    def _has_lists(self) -> bool:
        """Return whether the lists hold what the parameters ask for."""
        return self.neighbours is not None and self.neighbours.metric == self.list_metric

    def _is_other(self) -> bool:
        """Return whether a function weighs the votes or there are several targets, which is left to scikit-learn."""
        check_is_fitted(self, "rows_")
        return self.rows_ is None and (callable(self.weights) or self.outputs_2d_)

    def _require_enough(self, n_samples: int) -> None:
        if self.n_neighbors > self.n_samples_fit_:  # scikit-learn says so for some of its metrics alone
            raise ValueError(
                f"Expected n_neighbors <= n_samples_fit, but n_neighbors = {self.n_neighbors}, "
                f"n_samples_fit = {self.n_samples_fit_}, n_samples = {n_samples}"
            )

    def _nearest_by_cosine(self, X: Any) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
        """Return (n, n_neighbors) distances 1 - cosine and places among the training samples, first the nearest.

        Products of signs are whole numbers, so these are exact in whatever order they are added up.
        """
        X = validate_data(self, X, reset=False, dtype=[np.float32, np.float64])
        training = np.asarray(self._fit_X, dtype=np.float64)
        squares = np.einsum("ij,ij->i", training, training)
        found = []
        for rows in gen_batches(len(X), max(1, BLOCK_VALUES // len(training))):
            x = X[rows].astype(np.float64)
            norms = np.sqrt(np.outer(np.einsum("ij,ij->i", x, x), squares))
            cosines = np.divide(x @ training.T, norms, out=np.zeros_like(norms), where=norms > 0)
            found.append(_first_smallest(np.clip(1 - cosines, 0, 2), self.n_neighbors))
        distances, places = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return distances, places

    def _listed(self, training: Rows, rows: Rows | None) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
        """Return (n, n_neighbors) distances, and places of the neighbours among the training samples."""
        if rows is None or self.neighbours is None:
            raise InputError("the classifier was fitted on rows of stored neighbours; give the rows to predict, too.")
        self._require_enough(len(rows))
        distances, neighbours = self.neighbours.of(training, np.asarray(rows), self.n_neighbors)
        return distances, np.asarray(np.searchsorted(training, neighbours))

    def _vote(self, distances: NDArray[np.float64], neighbours: NDArray[np.intp]) -> Predicted:
        """Count votes as scikit-learn does; both arguments are (n, n_neighbors)."""
        codes = self._y[neighbours]
        weights = _inverse(distances) if self.weights == "distance" else np.ones(codes.shape)
        sums = np.zeros((len(codes), len(self.classes_)))
        every = np.arange(len(codes))
        for place in range(codes.shape[1]):  # in this order, for the sums' last digits
            sums[every, codes[:, place]] += weights[:, place]
        chosen = np.argmax(sums, axis=1)
        if self.weights == "distance":
            rivals = sums.copy()
            rivals[every, chosen] = -np.inf
            close = ~(rivals.max(axis=1) < sums[every, chosen] * (1 - _LEVEL))
            if close.any():
                chosen[close] = weighted_mode(codes[close], weights[close], axis=1)[0].ravel().astype(np.intp)
        return Predicted(self.classes_[chosen], sums / sums.sum(axis=1, keepdims=True))

    def __getstate__(self) -> dict[str, Any]:
        """Leave out lists that the fit did not use, so that a stored model is of use by itself."""
        state = dict(super().__getstate__())
        return {**state, "neighbours": None} if state.get("rows_", 0) is None else state


def _first_smallest(distances: NDArray[np.float64], k: int) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return (n, k) the smallest of every row of distances (n, m) and their places; of equal ones the first."""
    last = np.partition(distances, k - 1, axis=1)[:, k - 1, None]
    rows, places = np.nonzero(distances <= last)
    kept = distances[rows, places]
    order = np.lexsort((places, kept, rows))
    starts = np.searchsorted(rows, np.arange(len(distances)))  # a row has k of them, and more where the last are equal
    chosen = order[starts[:, None] + np.arange(k)]
    return kept[chosen], places[chosen]


def _inverse(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return weights 1 / distance (n, n_neighbors); where some are at distance 0 these have 1, the others 0."""
    with np.errstate(divide="ignore"):
        weights = 1 / distances
    same = np.isinf(weights)
    return np.where(same.any(axis=1, keepdims=True), same, weights)
