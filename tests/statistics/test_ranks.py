import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from l1000_bench.statistics.ranks import critical_difference, friedman, iman_davenport, rank_classifiers
from l1000_bench.statistics.scores import no_scores

# Demsar (2006), Table 6: AUC of four variants of C4.5 on fourteen datasets. Two scores of `voting` are
# printed alike and ranked apart.
AUC = np.array(
    [
        [0.763, 0.768, 0.771, 0.798], [0.599, 0.591, 0.590, 0.569], [0.954, 0.971, 0.968, 0.967],
        [0.628, 0.661, 0.654, 0.657], [0.882, 0.888, 0.886, 0.898], [0.936, 0.931, 0.916, 0.931],
        [0.661, 0.668, 0.609, 0.685], [0.583, 0.583, 0.563, 0.625], [0.775, 0.838, 0.866, 0.875],
        [1.000, 1.000, 1.000, 1.000], [0.940, 0.962, 0.965, 0.962], [0.619, 0.666, 0.614, 0.669],
        [0.972, 0.981, 0.9751, 0.975], [0.957, 0.978, 0.946, 0.970],
    ]
)  # fmt: skip
NAMES = ["C4.5", "C4.5+m", "C4.5+cf", "C4.5+m+cf"]


def scores(values: np.ndarray[tuple[int, int], np.dtype[np.float64]], names: list[str]) -> pd.DataFrame:
    """Two rotations per benchmark, whose test scores have the given mean; dev scores must not matter."""
    rows = [
        (
            f"d{i // 3}",
            f"t{i % 3}",
            name,
            rotation,
            role,
            *((value + shift,) * 2 if role == "test" else (rotation, 0.5)),
        )
        for i, row in enumerate(values)
        for name, value in zip(names, row, strict=True)
        for rotation, shift in ((0, -0.25), (1, 0.25))
        for role in ("dev", "test")
    ]
    columns = ["dataset", "task", "classifier", "rotation", "role", "accuracy", "macro_f1"]
    return pd.DataFrame(rows, columns=columns).astype({"accuracy": "float64", "macro_f1": "float64"})


def test_the_example_of_demsar() -> None:
    found = rank_classifiers(scores(AUC, NAMES), 0.05)
    assert found["metric"].tolist() == ["accuracy"] * 4 + ["macro_f1"] * 4
    assert found["classifier"].tolist() == NAMES * 2
    assert found["mean_rank"].to_numpy() == pytest.approx([3.143, 2.000, 2.893, 1.964] * 2, abs=5e-4)
    assert set(found["n_benchmarks"]) == {14}
    assert set(found["n_classifiers"]) == {4}
    # He does not correct for ties: here three pairs and one set of four of 14 rows, each t³ - t over 14 (4³ - 4).
    ties = 1 - (3 * 6 + 60) / (14 * 60)
    assert found["chi_squared"].to_numpy() * ties == pytest.approx(9.28, abs=5e-3)
    # For four classifiers q is 2.569 at 5 % and 2.291 at 10 % in his Table 5.
    assert found["critical_difference"].to_numpy() == pytest.approx(2.569 * (4 * 5 / (6 * 14)) ** 0.5, abs=5e-4)
    low = rank_classifiers(scores(AUC, NAMES), 0.10)["critical_difference"]
    assert low.to_numpy() == pytest.approx(2.291 * (4 * 5 / (6 * 14)) ** 0.5, abs=5e-4)


def test_iman_and_davenport_as_in_demsar() -> None:
    assert iman_davenport(9.28, 14, 4) == pytest.approx(3.69, abs=5e-3)


def test_friedman_agrees_with_scipy_on_the_scores() -> None:
    found = rank_classifiers(scores(AUC, NAMES), 0.05).iloc[0]
    theirs = stats.friedmanchisquare(*AUC.T)
    assert (found["chi_squared"], found["p"]) == pytest.approx((theirs.statistic, theirs.pvalue))
    f = 13 * theirs.statistic / (14 * 3 - theirs.statistic)
    assert (found["f"], found["f_p"]) == pytest.approx((f, stats.f.sf(f, 3, 39)))


