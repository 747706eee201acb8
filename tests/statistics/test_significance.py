import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from l1000_bench.statistics.tests import (
    corrected_t,
    effect_size,
    mcnemar,
    paired_t,
    welch,
    wilcoxon_p,
)

A = np.array([0.72, 0.70, 0.75, 0.69, 0.74])
B = np.array([0.70, 0.69, 0.71, 0.70, 0.70])  # differences 0.02, 0.01, 0.04, -0.01, 0.04


# The paired t-test


def test_a_worked_example() -> None:
    # Mean 0.02; squared deviations 0, 1, 4, 9 and 4 times 1e-4, so the variance is 18e-4 / 4 = 4.5e-4.
    found = paired_t(A, B)
    assert found["difference"] == pytest.approx(0.02)
    assert found["t"] == pytest.approx(0.02 / (4.5e-4 / 5) ** 0.5)
    # 2.776445 is the two-sided 5 % point of Student's t with four degrees of freedom (any printed table).
    margin = 2.776445 * (4.5e-4 / 5) ** 0.5
    assert (found["ci_low"], found["ci_high"]) == pytest.approx((0.02 - margin, 0.02 + margin), abs=1e-7)
    # The same table has t = 2.131847 at 10 % and 2.776445 at 5 %; t is 2.108.
    assert 0.10 < found["p"] < 0.11


def test_the_test_statistics_published_by_student() -> None:
    # Student (1908), the additional hours of sleep of ten patients with two drugs: t = 4.0621, p = 0.00283.
    first = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
    second = np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])
    found = paired_t(second, first)
    assert found["difference"] == pytest.approx(1.58)
    assert found["t"] == pytest.approx(4.0621, abs=5e-5)
    assert found["p"] == pytest.approx(0.002833, abs=5e-7)
    assert (found["ci_low"], found["ci_high"]) == pytest.approx((0.7001142, 2.4598858), abs=5e-8)


@settings(deadline=None, derandomize=True)
@given(st.integers(0, 2**31), st.integers(2, 15), st.sampled_from([0.9, 0.95, 0.99]))
def test_scipy_and_the_formula_agree(seed: int, n: int, confidence: float) -> None:
    a, b = np.random.default_rng(seed).uniform(size=(2, n))
    found = paired_t(a, b, confidence)
    theirs = stats.ttest_rel(a, b)
    assert (found["t"], found["p"]) == pytest.approx((float(theirs.statistic), float(theirs.pvalue)))
    d = a - b
    error = d.std(ddof=1) / n**0.5
    assert found["t"] == pytest.approx(d.mean() / error)
    assert found["p"] == pytest.approx(2 * stats.t.sf(abs(d.mean() / error), n - 1))
    margin = stats.t.ppf((1 + confidence) / 2, n - 1) * error
    assert (found["ci_low"], found["ci_high"]) == pytest.approx((d.mean() - margin, d.mean() + margin))
    swapped = paired_t(b, a, confidence)
    assert (swapped["t"], swapped["p"]) == pytest.approx((-found["t"], found["p"]))


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ([0.5, 0.7, 0.9], [0.5, 0.7, 0.9], (0.0, 0.0, 1.0)),
        ([0.75, 0.5, 1.0], [0.5, 0.25, 0.75], (0.25, np.inf, 0.0)),
        ([0.5, 0.25, 0.75], [0.75, 0.5, 1.0], (-0.25, -np.inf, 0.0)),
        ([0.54, 0.62, 0.11], [0.52, 0.60, 0.09], (0.02, np.inf, 0.0)),  # equal but for rounding
        ([0.1 + 0.2, 0.7, 0.3], [0.3, 0.6 + 0.1, 0.1 + 0.2], (0.0, 0.0, 1.0)),
    ],
)
def test_equal_differences(a: list[float], b: list[float], expected: tuple[float, float, float]) -> None:
    found = paired_t(np.array(a), np.array(b))
    assert (found["difference"], found["t"], found["p"]) == pytest.approx(expected, abs=1e-12)
    assert found["ci_low"] == found["ci_high"] == found["difference"]


def test_one_rotation_has_a_difference_and_no_test() -> None:
    found = paired_t(np.array([0.75]), np.array([0.5]))
    assert found.pop("difference") == 0.25
    assert list(found) == ["ci_low", "ci_high", "t", "p"]
    assert np.isnan(list(found.values())).all()


# The corrected resampled t-test


