"""Methods from outside the grid."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from evaluated import DATASET, SAMPLES, SPLIT, TASK, predictions

from l1000_bench.curation.splits import split_digest
from l1000_bench.errors import InputError
from l1000_bench.pipelines.evaluation.benchmark_nodes import score


def submitted(**changes: Any) -> pd.DataFrame:
    table = predictions().drop(columns="y_true").assign(y_pred="lung", split_sha256=split_digest(SPLIT))
    return table.assign(**changes)


def with_submission(table: pd.DataFrame, name: str = "theirs") -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    own: dict[str, Any] = {"predictions:knn": predictions(), "predictions:svm": predictions().iloc[:0]}
    return score(SPLIT, SAMPLES, DATASET, TASK, {name: table}, **own)


def test_a_submission_is_scored_as_any_classifier() -> None:
    scores, _, pooled = with_submission(submitted())
    lung: dict[str, Any] = {"predictions:knn": predictions(), "predictions:theirs": predictions().assign(y_pred="lung")}
    expected, _, expected_pooled = score(SPLIT, SAMPLES, DATASET, TASK, {}, **lung)
    pd.testing.assert_frame_equal(scores, expected)
    pd.testing.assert_frame_equal(pooled, expected_pooled)


@pytest.mark.parametrize("name", ["knn", "svm"])
def test_a_submission_with_the_name_of_a_classifier_is_refused(name: str) -> None:
    with pytest.raises(InputError, match=rf"^full\.site: '{name}' names a submission and a classifier of the grid;"):
        with_submission(submitted(), name)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (submitted(split_sha256="0" * 64), "made on the split 000000000000…, this benchmark's is "),
        (submitted().drop(columns="split_sha256"), "no column split_sha256 names the split"),
        (submitted().iloc[1:], r"1 prediction\(s\) missing"),
        (submitted(y_pred="kidney"), "the predicted label 'kidney' is none of the 3 classes"),
    ],
)
def test_a_submission_that_does_not_follow_the_benchmark_is_refused(table: pd.DataFrame, message: str) -> None:
    with pytest.raises(InputError, match=rf"^full\.site\.theirs: .*{message}"):
        with_submission(table)


def test_only_submissions_can_be_scored_too() -> None:
    own: dict[str, Any] = {"predictions:knn": predictions().iloc[:0]}
    scores, _, _ = score(SPLIT, SAMPLES, DATASET, TASK, {"theirs": submitted()}, **own)
    assert set(scores["classifier"]) == {"theirs"}
