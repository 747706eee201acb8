from __future__ import annotations

from functools import reduce
from operator import add
from typing import Any

import numpy as np
import pandas as pd
import pytest

from l1000_bench.search.best_trials import best_trial, chosen_per_rotation, complete_trials

NAN = float("nan")


def table(**dev: list[float | str]) -> pd.DataFrame:
    """Trials by their dev accuracies, a text standing for an error; test scores are the better the worse dev is."""
    rows: list[dict[str, Any]] = []
    for name, values in dev.items():
        for rotation, value in enumerate(values):
            failed = isinstance(value, str)
            score = NAN if isinstance(value, str) else value
            rows.append(
                {
                    "trial_id": name, "params": "{}", "rotation": rotation, "dev_accuracy": score,
                    "dev_macro_f1": score, "test_accuracy": 1 - score, "test_macro_f1": 1 - score,
                    "error": value if failed else None,
                }
            )  # fmt: skip
    columns = ["trial_id", "params", "rotation", "dev_accuracy", "dev_macro_f1", "test_accuracy", "test_macro_f1"]
    return pd.DataFrame(rows, columns=[*columns, "error"]).astype({"error": "str", "trial_id": "str"})


def test_the_highest_mean_dev_accuracy_is_chosen() -> None:
    trials = table(a=[0.9, 0.1], b=[0.6, 0.5], c=[0.2, 0.7])
    assert best_trial(trials) == "b"
    assert best_trial(trials[trials["trial_id"] != "b"]) == "a"


def test_every_rotation_has_its_own_best_trial() -> None:
    chosen = chosen_per_rotation(table(a=[0.9, 0.1, 0.3], b=[0.6, 0.5, 0.3], c=[0.2, 0.7, 0.3]))
    assert chosen is not None
    assert chosen.to_dict() == {0: "a", 1: "c", 2: "a"}


def test_no_test_score_counts() -> None:
    poor_but_perfect = table(a=[0.5, 0.6], poor=[0.0, 0.0], b=[0.6, 0.4])
    assert poor_but_perfect.loc[poor_but_perfect["trial_id"] == "poor", "test_accuracy"].tolist() == [1.0, 1.0]
    # Neither a test score nor anything but dev accuracy is looked at, so that its column may be missing.
    blind = poor_but_perfect[["trial_id", "rotation", "dev_accuracy", "error"]]
    for trials in (poor_but_perfect, blind):
        chosen = chosen_per_rotation(trials)
        assert best_trial(trials) == "a"
        assert chosen is not None
        assert chosen.to_dict() == {0: "b", 1: "a"}


def test_of_equals_the_first_in_the_table_is_chosen() -> None:
    for names in (["z", "a"], ["a", "z"]):
        scores: dict[str, list[float | str]] = {"lower": [0.25, 0.25], names[0]: [0.5, 0.5], names[1]: [0.5, 0.5]}
        trials = table(**scores)
        assert best_trial(trials) == names[0]
        chosen = chosen_per_rotation(trials)
        assert chosen is not None
        assert chosen.tolist() == [names[0]] * 2


def test_a_trial_that_failed_once_is_never_chosen() -> None:
    trials = table(broken=[1.0, 1.0, "ValueError: no"], a=[0.1, 0.2, 0.3], stopped=[1.0, 1.0, "StoppedEarly: behind"])
    assert complete_trials(trials) == ["a"]
    assert best_trial(trials) == "a"
    chosen = chosen_per_rotation(trials)
    assert chosen is not None
    assert chosen.tolist() == ["a"] * 3


def test_means_are_those_of_exact_sums() -> None:
    # 0.3 and 0.1 + 0.2 differ, but fractions of a fold are equal however they are added up.
    scores: list[list[float | str]] = [[0, 0, 1 / 3, 1], [0, 1 / 6, 1 / 3, 5 / 6]]
    # From Python 3.12 on, `sum` compensates for what is lost.
    assert reduce(add, map(float, scores[0])) != reduce(add, map(float, scores[1]))
    assert [best_trial(table(first=one, second=other)) for one, other in (scores, scores[::-1])] == ["first", "first"]


def test_a_trial_that_lacks_a_rotation_is_not_complete() -> None:
    trials = table(short=[1.0], b=[0.1, 0.2], a=[0.3, 0.2])
    assert complete_trials(trials) == ["b", "a"]
    assert best_trial(trials) == "a"


@pytest.mark.parametrize("trials", [table(), table(a=["E", 0.5], b=[0.5, "E"])])
def test_nothing_is_chosen_where_nothing_is_complete(trials: pd.DataFrame) -> None:
    assert complete_trials(trials) == []
    assert best_trial(trials) is None
    assert chosen_per_rotation(trials) is None


def test_the_choices_are_those_of_a_loop_over_the_table() -> None:
    rng = np.random.default_rng(4)
    scores: dict[str, list[float | str]] = {
        f"t{n}": [float(score) for score in np.round(rng.random(5), 1)] for n in rng.permutation(12)
    }
    scores["t3"][2] = "E"
    trials = table(**scores)
    complete = {name: values for name, values in scores.items() if name != "t3"}
    means = {name: np.mean([float(v) for v in values]) for name, values in complete.items()}
    assert best_trial(trials) == max(means, key=lambda name: means[name])
    chosen = chosen_per_rotation(trials.sample(frac=1, random_state=0).sort_values("rotation", kind="stable"))
    assert chosen is not None
    assert chosen.index.tolist() == [0, 1, 2, 3, 4]
    for rotation in range(5):
        best = max(float(values[rotation]) for values in complete.values())
        assert float(complete[chosen[rotation]][rotation]) == best
