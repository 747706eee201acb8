from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from l1000_bench.curation.held_out import select
from l1000_bench.curation.splits import SplitRequest, left_out_classes, make_split, split_digest
from l1000_bench.errors import InputError
from sample_tables import curated


def roles(samples: pd.DataFrame, scheme: str, **parameters: object) -> list[str]:
    """Of every rotation a word, with a letter for every sample's role: t(r)ain, (d)ev, t(e)st, (u)nused."""
    made = make_split(SplitRequest(samples, "moa", ("cell_id", "moa"), "a.moa"), scheme, parameters)
    assert made["role"].cat.categories.tolist() == ["train", "dev", "test", "unused"]
    assert made["sample_id"].astype("str").tolist() == samples["sample_id"].tolist() * made["rotation"].nunique()
    letters = made["role"].astype("str").map({"train": "r", "dev": "d", "test": "e", "unused": "u"})
    return ["".join(own) for _, own in letters.groupby(made["rotation"])]


# One subject left out. Worked by hand


SUBJECTS = curated(
    [
        {"subject_id": "BD2", "moa": "x"},
        {"subject_id": "BD1", "moa": "x"},
        {"subject_id": "BD10", "moa": "y"},
        {"subject_id": "BD1", "moa": "y"},
        {"subject_id": None, "moa": "x"},
        {"subject_id": "BD2", "moa": None},
        {"subject_id": "BD2", "moa": "y"},
        {"subject_id": "BD10", "moa": "x"},
        {"subject_id": "BD3", "moa": None},  # no labelled sample: never tested
    ]
)


BY_SUBJECT = {"BD1": "rereuurru", "BD10": "rreruureu", "BD2": "errruueru"}


@pytest.mark.parametrize(
    ("exclude", "tested"),
    [([], ["BD1", "BD10", "BD2"]), (["BD10"], ["BD1", "BD2"]), (["BD2", "BD1"], ["BD10"]), (["BD3"], [*BY_SUBJECT])],
)
def test_each_subject_is_tested_in_sorted_order_and_all_others_train(exclude: list[str], tested: list[str]) -> None:
    assert roles(SUBJECTS, "leave_one_subject_out", exclude=exclude) == [BY_SUBJECT[subject] for subject in tested]


def test_a_subject_can_be_in_another_column_and_a_number() -> None:
    numbered = SUBJECTS.assign(batch=SUBJECTS["subject_id"].map({"BD1": 2.0, "BD10": 10.0, "BD2": 7.0, "BD3": 1.0}))
    found = roles(numbered, "leave_one_subject_out", column="batch", exclude=["7"])
    assert found == [BY_SUBJECT["BD10"], BY_SUBJECT["BD1"]]  # by their text: 10 before 2


@pytest.mark.parametrize("numbers", [["1", "10", "2", "3"], [1, 10, 2, 3], [1.0, 10.0, 2.0, 3.0]])
@pytest.mark.parametrize("exclude", [[10], ["10"], [10, "3"]])
def test_excluded_subjects_can_be_numbers_in_yaml(numbers: list[Any], exclude: list[str | int]) -> None:
    names = dict(zip(["BD1", "BD10", "BD2", "BD3"], numbers, strict=True))
    samples = SUBJECTS.assign(subject_id=SUBJECTS["subject_id"].map(names))
    assert roles(samples, "leave_one_subject_out", exclude=exclude) == [BY_SUBJECT["BD1"], BY_SUBJECT["BD2"]]
    with pytest.raises(InputError, match=r"exclude names '4', which no sample has .*; there are 1, 10, 2, 3\.$"):
        roles(samples, "leave_one_subject_out", exclude=[1, 4])


# From one set to another. Worked by hand

SETS = curated(
    [
        {"cell_id": "A375", "moa": "x", "dose": 1.0},
        {"cell_id": "A375", "moa": "y", "dose": 10.0},
        {"cell_id": "A375", "moa": "w", "dose": 10.0},  # trained on alone
        {"cell_id": "HT115", "moa": "x", "dose": 1.0},
        {"cell_id": "HT115", "moa": "y", "dose": 10.0},
        {"cell_id": "HT115", "moa": "v", "dose": 10.0},  # tested alone
        {"cell_id": "PC3", "moa": "x", "dose": 1.0},
        {"cell_id": "A375", "moa": None},
        {"cell_id": None, "moa": "y"},
    ]
)
A375, HT115 = "cell_id == 'A375'", 'cell_id == "HT115"'


@pytest.mark.parametrize(
    ("train", "test", "more", "expected"),
    [
        (A375, HT115, {}, "rrueeuuuu"),
        (HT115, A375, {}, "eeurruuuu"),
        (A375, HT115, {"small_classes": "keep"}, "rrreeeuuu"),
        (A375, "cell_id != 'A375'", {}, "rrueeueuu"),  # of the last it is not known whether it is one
        (A375, "cell_id in ['HT115', 'PC3'] and dose < 5", {"small_classes": "keep"}, "rrreuueuu"),
        ("index in ['s0', 's1']", "cell_id.isna() or index == 's3'", {"small_classes": "error"}, "rrueuuuue"),
        ("index in ['s0', 's1']", "dose >= 1 and index not in ['s0', 's1', 's2', 's5']", {}, "rrueeueuu"),
    ],
)
def test_one_query_trains_and_another_tests(train: str, test: str, more: dict[str, Any], expected: str) -> None:
    assert roles(SETS, "transfer", train=train, test=test, **more) == [expected]


