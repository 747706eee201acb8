from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest
from report_content import frame, made_up, score_rows, unfinished

from l1000_bench.report.tables import orders, standings, summarise_run, summarise_scores

SITE = ("Full corpus", "Primary site")


def standing_of(rows: pd.DataFrame, metric: str, task: str = "site") -> dict[str, str]:
    part = rows[(rows["metric"] == metric) & (rows["task"] == task)]
    return dict(zip(part["classifier"], part["standing"], strict=True))


def test_means_and_deviations_by_hand() -> None:
    first = summarise_scores(score_rows()).iloc[0]
    # .9 and .8: mean .85, squared deviations 2 x .05², over n - 1 = 1
    assert first["accuracy_mean"] == pytest.approx(85)
    assert first["accuracy_std"] == pytest.approx(100 * math.sqrt(0.005))
    assert first["macro_f1_mean"] == pytest.approx(70)
    assert first["macro_f1_std"] == pytest.approx(100 * math.sqrt(0.02))
    assert first["dev_accuracy_mean"] == pytest.approx(80)
    assert first["n_rotations"] == 2


def test_summary_keeps_the_order_of_the_scores() -> None:
    summary = summarise_scores(score_rows())
    assert list(summary["classifier"]) == ["knn", "linear", "majority", "knn"]
    assert list(summary["task"]) == ["site", "site", "site", "moa"]


def test_one_rotation_has_no_deviation() -> None:
    scores = score_rows()
    content = made_up(scores=scores[scores["rotation"] == 0])
    assert summarise_scores(content.scores)["accuracy_std"].isna().all()


def test_a_rotation_without_a_score_is_not_counted() -> None:
    scores = score_rows()
    scores.loc[(scores["classifier"] == "linear") & (scores["rotation"] == 1), ["accuracy", "macro_f1"]] = None
    assert summarise_scores(scores).set_index(["task", "classifier"]).loc[("site", "linear"), "n_rotations"] == 1


def test_dev_scores_alone_give_no_test_mean() -> None:
    scores = score_rows()
    summary = summarise_scores(scores[scores["role"] == "dev"])
    assert summary["accuracy_mean"].isna().all()
    assert list(summary["n_rotations"]) == [0, 0, 0, 0]


def test_standing_beside_the_best_reads_pairs_in_either_order() -> None:
    rows = standings(made_up())
    assert standing_of(rows, "accuracy") == {"knn": "best", "linear": "level", "majority": "behind"}
    assert standing_of(rows, "macro_f1") == {"knn": "best", "linear": "untested", "majority": "behind"}


def test_the_level_decides_what_is_told_apart() -> None:
    assert standing_of(standings(made_up(alpha=0.6)), "accuracy")["linear"] == "behind"
    assert standing_of(standings(made_up(alpha=0.59)), "accuracy")["linear"] == "level"


def test_what_the_paired_test_alone_tells_apart_stands_level() -> None:
    tests = made_up().comparisons.assign(p_adjusted=0.0)
    assert standing_of(standings(made_up(comparisons=tests)), "accuracy")["linear"] == "level"


def test_a_classifier_that_was_tried_but_has_no_score_is_counted_and_stands_last() -> None:
    content = made_up(settings=unfinished("apt"))  # the first by name
    assert content.classifiers == ["knn", "linear", "majority", "apt"]
    assert standing_of(standings(content), "accuracy") == {
        **{"knn": "best", "linear": "level", "majority": "behind"},
        "apt": "unscored",
    }
    assert standing_of(standings(content), "accuracy", "moa") == {"knn": "behind"}  # it was not tried there
    assert orders(content)[("full", "site")] == ["knn", "linear", "majority", "apt"]
    last = summarise_run(content).query("classifier == 'apt'")
    assert last["n_rotations"].tolist() == [0]
    assert last["accuracy_mean"].isna().all()


def test_a_classifier_that_stepped_aside_stands_so_unless_its_predictions_are_there() -> None:
    settings = unfinished("apt").assign(aside="too many profiles")
    content = made_up(settings=settings)
    assert standing_of(standings(content), "accuracy")["apt"] == "aside"
    assert standing_of(standings(content), "accuracy")["knn"] == "best"  # it has scores
    assert standing_of(standings(made_up(settings=settings.assign(task="moa"))), "accuracy", "moa") == {
        **{"knn": "behind", "apt": "aside"}
    }


def test_without_any_dev_score_the_test_means_are_the_same() -> None:
    scores = score_rows()
    whole, alone = summarise_scores(scores), summarise_scores(scores[scores["role"] == "test"])
    assert alone["dev_accuracy_mean"].isna().all()
    pd.testing.assert_frame_equal(alone.drop(columns="dev_accuracy_mean"), whole.drop(columns="dev_accuracy_mean"))


def test_further_metrics_are_means_in_their_own_units() -> None:
    first = summarise_scores(score_rows()).iloc[0]
    assert first[["balanced_accuracy_mean", "mcc_mean", "log_loss_mean", "calibration_error_mean"]].tolist() == [
        *(50.0, 0.25, 0.75, 12.5)
    ]
    assert math.isnan(first["top3_accuracy_mean"])


def test_equal_means_are_best_together() -> None:
    scores = score_rows()
    scores.loc[scores["classifier"] == "linear", "accuracy"] = 0.85
    assert standing_of(standings(made_up(scores=scores)), "accuracy") == {
        "knn": "best",
        "linear": "best",
        "majority": "behind",
    }


def test_a_single_classifier_is_not_called_the_best() -> None:
    assert standing_of(standings(made_up()), "accuracy", "moa") == {"knn": "behind"}


@pytest.mark.parametrize(
    "builder", [summarise_scores, lambda scores: standings(made_up(scores=scores, settings=frame("settings", [])))]
)
def test_no_scores_give_an_empty_table(builder: Any) -> None:
    assert len(builder(frame("scores", []))) == 0
