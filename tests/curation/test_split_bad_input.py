from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pandas as pd
import pytest

from l1000_bench.curation.splits import SplitRequest, make_split
from l1000_bench.errors import InputError
from sample_tables import curated

Row = dict[str, Any]
FOLDS = {"n_folds": 3, "seed": 1}


def drugs(classes: dict[str, int], **more: Any) -> list[Row]:
    """Of every class so many compounds, each on a plate and in a cell line of its own."""
    names = [f"{moa}{number}" for moa, size in classes.items() for number in range(size)]
    return [{"pert_id": n, "pert_iname": n, "plate_id": n, "cell_id": n, "moa": n[0], **more} for n in names]


def refused(rows: Iterable[Row] | pd.DataFrame, scheme: str, **parameters: object) -> str:
    samples = rows if isinstance(rows, pd.DataFrame) else curated(rows)
    with pytest.raises(InputError) as caught:
        make_split(SplitRequest(samples, "moa", ("cell_id", "moa"), "a.moa"), scheme, parameters)
    sentence = str(caught.value)
    assert sentence.startswith("a.moa: ")
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert not re.search(r"[.!?] [A-Z]", sentence)  # one sentence
    return sentence.removeprefix("a.moa: ")


# Grouped schemes

CALLED = {
    "replicate_grouped": "treatments",
    "plate_grouped": "plates",
    "compound_grouped": "compounds",
    "cell_held_out": "cell lines",
}


@pytest.mark.parametrize(("scheme", "called"), CALLED.items())
def test_more_folds_than_groups(scheme: str, called: str) -> None:
    rows = drugs({"x": 2, "y": 2})
    assert refused(rows, scheme, n_folds=5, seed=1, small_classes="keep") == (
        f"4 {called} are left, fewer than the 5 folds; lower n_folds, or curate a larger dataset."
    )


@pytest.mark.parametrize(("scheme", "kept"), [("plate_grouped", "plate_id"), ("cell_held_out", "cell_id")])
def test_a_column_that_parts_what_is_held_out(scheme: str, kept: str) -> None:
    rows = [row | {"well": well} for row in drugs({"x": 3, "y": 3}) for well in ("A01", "A02")]
    assert refused(rows, scheme, **FOLDS, by="well") == (
        f"by is well, which parts {kept} x0 (A01 and A02), so that it would stand on both sides; name a column that "
        f"keeps every {kept} whole, such as {kept}."
    )


@pytest.mark.parametrize(("scheme", "called"), CALLED.items())
def test_a_class_with_one_group(scheme: str, called: str) -> None:
    needed = 3 if scheme == "compound_grouped" else 2
    rows = drugs({"x": 4, "z": 1, "y": 4}) * 2
    assert refused(rows, scheme, **FOLDS, small_classes="error") == (
        f"1 class(es) have fewer than {needed} {called} ('z' has 1); set small_classes to drop or keep, or raise the "
        "dataset's class thresholds."
    )


def test_many_classes_with_too_few_groups_are_not_all_named() -> None:
    rows = drugs({"x": 4, "y": 4, **dict.fromkeys("abcdefg", 2)})
    assert refused(rows, "compound_grouped", **FOLDS, small_classes="error").startswith(
        "7 class(es) have fewer than 3 compounds ('a' has 2, 'b' has 2, 'c' has 2, 'd' has 2, 'e' has 2, …); set "
    )


def test_a_class_of_which_no_sample_s_group_is_known_has_none() -> None:
    rows = [*drugs({"x": 4, "y": 4}), {"moa": "z", "cell_id": "PC3", "pert_id": "z"}]
    assert "fewer than 2 plates ('z' has 0);" in refused(rows, "plate_grouped", **FOLDS, small_classes="error")


def test_treatments_of_one_class_refuse_small_classes_unless_told_otherwise() -> None:
    assert "1 class(es) have fewer than 2 treatments ('z' has 1)" in refused(
        drugs({"x": 4, "y": 4, "z": 1}), "replicate_grouped", **FOLDS
    )


@pytest.mark.parametrize("per_sample", [False, True])
@pytest.mark.parametrize(
    ("classes", "left"),
    [({"x": 4, "y": 1}, "only the class 'x'"), ({"x": 2, "y": 1}, "no class"), ({"x": 9}, "only the class 'x'")],
)
def test_fewer_than_two_classes_left(classes: dict[str, int], left: str, per_sample: bool) -> None:
    sentence = refused(drugs(classes), "compound_grouped", **FOLDS, per_sample=per_sample)
    how = "without those of fewer than 3 compounds" if len(classes) > 1 else "after curation"
    assert sentence == (
        f"{left} is left {how}, and a task needs two; see the dataset's audit and lower its class "
        "thresholds, or choose another split."
    )