PARTLY = curated([{"cell_id": "PC3"}] * 8).assign(
    text=pd.array([None, None, "1", None, "2", None, "3", "1"], dtype="str"),
    number=[np.nan, np.nan, 1, np.nan, 2, np.nan, 3, 1],
    whole=pd.array([None, None, 1, None, 2, None, 3, 1], dtype="Int64"),
    thing=pd.array([None, None, "1", None, "2", None, "3", "1"], dtype="object"),
)


@pytest.mark.parametrize("column", ["text", "number", "whole", "thing", "`batch no.`"])
@pytest.mark.parametrize(
    ("query", "selected"),
    [
        ("{x} != {one}", "46"),
        ("not {x} == {one}", "46"),
        ("not ({x} == {one} or {x} == {two})", "6"),
        ("~({x} == {one})", "46"),
        ("{x} not in [{one}, {three}]", "4"),
        ("~({x} in [{one}])", "46"),
        ("not {x}.isin([{one}, {two}])", "6"),
        ("{x} != {one} or index == 's0'", "46"),
        ("{x} != {one} and index != '{x}.isna()'", "46"),  # text is no question
        ("{x} in [{one}, {two}]", "247"),
        ("{x}.isna()", "0135"),
        ("{x}.isnull() or {x} == {two}", "01345"),
        ("not {x}.notna()", "0135"),
        ("~{x}.notnull() and index != 's0'", "135"),
        ("{x} != {one} and {x}.notna()", "46"),
        ("{x} != {one} or {x}.isna()", "013456"),
        ("cell_id.notna() and {x} != {one}", "46"),  # asked of another column
    ],
)
def test_a_sample_that_lacks_a_value_the_query_compares_is_selected_only_where_it_asks_for_that(
    query: str, selected: str, column: str
) -> None:
    samples = PARTLY.assign(**{"batch no.": PARTLY["text"]})
    one, two, three = "123" if column in ("number", "whole") else ("'1'", "'2'", "'3'")
    chosen = select(samples, query.format(x=column, one=one, two=two, three=three), "test", "a.moa")
    assert np.flatnonzero(chosen).tolist() == [*map(int, selected)]


def test_a_missing_answer_selects_nothing() -> None:
    known = SETS.assign(good=pd.array([True, True, None, False, False, None, None, None, False], dtype="boolean"))
    assert roles(known, "transfer", train="good", test="not good") == ["rrueeuuue"]
    assert roles(known, "transfer", train="good", test="~good and good.notna()") == ["rrueeuuue"]


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(
    ("samples", "scheme", "parameters"),
    [
        (SUBJECTS, "leave_one_subject_out", {"exclude": ["BD10"]}),
        (SETS, "transfer", {"train": A375, "test": "index > 's2' and not cell_id == 'A375'"}),
    ],
)
def test_the_row_order_does_not_matter(
    samples: pd.DataFrame, scheme: str, parameters: dict[str, Any], seed: int
) -> None:
    shuffled = samples.sample(frac=1, random_state=seed, ignore_index=True)
    made = [
        make_split(SplitRequest(table, "moa", ("cell_id",), "a.moa"), scheme, parameters)
        for table in (samples, shuffled)
    ]
    assert made[0]["sample_id"].tolist() != made[1]["sample_id"].tolist()
    assert split_digest(made[0]) == split_digest(made[1])


# The stratified scheme's own


def test_stratified_folds_without_dev_are_the_same_folds() -> None:
    samples = curated([{"cell_id": "PC3", "moa": moa} for moa in "xxxxxyyyyy"])
    with_dev = roles(samples, "stratified", n_folds=5, seed=1)
    without = roles(samples, "stratified", n_folds=5, seed=1, dev=False)
    assert without == [word.replace("e", "r").replace("d", "e") for word in with_dev]
    assert [word.count("e") for word in roles(samples, "stratified", n_folds=2, seed=1, dev=False)] in ([5, 5], [4, 6])


def test_a_class_smaller_than_the_folds_can_be_kept() -> None:
    samples = curated([{"cell_id": "PC3", "moa": moa} for moa in "xxxxyyyyzz"])
    found = roles(samples, "stratified", n_folds=4, seed=1, small_classes="keep")
    assert all("u" not in word for word in found)
    assert sorted("".join(column).count("e") for column in zip(*found, strict=True)) == [1] * 10
    assert sum(word[8:].count("e") for word in found) == 2
    large = samples[samples["moa"] != "z"].reset_index(drop=True)
    request = SplitRequest(large, "moa", ("moa",), "a.moa")
    both = [
        make_split(request, "stratified", {"n_folds": 4, "seed": 1, "small_classes": small})
        for small in ("error", "keep")
    ]
    assert split_digest(both[0]) == split_digest(both[1])


# Classes that fall out


@pytest.mark.parametrize("kind", ["str", "category", "object"])
def test_classes_all_of_whose_samples_are_unused_are_left_out(kind: str) -> None:
    rows = [
        (0, "a", "unused"), (0, "b", "train"), (0, "c", "unused"), (0, "d", "unused"), (0, "e", "unused"),
        (1, "a", "unused"), (1, "b", "unused"), (1, "c", "test"), (1, "d", "unused"), (1, "e", "unused"),
    ]  # fmt: skip
    made = pd.DataFrame(rows, columns=["rotation", "sample_id", "role"]).astype({"sample_id": kind, "role": kind})
    labels = pd.Series({"e": "q", "d": "z", "c": "z", "b": "y", "a": "x"}, dtype="str")
    assert left_out_classes(made, labels) == ["q", "x"]
    assert left_out_classes(made, labels.drop("e")) == ["x"]
    assert left_out_classes(made[made["role"] != "unused"], labels) == ["q", "x"]
    assert left_out_classes(made, labels.replace({"x": "y", "q": "y"})) == []
