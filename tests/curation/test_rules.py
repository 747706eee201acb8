from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l1000_bench.curation.rules import apply_rules, class_threshold, find_rule
from l1000_bench.errors import InputError


def table(**columns: list[str | None]) -> pd.DataFrame:
    return pd.DataFrame(columns, dtype="str")


def left(samples: pd.DataFrame, *entries: dict[str, Any]) -> list[int]:
    return [int(position) for position in apply_rules(samples, entries)[0]]


# Quality


REASONS = [
    ("qc_pass", "missing"), ("qc_pass", "false"), ("distil_cc", "missing"), ("distil_cc", "below 0"),
    ("tas", "missing"), ("tas", "below 0.3"),
]  # fmt: skip
MEASURED = pd.DataFrame(
    {
        "qc_pass": pd.array([True, False, None, True, True], dtype="boolean"),
        "distil_cc": [0.5, 0.5, 0.5, 0.1, np.nan],
        "tas": [0.2, 0.9, 0.9, 0.9, 0.1],
    }
)


@pytest.mark.parametrize(
    ("asked", "kept", "reasons"),
    [
        ({"qc_pass": True}, [0, 3, 4], ["qc_pass is missing", "qc_pass is false"]),
        ({"distil_cc_at_least": 0.2}, [0, 1, 2], ["distil_cc is missing", "distil_cc is below 0.2"]),
        ({"tas_at_least": 0.2}, [0, 1, 2, 3], ["tas is missing", "tas is below 0.2"]),
        (
            {"qc_pass": True, "distil_cc_at_least": 0, "tas_at_least": 0.3},
            [3],
            [f"{column} is {what}" for column, what in REASONS],
        ),
    ],
)
def test_quality_drops_what_is_poor_or_unknown(asked: dict[str, Any], kept: list[int], reasons: list[str]) -> None:
    positions, audit = apply_rules(MEASURED, [{"rule": "quality", **asked}])
    assert positions.tolist() == kept
    assert [row["why"] for row in audit] == reasons
    assert audit[0]["before"] - sum(row["dropped"] for row in audit) == len(kept)


@pytest.mark.parametrize("samples", [MEASURED.drop(columns="tas"), MEASURED.assign(tas=np.nan)])
def test_a_quality_that_the_corpus_does_not_know_is_refused(samples: pd.DataFrame) -> None:
    with pytest.raises(InputError, match="quality asks for tas, which the tables of the corpus do not have"):
        apply_rules(samples, [{"rule": "quality", "qc_pass": True, "tas_at_least": 0.1}])


# Perturbations


PERTURBATIONS = pd.DataFrame(
    [
        ("trt_cp", "aspirin"),
        ("trt_poscon", "bortezomib"),
        ("ctl_vehicle", "DMSO"),
        ("ctl_vehicle", "dmso"),
        ("ctl_vehicle", "H2O"),
        ("trt_sh", "TP53"),
        ("ctl_vector", "DMSO"),
        ("trt_cp", None),
        (None, "DMSO"),
    ],
    columns=["pert_type", "pert_iname"],
    dtype="str",
)


def test_compounds_and_the_vehicle_in_any_case_are_kept() -> None:
    rule = {"rule": "keep_perturbations", "types": ["trt_cp"]}
    assert left(PERTURBATIONS, rule) == [0, 7]
    assert left(PERTURBATIONS, rule | {"vehicle": "DMSO"}) == [0, 2, 3, 7]
    assert left(PERTURBATIONS, rule | {"vehicle": "Dmso"}) == [0, 2, 3, 7]
    assert left(PERTURBATIONS, rule | {"vehicle": "h2o"}) == [0, 4, 7]


def test_positive_controls_are_kept_where_they_are_named() -> None:
    types = ["trt_cp", "trt_poscon"]
    assert left(PERTURBATIONS, {"rule": "keep_perturbations", "types": types, "vehicle": "DMSO"}) == [0, 1, 2, 3, 7]


# Labels


def test_one_mechanism_is_neither_none_nor_two() -> None:
    samples = table(moa=["a", None, "a|b", "b", "DMSO"])
    kept, audit = apply_rules(samples, [{"rule": "single_moa"}])
    assert kept.tolist() == [0, 3, 4]
    assert [(row["before"], row["dropped"], row["after"], row["why"]) for row in audit] == [
        (5, 1, 4, "no known mechanism of action"),
        (4, 1, 3, "more than one mechanism of action"),
    ]


def test_known_labels_are_asked_of_every_column() -> None:
    samples = table(primary_site=["lung", None, "skin", None], subtype=["x| y", "z", None, None])
    kept, audit = apply_rules(samples, [{"rule": "known_labels", "columns": ["primary_site", "subtype"]}])
    assert kept.tolist() == [0]
    assert [(row["why"], row["dropped"]) for row in audit] == [
        ("primary_site is missing", 2),
        ("subtype is missing", 1),
    ]


def test_values_are_kept_by_name() -> None:
    samples = table(primary_site=["prostate", "lung", None, "Prostate"])
    assert left(samples, {"rule": "keep_values", "column": "primary_site", "values": ["prostate", "bone"]}) == [0]


# Class thresholds


def test_classes_are_counted_once_and_independently() -> None:
    # moa: A 3, B 1; site: s 3, t 1. A and s are large enough; what is left of both is two samples, and stays:
    # counting again would drop everything.
    samples = table(moa=["A", "A", "A", "B"], site=["s", "s", "t", "s"])
    rule = {"rule": "class_threshold", "columns": ["moa", "site"], "at_least": 3}
    kept, audit = apply_rules(samples, [rule])
    assert kept.tolist() == [0, 1]
    assert [(row["before"], row["dropped"], row["after"]) for row in audit] == [(4, 1, 3), (3, 1, 2)]
    assert left(samples.iloc[kept], rule) == []
    assert left(samples, rule | {"columns": ["site", "moa"]}) == [0, 1]


