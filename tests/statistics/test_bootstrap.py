from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import stats
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, recall_score

from l1000_bench.statistics import bootstrap
from l1000_bench.statistics.bootstrap import (
    Resampling,
    cluster_codes,
    interval_table,
    percentile_interval,
    resample_clusters,
)
from l1000_bench.statistics.counts import METRICS, count, rates
from l1000_bench.statistics.metrics import macro_f1
from l1000_bench.statistics.pooled import Labels
from l1000_bench.statistics.scores import score_table

CLASSES = np.array([f"class {code}" for code in range(4)], dtype=object)


def drawn(n: int = 120, seed: int = 0) -> Labels:
    rng = np.random.default_rng(seed)
    true = rng.integers(0, 4, n)
    predicted = {name: np.where(rng.uniform(size=n) < p, true, rng.integers(0, 4, n)) for name, p in SKILLS.items()}
    return Labels(CLASSES, np.zeros(n, dtype=np.intp), true, predicted)


SKILLS = {"a": 0.3, "b": 0.6, "c": 0.9}


def uneven(n: int = 240, seed: int = 8) -> Labels:
    """Three rotations of which the last is small, rare classes that are predicted where they are not true."""
    rng = np.random.default_rng(seed)
    true = rng.choice(4, n, p=[0.6, 0.3, 0.07, 0.03])
    rotations = rng.choice(3, n, p=[0.55, 0.4, 0.05])
    rotations[true == 3] = 0
    predicted = {name: np.where(rng.uniform(size=n) < p, true, rng.integers(0, 4, n)) for name, p in SKILLS.items()}
    return Labels(CLASSES, rotations, true, predicted | {"majority": np.zeros(n, dtype=np.intp)})


@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")
def plain_scores(true: NDArray[np.intp], predicted: NDArray[np.intp]) -> list[float]:
    return [accuracy_score(true, predicted), macro_f1(true, predicted), balanced_accuracy_score(true, predicted)]


# Counts


@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")
def test_counts_of_groups_give_the_scores_of_scikit_learn() -> None:
    labels = drawn()
    groups = np.random.default_rng(1).integers(0, 9, 120)
    for predicted in labels.predicted.values():
        counts = count(labels.true, predicted, groups, (4, 9)).toarray().reshape(3, 4, 9)
        found = rates(counts, counts)
        for group in range(9):
            own = groups == group
            assert found[:, group] == pytest.approx(plain_scores(labels.true[own], predicted[own]))


def test_a_group_without_samples_has_no_score() -> None:
    counts = count(np.array([0, 1]), np.array([0, 0]), np.array([0, 0]), (2, 3)).toarray().reshape(3, 2, 3)
    found = rates(counts, counts)
    assert found[:, 0].tolist() == pytest.approx([1 / 2, 1 / 3, 1 / 2])
    assert np.isnan(found[:, 1:]).all()


# Clusters


def test_samples_of_no_known_group_stand_alone() -> None:
    samples = pd.DataFrame({"sample_id": ["a", "b", "c", "d", "e"]}, dtype="str")
    groups = np.array([7, -1, 0, -1, 7])
    sample_ids = pd.Series(["e", "b", "d", "b", "c", "a"], dtype="str")
    found = cluster_codes(sample_ids, samples, groups)
    # e and a share a group, b is tested twice, c and d have nothing in common with any.
    assert found[0] == found[5]
    assert found[1] == found[3]
    assert sorted(set(found.tolist())) == [0, 1, 2, 3]


# Resamples


def draw_scores(labels: Labels, predicted: NDArray[np.intp], rows: NDArray[np.intp]) -> list[float]:
    """Every rotation of the drawn samples scored by scikit-learn, and the mean of those that have any."""
    scores = []
    for rotation in range(labels.rotations.max() + 1):
        whole = labels.rotations == rotation
        own = rows[whole[rows]]
        if not len(own):
            continue
        true, found = labels.true[own], predicted[own]
        never_true = np.setdiff1d(predicted[whole], labels.true[whole])
        counted = np.union1d(true, never_true)
        macro_f1 = f1_score(true, found, labels=counted, average="macro", zero_division=0)
        recall = recall_score(true, found, labels=np.unique(true), average="macro")
        scores.append([accuracy_score(true, found), macro_f1, recall])
    return [float(mean) for mean in np.mean(scores, axis=0)]


