"""Classes, parts, pairs, ranks and levels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from evaluated import DATASET, MANY, MANY_SPLIT, N, many_scores

from l1000_bench.curation.folds import rotate
from l1000_bench.curation.replicates import group_replicates, signature_samples
from l1000_bench.pipelines.evaluation.benchmark_nodes import break_down, compare
from l1000_bench.pipelines.evaluation.nodes import (
    compare_levels,
    rank,
    stack,
)
from l1000_bench.pipelines.evaluation.options import EvaluationOptions
from l1000_bench.statistics.bootstrap import Resampling, cluster_codes, interval_table, resample_clusters
from l1000_bench.statistics.comparisons import compare_classifiers, size_ratios
from l1000_bench.statistics.pooled import encode
from l1000_bench.statistics.ranks import rank_classifiers


def test_pairs_are_compared_with_the_options_and_the_sizes_of_the_split() -> None:
    scores, _, pooled = many_scores()
    options = EvaluationOptions(0.05, 0.1, resamples=40, seed=6)
    is_vehicle = MANY["pert_id"] == "BRD0"
    samples = MANY.assign(
        pert_iname=MANY["pert_iname"].mask(is_vehicle, "DMSO"),
        pert_type=MANY["pert_type"].mask(is_vehicle, "ctl_vehicle"),
    )
    comparisons, intervals = compare(scores, pooled, samples, MANY_SPLIT, DATASET, options)
    labels = encode(pooled)
    named = {"plate": MANY["plate_id"], "compound": MANY["pert_id"].mask(is_vehicle, MANY["plate_id"])}
    resampled = {
        name: resample_clusters(
            labels, cluster_codes(pooled["sample_id"], MANY, pd.factorize(names)[0]), Resampling(40, 6)
        )
        for name, names in named.items()
    }
    ratios = size_ratios(MANY_SPLIT)
    assert ratios.to_numpy() == pytest.approx(1 / 3)
    pd.testing.assert_frame_equal(comparisons, compare_classifiers(scores, labels, resampled, ratios))
    pd.testing.assert_frame_equal(intervals, interval_table(resampled))
    test = scores[scores["role"] == "test"]
    means = test.groupby("classifier")[["accuracy", "macro_f1", "balanced_accuracy"]].mean()
    for row in intervals.to_dict("records"):
        assert row["estimate"] == pytest.approx(means.loc[row["classifier"], row["metric"]], abs=1e-15)
    clusters = intervals.drop_duplicates("cluster").set_index("cluster")["n_clusters"]
    assert clusters.to_dict() == {"plate": 9, "compound": 29 + 3}  # the vehicle is on three plates


def test_the_truth_is_right_everywhere() -> None:
    scores, _, pooled = many_scores()
    classes, confusions, parts = (table[table["classifier"] == "truth"] for table in break_down(pooled, MANY))
    own = scores[scores["classifier"] == "truth"]
    assert own[["accuracy", "macro_f1", "balanced_accuracy", "mcc"]].to_numpy() == pytest.approx(1)
    assert classes[["precision", "recall", "f1"]].to_numpy() == pytest.approx(1)
    assert classes.set_index("label")["support"].to_dict() == MANY["site"].value_counts().to_dict()
    assert (confusions["y_true"] == confusions["y_pred"]).all()
    assert parts[["accuracy", "macro_f1"]].to_numpy() == pytest.approx(1)
    assert parts[["column", "value", "n_samples"]].to_numpy().tolist() == [
        ["cell_id", "A375", 45],
        ["cell_id", "VCAP", 45],
    ]


def test_classifiers_are_ranked_at_the_level_of_the_options() -> None:
    named: dict[str, Any] = {"full.site": many_scores()[0], "prostate.site": many_scores()[0]}
    scores = stack(**named)
    pd.testing.assert_frame_equal(rank(scores, EvaluationOptions(0.1, 0.1)), rank_classifiers(scores, 0.1))
    assert rank(scores, EvaluationOptions(0.1, 0.1)).set_index(["metric", "classifier"])["mean_rank"].to_dict() == {
        ("accuracy", "knn"): 2, ("accuracy", "svm"): 3, ("accuracy", "truth"): 1,
        ("macro_f1", "knn"): 2, ("macro_f1", "svm"): 3, ("macro_f1", "truth"): 1,
    }  # fmt: skip


@pytest.mark.parametrize(("folds", "test"), [(np.arange(30) % 5, "paired"), (np.arange(30) // 6, "welch")])
def test_levels_are_compared_with_the_profiles_and_splits_of_their_own(folds: Any, test: str) -> None:
    groups, _ = group_replicates(MANY, np.arange(N), "made")
    signatures = signature_samples(MANY, groups, "made")
    split = rotate(signatures["sample_id"].to_numpy(dtype=object), folds, 5)
    named: dict[str, Any] = {"l4.site": many_scores()[0], "l5.site": many_scores(signatures, split)[0]}
    named["l4.moa"] = many_scores()[0].assign(accuracy=0.0, macro_f1=0.0)  # another task does not matter
    tables: dict[str, Any] = {
        "samples_low:l4.l5.site": MANY, "split_low:l4.l5.site": MANY_SPLIT,
        "samples_high:l4.l5.site": signatures, "split_high:l4.l5.site": split,
    }  # fmt: skip
    found = compare_levels(stack(**named), **tables)
    assert found[["task", "dataset_a", "dataset_b"]].drop_duplicates().to_numpy().tolist() == [["site", "l4", "l5"]]
    assert found["classifier"].tolist() == ["knn", "svm", "truth"] * 2
    assert set(found["test"]) == {test}
    means = [table[table["role"] == "test"].groupby("classifier")["accuracy"].mean() for table in named.values()]
    difference = found[found["metric"] == "accuracy"].set_index("classifier")["difference"]
    assert difference.to_dict() == pytest.approx((means[0] - means[1]).to_dict())
    truth = found[found["classifier"] == "truth"]
    assert truth[["difference", "t", "p"]].to_numpy().tolist() == [[0, 0, 1]] * 2


def test_without_two_levels_there_is_nothing_to_compare() -> None:
    named: dict[str, Any] = {"full.site": many_scores()[0]}
    found = compare_levels(stack(**named))
    assert len(found) == 0
    assert found.columns.tolist() == [
        "task", "dataset_a", "dataset_b", "classifier", "metric", "test", "n_a", "n_b", "difference", "ci_low",
        "ci_high", "t", "p", "p_adjusted",
    ]  # fmt: skip
