from __future__ import annotations

import pandas as pd
import pytest
from report_content import made_up

from l1000_bench.errors import InputError
from l1000_bench.report.tables import standings
from l1000_bench.report.wording import (
    best_sentence,
    decimal,
    listing,
    mean_std,
    p_value,
    pairs_sentences,
    setting,
    signed,
)

NAN = float("nan")


@pytest.mark.parametrize(
    ("mean", "std", "text"),
    [
        (93.94, 0.284, "93.9 ± 0.28"),
        (3.634, 0.02, "3.63 ± 0.02"),
        (9.999, 1.0, "10.0 ± 1.00"),
        (100.0, 0.0, "100.0 ± 0.00"),
        (50.0, NAN, "50.0 ± –"),
        (NAN, NAN, "–"),
    ],
)
def test_mean_and_deviation_with_the_digits_of_the_paper(mean: float, std: float, text: str) -> None:
    assert mean_std(mean, std) == text


def test_numbers_carry_true_signs() -> None:
    assert decimal(-1.256, 2) == "−1.26"
    assert decimal(-0.001, 2) == "0.00"
    assert decimal(float("-inf"), 2) == "−∞"
    assert signed(1.256, 1) == "+1.3"
    assert signed(0.04, 1) == "0.0"
    assert signed(NAN, 1) == "–"


def test_p_values_have_a_lower_bound() -> None:
    assert [p_value(p) for p in (0.05, 0.0001, 0.00009, 0.0, NAN)] == ["0.0500", "0.0001", "< 0.0001", "< 0.0001", "–"]


def test_settings_are_listed_by_name() -> None:
    assert setting('{"n": 5, "hidden": [8, 4], "kind": "cosine"}') == "hidden = [8, 4], kind = cosine, n = 5"
    assert setting("{}") == "none to choose"
    assert setting(None) == "–"
    with pytest.raises(InputError, match="must be JSON text, but is 'n: 5'"):
        setting("n: 5")


def test_lists_in_prose() -> None:
    assert [listing(list(words)) for words in ("", "a", "ab", "abc")] == ["", "a", "a and b", "a, b and c"]


def site(metric: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    content = made_up()
    rows = standings(content)
    tests = content.comparisons
    return rows[(rows["task"] == "site") & (rows["metric"] == metric)], tests[tests["metric"] == metric]


def test_what_differs_and_what_cannot_be_told_apart() -> None:
    rows, tests = site("accuracy")
    names = {"knn": "KNN"}
    assert best_sentence(rows, "accuracy", names) == (
        "The highest mean accuracy is that of KNN (85.0 ± 7.07 %). It cannot be told apart from linear."
    )
    assert pairs_sentences(tests, "accuracy", names, 0.05).replace("\u00a0", " ") == (
        "In accuracy, 1 of 3 tested pairs differs significantly (adjusted p ≤ 0.05). "
        "These cannot be told apart: KNN and linear; linear and majority."
    )


def test_pairs_without_a_p_value_are_named() -> None:
    rows, tests = site("macro_f1")
    assert best_sentence(rows, "macro-F1", {}).endswith("It was not tested against linear.")
    assert pairs_sentences(tests, "macro-F1", {}, 0.05).replace("\u00a0", " ") == (
        "In macro-F1, 2 of 2 tested pairs differ significantly (adjusted p ≤ 0.05). "
        "No test of macro-F1 was possible for linear and knn."
    )


def test_long_lists_of_pairs_end_in_a_number() -> None:
    row = site("accuracy")[1].iloc[[0]]
    assert "; and 2 more pairs (see the table)." in pairs_sentences(pd.concat([row] * 12), "accuracy", {}, 0.05)
