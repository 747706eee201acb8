"""AdaBoost whose trees a configuration can describe."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any, ClassVar, Self

from numpy.typing import NDArray
from sklearn.ensemble import AdaBoostClassifier
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils._param_validation import Interval, StrOptions


class BoostedTreesClassifier(AdaBoostClassifier):  # type: ignore[misc]  # scikit-learn is untyped
    """scikit-learn's AdaBoostClassifier (SAMME, Zhu et al. 2009) of trees, which are told by numbers.

    Boosting ends with the first tree that makes no error, so trees without a bound are no ensemble.

    Args:
        max_depth: Of a tree; 1 is scikit-learn's default, a stump, None has no bound.
        max_features: How many genes, or which share of them, a split looks at, as in DecisionTreeClassifier.
        n_estimators: Most trees.
        learning_rate: Weight of a tree.
        random_state: Seed.
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **AdaBoostClassifier._parameter_constraints,
        "max_depth": [Interval(Integral, 1, None, closed="left"), None],
        "max_features": [
            Interval(Integral, 1, None, closed="left"),
            Interval(Real, 0, 1, closed="right"),
            StrOptions({"sqrt", "log2"}),
            None,
        ],
    }

    def __init__(
        self,
        *,
        max_depth: int | None = 1,
        max_features: float | str | None = None,
        n_estimators: int = 50,
        learning_rate: float = 1.0,
        random_state: int | None = None,
    ) -> None:
        super().__init__(n_estimators=n_estimators, learning_rate=learning_rate, random_state=random_state)
        self.max_depth = max_depth
        self.max_features = max_features

    def fit(self, X: Any, y: NDArray[Any], sample_weight: NDArray[Any] | None = None) -> Self:
        """Fit one tree after the other.

        Args:
            X: (n_samples, n_genes).
            y: (n_samples,) labels.
            sample_weight: (n_samples,) weights to begin with, or None for equal ones.
        """
        self.estimator = DecisionTreeClassifier(max_depth=self.max_depth, max_features=self.max_features)
        super().fit(X, y, sample_weight)
        return self