def test_a_later_rule_counts_what_is_left() -> None:
    samples = table(moa=["A", "A", "A", "B", "B"], site=["s", "s", "t", "t", "t"])
    rules = [{"rule": "class_threshold", "columns": [column], "at_least": 3} for column in ("moa", "site")]
    assert left(samples, *rules) == []  # of A, s has two and t one
    assert left(samples, rules[0] | {"columns": ["moa", "site"]}) == [2]


@pytest.mark.parametrize(("threshold", "kept"), [("more_than", [3, 4, 5, 6]), ("at_least", list(range(7)))])
def test_more_than_three_is_not_at_least_three(threshold: str, kept: list[int]) -> None:
    samples = table(moa=["A", "A", "A", "B", "B", "B", "B"])
    assert left(samples, {"rule": "class_threshold", "columns": ["moa"], threshold: 3}) == kept


def test_a_missing_label_is_no_class() -> None:
    samples = table(moa=[None, None, None, "A"])
    assert left(samples, {"rule": "class_threshold", "columns": ["moa"], "at_least": 1}) == [3]
    assert left(samples, {"rule": "class_threshold", "columns": ["moa"], "more_than": 0}) == [3]


@pytest.mark.parametrize("thresholds", [{}, {"more_than": 0, "at_least": 1}])
def test_one_threshold_is_needed(thresholds: dict[str, int]) -> None:
    with pytest.raises(InputError, match="either more_than or at_least; give exactly one"):
        class_threshold(table(moa=["A"]), ["moa"], **thresholds)


# The audit


LABELS = st.sampled_from(["a", "b", "c", "a|b", None])
RULES = st.sampled_from(
    [
        {"rule": "single_moa"},
        {"rule": "known_labels", "columns": ["moa", "site"]},
        {"rule": "keep_values", "column": "site", "values": ["a", "b"]},
        {"rule": "class_threshold", "columns": ["site", "moa"], "more_than": 1},
        {"rule": "class_threshold", "columns": ["moa"], "at_least": 3},
    ]
)


@settings(deadline=None, derandomize=True)
@given(st.lists(st.tuples(LABELS, LABELS), max_size=25), st.lists(RULES, max_size=4))
def test_the_audit_adds_up(labels: list[tuple[str | None, str | None]], rules: list[dict[str, Any]]) -> None:
    samples = table(moa=[moa for moa, _ in labels], site=[site for _, site in labels])
    kept, audit = apply_rules(samples, rules)
    assert all(row["before"] - row["dropped"] == row["after"] for row in audit)
    counts = [len(samples), *(row["after"] for row in audit)]
    assert [row["before"] for row in audit] == counts[:-1]
    assert len(kept) == counts[-1]
    assert kept.tolist() == sorted(set(kept.tolist()))
    one_by_one = np.arange(len(samples))
    for rule in rules:
        one_by_one = one_by_one[apply_rules(samples.iloc[one_by_one], [rule])[0]]
    assert kept.tolist() == one_by_one.tolist()


def test_no_rule_keeps_all() -> None:
    kept, audit = apply_rules(table(moa=["a", None]), [])
    assert (kept.tolist(), audit) == ([0, 1], [])


# Rules by name


def test_a_rule_of_ones_own_is_found_by_its_import_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_rules.py").write_text(
        "from l1000_bench.curation.rules import Step\n"
        "def long_names(samples, length):\n"
        "    return [Step(f'name shorter than {length}', (samples['name'].str.len() >= length).to_numpy())]\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    entry = {"rule": "my_rules:long_names", "length": 3}
    kept, audit = apply_rules(table(name=["ab", "abc", "abcd"]), [entry])
    assert kept.tolist() == [1, 2]
    why = "name shorter than 3"
    assert audit == [{"rule": "my_rules:long_names", "before": 3, "dropped": 1, "after": 2, "why": why}]
    assert entry == {"rule": "my_rules:long_names", "length": 3}
    with pytest.raises(InputError, match=r"my_rules:long_names: the key 'length' is missing; its keys are length"):
        find_rule({"rule": "my_rules:long_names"})
    with pytest.raises(InputError, match="unknown curation rule 'my_rules:no_such'"):
        find_rule({"rule": "my_rules:no_such"})


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"rule": "one_moa"}, "unknown curation rule 'one_moa' in .*; known are class_threshold, .*single_moa"),
        ({}, "unknown curation rule ''"),
        ({"rule": "no_such_module:rule"}, "unknown curation rule 'no_such_module:rule'"),
        ({"rule": ":rule"}, "unknown curation rule ':rule'"),
        ({"rule": "math:pi"}, "curation rule math:pi is no function"),
        (
            {"rule": "keep_values", "column": "a"},
            r"keep_values: the key 'values' is missing; its keys are column, values",
        ),
        ({"rule": "single_moa", "more": 1}, "single_moa: the key 'more' is not known here; its keys are none"),
    ],
)
def test_what_is_no_rule_is_refused(entry: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        find_rule(entry)


@pytest.mark.parametrize(
    "entry",
    [
        {"rule": "known_labels", "columns": ["sight"]},
        {"rule": "keep_values", "column": "sight", "values": ["x"]},
        {"rule": "class_threshold", "columns": ["moa", "sight"], "at_least": 1},
    ],
)
def test_an_unknown_column_is_named(entry: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"unknown column\(s\) sight in a curation rule; the samples have moa, site"):
        apply_rules(table(moa=["a"], site=["b"]), [entry])
