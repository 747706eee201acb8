from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from l1000_bench.statistics.bootstrap import Resampled, Resampling, resample_clusters
from l1000_bench.statistics.comparisons import compare_classifiers, size_ratios
from l1000_bench.statistics.metrics import score_predictions
from l1000_bench.statistics.pooled import Labels
from l1000_bench.statistics.tests import corrected_t

COLUMNS = (
    "metric classifier_a classifier_b n_rotations difference ci_low ci_high t p p_adjusted corrected_ci_low "
    "corrected_ci_high corrected_t corrected_p corrected_p_adjusted wilcoxon_p wilcoxon_p_adjusted only_a only_b "
    "mcnemar_p mcnemar_p_adjusted plate_ci_low plate_ci_high compound_ci_low compound_ci_high effect_size"
).split()
ADJUSTED = ("p", "corrected_p", "wilcoxon_p", "mcnemar_p")
CLASSES = np.array(["x", "y", "z"], dtype=object)
N, FOLDS = 240, 6
SKILLS = {"linear": 0.3, "knn": 0.5, "ffann": 0.55}
FOLD = np.arange(N) % FOLDS
RATIOS = pd.Series(1 / 4, index=range(FOLDS))


def labels(seed: int = 3) -> Labels:
    rng = np.random.default_rng(seed)
    true = rng.integers(0, 3, N)
    predicted = {name: np.where(rng.uniform(size=N) < p, true, rng.integers(0, 3, N)) for name, p in SKILLS.items()}
    return Labels(CLASSES, FOLD, true, predicted)


def scores_of(found: Labels) -> pd.DataFrame:
    """Test scores per fold, and dev scores that must not matter."""
    tables = []
    for name, predicted in found.predicted.items():
        own = pd.DataFrame({"y_true": CLASSES[found.true], "y_pred": CLASSES[predicted], "rotation": FOLD})
        both = pd.concat([own.assign(role="test"), own.assign(role="dev", y_pred="x")])
        tables.append(score_predictions(both).assign(classifier=name))
    return pd.concat(tables, ignore_index=True)


def resampled_of(found: Labels) -> dict[str, Resampled]:
    plates, compounds = np.arange(N) // 20, np.random.default_rng(1).integers(0, 30, N)
    return {
        "plate": resample_clusters(found, plates, Resampling(100, 1)),
        "compound": resample_clusters(found, compounds, Resampling(100, 1)),
    }


def compared(found: Labels, scores: pd.DataFrame | None = None, ratios: pd.Series = RATIOS) -> pd.DataFrame:
    return compare_classifiers(scores_of(found) if scores is None else scores, found, resampled_of(found), ratios)


def test_every_pair_is_compared_in_the_order_of_the_classifiers() -> None:
    found, scores = compared(labels()), scores_of(labels())
    pairs = [("linear", "knn"), ("linear", "ffann"), ("knn", "ffann")]
    assert found.columns.tolist() == COLUMNS
    assert list(zip(found["classifier_a"], found["classifier_b"], strict=True)) == pairs * 2
    assert found["metric"].tolist() == ["accuracy"] * 3 + ["macro_f1"] * 3
    assert found["n_rotations"].tolist() == [FOLDS] * 6
    test = scores[scores["role"] == "test"].set_index("classifier")
    for row in found.to_dict("records"):
        a, b = (test.loc[name, row["metric"]].to_numpy() for name in (row["classifier_a"], row["classifier_b"]))
        theirs = stats.ttest_rel(a, b)
        assert (row["difference"], row["t"], row["p"]) == pytest.approx(
            (a.mean() - b.mean(), theirs.statistic, theirs.pvalue)
        )
        error = ((1 / FOLDS + 1 / 4) * (a - b).var(ddof=1)) ** 0.5
        assert row["corrected_t"] == pytest.approx(row["difference"] / error)
        assert (row["corrected_ci_low"], row["corrected_ci_high"]) == pytest.approx(
            stats.t.interval(0.95, FOLDS - 1, row["difference"], error)
        )
        assert row["wilcoxon_p"] == pytest.approx(stats.wilcoxon((a - b).round(12)).pvalue)
        assert row["effect_size"] == pytest.approx((a - b).mean() / (a - b).std(ddof=1))


def test_every_test_is_adjusted_per_metric_by_itself() -> None:
    found = compared(labels())
    for name in ADJUSTED:
        for metric, own in found.groupby("metric"):
            if name == "mcnemar_p" and metric == "macro_f1":
                assert own[[name, f"{name}_adjusted"]].isna().all(axis=None)
                continue
            expected = multipletests(own[name], method="fdr_bh")[1]
            assert own[f"{name}_adjusted"].tolist() == pytest.approx(expected.tolist())
    together = multipletests(found["p"], method="fdr_bh")[1]
    assert found["p_adjusted"].tolist() != pytest.approx(together.tolist())


def test_samples_are_compared_pair_by_pair() -> None:
    made, found = labels(), compared(labels())
    for row in found[found["metric"] == "accuracy"].to_dict("records"):
        a, b = (made.predicted[name] == made.true for name in (row["classifier_a"], row["classifier_b"]))
        assert (row["only_a"], row["only_b"]) == ((a & ~b).sum(), (b & ~a).sum())
        # Folds are of one size, so the mean difference is that of all samples together.
        assert (row["only_a"] - row["only_b"]) / N == pytest.approx(row["difference"])
    assert found.loc[found["metric"] == "macro_f1", ["only_a", "only_b"]].isna().all(axis=None)


