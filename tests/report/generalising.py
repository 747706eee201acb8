"""A made-up run on what no training part has seen: a task per sample, its control, and one of unseen compounds."""

from __future__ import annotations

import dataclasses
from itertools import combinations
from typing import Any

import pandas as pd
from report_content import MALICIOUS, empty, frame

from l1000_bench.report.content import ReportContent
from l1000_bench.report.generalisation_parts import GeneralisationPart, generalisation_parts

NAN = float("nan")
# Mean test accuracy per task, in which rotations lie 0.01 to either side; macro-F1 is half of it. The tree has no score
# on unseen compounds, where it stepped aside, and the network is in the grid of the first task alone.
MEANS: dict[str, dict[str, float]] = {
    "moa": {"majority": 0.30, "knn": 0.80, "linear": 0.70, "ffann": 0.60, "tree": 0.65, "network": 0.9},
    "control": {"majority": 0.30, "knn": 0.90, "linear": 0.60, "ffann": 0.50, "tree": 0.70},
    "unseen": {"majority": 0.28, "knn": 0.36, "linear": 0.48, "ffann": 0.28},
}
NAMES = {
    "full": "Full corpus", "moa": "Mechanism", "control": "Mechanism, the same profiles",
    "unseen": "Mechanism, unseen compounds", "majority": "Majority class", "knn": "KNN", "linear": "Linear",
    "ffann": MALICIOUS,
}  # fmt: skip
GENERALISATION: dict[str, dict[str, Any]] = {
    "moa": {"against": [], "unseen": None},
    "control": {"against": [], "unseen": None},
    "unseen": {"against": ["control", "moa"], "unseen": "compounds"},
}
WHY = "1,500 training profiles are more than its 800"
# n_rotations, n_samples, n_unused, n_untested, n_trained, n_tested, n_unseen, n_one_class, has_dev, left_out
SPLITS: dict[str, tuple[Any, ...]] = {
    "moa": (2, 120, 0, 0, 30, 120, 0, 0, True, ""), "control": (2, 120, 20, 0, 48, 100, 0, 0, True, "x"),
    "unseen": (2, 120, 20, 7, 50, 100, 3, 1, False, "x"),
}  # fmt: skip
CLASSES = {"moa": 12, "control": 11, "unseen": 11}


def generalising(tasks: tuple[str, ...] = ("moa", "control", "unseen"), **changes: Any) -> ReportContent:
    """The made-up run, with some of its tasks; some fields replaced."""
    fields: dict[str, Any] = {
        "names": NAMES,
        "scores": pd.concat([scores_of(task, MEANS[task]) for task in tasks], ignore_index=True),
        "comparisons": pd.concat([comparisons_of(task) for task in tasks], ignore_index=True),
        "splits": frame("splits", [("full", t, t, "seed 1", *SPLITS[t], "ab" * 32) for t in tasks]),
        "table_one": frame(
            "table_one", [("full", t, 120, 978, 2, "A", 60, "B", 60, CLASSES[t], "x", 9, "y", 3) for t in tasks]
        ),
        "settings": frame(
            "settings",
            [("full", "unseen", "knn", 1, 0, 0, "{}", NAN, 0.5, NAN, NAN, None),
             ("full", "unseen", "tree", 1, 0, 0, None, NAN, NAN, NAN, NAN, WHY)] if "unseen" in tasks else [],
        ),
        "generalisation": GENERALISATION,
    }  # fmt: skip
    return dataclasses.replace(empty(), **(fields | changes))


def scores_of(task: str, means: dict[str, float], rotations: tuple[int, ...] = (0, 1)) -> pd.DataFrame:
    """Test scores of a task; without dev scores for what is unseen."""
    rows = [
        ("full", task, name, rotation, role, 50, shown, shown / 2, *[NAN] * 6)
        for name, mean in means.items()
        for rotation in rotations
        for role in (("test",) if task == "unseen" else ("dev", "test"))
        for shown in [mean + (0.01 if rotation else -0.01)]
    ]
    return frame("scores", rows)


def comparisons_of(task: str, p: float = 0.001) -> pd.DataFrame:
    """All pairs with one p, but that KNN and linear cannot be told apart in the task `moa`."""
    rows = []
    for a, b in combinations(MEANS[task], 2):
        own = 0.6 if (task, a, b) == ("moa", "knn", "linear") else p
        difference = MEANS[task][a] - MEANS[task][b]
        rows.append(
            {"dataset": "full", "task": task, "metric": "accuracy", "classifier_a": a, "classifier_b": b}
            | {"n_rotations": 2, "difference": difference, "corrected_p_adjusted": own, "p_adjusted": own}
        )
    return pd.DataFrame(rows).reindex(columns=frame("comparisons", []).columns)


def part_of(content: ReportContent) -> GeneralisationPart:
    """What the page says of the one pair of a run."""
    (part,) = generalisation_parts(content)
    return part


def first(content: ReportContent) -> str:
    """The sentence to see first."""
    return part_of(content).finding.first.replace("\u00a0", " ")


def with_unseen(means: dict[str, float], **changes: Any) -> ReportContent:
    """The run with other means on what is unseen, beside the control alone."""
    scores = pd.concat([scores_of("control", MEANS["control"]), scores_of("unseen", means)])
    return generalising(("control", "unseen"), scores=scores, **changes)
