from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from l1000_bench.errors import InputError
from l1000_bench.models.spec import ClassifierSpec

NB: dict[str, Any] = {
    "name": "nb",
    "class": "sklearn.naive_bayes.GaussianNB",
    "label": "NB",
    "preprocess": [{"clip": 5}],
}

STEPS = "it can be standardize, rank, sign, {sign: THRESHOLD} above 0, or {clip: LIMIT} above 0."


def spec(**changes: Any) -> ClassifierSpec:
    return ClassifierSpec.from_config({**NB, **changes})


def steps_of(spec: ClassifierSpec, setting: dict[str, Any]) -> list[str]:
    pipeline = spec.build(setting, threads=1)
    assert [name for name, _ in pipeline.steps[:-1]] == [f"preprocess_{n}" for n in range(len(pipeline) - 1)]
    return [type(step).__name__ for _, step in pipeline.steps]


@pytest.mark.parametrize(
    ("setting", "steps"),
    [
        ({}, ["Clip", "GaussianNB"]),
        ({"var_smoothing": 0.1}, ["Clip", "GaussianNB"]),
        ({"preprocess": []}, ["GaussianNB"]),
        ({"preprocess": ["standardize"]}, ["StandardScaler", "GaussianNB"]),
        ({"preprocess": ["standardize", {"clip": 3}]}, ["StandardScaler", "Clip", "GaussianNB"]),
        ({"preprocess": ["rank", "standardize"]}, ["Rank", "StandardScaler", "GaussianNB"]),
        ({"preprocess": [{"sign": 1.5}]}, ["Sign", "GaussianNB"]),
    ],
)
def test_the_steps_of_a_setting_take_the_place_of_the_entrys(setting: dict[str, Any], steps: list[str]) -> None:
    assert steps_of(spec(), setting) == steps
    assert steps_of(spec(known={"full": {"moa": [setting]}}), {}) == ["Clip", "GaussianNB"]


def test_the_limit_is_the_settings_own() -> None:
    built = spec().build({"preprocess": [{"clip": 3}], "var_smoothing": 0.25}, threads=1)
    assert built[0].limit == 3.0
    assert built[-1].get_params() == {"priors": None, "var_smoothing": 0.25}


def test_a_setting_in_full_keeps_its_steps_and_is_not_changed_by_a_build() -> None:
    setting = {"preprocess": ["standardize"], "var_smoothing": 0.1}
    assert spec().in_full(setting) == setting
    assert "preprocess" not in spec().in_full({"var_smoothing": 0.1})
    full = spec().in_full(setting)
    spec().build(full, threads=1)
    assert full == setting == {"preprocess": ["standardize"], "var_smoothing": 0.1}


def test_fixed_steps_hold_over_those_of_a_setting() -> None:
    assert steps_of(spec(fixed={"preprocess": []}), {"preprocess": ["standardize"]}) == ["GaussianNB"]


@pytest.mark.parametrize(
    ("preprocess", "sentence"),
    [
        ("standardize", "preprocess is 'standardize'; it takes a list of steps, such as [standardize]."),
        (None, "preprocess is None; it takes a list of steps, such as [standardize]."),
        (["log"], f"unknown preprocessing step 'log'; {STEPS}"),
        ([{"clip": 0}], f"unknown preprocessing step {{'clip': 0}}; {STEPS}"),
    ],
)
def test_steps_that_cannot_be_are_refused_in_a_sentence(preprocess: Any, sentence: str) -> None:
    with pytest.raises(InputError) as error:
        spec().build({"preprocess": preprocess}, threads=1)
    assert str(error.value) == f"classifiers.nb: {sentence}"
    with pytest.raises(InputError, match="preprocess"):
        spec(known={"full": {"moa": [{"preprocess": preprocess}]}})


def test_a_class_whose_own_parameter_has_the_reserved_name_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my_preprocessing_classifier.py").write_text(
        "from sklearn.base import BaseEstimator, ClassifierMixin\n"
        "class Mine(ClassifierMixin, BaseEstimator):\n"
        "    def __init__(self, preprocess=None):\n"
        "        self.preprocess = preprocess\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(InputError) as error:
        spec(**{"class": "my_preprocessing_classifier.Mine"})
    assert str(error.value) == (
        "classifiers.nb: my_preprocessing_classifier.Mine has a parameter 'preprocess', which in a setting names the "
        "steps before the estimator; give the parameter of the class another name."
    )