def drawn_rows(clusters: NDArray[np.intp], resampling: Resampling) -> list[NDArray[np.intp]]:
    """The samples of the drawn clusters themselves."""
    n_clusters = clusters.max() + 1
    draws = np.random.default_rng(resampling.seed).integers(0, n_clusters, (resampling.resamples, n_clusters))
    return [np.concatenate([np.flatnonzero(clusters == cluster) for cluster in draw]) for draw in draws]


@pytest.mark.parametrize("numbers", [1 << 23, 150])
def test_weights_of_clusters_do_what_a_plain_loop_does(monkeypatch: pytest.MonkeyPatch, numbers: int) -> None:
    monkeypatch.setattr(bootstrap, "_BLOCK", numbers)  # 150 numbers make blocks of four resamples of 36 counts
    labels, clusters = uneven(), np.random.default_rng(2).permutation(np.arange(240) % 12)
    found = resample_clusters(labels, clusters, Resampling(30, 7))
    rows = drawn_rows(clusters, Resampling(30, 7))
    assert found.n_clusters == 12
    for name, predicted in labels.predicted.items():
        expected = np.array([draw_scores(labels, predicted, own) for own in rows]).T
        assert found.scores[name] == pytest.approx(expected)
        assert found.estimates[name] == pytest.approx(draw_scores(labels, predicted, np.arange(240)))


def test_estimates_are_the_means_of_the_scores_table() -> None:
    labels = uneven()
    found = interval_table({"plate": resample_clusters(labels, np.arange(240) % 12, Resampling(5, 1))})
    for name, own in found.groupby("classifier"):
        table = pd.DataFrame(
            {"y_true": CLASSES[labels.true], "y_pred": CLASSES[labels.predicted[str(name)]]}, dtype="str"
        ).assign(rotation=labels.rotations, role="test")
        means = score_table(table, CLASSES)[list(METRICS)].mean()
        assert own["estimate"].tolist() == pytest.approx(means.tolist(), abs=1e-15)
        pooled = macro_f1(labels.true, labels.predicted[str(name)])
        assert own["estimate"].tolist()[1] != pytest.approx(pooled, abs=0.005)


def test_a_rotation_that_a_draw_lacks_is_left_out_of_the_mean() -> None:
    # Of the three clusters the last alone is in the second rotation, where all is wrong.
    rotations, clusters = np.array([0, 0, 0, 0, 1, 1]), np.array([0, 0, 1, 1, 2, 2])
    labels = Labels(CLASSES, rotations, np.array([0, 1, 0, 1, 0, 0]), {"a": np.array([0, 1, 0, 1, 1, 1])})
    found = resample_clusters(labels, clusters, Resampling(60, 3))
    assert found.estimates["a"] == pytest.approx([1 / 2, 1 / 2, 1 / 2])
    draws = np.random.default_rng(3).integers(0, 3, (60, 3))
    has_first, has_second = (draws < 2).any(axis=1), (draws == 2).any(axis=1)
    assert (has_first & ~has_second).any()
    expected = np.where(has_second, np.where(has_first, 1 / 2, 0), 1)
    for scores in found.scores["a"]:
        assert scores == pytest.approx(expected)


def test_a_class_that_a_draw_lacks_does_not_count_as_zero() -> None:
    labels = drawn()
    clusters = 3 * labels.true + np.arange(120) % 3  # every class has three clusters of its own, as compounds can be
    found = resample_clusters(labels, clusters, Resampling(300, 5))
    lacking = 0
    for number, own in enumerate(drawn_rows(clusters, Resampling(300, 5))):
        true, predicted = labels.true[own], labels.predicted["b"][own]
        lacking += len(np.unique(true)) < 4
        expected = f1_score(true, predicted, labels=np.unique(true), average="macro")
        assert found.scores["b"][1, number] == pytest.approx(expected)
    assert lacking > 10
    low, high = percentile_interval(found.scores["b"][1], 12)
    assert low < found.estimates["b"][1] < high


def test_a_class_that_is_predicted_alone_counts_as_zero_in_every_draw() -> None:
    true, predicted = np.repeat([0, 1], 20), np.repeat([0, 1], 20)
    predicted[5] = 2
    labels = Labels(CLASSES, np.zeros(40, dtype=np.intp), true, {"a": predicted})
    found = resample_clusters(labels, np.arange(40), Resampling(200, 1))
    assert found.estimates["a"][1] == pytest.approx((38 / 39 + 1 + 0) / 3)
    assert found.scores["a"][1].max() == pytest.approx(2 / 3)  # of the draws that lack it too
    low, high = percentile_interval(found.scores["a"][1], 40)
    assert low < found.estimates["a"][1] < high