@pytest.mark.parametrize(("k", "q"), [(3, 2.343), (5, 2.728), (10, 3.164)])
def test_the_critical_values_of_demsars_table_5(k: int, q: float) -> None:
    assert critical_difference(6, k, 0.05) / (k * (k + 1) / 36) ** 0.5 == pytest.approx(q, abs=1e-3)


def test_ties_share_their_ranks_also_but_for_rounding() -> None:
    values = np.array([[0.3, 0.1 + 0.2, 0.5], [0.7, 0.8, 0.6]])
    found = rank_classifiers(scores(values, ["a", "b", "c"]), 0.05)
    assert found["mean_rank"].tolist()[:3] == [(2.5 + 2) / 2, (2.5 + 1) / 2, (1 + 3) / 2]


def test_a_classifier_without_a_score_on_every_benchmark_is_left_out() -> None:
    table = scores(AUC, NAMES)
    table = table[(table["classifier"] != "C4.5") | (table["dataset"] != "d2")]
    found = rank_classifiers(table, 0.05)
    assert found["classifier"].tolist() == NAMES[1:] * 2
    assert found["mean_rank"].tolist()[:3] == pytest.approx(stats.rankdata(-AUC[:, 1:], axis=1).mean(axis=0).tolist())


def test_where_no_classifier_has_a_score_on_every_benchmark_nothing_is_ranked() -> None:
    table = scores(AUC, NAMES)
    own = table["dataset"].map({"d0": NAMES[0], "d1": NAMES[1]}).fillna(NAMES[2])
    found = rank_classifiers(table[table["classifier"] == own], 0.05)
    assert len(found) == 0
    assert found.columns.tolist() == rank_classifiers(table, 0.05).columns.tolist()


def test_without_any_score_there_is_no_rank() -> None:
    assert rank_classifiers(no_scores().assign(dataset="full", task="site"), 0.05).empty


def test_benchmarks_of_one_rotation_and_without_dev_scores_are_ranked_like_any_other() -> None:
    table = scores(AUC, NAMES)
    one = table[(table["role"] == "test") & ((table["dataset"] != "d1") | (table["rotation"] == 0))]
    pd.testing.assert_frame_equal(rank_classifiers(one, 0.05), rank_classifiers(table, 0.05))


@pytest.mark.parametrize("values", [AUC[:1], AUC[:, :2], AUC[:1, :1]])
def test_too_few_of_either_leave_the_statistics_open(values: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> None:
    found = rank_classifiers(scores(values, NAMES[: values.shape[1]]), 0.05)
    assert found["mean_rank"].tolist()[: values.shape[1]] == stats.rankdata(-values, axis=1).mean(axis=0).tolist()
    assert found[["chi_squared", "p", "f", "f_p", "critical_difference"]].isna().all(axis=None)


def test_all_alike_and_all_in_one_order() -> None:
    assert friedman(np.full((4, 3), 2.0)) == {"chi_squared": 0, "p": 1, "f": 0, "f_p": 1}
    found = friedman(np.tile([1.0, 2.0, 3.0], (4, 1)))
    assert found["chi_squared"] == pytest.approx(4 * 2)  # the largest there is
    assert np.isnan([found["f"], found["f_p"]]).all()


def test_friedman_by_all_orders() -> None:
    # Of three classifiers on three benchmarks there are 6³ orders; chi-squared 4.6667 or more has 6 x 6 of them, 1 in 6
    # (any table of Friedman's test has 0.194 for 4.667 and 0.028 for 6).
    orders = [np.array(ranks, dtype=float) for ranks in itertools.product(itertools.permutations([1, 2, 3]), repeat=3)]
    statistics = np.array([friedman(ranks)["chi_squared"] for ranks in orders])
    assert (statistics > 5.9).mean() == pytest.approx(0.028, abs=5e-4)
    assert (statistics > 4.6).mean() == pytest.approx(0.194, abs=5e-4)
