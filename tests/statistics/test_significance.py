import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from l1000_bench.statistics.tests import adjust, compare_classifiers, paired_t

A = np.array([0.72, 0.70, 0.75, 0.69, 0.74])
B = np.array([0.70, 0.69, 0.71, 0.70, 0.70])  # differences 0.02, 0.01, 0.04, -0.01, 0.04


def table(**scores: list[float]) -> pd.DataFrame:
    """Test accuracies by classifier; macro-F1 is the cube of it; dev scores must not matter."""
    rows = [
        (name, rotation, role, 1, *((value, value**3) if role == "test" else (0.1 * rotation, 0.5)))
        for name, values in scores.items()
        for role in ("dev", "test")
        for rotation, value in enumerate(values)
    ]
    return pd.DataFrame(rows, columns=["classifier", "rotation", "role", "n_samples", "accuracy", "macro_f1"])


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


# Many comparisons


def test_benjamini_and_hochberg_by_hand() -> None:
    # Of four p values the i-th smallest times 4 / i: 0.02, 0.06, 0.0533..., 0.2; from the right each the least so far.
    assert adjust(np.array([0.03, 0.2, 0.005, 0.04])) == pytest.approx([0.16 / 3, 0.2, 0.02, 0.16 / 3])
    assert adjust(np.array([0.9, 0.6])).tolist() == [0.9, 0.9]


@settings(deadline=None, derandomize=True)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_statsmodels_and_scipy_agree(p: list[float]) -> None:
    found = adjust(np.array(p))
    assert found == pytest.approx(multipletests(p, method="fdr_bh")[1], abs=1e-12)
    assert found == pytest.approx(stats.false_discovery_control(p, method="bh"), abs=1e-12)
    assert (found >= np.array(p)).all()


def test_what_has_no_p_value_is_not_counted() -> None:
    found = adjust(np.array([0.01, np.nan, 0.04]))
    assert found[[0, 2]] == pytest.approx([0.02, 0.04])
    assert np.isnan(found[1])
    assert np.isnan(adjust(np.array([np.nan]))).all()
    assert adjust(np.array([])).tolist() == []


# Pairs of classifiers


def test_every_pair_is_compared_in_the_order_of_the_classifiers() -> None:
    rng = np.random.default_rng(3)
    scores = {name: rng.uniform(0.4, 0.9, 6).tolist() for name in ("linear", "knn", "ffann")}
    found = compare_classifiers(table(**scores))
    pairs = [("linear", "knn"), ("linear", "ffann"), ("knn", "ffann")]
    assert list(zip(found["classifier_a"], found["classifier_b"], strict=True)) == pairs * 2
    assert found["metric"].tolist() == ["accuracy"] * 3 + ["macro_f1"] * 3
    assert found["n_rotations"].tolist() == [6] * 6
    for metric, power in (("accuracy", 1), ("macro_f1", 3)):
        own = found[found["metric"] == metric]
        theirs = [stats.ttest_rel(np.power(scores[a], power), np.power(scores[b], power)) for a, b in pairs]
        p = [float(result.pvalue) for result in theirs]
        assert own["t"].tolist() == pytest.approx([float(result.statistic) for result in theirs])
        assert own["p"].tolist() == pytest.approx(p)
        assert own["p_adjusted"].tolist() == pytest.approx(multipletests(p, method="fdr_bh")[1].tolist())
    # The metrics are families of their own: adjusted together, the p values would differ.
    together = multipletests(found["p"], method="fdr_bh")[1]
    assert found["p_adjusted"].tolist() != pytest.approx(together.tolist())
    assert found["difference"].iloc[0] == pytest.approx(np.mean(scores["linear"]) - np.mean(scores["knn"]))


def test_rows_in_any_order_are_paired_by_rotation() -> None:
    plain = table(a=A.tolist(), b=B.tolist())
    shuffled = plain.sample(frac=1, random_state=2)
    first, second = compare_classifiers(plain), compare_classifiers(shuffled)
    sign = 1 if second["classifier_a"].iloc[0] == "a" else -1
    assert (second["t"] * sign).tolist() == pytest.approx(first["t"].tolist())
    assert second["p"].tolist() == pytest.approx(first["p"].tolist())


@pytest.mark.parametrize("scores", [{"a": [0.5, 0.6]}, {}])
def test_fewer_than_two_classifiers_make_an_empty_table(scores: dict[str, list[float]]) -> None:
    found = compare_classifiers(table(**scores))
    assert len(found) == 0
    names = "metric classifier_a classifier_b n_rotations difference ci_low ci_high t p p_adjusted"
    assert found.columns.tolist() == names.split()
    assert found.dtypes.astype(str).tolist() == ["str"] * 3 + ["int64"] + ["float64"] * 6


def test_one_rotation_leaves_p_open() -> None:
    found = compare_classifiers(table(a=[0.5], b=[0.25], c=[0.75]))
    assert found["difference"].tolist() == [0.25, -0.25, -0.5, 7 / 64, -19 / 64, -26 / 64]
    assert found[["p", "p_adjusted", "t"]].isna().all(axis=None)