def test_seeds_and_other_classifiers() -> None:
    labels, clusters = drawn(), np.arange(120) % 12
    first, second = (resample_clusters(labels, clusters, Resampling(50, 3)) for _ in range(2))
    other = resample_clusters(labels, clusters, Resampling(50, 4))
    alone = resample_clusters(labels._replace(predicted={"b": labels.predicted["b"]}), clusters, Resampling(50, 3))
    np.testing.assert_array_equal(first.scores["b"], second.scores["b"])
    np.testing.assert_array_equal(first.scores["b"], alone.scores["b"])
    assert not np.array_equal(first.scores["b"], other.scores["b"])


def test_scipy_finds_the_interval_of_single_samples() -> None:
    labels = drawn(300)
    draws = resample_clusters(labels, np.arange(300), Resampling(4000, 1))
    right = (labels.predicted["b"] == labels.true).astype(float)
    theirs = stats.bootstrap(
        (right,), np.mean, n_resamples=4000, method="percentile", rng=np.random.default_rng(5)
    ).confidence_interval
    assert percentile_interval(draws.scores["b"][0], 300) == pytest.approx((theirs.low, theirs.high), abs=0.01)
    # The standard deviation of a share is known.
    assert draws.scores["b"][0].std() == pytest.approx((right.mean() * (1 - right.mean()) / 300) ** 0.5, rel=0.05)


def test_scipy_finds_the_interval_of_a_difference_of_clusters() -> None:
    labels, clusters = drawn(400), np.arange(400) % 40  # ten samples each
    draws = resample_clusters(labels, clusters, Resampling(4000, 1))
    right = {name: (codes == labels.true).reshape(10, 40).mean(axis=0) for name, codes in labels.predicted.items()}
    theirs = stats.bootstrap(
        (right["b"] - right["a"],), np.mean, n_resamples=4000, method="percentile", rng=np.random.default_rng(5)
    ).confidence_interval
    found = percentile_interval(draws.scores["b"][0] - draws.scores["a"][0], 40)
    assert found == pytest.approx((theirs.low, theirs.high), abs=0.01)


def test_clusters_that_are_all_right_or_all_wrong_widen_the_interval() -> None:
    true = np.zeros(200, dtype=np.intp)
    predicted = np.repeat(np.arange(20) % 2, 10)
    labels = Labels(CLASSES, true, true, {"a": predicted})
    single = percentile_interval(resample_clusters(labels, np.arange(200), Resampling(1000, 1)).scores["a"][0], 200)
    whole = percentile_interval(resample_clusters(labels, np.arange(200) // 10, Resampling(1000, 1)).scores["a"][0], 20)
    assert (whole[1] - whole[0]) / (single[1] - single[0]) == pytest.approx(10**0.5, rel=0.1)


# The table


def test_the_table_of_intervals() -> None:
    labels = drawn()
    resampled = {
        "plate": resample_clusters(labels, np.arange(120) % 12, Resampling(200, 1)),
        "compound": resample_clusters(labels, np.zeros(120, dtype=np.intp), Resampling(200, 1)),
    }
    found = interval_table(resampled)
    assert len(found) == 3 * 3 * 2
    row = found.set_index(["classifier", "metric", "cluster"]).to_dict("index")[("b", "macro_f1", "plate")]
    drawn_scores = resampled["plate"].scores["b"][1]
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(tuple(np.percentile(drawn_scores, [2.5, 97.5])))
    assert row["estimate"] == pytest.approx(plain_scores(labels.true, labels.predicted["b"])[1])
    assert row["n_clusters"] == 12
    one = found[found["cluster"] == "compound"]
    assert set(one["n_clusters"]) == {1}
    assert one[["ci_low", "ci_high"]].isna().all(axis=None)  # one cluster cannot vary
    assert one["estimate"].notna().all()


def test_the_truth_has_an_interval_of_one_point() -> None:
    labels = drawn()
    right = labels._replace(predicted={"truth": labels.true})
    table = interval_table({"plate": resample_clusters(right, np.arange(120) % 12, Resampling(100, 1))})
    assert table[["estimate", "ci_low", "ci_high"]].to_numpy() == pytest.approx(1)
