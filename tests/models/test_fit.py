from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.utils.metaestimators import available_if

from l1000_bench.models.fit import fit, predict
from l1000_bench.models.preprocessing import Clip


def test_a_forest_with_impure_leaves_predicts_the_same_every_time() -> None:
    generator = np.random.default_rng(5)
    profiles = generator.normal(size=(300, 20)).astype(np.float32)
    codes = generator.integers(3, size=300)
    forest = RandomForestClassifier(n_estimators=60, min_samples_leaf=2, random_state=1, n_jobs=2)
    estimator = fit(Pipeline([("classifier", forest)]), profiles, codes, threads=2)
    unseen = generator.normal(size=(2000, 20)).astype(np.float32)
    # The mean of the trees' votes, added up one tree after the other.
    total = np.zeros((2000, 3))
    for tree in forest.estimators_:
        total += tree.predict_proba(unseen)
    assert len(np.unique(total)) > 60 * 3  # leaves are impure: votes are fractions, whose sums depend on their order
    for _ in range(20):
        found = predict(estimator, unseen, threads=2)
        np.testing.assert_array_equal(found.probabilities, total / 60)
        np.testing.assert_array_equal(found.codes, (total / 60).argmax(axis=1))


class Told(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Predicts what it is told, and remembers the rows that it was given."""

    uses_rows = True

    def __init__(self, codes: list[float], probabilities: list[list[float]] | None = None) -> None:
        self.codes = codes
        self.probabilities = probabilities

    def fit(self, X: NDArray[np.float32], y: NDArray[np.intp], rows: NDArray[np.intp] | None = None) -> Told:
        self.classes_, self.rows_ = np.unique(y), {"fit": rows}
        return self

    def predict(self, X: NDArray[np.float32], rows: NDArray[np.intp] | None = None) -> NDArray[np.float64]:
        self.rows_["predict"] = rows
        return np.array(self.codes)

    @available_if(lambda self: self.probabilities is not None)  # type: ignore[untyped-decorator]
    def predict_proba(self, X: NDArray[np.float32], rows: NDArray[np.intp] | None = None) -> NDArray[np.float64]:
        self.rows_["predict_proba"] = rows
        return np.array(self.probabilities)


class Deaf(Told):
    uses_rows = False


PROFILES, CODES = np.zeros((3, 2), dtype=np.float32), np.array([0, 1, 1])
FIT_ROWS, PREDICT_ROWS = np.array([7, 2, 5]), np.array([1, 0, 3])
HALVES = [[0.5, 0.5]] * 3


def given_rows(*steps: BaseEstimator, rows: bool = True) -> dict[str, NDArray[np.intp] | None]:
    pipeline = Pipeline([(f"step_{number}", step) for number, step in enumerate(steps)])
    fit(pipeline, PROFILES, CODES, 1, FIT_ROWS if rows else None)
    predict(pipeline, PROFILES, 1, PREDICT_ROWS if rows else None)
    found: dict[str, NDArray[np.intp] | None] = pipeline[-1].rows_
    return found


def test_rows_reach_an_estimator_that_uses_them() -> None:
    found = given_rows(Told([0, 1, 1], HALVES))
    assert found["fit"] is FIT_ROWS
    assert found["predict"] is PREDICT_ROWS
    assert found["predict_proba"] is PREDICT_ROWS


def test_rows_reach_no_other_estimator() -> None:
    nothing = {"fit": None, "predict": None, "predict_proba": None}
    assert given_rows(Deaf([0, 1, 1], HALVES)) == nothing
    assert given_rows(Clip(5.0), Told([0, 1, 1], HALVES)) == nothing  # the profiles are no longer the dataset's
    assert given_rows(Told([0, 1, 1], HALVES), rows=False) == nothing


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (Told([0, math.nan, math.nan], HALVES), "it predicts NaN for 2 of 3 profiles"),
        (Told([0, 1, math.nan]), "it predicts NaN for 1 of 3 profiles"),
        (Told([0, 0, 0], [[0.5, 0.5], [math.nan, math.nan], [0.5, math.inf]]),
         "its probabilities are NaN or infinite for 2 of 3 profiles"),
    ],
)  # fmt: skip
def test_a_prediction_that_is_not_finite_is_refused(told: Told, sentence: str) -> None:
    pipeline = fit(Pipeline([("classifier", told)]), PROFILES, CODES, 1)
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        predict(pipeline, PROFILES, 1)


def test_finite_predictions_pass_as_they_are() -> None:
    pipeline = fit(Pipeline([("classifier", Told([1, 0, 1], HALVES))]), PROFILES, CODES, 1)
    found = predict(pipeline, PROFILES, 1)
    assert found.codes.tolist() == [1, 0, 1]
    assert found.probabilities is not None
    assert found.probabilities.tolist() == HALVES


def test_a_network_whose_weights_diverged_does_not_pass_as_one_that_predicts_its_first_class() -> None:
    network = MLPClassifier([2], max_iter=1, random_state=0)
    pipeline = fit(Pipeline([("classifier", network)]), PROFILES, CODES, 1)
    network.coefs_[0][:] = math.nan
    assert pipeline.predict(PROFILES).tolist() == [0, 0, 0]  # as it would pass
    with pytest.raises(ValueError, match="its probabilities are NaN or infinite for 3 of 3 profiles"):
        predict(pipeline, PROFILES, 1)
