"""Scores of prediction tables, and tables that do not follow the benchmark."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from evaluated import DATASET, SAMPLES, SITES, SPLIT, TASK, predictions, scored

from l1000_bench.errors import InputError
from l1000_bench.pipelines.evaluation.benchmark_nodes import score


def test_predictions_are_scored_per_rotation_and_role() -> None:
    found = scored(predictions()).set_index(["rotation", "role"])
    assert (found["classifier"] == "knn").all()
    assert (found["n_samples"] == 2).all()
    # held out: 0 dev a d, 0 test b e, 1 dev b e, 1 test a f; one of the two is prostate each time
    assert found["accuracy"].tolist() == [0.5] * 4
    # prostate has precision 1/2 and recall 1, so F1 2/3; the other class has 0
    assert found["macro_f1"].to_numpy() == pytest.approx(1 / 3)


def test_true_and_wrong_predictions_are_told_apart_by_classifier() -> None:
    table = predictions()
    right = table.assign(y_pred=table["y_true"])
    wrong = table.assign(y_pred=np.where(table["y_true"] == "skin", "lung", "skin"))
    tables: dict[str, Any] = {"predictions:split": right, "predictions:samples": wrong}
    scores, reliability, pooled = score(SPLIT, SAMPLES, DATASET, TASK, {}, **tables)
    assert scores.loc[scores["classifier"] == "split", "accuracy"].tolist() == [1] * 4
    assert scores.loc[scores["classifier"] == "samples", "accuracy"].tolist() == [0] * 4
    assert len(reliability) == 0  # there are no probabilities
    assert pooled.astype("object").to_dict("list") == {
        "rotation": [0, 0, 1, 1], "sample_id": ["b", "e", "a", "f"],
        "y_true": ["prostate", "lung", "prostate", "skin"],
        "predicted:split": ["prostate", "lung", "prostate", "skin"],
        "predicted:samples": ["skin", "skin", "skin", "lung"],
    }  # fmt: skip


def test_a_classifier_without_a_complete_trial_is_left_out() -> None:
    tables: dict[str, Any] = {"predictions:knn": predictions(), "predictions:svm": predictions().iloc[:0]}
    scores, _, pooled = score(SPLIT, SAMPLES, DATASET, TASK, {}, **tables)
    assert set(scores["classifier"]) == {"knn"}
    assert pooled.columns.tolist()[3:] == ["predicted:knn"]


def test_probabilities_are_scored_and_their_reliability_is_kept() -> None:
    table = predictions()
    sites = ["lung", "prostate", "skin"]
    given = table.assign(**{f"probability:{site}": [0.25, 0.5, 0.25][i] for i, site in enumerate(sites)})
    tables: dict[str, Any] = {"predictions:knn": given, "predictions:svm": table}
    scores, reliability, _ = score(SPLIT, SAMPLES, DATASET, TASK, {}, **tables)
    knn, svm = (scores[scores["classifier"] == name] for name in ("knn", "svm"))
    assert svm["log_loss"].isna().all()
    # One of two is of the prostate each time.
    assert knn["log_loss"].to_numpy() == pytest.approx((np.log(2) + np.log(4)) / 2)
    assert knn["calibration_error"].to_numpy() == pytest.approx(0)
    assert reliability.to_dict("records") == [
        {
            "classifier": "knn",
            "bin": 7,
            "low": 7 / 15,
            "high": 8 / 15,
            "n_samples": 4,
            "confidence": 0.5,
            "accuracy": 0.5,
        }
    ]


@pytest.mark.parametrize("row", [0, 3, 7])
def test_predictions_that_miss_a_sample_are_refused(row: int) -> None:
    table = predictions()
    rotation, sample_id, role = table.loc[row, ["rotation", "sample_id", "role"]]
    message = rf"full\.site\.knn: 1 prediction\(s\) missing: rotation {rotation}, {sample_id}, {role}\."
    with pytest.raises(InputError, match=message):
        scored(table.drop(index=row))


def test_predictions_of_a_training_sample_are_refused() -> None:
    table = predictions()
    extra = table.iloc[[0]].assign(sample_id="c", y_true="prostate")
    with pytest.raises(InputError, match=r"full\.site\.knn: 1 prediction\(s\) not held out there: rotation 0, c, dev"):
        scored(pd.concat([table, extra], ignore_index=True))


def test_a_changed_true_label_is_refused() -> None:
    table = predictions()
    table.loc[1, "y_true"] = "skin"  # sample b or d of the first rotation
    expected = SITES[table.loc[1, "sample_id"]]
    with pytest.raises(
        InputError, match=rf"full\.site\.knn: 1 prediction\(s\) have another .* with 'skin' for '{expected}'"
    ):
        scored(table)


def test_a_predicted_label_that_is_no_class_is_refused() -> None:
    table = predictions()
    table.loc[2, "y_pred"] = "kidney"
    with pytest.raises(InputError, match=r"full\.site\.knn: the predicted label 'kidney' is none of the 3 classes"):
        scored(table)
