"""Evaluation of splits without dev, of one rotation, with classes that no training part holds or that fell out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from evaluated_splits import (
    DATASET,
    RUN,
    SAMPLES,
    SPLITS,
    TASKS,
    WHY,
    page_text,
    predicted,
    run_tables,
    stored_profiles,
)

from l1000_bench.errors import InputError
from l1000_bench.pipelines.evaluation.benchmark_nodes import break_down, score
from l1000_bench.report.figures import accuracy_figure
from l1000_bench.schemas import PREDICTIONS


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    return run_tables(stored_profiles(tmp_path_factory.mktemp("profiles") / "p"))


@pytest.fixture(scope="module")
def page(tables: dict[str, pd.DataFrame]) -> str:
    return page_text(tables)


def scored(tables: dict[str, pd.DataFrame], task: str) -> dict[str, int]:
    """Rows of scores of a benchmark by role."""
    own = tables["scores"][tables["scores"]["task"] == task]
    return {str(role): int(n) for role, n in own["role"].value_counts().items()}


def test_scores_are_there_for_the_roles_and_classifiers_that_a_benchmark_has(tables: dict[str, pd.DataFrame]) -> None:
    assert scored(tables, "site") == {"dev": 4 * 4, "test": 4 * 4}
    assert scored(tables, "unseen") == {"test": 3 * 3}  # the network stepped aside
    assert scored(tables, "transfer") == {"test": 2}
    one = tables["scores"].query("task == 'transfer' and classifier == 'knn'").iloc[0]
    table = predicted("transfer", "knn")
    assert one["accuracy"] == pytest.approx((table["y_true"] == table["y_pred"]).mean())


def test_the_split_is_described_with_the_datasets_own_parameters(tables: dict[str, pd.DataFrame]) -> None:
    rows = tables["splits"].set_index("task").drop(columns=["dataset", "scheme", "sha256"])
    assert rows.loc["site"].to_dict() == {
        "parameters": "n_folds 4, seed 1, small_classes keep", "n_rotations": 4, "n_samples": 62, "n_unused": 1,
        "n_untested": 0, "n_trained": 30, "n_tested": 61, "n_unseen": 1, "n_one_class": 0, "has_dev": True,
        "left_out": "",
    }  # fmt: skip
    # d0 is trained on alone, and the rare one is of d1, which is tested while the others train.
    assert rows.loc["unseen"].to_dict() == {
        "parameters": "exclude [d0]", "n_rotations": 3, "n_samples": 62, "n_unused": 1, "n_untested": 15,
        "n_trained": 46, "n_tested": 46, "n_unseen": 1, "n_one_class": 0, "has_dev": False, "left_out": "",
    }  # fmt: skip
    assert rows.loc["transfer"].drop("parameters").to_dict() == {
        "n_rotations": 1, "n_samples": 62, "n_unused": 32, "n_untested": 15, "n_trained": 15, "n_tested": 15,
        "n_unseen": 0, "n_one_class": 0, "has_dev": False, "left_out": "rare",
    }  # fmt: skip


def test_a_benchmark_is_counted_over_the_samples_that_its_split_uses(tables: dict[str, pd.DataFrame]) -> None:
    columns = ["task", "n_samples", "n_classes", "least_frequent_class", "least_frequent_class_count"]
    assert tables["table_one"][columns].to_numpy().tolist() == [
        ["site", 61, 4, "rare", 1],
        ["unseen", 61, 4, "rare", 1],
        ["transfer", 30, 3, "lung", 10],
    ]
    counts = tables["class_counts"].query("task == 'transfer'")
    assert dict(zip(counts["label"], counts["n_samples"], strict=True)) == {"lung": 10, "prostate": 10, "skin": 10}


def test_settings_without_a_dev_part_have_no_dev_accuracy(tables: dict[str, pd.DataFrame]) -> None:
    settings = tables["settings"]
    has_dev = settings["task"] == "site"
    assert settings.loc[has_dev, "dev_accuracy_mean"].notna().all()
    nothing = settings.loc[~has_dev, ["dev_accuracy_mean", "per_rotation_test_accuracy_mean", "difference"]]
    assert nothing.isna().all(axis=None)
    aside = settings[settings["aside"].notna()]
    assert aside[["task", "classifier", "aside", "n_failed", "n_stopped"]].to_numpy().tolist() == [
        ["unseen", "network", WHY, 0, 0]
    ]
    assert len(tables["costs"]) == 4 + 3 + 2


def test_pairs_are_tested_as_far_as_rotations_allow(tables: dict[str, pd.DataFrame]) -> None:
    tests = tables["comparisons"].query("metric == 'accuracy'").set_index("task")
    assert tests["n_rotations"].to_dict() == {"site": 4, "unseen": 3, "transfer": 1}
    assert [len(tests.loc[[task]]) for task in SPLITS] == [6, 3, 1]
    assert tests.loc[["unseen"], "corrected_p"].notna().all()
    assert tests.loc[["transfer"], ["p", "corrected_p", "wilcoxon_p"]].isna().all(axis=None)
    assert tests.loc[["transfer"], ["mcnemar_p", "plate_ci_low"]].notna().all(axis=None)
    assert tables["intervals"].groupby("task", sort=False)["ci_low"].count().to_dict() == {
        "site": 24, "unseen": 18, "transfer": 12,
    }  # fmt: skip


def test_those_with_a_score_on_every_benchmark_are_ranked(tables: dict[str, pd.DataFrame]) -> None:
    assert sorted(set(tables["ranks"]["classifier"])) == ["knn", "majority"]


def test_every_benchmark_draws_the_classifiers_that_it_has(tables: dict[str, pd.DataFrame]) -> None:
    bars = accuracy_figure(tables["scores"], RUN.names).data
    assert [len(trace.x) for trace in bars] == [4, 3, 2]
    knn = [trace.marker.color[0] for trace in bars]  # the best everywhere, in one colour
    assert len(set(knn)) == 1


@pytest.mark.parametrize(
    "said",
    [
        "Folds: Folds are per profile.",
        "Split: One out exclude [d0]",
        "Grid 3 benchmarks × 4 classifiers, 10 of 12 pairs",
        f"Stepped aside: network ({WHY}).",
        "Tested with the subject d1 unseen in training.",
        "The highest mean accuracy is that of KNN (100.0 % in one rotation). It was not tested against majority.",
        "with 3 or 4 rotations its p cannot fall below 0.2500 or 0.1250, so it cannot reach 0.05.",
        "Without a score on every benchmark, and so without a rank: linear and network.",
        "With subjects unseen in training, accuracy falls by",
        "With the subject d1 unseen in training, accuracy of KNN rises by",
        "It has 4 classes and 46 test samples, Primary site 4 and 61: part of the difference is that of the tasks",
        "In a rotation 46 samples train here on average and 30 there, so that any drop may be understated.",
        "In a rotation 15 samples train here on average and 30 there, so that a part of any drop may come from that.",
        "Without a score on both: linear and network.",
        "1 of 46 test samples (2.2 %) is of a class that the training part lacks",
        "1: rare",
        "Full corpus, Primary site, unseen subject Classifier KNN linear majority",  # a menu
    ],
)
def test_the_report_says_so(page: str, said: str) -> None:
    assert said in page


def test_probabilities_are_over_all_classes_though_one_fell_out() -> None:
    table = predicted("transfer", "knn")
    given = {"lung": 0.5, "prostate": 0.25, "rare": 0.0, "skin": 0.25}
    table = table.assign(y_pred="lung", **{f"probability:{name}": np.float32(p) for name, p in given.items()})
    own: dict[str, Any] = {"predictions:knn": PREDICTIONS.validate(table)}
    scores, reliability, pooled = score(SPLITS["transfer"], SAMPLES, DATASET, TASKS["transfer"], {}, **own)
    # A third each of the three classes: -ln of 1/2, 1/4 and 1/4.
    assert scores["log_loss"].tolist() == pytest.approx([(np.log(2) + 2 * np.log(4)) / 3])
    assert reliability["confidence"].tolist() == [0.5]
    assert break_down(pooled, SAMPLES)[0]["label"].tolist() == ["lung", "prostate", "skin"]


def test_predictions_of_a_role_that_the_split_lacks_are_refused() -> None:
    own: dict[str, Any] = {"predictions:knn": predicted("unseen", "knn").assign(role="dev")}
    with pytest.raises(InputError, match=r"^full\.unseen\.knn: 46 prediction\(s\) missing: rotation 0, "):
        score(SPLITS["unseen"], SAMPLES, DATASET, TASKS["unseen"], {}, **own)
