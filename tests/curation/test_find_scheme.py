from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest

from l1000_bench.curation import schemes
from l1000_bench.curation.folds import rotate
from l1000_bench.curation.splits import SplitRequest, find_scheme, make_split
from l1000_bench.errors import InputError
from sample_tables import curated

ALL = (
    "cell_held_out compound_grouped leave_one_subject_out plate_grouped replicate_grouped stratified transfer"
).split()

# Which schemes there are


def test_the_public_functions_that_the_module_defines_are_the_schemes() -> None:
    with pytest.raises(InputError) as caught:
        find_scheme("compound_split", {})
    assert str(caught.value) == (
        f"unknown split scheme 'compound_split'; there are {', '.join(ALL)}, and a function of your own is named "
        "package.module:function."
    )
    for name in ALL:
        assert getattr(schemes, name).__doc__


@pytest.mark.parametrize("name", ["rotate", "deal_folds", "split_groups", "Dealing", "np", "__doc__", "TREATMENT", ""])
def test_what_the_module_only_imports_or_hides_is_no_scheme(name: str) -> None:
    with pytest.raises(InputError, match=f"unknown split scheme '{name}'; there are cell_held_out, "):
        find_scheme(name, {})


def test_a_new_public_function_of_the_module_is_a_scheme(monkeypatch: pytest.MonkeyPatch) -> None:
    def halves(request: SplitRequest) -> pd.DataFrame:
        n_samples = len(request.samples)
        ids = request.samples["sample_id"].to_numpy(dtype=object)
        return rotate(ids, np.arange(n_samples) * 2 // n_samples, 2, dev=False)

    halves.__module__ = schemes.__name__
    monkeypatch.setattr(schemes, "halves", halves, raising=False)
    monkeypatch.setattr(schemes, "_hidden", halves, raising=False)
    request = SplitRequest(curated([{}] * 4), "moa", ("cell_id",), "a.moa")
    assert make_split(request, "halves", {})["role"].tolist() == ["test"] * 2 + ["train"] * 4 + ["test"] * 2
    with pytest.raises(InputError, match=r"unknown split scheme '_hidden'; there are .*compound_grouped, halves, "):
        find_scheme("_hidden", {})


# What their parameters take


def own(
    request: SplitRequest,
    *,
    whole: int = 1,
    yes: bool = True,
    text: str = "a",
    words: list[str] | None = None,
    several: Sequence[str] = (),
    subjects: Sequence[str | int] | None = None,
    doses: Sequence[str | float] = (),
    counts: Sequence[int] = (),
    mixed: list[Any] | None = None,
    kind: Literal["p", "q"] = "p",
    other: float | str = 1,
    **more: int,
) -> pd.DataFrame:
    return pd.DataFrame([whole, yes, text, words, several, subjects, doses, counts, mixed, kind, other, more])


HERE = f"{__name__}:own"


@pytest.mark.parametrize(
    ("parameter", "value", "takes"),
    [
        ("whole", "5", "a whole number"),
        ("whole", 5.0, "a whole number"),
        ("whole", True, "a whole number"),
        ("whole", None, "a whole number"),
        ("yes", 1, "true or false"),
        ("yes", "true", "true or false"),
        ("text", 1, "text"),
        ("text", ["a"], "text"),
        ("words", "a", "a list of text"),
        ("words", ["a", 1], "a list of text"),
        ("several", "a", "a list of text"),
        ("several", {"a": 1}, "a list of text"),
        ("subjects", 4, "a list of text or whole numbers"),
        ("subjects", ["BD1", True], "a list of text or whole numbers"),
        ("subjects", [4.0], "a list of text or whole numbers"),
        ("doses", [None], "a list of text or numbers"),
        ("doses", [False], "a list of text or numbers"),
        ("counts", ["1"], "a list of whole numbers"),
        ("mixed", 3, "a list"),
        ("kind", "r", "one of p, q"),
        ("kind", ["p"], "one of p, q"),
        ("kind", None, "one of p, q"),
    ],
)
def test_a_parameter_of_a_wrong_simple_type_is_refused(parameter: str, value: object, takes: str) -> None:
    with pytest.raises(InputError) as caught:
        find_scheme(HERE, {parameter: value})
    assert str(caught.value) == f"split scheme {HERE}: {parameter} is {value!r}; it takes {takes}."


def test_parameters_that_fit_are_taken() -> None:
    fitting = {
        "whole": 0, "yes": False, "text": "", "words": None, "several": ["a"], "mixed": [1, "a"], "kind": "q",
        "other": [], "anything": "else", "subjects": ["BD1", 4], "doses": ["low", 1, 0.5], "counts": [1],
    }  # fmt: skip
    assert find_scheme(HERE, fitting) is own
    assert find_scheme(HERE, {"several": ("a", "b"), "words": []}) is own


def test_annotations_that_only_a_type_checker_reads_do_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "their_schemes.py").write_text("def odd(request: 'NoSuch', n: 'int' = 1): ...\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert find_scheme("their_schemes:odd", {"n": 2}).__name__ == "odd"


@pytest.mark.parametrize(
    ("scheme", "parameters", "message"),
    [
        ("stratified", {"n_folds": "5", "seed": 1}, "n_folds is '5'; it takes a whole number"),
        ("stratified", {"n_folds": 5, "seed": 1, "small_classes": "drop"}, "is 'drop'; it takes one of error, keep"),
        ("plate_grouped", {"n_folds": 5, "seed": 1, "small_classes": "no"}, "'no'; it takes one of drop, error, keep"),
        ("plate_grouped", {"n_folds": 5, "seed": 1, "by": ["plate_id"]}, r"by is \['plate_id'\]; it takes text"),
        ("plate_grouped", {"n_folds": 5, "seed": 1, "per_sample": 1}, "per_sample is 1; it takes true or false"),
        ("replicate_grouped", {"n_folds": 5, "seed": 1, "by": "pert_id"}, "by is 'pert_id'; it takes a list of text"),
        ("compound_grouped", {"n_folds": 5, "seed": 1, "vehicle": "no"}, "'no'; it takes one of by_plate, leave_out"),
        (
            "compound_grouped",
            {"n_folds": 5},
            "the key 'seed' is missing; its keys are n_folds, seed, vehicle",
        ),
        (
            "compound_grouped",
            {"n_folds": 5, "seed": 1, "fold": 1},
            "the key 'fold' is not known here; its keys are n_folds",
        ),
        ("leave_one_subject_out", {"exclude": "BD1"}, "exclude is 'BD1'; it takes a list of text or whole numbers"),
        (
            "leave_one_subject_out",
            {"exclude": [4, True]},
            r"exclude is \[4, True\]; it takes a list of text or whole numb",
        ),
        ("leave_one_subject_out", {"exclude": [4.5]}, r"exclude is \[4.5\]; it takes a list of text or whole numbers"),
        ("transfer", {"train": "dose > 1", "test": None}, "test is None; it takes text"),
        (
            "transfer",
            {"train": "dose > 1"},
            "the key 'test' is missing; its keys are train, test, small_class",
        ),
        ("transfer", {"request": 1, "train": "a", "test": "b"}, "the key 'request' is not known here"),
    ],
)
def test_parameters_that_do_not_fit_a_scheme_are_refused(scheme: str, parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=rf"^split scheme {scheme}: .*{message}"):
        find_scheme(scheme, parameters)


@pytest.mark.parametrize(
    ("label_column", "stratify_by", "named"),
    [("mao", ("cell_id",), "mao"), ("moa", ("cell_id", "batch"), "batch"), ("moa", ("batch", "plate"), "batch")],
)
@pytest.mark.parametrize(
    ("scheme", "parameters"), [("stratified", {"n_folds": 3, "seed": 1}), ("leave_one_subject_out", {}), (HERE, {})]
)
def test_a_label_or_a_stratum_that_the_samples_lack_is_refused_by_every_scheme(
    scheme: str, parameters: dict[str, Any], label_column: str, stratify_by: tuple[str, ...], named: str
) -> None:
    samples = curated([{}] * 6)[["sample_id", "cell_id", "moa"]]
    with pytest.raises(InputError) as caught:
        make_split(SplitRequest(samples, label_column, stratify_by, "a.task"), scheme, parameters)
    assert str(caught.value) == (
        f"a.task: the samples have no column '{named}', which its label_column or stratify_by names; they have "
        "sample_id, cell_id, moa."
    )
