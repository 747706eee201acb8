from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, f1_score

from l1000_bench.curation.schemes import stratified
from l1000_bench.curation.spec import TaskSpec
from l1000_bench.curation.splits import SplitRequest, split_digest
from l1000_bench.errors import InputError
from l1000_bench.io.submission_spec import Submission
from l1000_bench.pipelines.submission.nodes import ask, submit

TASK = TaskSpec("site", "site", "Primary site", "stratified")
N = 60
_rng = np.random.default_rng(5)
SAMPLES = pd.DataFrame(
    {
        "sample_id": [f"s{number:02d}" for number in range(N)],
        "cell_id": _rng.choice(["A375", "VCAP"], N),
        "site": _rng.choice(["lung", "skin", "liver"], N),
    }
).astype("str")
SPLIT = stratified(SplitRequest(SAMPLES, "site", ["cell_id"], "full.site"), n_folds=4, seed=1)
OTHERS = pd.DataFrame(
    {"classifier": ["knn", "knn", "linear", "mine"], "rotation": 0, "role": ["test", "dev", "test", "test"]}
).assign(accuracy=[1.0, 0.0, 0.1, 0.999], macro_f1=0.5)


@pytest.fixture
def table() -> pd.DataFrame:
    held_out = SPLIT[SPLIT["role"].isin(["dev", "test"])].astype({"sample_id": "str", "role": "str"})
    guesses = np.random.default_rng(6).choice(["lung", "skin", "liver"], len(held_out))
    return held_out.assign(y_pred=guesses, split_sha256=split_digest(SPLIT)).reset_index(drop=True)


def handed_in(folder: Path, table: pd.DataFrame, scores: pd.DataFrame | None) -> dict[str, pd.DataFrame]:
    table.to_csv(folder / "mine.csv", index=False)
    return submit(Submission(str(folder / "mine.csv"), "mine", "full", "site"), TASK, SPLIT, SAMPLES, scores)


def test_the_scores_are_those_of_scikit_learn_and_decide_the_place(
    tmp_path: Path, table: pd.DataFrame, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        stored = handed_in(tmp_path, table, OTHERS)
    pd.testing.assert_frame_equal(stored["mine"], table[stored["mine"].columns], check_dtype=False)
    truth = SAMPLES.set_index("sample_id")["site"]
    told = {}
    for role in ("dev", "test"):
        folds = [
            (truth[rows["sample_id"]].tolist(), rows["y_pred"].tolist())
            for _, rows in table[table["role"] == role].groupby("rotation")
        ]
        told[role] = 100 * np.mean([accuracy_score(*fold) for fold in folds])
        macro_f1 = 100 * np.mean([f1_score(*fold, average="macro") for fold in folds])
        assert f"{role} accuracy {told[role]:.1f} %, macro-F1 {macro_f1:.1f} %" in caplog.text
    assert 10 < told["test"] < 100
    # An older score of its own name does not count, nor a dev score.
    place = "place 2 of 3 by test accuracy, the others as last evaluated, in percent"
    assert f"{place}: knn 100.0, mine {told['test']:.1f}, linear 10.0" in caplog.text


def test_without_an_evaluation_there_is_no_place(
    tmp_path: Path, table: pd.DataFrame, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        handed_in(tmp_path, table, None)
    assert "full.site.mine: no other classifier was evaluated yet" in caplog.text


def test_the_true_labels_score_one_hundred(
    tmp_path: Path, table: pd.DataFrame, caplog: pytest.LogCaptureFixture
) -> None:
    truth = SAMPLES.set_index("sample_id")["site"]
    with caplog.at_level(logging.INFO):
        handed_in(tmp_path, table.assign(y_pred=truth[table["sample_id"]].to_numpy(dtype=object)), None)
    assert "dev accuracy 100.0 %, macro-F1 100.0 %; test accuracy 100.0 %, macro-F1 100.0 %" in caplog.text


def test_a_submission_that_does_not_follow_the_split_is_refused(tmp_path: Path, table: pd.DataFrame) -> None:
    with pytest.raises(InputError, match=r"full\.site\.mine: 7 prediction\(s\) missing: .*; .*; .*; .*; "):
        handed_in(tmp_path, table.iloc[7:], None)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"split_sha256": "1" * 64}, r"full\.site\.mine: .*the split 1+"),
        ({"rotation": 0}, r"prediction\(s\) missing"),
        ({"y_pred": "heart"}, r"full\.site\.mine: .*'heart'.* 3 classes"),
        ({"probability:heart": 1.0}, r"full\.site\.mine: .*heart"),
    ],
)
def test_what_does_not_fit_the_benchmark_is_refused(
    tmp_path: Path, table: pd.DataFrame, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        handed_in(tmp_path, table.assign(**changes), None)


def test_a_sample_predicted_where_it_trains_is_refused(tmp_path: Path, table: pd.DataFrame) -> None:
    trained = SPLIT[(SPLIT["role"] == "train") & (SPLIT["rotation"] == 2)].iloc[:1]
    swapped = table.assign(sample_id=table["sample_id"].astype("object"))
    first = swapped.index[(swapped["rotation"] == 2) & (swapped["role"] == "test")][0]
    swapped.loc[first, "sample_id"] = trained["sample_id"].item()
    with pytest.raises(InputError, match=r"full\.site\.mine: 1 prediction\(s\) missing: rotation 2"):
        handed_in(tmp_path, swapped, None)
    with pytest.raises(
        InputError, match=rf"1 prediction\(s\) not held out there: rotation 2, {trained['sample_id'].item()}, test"
    ):
        handed_in(tmp_path, pd.concat([table, swapped.loc[[first]]]), None)


def test_a_submission_of_nothing_asks_for_one() -> None:
    with pytest.raises(
        InputError, match=r"names no file, name, dataset, task; hand in with --params=submission\.file="
    ):
        ask(dict.fromkeys(("file", "name", "dataset", "task")))