def test_nadeau_and_bengio_by_hand() -> None:
    # Mean 0.02 and variance 4.5e-4 as above; five rotations of five folds train on three and test on one.
    found = corrected_t(A, B, 1 / 3)
    error = ((1 / 5 + 1 / 3) * 4.5e-4) ** 0.5
    assert found["difference"] == pytest.approx(0.02)
    assert found["t"] == pytest.approx(0.02 / error)
    margin = 2.776445 * error
    assert (found["ci_low"], found["ci_high"]) == pytest.approx((0.02 - margin, 0.02 + margin), abs=1e-7)
    # t is 1.291; the table has 1.189567 at 30 % and 1.344397 at 25 %.
    assert 0.25 < found["p"] < 0.30


@settings(deadline=None, derandomize=True)
@given(st.integers(0, 2**31), st.integers(2, 15), st.floats(0, 2))
def test_the_corrected_test_follows_its_formula(seed: int, n: int, ratio: float) -> None:
    a, b = np.random.default_rng(seed).uniform(size=(2, n))
    d = a - b
    error = np.sqrt((1 / n + ratio) * d.var(ddof=1))
    found = corrected_t(a, b, ratio)
    assert found["t"] == pytest.approx(d.mean() / error)
    assert found["p"] == pytest.approx(2 * stats.t.cdf(-abs(d.mean() / error), n - 1))
    assert (found["ci_low"], found["ci_high"]) == pytest.approx(stats.t.interval(0.95, n - 1, d.mean(), error))


def test_without_shared_training_samples_the_correction_is_none() -> None:
    assert corrected_t(A, B, 0) == pytest.approx(paired_t(A, B))


@pytest.mark.parametrize("difference", [0.0, 0.25, -0.25])
def test_equal_differences_are_told_by_the_corrected_test_too(difference: float) -> None:
    b = np.array([0.5, 0.25, 0.75])
    assert corrected_t(b + difference, b, 0.4) == paired_t(b + difference, b)


def test_one_rotation_leaves_the_corrected_test_open() -> None:
    found = corrected_t(np.array([0.75]), np.array([0.5]), 0.4)
    assert found.pop("difference") == 0.25
    assert np.isnan(list(found.values())).all()


# Welch's test