@pytest.mark.parametrize(("scheme", "column"), [("plate_grouped", "plate_id"), ("cell_held_out", "cell_id")])
def test_groups_that_are_all_unknown(scheme: str, column: str) -> None:
    assert refused(drugs({"x": 4, "y": 4}, **{column: None}), scheme, **FOLDS) == (
        f"the {CALLED[scheme]} of the labelled samples are all unknown; give the corpus a table that tells them, or "
        "choose another split."
    )


@pytest.mark.parametrize(
    ("scheme", "parameters", "column"),
    [
        ("replicate_grouped", {"by": ["pert_id", "batch"]}, "batch"),
        ("plate_grouped", {"by": "batch"}, "batch"),
        ("cell_held_out", {"by": "batch"}, "batch"),
        ("leave_one_subject_out", {"column": "batch"}, "batch"),
        ("compound_grouped", {}, "inchi_key"),
        ("leave_one_subject_out", {}, "subject_id"),
    ],
)
def test_columns_that_the_samples_lack(scheme: str, parameters: dict[str, Any], column: str) -> None:
    samples = curated(drugs({"x": 4, "y": 4})).drop(columns=["inchi_key", "subject_id"])
    folds = {} if scheme == "leave_one_subject_out" else FOLDS
    assert refused(samples, scheme, **folds, **parameters) == (
        f"the split scheme groups by {column}, which the samples do not have; they have sample_id, plate_id, "
        "plate_set, well, cell_id, pert_id, pert_iname, pert_type, dose, dose_unit, time, time_unit, moa."
    )


def test_a_treatment_of_no_columns() -> None:
    assert refused(drugs({"x": 4, "y": 4}), "replicate_grouped", **FOLDS, by=[]) == (
        "by is empty; name the columns that make a treatment, such as pert_id."
    )


@pytest.mark.parametrize("scheme", [*CALLED, "stratified"])
@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"n_folds": 2}, "n_folds is 2; it is a whole number, at least 3 with a dev fold and 2 without."),
        ({"n_folds": 1, "dev": False}, "n_folds is 1; it is a whole number, at least 3 with a dev fold and 2 without."),
        ({"seed": -1}, "seed is -1; it is a whole number, at least 0."),
    ],
)
def test_numbers_out_of_range(scheme: str, changed: dict[str, Any], message: str) -> None:
    assert refused(drugs({"x": 4, "y": 4}), scheme, **FOLDS | changed) == message


def test_a_rotation_that_would_train_on_one_class() -> None:
    # Two classes with one plate each: without the one that is tested a single class is left.
    rows = drugs({"x": 1, "y": 1}) * 3
    assert refused(rows, "plate_grouped", n_folds=2, seed=1, dev=False, small_classes="keep") == (
        "rotation 0 would train on 1 class(es), and a classifier needs two; curate a dataset whose classes spread over "
        "more groups, or choose another split."
    )


def test_too_few_samples_for_the_folds_where_small_classes_are_kept() -> None:
    assert refused(drugs({"x": 2, "y": 2}), "stratified", n_folds=6, seed=1, dev=False, small_classes="keep") == (
        "rotation 4 would have no test sample; lower n_folds, or curate a larger dataset."
    )


# One subject left out


def of_subjects(*pairs: tuple[str | None, str | None]) -> list[Row]:
    return [{"subject_id": subject, "moa": moa} for subject, moa in pairs]


TWO = of_subjects(("BD1", "x"), ("BD1", "y"), ("BD2", "x"), ("BD2", "y"))