def test_intervals_are_percentiles_of_differences_on_the_same_resamples() -> None:
    draws, found = resampled_of(labels()), compared(labels())
    for row in found.to_dict("records"):
        metric = ["accuracy", "macro_f1"].index(row["metric"])
        for cluster, low, high in (
            ("plate", row["plate_ci_low"], row["plate_ci_high"]),
            ("compound", row["compound_ci_low"], row["compound_ci_high"]),
        ):
            own = draws[cluster].scores
            difference = own[row["classifier_a"]][metric] - own[row["classifier_b"]][metric]
            estimates = (draws[cluster].estimates[name][metric] for name in (row["classifier_a"], row["classifier_b"]))
            assert row["difference"] == pytest.approx(float(np.subtract(*estimates)), abs=1e-15)
            assert low < row["difference"] < high
            assert (low, high) == pytest.approx(tuple(np.percentile(difference, [2.5, 97.5])))


def test_rows_in_any_order_are_paired_by_rotation() -> None:
    scores = scores_of(labels())
    shuffled = compared(labels(), scores.sample(frac=1, random_state=2)).set_index(
        ["metric", "classifier_a", "classifier_b"]
    )
    for row in compared(labels()).to_dict("records"):
        names = row["classifier_a"], row["classifier_b"]
        turned = (row["metric"], *names) not in shuffled.index
        other = shuffled.loc[(row["metric"], *(reversed(names) if turned else names))]
        assert other["corrected_t"] * (-1 if turned else 1) == pytest.approx(row["corrected_t"])
        assert other["p"] == pytest.approx(row["p"])


def test_the_corrected_test_takes_the_mean_ratio_of_the_rotations() -> None:
    scores = scores_of(labels())
    found = compared(labels(), scores, pd.Series([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], index=range(FOLDS)))
    test = scores[scores["role"] == "test"].pivot(index="rotation", columns="classifier", values="accuracy")
    expected = corrected_t(test["linear"].to_numpy(), test["knn"].to_numpy(), 0.35)
    assert found["corrected_p"][0] == pytest.approx(expected["p"])


@pytest.mark.parametrize("predicted", [{"knn": labels().predicted["knn"]}, {}])
def test_fewer_than_two_classifiers_make_an_empty_table(
    predicted: dict[str, np.ndarray[tuple[int], np.dtype[np.intp]]],
) -> None:
    scores = scores_of(labels())
    found = compared(labels()._replace(predicted=predicted), scores[scores["classifier"].isin(list(predicted))])
    assert len(found) == 0
    assert found.columns.tolist() == COLUMNS
    assert found.dtypes.astype(str).tolist() == ["str"] * 3 + ["int64"] + ["float64"] * 22


def test_one_rotation_leaves_the_tests_over_rotations_open() -> None:
    scores = scores_of(labels())
    found = compared(labels(), scores[scores["rotation"] == 0])
    assert found["n_rotations"].tolist() == [1] * 6
    assert found["difference"].notna().all()
    open_columns = [name for name in COLUMNS[5:17]] + ["effect_size"]
    assert found[open_columns].isna().all(axis=None)
    assert found.loc[found["metric"] == "accuracy", "mcnemar_p"].notna().all()


def test_equal_classifiers_do_not_differ() -> None:
    made = labels()
    found = compared(made._replace(predicted={"a": made.true, "b": made.true}))
    assert found[["difference", "t", "corrected_t", "plate_ci_low", "plate_ci_high"]].to_numpy() == pytest.approx(0)
    assert found[["p", "corrected_p", "wilcoxon_p"]].to_numpy() == pytest.approx(1)
    assert found[["only_a", "only_b", "mcnemar_p"]].to_numpy()[0].tolist() == [0, 0, 1]
    assert found["effect_size"].isna().all()


def test_sizes_of_test_and_train_come_from_the_split() -> None:
    roles = ["train"] * 6 + ["test"] * 2 + ["dev"] * 2 + ["unused"] * 3
    other = ["train"] * 5 + ["test"] * 3 + ["dev"] * 2 + ["unused"] * 3
    split = pd.DataFrame({"rotation": [0] * 13 + [1] * 13, "role": pd.Categorical(roles + other)})
    assert size_ratios(split).to_dict() == pytest.approx({0: 2 / 6, 1: 3 / 5})


def test_sizes_are_those_of_every_rotation_without_a_dev_part_too() -> None:
    # Three subjects of 2, 3 and 5 samples, each tested once; one more sample is always trained on.
    rows = [
        (rotation, "test" if number == rotation else "train")
        for rotation in range(3)
        for number, size in enumerate((2, 3, 5, 1))
        for _ in range(size)
    ]
    split = pd.DataFrame(rows, columns=["rotation", "role"])
    assert size_ratios(split).to_dict() == pytest.approx({0: 2 / 9, 1: 3 / 8, 2: 5 / 6})