@settings(deadline=None, derandomize=True)
@given(st.integers(0, 2**31), st.integers(2, 12), st.integers(2, 12))
def test_welchs_formula(seed: int, n_a: int, n_b: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.uniform(size=n_a), rng.normal(0.5, 0.3, n_b)
    part_a, part_b = a.var(ddof=1) / n_a, b.var(ddof=1) / n_b
    error = np.sqrt(part_a + part_b)
    degrees = (part_a + part_b) ** 2 / (part_a**2 / (n_a - 1) + part_b**2 / (n_b - 1))
    found = welch(a, b)
    assert found["difference"] == pytest.approx(a.mean() - b.mean())
    assert found["t"] == pytest.approx((a.mean() - b.mean()) / error)
    assert found["p"] == pytest.approx(2 * stats.t.sf(abs(a.mean() - b.mean()) / error, degrees))
    limits = stats.t.interval(0.95, degrees, a.mean() - b.mean(), error)
    assert (found["ci_low"], found["ci_high"]) == pytest.approx(limits)


def test_welch_without_spread_or_with_one_score() -> None:
    same, other = np.array([0.5, 0.5]), np.array([0.75, 0.75, 0.75])
    assert welch(same, same) == {"difference": 0, "ci_low": 0, "ci_high": 0, "t": 0, "p": 1}
    assert welch(other, same) == {"difference": 0.25, "ci_low": 0.25, "ci_high": 0.25, "t": np.inf, "p": 0}
    found = welch(other[:1] - 0.25, other)
    assert found.pop("difference") == -0.25
    assert np.isnan(list(found.values())).all()


@pytest.mark.parametrize("constant", [0.7, 1 / 3])
def test_welch_with_one_side_that_does_not_vary(constant: float) -> None:
    # Without spread in b the formula is that of one sample against a number: its error, n_a - 1 degrees of freedom.
    found = welch(A, np.full(7, constant))
    theirs = stats.ttest_1samp(A, constant)
    interval = theirs.confidence_interval()
    expected = (theirs.statistic, theirs.pvalue, interval.low - constant, interval.high - constant)
    assert (found["t"], found["p"], found["ci_low"], found["ci_high"]) == pytest.approx(expected)
    turned = welch(np.full(7, constant), A)
    assert (turned["t"], turned["p"], turned["ci_low"]) == pytest.approx((-found["t"], found["p"], -found["ci_high"]))


# Wilcoxon's signed ranks


def signed_rank_p(difference: list[float]) -> float:
    """The exact p by all signs that the differences could have."""
    known = [d for d in difference if d]
    ranks = stats.rankdata(np.abs(known))
    sums = [
        sum(r for r, sign in zip(ranks, signs, strict=True) if sign)
        for signs in itertools.product([0, 1], repeat=len(ranks))
    ]
    found = float(ranks[np.array(known) > 0].sum())
    tail = min(np.mean([s <= found + 1e-9 for s in sums]), np.mean([s >= found - 1e-9 for s in sums]))
    return min(1.0, 2 * float(tail))


@pytest.mark.parametrize(
    "difference",
    [
        [0.02, 0.01, 0.04, -0.01, 0.05],  # with a tie
        [0.02, 0.01, 0.04, -0.015, 0.05, 0.06],
        [0.1, 0.2, 0.3, 0.4, 0.5],
        [0.1, 0.0, 0.3, -0.4, 0.0, 0.6],
        [0.3 - 0.2, 0.1, -0.1, 0.2],  # a tie but for rounding
    ],
)
def test_signed_ranks_are_those_of_all_signs(difference: list[float]) -> None:
    b = np.full(len(difference), 0.25)
    assert wilcoxon_p(b + difference, b) == pytest.approx(signed_rank_p(np.round(difference, 9).tolist()))


@pytest.mark.parametrize("n", [2, 3, 6, 8, 12])
@pytest.mark.parametrize("decimals", [1, 9], ids=["ties", "no ties"])
def test_scipys_signed_ranks_agree(n: int, decimals: int) -> None:
    difference = np.random.default_rng(n).normal(0.2, 0.3, n).round(decimals)
    expected = stats.wilcoxon(difference).pvalue if difference.any() else 1.0
    assert wilcoxon_p(difference, np.zeros(n)) == pytest.approx(float(expected))


def test_scipys_signed_ranks_agree_on_many() -> None:
    difference = np.random.default_rng(1).normal(0.1, 0.3, 45)
    assert wilcoxon_p(difference, np.zeros(45)) == pytest.approx(
        float(stats.wilcoxon(difference, method="exact").pvalue)
    )


def test_five_rotations_cannot_be_significant_by_signed_ranks() -> None:
    assert wilcoxon_p(np.arange(1, 6) / 10, np.zeros(5)) == 2 / 32


def test_signed_ranks_without_differences_or_with_one_rotation() -> None:
    assert wilcoxon_p(A, A) == 1
    assert wilcoxon_p(A, A + 1e-15) == 1
    assert np.isnan(wilcoxon_p(A[:1], B[:1]))


# McNemar's test


def right(both: int, only_a: int, only_b: int, neither: int) -> tuple[np.ndarray[tuple[int], np.dtype[np.bool_]], ...]:
    pairs = [(True, True)] * both + [(True, False)] * only_a + [(False, True)] * only_b + [(False, False)] * neither
    a, b = np.array(pairs, dtype=bool).T
    return a, b


@pytest.mark.parametrize(("only_a", "only_b"), [(0, 0), (1, 0), (3, 9), (12, 12), (20, 4)])
def test_few_discordant_samples_are_tested_by_the_binomial(only_a: int, only_b: int) -> None:
    found = mcnemar(*right(30, only_a, only_b, 7))
    assert (found["only_a"], found["only_b"]) == (only_a, only_b)
    expected = stats.binomtest(only_a, only_a + only_b).pvalue if only_a + only_b else 1.0
    assert found["mcnemar_p"] == pytest.approx(expected)


def test_many_discordant_samples_are_tested_by_chi_squared() -> None:
    # By hand: (|40 - 20| - 1)² / (40 + 20) = 6.0167; chi-squared with one degree of freedom is a squared normal.
    found = mcnemar(*right(5, 40, 20, 5))
    assert found["mcnemar_p"] == pytest.approx(2 * stats.norm.sf((19**2 / 60) ** 0.5))
    # What both or neither have right does not matter.
    assert mcnemar(*right(5000, 40, 20, 0)) == found


# The effect size


def test_cohens_d_by_hand() -> None:
    assert effect_size(A, B) == pytest.approx(0.02 / 4.5e-4**0.5)
    assert effect_size(B, A) == pytest.approx(-0.02 / 4.5e-4**0.5)
    assert effect_size(A, B) * 5**0.5 == pytest.approx(paired_t(A, B)["t"])


def test_without_spread_there_is_no_effect_size() -> None:
    assert np.isnan(effect_size(A, A))
    assert np.isnan(effect_size(np.array([0.54, 0.62, 0.11]), np.array([0.52, 0.60, 0.09])))
    assert np.isnan(effect_size(A[:1], B[:1]))
