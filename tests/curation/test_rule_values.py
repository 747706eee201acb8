from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from l1000_bench.curation.rules import apply_rules, find_rule
from l1000_bench.errors import InputError


@pytest.mark.parametrize("column", ["text", "whole", "real", "nullable"])
@pytest.mark.parametrize(
    ("values", "kept"), [([1, 10], [0, 1]), (["1", "10"], [0, 1]), ([10.0, "2"], [1, 2]), ([1, "nan"], [0]), ([], [])]
)
def test_numbers_in_yaml_and_their_text_are_one(column: str, values: list[Any], kept: list[int]) -> None:
    samples = pd.DataFrame(
        {
            "text": pd.array(["1", "10", "2", None], dtype="str"),
            "whole": [1, 10, 2, 100],
            "real": [1, 10, 2, np.nan],
            "nullable": pd.array([1, 10, 2, None], dtype="Int64"),
        }
    )
    positions, audit = apply_rules(samples, [{"rule": "keep_values", "column": column, "values": values}])
    assert positions.tolist() == kept
    assert audit[0]["why"] == f"{column} is none of {', '.join(f'{x:g}' if x == 10.0 else str(x) for x in values)}"


def test_fractions_are_kept_by_value() -> None:
    samples = pd.DataFrame({"dose": [0.5, 0.1, 3.33, np.nan]})
    rule = {"rule": "keep_values", "column": "dose", "values": [0.1, "3.33"]}
    assert apply_rules(samples, [rule])[0].tolist() == [1, 2]


def test_types_of_perturbations_can_be_numbers() -> None:
    samples = pd.DataFrame({"pert_type": ["1", "2", None, "trt_cp"], "pert_iname": list("abcd")}, dtype="str")
    positions, audit = apply_rules(samples, [{"rule": "keep_perturbations", "types": [1, "trt_cp"]}])
    assert positions.tolist() == [0, 3]
    assert audit[0]["why"] == "pert_type is none of 1, trt_cp"


QUOTES = " (yes, no, true and false as text stand in quotes)"


@pytest.mark.parametrize(
    ("rule", "given", "takes"),
    [
        ("keep_values", {"column": "a", "values": [True, "x"]}, "a list of text or numbers" + QUOTES),
        ("keep_values", {"column": "a", "values": True}, "a list of text or numbers"),
        ("keep_values", {"column": "a", "values": 3}, "a list of text or numbers"),
        ("keep_values", {"column": "a", "values": None}, "a list of text or numbers"),
        ("keep_values", {"column": "a", "values": {"x": 1}}, "a list of text or numbers"),
        ("keep_values", {"column": "a", "values": ["x", None]}, "a list of text or numbers"),
        ("keep_values", {"column": "a", "values": [["x"]]}, "a list of text or numbers"),
        ("keep_values", {"column": "a", "values": "x"}, "a list, such as [x]"),
        ("keep_perturbations", {"types": [False]}, "a list of text or numbers" + QUOTES),
        ("keep_perturbations", {"types": 1}, "a list of text or numbers"),
        ("known_labels", {"columns": [1]}, "a list of text"),
        ("class_threshold", {"at_least": 2, "columns": 7}, "a list of text"),
    ],
)
def test_a_list_of_nothing_that_can_be_compared_is_refused(rule: str, given: dict[str, Any], takes: str) -> None:
    parameter, value = list(given.items())[-1]
    with pytest.raises(InputError) as caught:
        find_rule({"rule": rule, **given})
    assert str(caught.value) == f"curation rule {rule}: {parameter} is {value!r}; it takes {takes}."
