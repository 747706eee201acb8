import tracemalloc
from typing import Any

import numpy as np
import pytest
import skops.io
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import spearmanr
from sklearn.base import clone
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline

from l1000_bench.errors import InputError
from l1000_bench.models.preprocessing import BLOCK_ROWS, Clip, Rank, Sign, make_step

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


def test_signs_are_what_is_left_of_values() -> None:
    values = np.array([[-12.5, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 3.0, np.nan]], dtype=np.float32)
    before = values.copy()
    plain, coarse = make_step("sign").fit(values), make_step({"sign": 1}).fit(values)
    np.testing.assert_array_equal(plain.transform(values), [[-1, -1, -1, 0, 0, 1, 1, 1, np.nan]])
    np.testing.assert_array_equal(coarse.transform(values), [[-1, -1, 0, 0, 0, 0, 1, 1, np.nan]])
    assert plain.transform(values).dtype == coarse.transform(values.astype(np.float64)).dtype == np.float32
    np.testing.assert_array_equal(values, before)


def test_ranks_are_within_a_profile_and_equal_values_share_theirs() -> None:
    # Ranks 1, 4, 2.5, 2.5 and 3, 1, 2, 4, less 2.5, over the deviation of 1, 2, 3, 4.
    values = np.array([[-3, 9, 0.5, 0.5], [2, -1, 0, 50]], dtype=np.float32)
    expected = np.array([[-1.5, 1.5, 0, 0], [0.5, -1.5, -0.5, 1.5]]) / np.sqrt(1.25)
    ranks = make_step("rank").fit(values).transform(values)
    np.testing.assert_allclose(ranks, expected, rtol=1e-6)
    assert ranks.dtype == np.float32
    assert ranks[1].mean() == pytest.approx(0, abs=1e-6)
    assert ranks[1].var() == pytest.approx(1, rel=1e-6)
    np.testing.assert_array_equal(Rank().fit(values).transform(values[::-1]), ranks[::-1])


def test_a_profile_that_lacks_a_value_has_no_ranks_and_one_gene_has_rank_0() -> None:
    values = np.array([[1, np.nan, 2], [3, 1, 2]], dtype=np.float32)
    assert np.isnan(Rank().fit_transform(values)[0]).all()
    assert np.isfinite(Rank().fit_transform(values)[1]).all()
    np.testing.assert_array_equal(Rank().fit_transform(values[:, :1]), [[0], [0]])
    np.testing.assert_array_equal(Rank().fit_transform(np.full((2, 5), 7, dtype=np.float32)), np.zeros((2, 5)))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(arrays(np.float32, (2, 12), elements=st.floats(-8, 8, width=16).map(lambda value: round(value, 1))))
def test_the_cosine_of_ranks_is_spearmans_correlation(pair: Any) -> None:
    cosine = cosine_similarity(Rank().fit_transform(pair))[0, 1]
    if (pair == pair[:, :1]).all(axis=1).any():
        assert cosine == 0  # a profile of one value has no correlation
    else:
        assert cosine == pytest.approx(spearmanr(pair[0], pair[1]).statistic, abs=1e-6)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(arrays(np.float32, (3, 9), elements=st.floats(-8, 8, width=16)), st.floats(0.25, 4))
def test_ranks_and_signs_do_not_look_at_sizes(profiles: Any, factor: float) -> None:
    larger = (profiles * np.float32(2)) ** 3  # exact, or nearly, and in the same order
    np.testing.assert_array_equal(Rank().fit_transform(profiles), Rank().fit_transform(larger))
    np.testing.assert_array_equal(Sign().fit_transform(profiles), Sign().fit_transform(larger))
    signs = Sign(factor).fit_transform(profiles)
    np.testing.assert_array_equal(signs, (profiles >= factor).astype(int) - (profiles <= -factor).astype(int))


@pytest.mark.parametrize("step", [Rank(), Sign(), Sign(1.0)])
def test_blocks_of_profiles_make_no_difference_and_little_memory(step: Any) -> None:
    profiles = np.random.default_rng(2).normal(size=(6 * BLOCK_ROWS + 5, 40)).astype(np.float32)
    step.fit(profiles)
    tracemalloc.start()
    whole = step.transform(profiles)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # Beside the result some arrays of a block, of 8 bytes or fewer.
    assert peak < whole.nbytes + 6 * BLOCK_ROWS * 40 * 8
    alone = np.concatenate([step.transform(profiles[row : row + 1]) for row in range(0, len(profiles), 500)])
    np.testing.assert_array_equal(whole[::500], alone)


@pytest.mark.parametrize("step", [Rank(), Sign(), Sign(1.5), Clip(3.0)])
def test_a_step_comes_back_from_storage(step: Any) -> None:
    profiles = np.random.default_rng(3).normal(size=(4, 6)).astype(np.float32)
    name = f"l1000_bench.models.preprocessing.{type(step).__name__}"
    back = skops.io.loads(skops.io.dumps(step.fit(profiles)), trusted=[name])
    assert back.get_params() == step.get_params() == clone(step).get_params()
    np.testing.assert_array_equal(back.transform(profiles), step.transform(profiles))
    assert step.get_feature_names_out(list("abcdef")).tolist() == list("abcdef")


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
        {"clip": True},
        {"clip": float("inf")},
        {"sign": 0},
        {"sign": -0.5},
        {"sign": None},
        {"rank": 2},
        {"standardize": 1},
        {"sign": 1, "clip": 2},
        {},
        ["clip"],
        ["rank"],
        "clip",
    ],
)
def test_unknown_steps_are_refused(step: Any) -> None:
    with pytest.raises(
        InputError, match=r"unknown preprocessing step .* standardize, rank, sign, .* or {clip: LIMIT} above 0"
    ):
        make_step(step)


def test_the_steps_can_be_fitted_with_a_classifier() -> None:
    rng = np.random.default_rng(1)
    profiles = rng.normal(size=(20, 3)).astype(np.float32)
    codes = np.arange(20) % 2
    profiles[codes == 1] += 1e6  # without clipping the deviation would hide the classes' difference in nothing
    pipeline = Pipeline([("clip", make_step({"clip": 10})), ("classifier", GaussianNB())]).fit(profiles, codes)
    assert pipeline.predict(profiles).tolist() == codes.tolist()
    assert pipeline.named_steps["classifier"].theta_[1].tolist() == [10.0, 10.0, 10.0]
