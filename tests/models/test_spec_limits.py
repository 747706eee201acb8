from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from l1000_bench.errors import InputError
from l1000_bench.inherited import complete_classifiers
from l1000_bench.models.spec import ClassifierSpec

NB: dict[str, Any] = {"name": "nb", "class": "sklearn.naive_bayes.GaussianNB", "label": "NB"}
CODES = np.repeat([0, 4, 2], [600, 500, 2])


def spec(limits: Any) -> ClassifierSpec:
    return ClassifierSpec.from_config({**NB, "limits": limits})


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        (None, None),
        ({}, None),
        ({"samples": 1102}, None),
        ({"samples": 1101}, "it is run on at most 1,101 training profiles, and there are 1,102"),
        ({"per_class": 2}, None),
        ({"per_class": 3}, "it needs at least 3 training profiles of every class, and one has 2"),
        ({"samples": 1102, "per_class": 2}, None),
        ({"samples": 9, "per_class": 3}, "it is run on at most 9 training profiles, and there are 1,102"),
        ({"samples": np.int64(1102)}, None),
    ],
)
def test_a_classifier_steps_aside_beyond_its_limits(limits: dict[str, int] | None, why: str | None) -> None:
    assert spec(limits).steps_aside(CODES) == why
    assert spec(limits).steps_aside(CODES[::-1]) == why


def test_classes_that_a_training_part_lacks_do_not_count() -> None:
    assert spec({"per_class": 500}).steps_aside(CODES[CODES != 2]) is None


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        ({"profiles": 9}, "limits has no 'profiles'; it takes samples and per_class."),
        ({"samples": 0}, "limits.samples is 0; it takes a whole number, at least 1."),
        ({"samples": 10.0}, "limits.samples is 10.0; it takes a whole number, at least 1."),
        ({"per_class": True}, "limits.per_class is True; it takes a whole number, at least 1."),
        ({"per_class": None}, "limits.per_class is None; it takes a whole number, at least 1."),
        ({"samples": "many"}, "limits.samples is 'many'; it takes a whole number, at least 1."),
        ([500], "limits is [500]; it takes keys and values."),
    ],
)
def test_wrong_limits_are_refused_in_a_sentence(limits: Any, sentence: str) -> None:
    with pytest.raises(InputError) as error:
        spec(limits)
    assert str(error.value) == f"classifiers.nb: {sentence}"


def test_an_entry_like_another_has_its_limits() -> None:
    entries = complete_classifiers({"nb": {**NB, "limits": {"samples": 5}}, "own": {"name": "own", "like": "nb"}})
    assert ClassifierSpec.from_config(entries["own"]).steps_aside(CODES) is not None


def test_threads_reach_no_estimator_on_which_they_have_no_effect() -> None:
    entry = {"name": "logistic", "class": "sklearn.linear_model.LogisticRegression", "label": "Logistic"}
    built = ClassifierSpec.from_config(entry).build({}, threads=2)
    assert built[-1].n_jobs is None
    built.fit(np.eye(4), [0, 1, 2, 3])  # with a number of jobs it would warn, which is an error in tests
    with pytest.warns(FutureWarning, match="'n_jobs' has no effect"):
        LogisticRegression(n_jobs=2).fit(np.eye(4), [0, 1, 2, 3])
    linear = {"name": "linear", "class": "sklearn.linear_model.SGDClassifier", "label": "Linear"}
    assert ClassifierSpec.from_config(linear).build({}, threads=2)[-1].n_jobs == 2
