from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline

from l1000_bench.errors import InputError
from l1000_bench.models.preprocessing import Clip, make_step

X = np.array([[-12.5, 0.5, 3.0], [2.5, np.nan, 10.5]], dtype=np.float32)


def test_values_are_clipped_on_both_sides_and_stay_float32() -> None:
    before = X.copy()
    clipped = Clip(2.5).fit(X).transform(X)
    np.testing.assert_array_equal(clipped, np.array([[-2.5, 0.5, 2.5], [2.5, np.nan, 2.5]], dtype=np.float32))
    assert clipped.dtype == np.float32
    np.testing.assert_array_equal(X, before)


def test_clip_is_a_transformer_of_scikit_learn() -> None:
    step = Clip(3.0)
    assert step.get_params() == {"limit": 3.0}
    assert clone(step.fit(X)).set_params(limit=4.0).limit == 4.0
    assert step.get_feature_names_out(["a", "b", "c"]).tolist() == ["a", "b", "c"]
    assert Clip().limit == 10.0


def test_standardizing_learns_from_the_training_profiles_alone() -> None:
    train = np.array([[1, 10], [3, 30]], dtype=np.float32)  # means 2 and 20, deviations 1 and 10
    step = make_step("standardize").fit(train)
    scaled = step.transform(np.array([[2, 40], [5, 20]], dtype=np.float32))
    np.testing.assert_array_equal(scaled, [[0, 2], [3, 0]])
    assert scaled.dtype == np.float32


def test_steps_run_in_their_order() -> None:
    train = np.array([[-100], [100], [1]], dtype=np.float32)
    clipped_first = Pipeline([("a", make_step({"clip": 1})), ("b", make_step("standardize"))]).fit_transform(train)
    clipped_last = Pipeline([("a", make_step("standardize")), ("b", make_step({"clip": 1}))]).fit_transform(train)
    np.testing.assert_allclose(clipped_first.ravel(), np.array([-4, 2, 2]) / 8**0.5, rtol=1e-6)
    assert np.abs(clipped_last).max() == 1
    assert np.abs(clipped_last[2]) < 0.02


@pytest.mark.parametrize(
    "step",
    [
        "standardise",
        None,
        {"clip": 0},
        {"clip": -1},
        {"clip": "10"},
        {"clip": None},
        {"clip": 1, "at": 2},
        {},
        ["clip"],
    ],
)
def test_unknown_steps_are_refused(step: Any) -> None:
    with pytest.raises(InputError, match=r"unknown preprocessing step .* standardize, or {clip: LIMIT} above 0"):
        make_step(step)


def test_the_steps_can_be_fitted_with_a_classifier() -> None:
    rng = np.random.default_rng(1)
    profiles = rng.normal(size=(20, 3)).astype(np.float32)
    codes = np.arange(20) % 2
    profiles[codes == 1] += 1e6  # without clipping the deviation would hide the classes' difference in nothing
    pipeline = Pipeline([("clip", make_step({"clip": 10})), ("classifier", GaussianNB())]).fit(profiles, codes)
    assert pipeline.predict(profiles).tolist() == codes.tolist()
    assert pipeline.named_steps["classifier"].theta_[1].tolist() == [10.0, 10.0, 10.0]
