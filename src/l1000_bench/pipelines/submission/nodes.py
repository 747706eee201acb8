"""Nodes of the submission pipeline."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, NoReturn

import pandas as pd

from l1000_bench.curation.label_text import class_labels
from l1000_bench.curation.spec import TaskSpec
from l1000_bench.errors import InputError
from l1000_bench.io.submission_file import read_submission
from l1000_bench.io.submission_spec import HOW, Submission
from l1000_bench.statistics.metrics import score_predictions
from l1000_bench.statistics.submissions import with_truth

logger = logging.getLogger(__name__)


def ask(submission: dict[str, Any]) -> NoReturn:
    """Refuse a submission that names nothing.

    Raises:
        InputError: Always.
    """
    raise InputError(f"submission names no {', '.join(submission)}; {HOW}.")


def submit(
    submission: Submission, task: TaskSpec, split: pd.DataFrame, samples: pd.DataFrame, scores: pd.DataFrame | None
) -> dict[str, pd.DataFrame]:
    """Check predictions that are handed in, and log their scores.

    Args:
        submission: What is handed in.
        task: Names the label column.
        split: The frozen split of the benchmark.
        samples: The dataset's samples, whose labels are the truth.
        scores: The scores table of the last evaluation, None where there was none.

    Returns:
        The predictions as they were handed in, by the method's name.

    Raises:
        InputError: If the file is not what it should be, or does not follow the split.
    """
    table = read_submission(Path(submission.file))
    truth = class_labels(samples, task.label_column).set_axis(samples["sample_id"])
    place = str(submission)
    own = score_predictions(with_truth(table, split, truth, place))
    logger.info("%s: %s", place, "; ".join(mean_scores(own)))
    logger.info("%s: %s", place, standing(submission.name, own, scores))
    return {submission.name: table}


def mean_scores(scores: pd.DataFrame) -> list[str]:
    """Say the mean accuracy and macro-F1 over the rotations, for dev and test."""
    means = 100 * scores.groupby("role", observed=True)[["accuracy", "macro_f1"]].mean()
    return [f"{role} accuracy {accuracy:.1f} %, macro-F1 {f1:.1f} %" for role, accuracy, f1 in means.itertuples()]


def standing(name: str, own: pd.DataFrame, scores: pd.DataFrame | None) -> str:
    """Say where a method stands by mean test accuracy.

    Args:
        name: Of the method.
        own: Its scores.
        scores: Those of the others, and perhaps older ones of its own; None where nothing was evaluated.
    """
    if scores is None:
        return "no other classifier was evaluated yet; `kedro run --pipelines=evaluation` will rank them all."
    others = scores[scores["classifier"] != name]
    table = pd.concat([own.assign(classifier=name), others])
    test = table[table["role"] == "test"].groupby("classifier")["accuracy"].mean().sort_values(ascending=False)
    place = 1 + int((test > test[name]).sum())
    listed = ", ".join(f"{classifier} {100 * accuracy:.1f}" for classifier, accuracy in test.items())
    return f"place {place} of {len(test)} by test accuracy, the others as last evaluated, in percent: {listed}"
