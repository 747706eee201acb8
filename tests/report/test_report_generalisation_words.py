"""What is said of a pair of benchmarks, and of all pairs."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from generalising import GENERALISATION, comparisons_of, first, generalising, part_of, with_unseen
from report_content import MALICIOUS, frame

from l1000_bench.report.drawings import draw
from l1000_bench.report.generalisation import pairs_of
from l1000_bench.report.generalisation_parts import introduction


def test_what_is_said_follows_the_numbers() -> None:
    # The drops but the baseline's: 20, 60 and 44.
    part = part_of(generalising())
    assert part.finding.first.replace("\u00a0", " ") == (
        "With compounds unseen in training, accuracy falls by 20.0 to 60.0 % of the per-sample one (median 44.0 %)."
    )
    assert part.finding.then == (
        "The order changes: 1 of 3 pairs of classifiers swaps places; told apart in both benchmarks by the corrected "
        "test: Linear passes KNN. No better there than always predicting the most frequent class, by mean accuracy: "
        f"{MALICIOUS}."
    )
    assert part.caveats.replace("\u00a0", " ") == (
        "3 of 100 test samples (3.0 %) are of a class that the training part lacks, so that every classifier is wrong "
        "there. In 1 of 2 rotations all test samples are of one class, so that always guessing that class scores 100 % "
        "there: a mean over rotations says little. Both benchmarks have 11 classes and 100 test samples. In a "
        "rotation 50 samples train here on average "
        "and 48 there. 7 samples are trained on and never tested. It has no dev part: every classifier has one "
        "setting, and where that was chosen on another task, samples that are tested here may have had a part in the "
        "choice. Without a score on both: tree."
    )


def test_a_search_on_one_side_alone_is_told() -> None:
    given = generalising().settings
    rows = [("control", "knn", 5, '{"k": 3}'), ("unseen", "knn", 1, '{"k": 9}'), ("unseen", "linear", 1, "{}")]

    def caveats(*rows: tuple[str, str, int, str]) -> str:
        settings = pd.DataFrame(rows, columns=["task", "classifier", "n_trials", "params"])
        settings = settings.assign(dataset="full").reindex(columns=given.columns)
        return part_of(generalising(settings=settings)).caveats

    assert (
        "Settings were searched on Full corpus, Mechanism, the same profiles alone, and are others here and there for "
        "KNN: a part of the difference may come from that."
    ) in caveats(*rows)
    same = [*rows[:1], ("unseen", "knn", 1, '{"k": 3}')]
    both = [("control", "knn", 5, '{"k": 3}'), ("unseen", "knn", 5, '{"k": 9}')]
    neither = [("control", "knn", 1, '{"k": 3}'), ("unseen", "knn", 1, '{"k": 9}')]
    for others in (same, both, neither):
        assert "were searched" not in caveats(*others)


def test_another_size_is_part_of_the_difference() -> None:
    caveats = part_of(generalising(("moa", "unseen"))).caveats
    assert (
        "It has 11 classes and 100 test samples, Mechanism 12 and 120: part of the difference is that of the tasks, "
        "not of what is unseen."
    ) in caveats
    assert "Both benchmarks have" not in caveats


@pytest.mark.parametrize(
    ("here", "there", "said"),
    [
        (
            1180,
            1279,
            "1,180 samples train here on average and 1,279 there, so that a part of any drop may come from that.",
        ),
        (1279, 1180, "1,279 samples train here on average and 1,180 there, so that any drop may be understated."),
        (95, 100, "95 samples train here on average and 100 there."),  # 5 % is of a size
        (94, 100, "94 samples train here on average and 100 there, so that a part of any drop may come from that."),
        (100, 94, "100 samples train here on average and 94 there, so that any drop may be understated."),
        (1, 2, "1 sample trains here on average and 2 there, so that a part of any drop may come from that."),
    ],
)
def test_training_parts_of_another_size_are_told_with_what_they_mean(here: int, there: int, said: str) -> None:
    splits = generalising().splits
    trained = splits["task"].map({"unseen": here, "control": there, "moa": 7})
    caveats = part_of(generalising(splits=splits.assign(n_trained=trained))).caveats
    assert f"Both benchmarks have 11 classes and 100 test samples. In a rotation {said} 7 samples are" in caveats


def test_swaps_that_one_side_does_not_tell_apart_may_be_chance() -> None:
    then = part_of(generalising(("moa", "unseen"))).finding.then
    assert (
        "The order changes: 1 of 3 pairs of classifiers swaps places, which may be chance: none of these is told apart "
        "in both benchmarks."
    ) in then


def test_swaps_that_cannot_be_tested_may_be_chance() -> None:
    one = generalising().comparisons.query("task == 'control'")
    untested = pd.concat([one, comparisons_of("unseen", float("nan"))])
    for comparisons in (one, untested):
        assert (
            "which may be chance: one of the two benchmarks allows no test."
            in part_of(generalising(comparisons=comparisons)).finding.then
        )


def test_an_order_that_stays_is_said_to_stay() -> None:
    content = with_unseen({"majority": 0.2, "knn": 0.5, "linear": 0.4, "ffann": 0.4})
    assert part_of(content).finding.then == "The order of the classifiers by mean accuracy stays the same."


@pytest.mark.parametrize(
    ("means", "said"),
    [
        # The control has 0.9, 0.6 and 0.5; 0.99 is a tenth more, 0.9 the half more.
        ({"knn": 0.99, "linear": 0.9}, "accuracy rises by 10.0 to 50.0 % of the per-sample one (median 30.0 %)."),
        ({"knn": 0.99, "linear": 0.3}, "accuracy changes by −50.0 to +10.0 % of the per-sample one (median −20.0 %)."),
        ({"knn": 0.9, "linear": 0.3}, "accuracy falls by 0.0 to 50.0 % of the per-sample one (median 25.0 %)."),
        ({"knn": 0.45, "linear": 0.3}, "accuracy falls by 50.0 % of the per-sample one (median 50.0 %)."),
        ({"linear": 0.3}, "accuracy of Linear falls by 50.0 % of the per-sample one."),
        ({"majority": 0.3}, "No classifier but the baseline has a score on both."),
    ],
)
def test_rises_and_falls_are_told_apart(means: dict[str, float], said: str) -> None:
    assert first(with_unseen(means)).endswith(said)


def test_one_classifier_has_no_order() -> None:
    assert part_of(with_unseen({"linear": 0.3})).finding.then == ""


def test_without_the_baseline_nothing_is_said_of_it() -> None:
    content = with_unseen({"knn": 0.1, "linear": 0.05})
    assert "No better there" not in part_of(content).finding.then


def test_against_what_is_unseen_too_the_task_is_named() -> None:
    both = GENERALISATION | {"control": {"against": [], "unseen": "plates"}}
    content = generalising(generalisation=both)
    assert pairs_of(content)[0].kept == "Mechanism, the same profiles"
    assert first(content).endswith("% of the one on Mechanism, the same profiles (median 44.0 %).")


STEPS = "Each benchmark whose test parts hold what no training part has seen, beside one of the same dataset"
BOTH = GENERALISATION | {"control": {"against": [], "unseen": "plates"}}
MIXED = BOTH | {"control": {"against": ["moa"], "unseen": "plates"}}


@pytest.mark.parametrize(
    ("kinds", "said", "left"),
    [
        (GENERALISATION, "whose folds are dealt per sample.", "with folds dealt per sample"),
        (BOTH, "that leaves something unseen too.", "on the task named below the axis"),
        (
            MIXED,
            "whose folds are dealt per sample, or which leaves something unseen too and is named then.",
            "with folds dealt per sample or on the task named below the axis",
        ),
    ],
)
def test_the_section_says_how_the_other_folds_are_dealt(kinds: dict[str, Any], said: str, left: str) -> None:
    content = generalising(generalisation=kinds)
    assert introduction(content)[0] == f"{STEPS} {said}"
    drawing = draw(content).generalisation
    assert drawing is not None
    assert drawing.caption.startswith(
        f"Mean test accuracy of every classifier {left} (left) and on what no training part"
    )


def test_intervals_are_not_said_to_hold_other_subjects_and_not_spoken_of_where_there_are_none() -> None:
    rows = [("full", "unseen", "knn", "accuracy", "plate", 9, 0.36, 0.3, 0.4)]
    said = introduction(generalising(intervals=frame("intervals", rows)))[1]
    assert said.startswith("No test is made of how much is lost:")
    assert "with other plates or other compounds is said by its intervals above." in said
    assert "They hold nothing of other subjects, cell lines or sets of rows" in said
    without = introduction(generalising())[1]
    assert "intervals" not in without
    assert said.startswith(without)


def test_a_run_that_describes_no_split_says_less() -> None:
    part = part_of(generalising(splits=frame("splits", [])))
    assert part.caveats == "Without a score on both: tree."