@pytest.mark.parametrize(
    ("rows", "parameters", "message"),
    [
        (
            of_subjects((None, "x"), (None, "y")),
            {},
            "no sample has a subject_id; choose another split, or give the corpus a table that tells it.",
        ),
        (
            TWO,
            {"exclude": ["BD2", "BD3"]},
            "exclude names 'BD3', which no sample has as its subject_id; there are BD1, BD2.",
        ),
        (
            TWO[:2] + of_subjects(("BD2", None)),
            {},
            "leaving one subject_id out needs two of them with labelled samples, and there is only 'BD1'; choose "
            "another column or another split.",
        ),
        (
            of_subjects(("BD1", None), (None, "x")),
            {},
            "leaving one subject_id out needs two of them with labelled samples, and there is none; choose another "
            "column or another split.",
        ),
        (
            TWO,
            {"exclude": ["BD2", "BD1"]},
            "exclude names every subject_id that has labelled samples (BD1, BD2), so none is left to test; take one "
            "out.",
        ),
        (
            [*of_subjects(("BD1", "x"), ("BD2", "x"), (None, "y"))],
            {},
            "only the class 'x' is left among the samples with a subject_id, and a task needs two; see the "
            "dataset's audit and lower its class thresholds, or choose another split.",
        ),
        (
            TWO[:3],
            {},
            "rotation 0 would train on 1 class(es), and a classifier needs two; curate a dataset whose classes spread "
            "over more groups, or choose another split.",
        ),
    ],
)
def test_subjects_that_cannot_be_left_out(rows: list[Row], parameters: dict[str, Any], message: str) -> None:
    assert refused(rows, "leave_one_subject_out", **parameters) == message


# From one set to another

SETS: list[Row] = [{"cell_id": cell, "moa": moa} for cell in ("A375", "HT115") for moa in ("x", "y")] + [
    {"cell_id": "PC3", "moa": None},
    {"cell_id": "VCAP", "moa": "v"},
    {"cell_id": "U2OS", "moa": "x"},
]
A375, HT115 = "cell_id == 'A375'", "cell_id == 'HT115'"


@pytest.mark.parametrize(
    ("train", "test", "message"),
    [
        (
            A375,
            "cell_id == 'HT29'",
            "the query test: \"cell_id == 'HT29'\" selects no sample (cell_id is 'A375', 'HT115', 'PC3', 'U2OS', "
            "'VCAP'); correct it.",
        ),
        ("dose > 1", HT115, "the query train: 'dose > 1' selects no sample (dose is missing everywhere); correct it."),
        (A375, "cell_id == 'PC3'", "the query test selects no sample with a label; correct it."),
        ("cell_id == 'PC3'", HT115, "the query train selects no sample with a label; correct it."),
        (
            "moa == 'x'",
            "cell_id in ['HT115', 'U2OS']",
            "the queries train and test both select 2 sample(s), the first is 's2'; a sample is either trained on or "
            "tested, so make one query exclude what the other selects.",
        ),
        (
            A375,
            "cell_id == 'VCAP'",
            "the queries train and test select no class in common, so nothing learned on one side can hold on the "
            "other; widen a query.",
        ),
        (
            A375,
            "cell_id == 'U2OS'",
            "only the class 'x' is left on both sides, and a task needs two; see the dataset's audit and lower "
            "its class thresholds, or choose another split.",
        ),
    ],
)
def test_queries_that_make_no_split(train: str, test: str, message: str) -> None:
    assert refused(SETS, "transfer", train=train, test=test) == message


def test_classes_on_one_side_only() -> None:
    queries = {"train": "cell_id in ['A375', 'VCAP']", "test": "cell_id == 'U2OS'"}
    assert refused(SETS, "transfer", **queries, small_classes="error") == (
        "2 class(es) are on one side only ('v' in train, 'y' in train); set small_classes to drop or keep, or widen a "
        "query."
    )


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("cel_id == 'A375'", "name 'cel_id' is not defined"),
        ("cell_id ==", "invalid syntax"),
        ("cell_id == 'A375", "unterminated string literal"),
        ("(dose > 1", "EOF in multi-line statement"),
        ("", "expr cannot be an empty string"),
        ("cell_id > 3", "Invalid comparison"),
        ("cell_id.no_such()", "no attribute 'no_such'"),
        ("cell_id.str.contains('(')", "missing )"),
        ("dose[999] > 1", "999"),
        ("@samples.dose > 1", "local variable 'samples' is not defined"),  # nothing of the program is in reach
        ("__import__('os').getcwd() == '/'", "is not a supported function"),
    ],
)
def test_a_query_that_cannot_be_read(query: str, why: str) -> None:
    sentence = refused(SETS, "transfer", train=query, test=HT115)
    assert sentence.startswith(f"the query train: {query!r} cannot be read (")
    assert why in sentence
    assert sentence.endswith("such as cell_id == 'A375', and there are " + ", ".join(curated([]).columns) + ".")


@pytest.mark.parametrize("query", ["cell_id", "dose", "1", "True", "new = dose > 1", "dose.isna().any()", "[dose]"])
def test_a_query_that_is_no_question(query: str) -> None:
    assert refused(SETS, "transfer", train=A375, test=query) == (
        f"the query test: {query!r} does not say yes or no of every sample; write a comparison, such as "
        "cell_id == 'A375'."
    )
