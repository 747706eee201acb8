from __future__ import annotations

import pytest

from l1000_bench.errors import InputError
from l1000_bench.report.wording import decimal, listed, listing, mean_std, p_value, setting, signed

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
    assert setting('{"alpha": 0.000123456, "tol": 1e-05}') == "alpha = 0.0001235, tol = 1e-05"
    assert setting("{}") == "none to choose"
    assert setting(None) == "–"
    with pytest.raises(InputError, match="must be JSON text, but is 'n: 5'"):
        setting("n: 5")


def test_parameters_are_listed_by_name() -> None:
    parameters = {"n_folds": 5, "exclude": ["BD1", "BD2"], "train": 'cell_id == "A375"', "dev": False}
    assert listed(parameters) == 'dev false, exclude [BD1, BD2], n_folds 5, train cell_id == "A375"'
    assert listed({}) == ""


def test_lists_in_prose() -> None:
    assert [listing(list(words)) for words in ("", "a", "ab", "abc")] == ["", "a", "a and b", "a, b and c"]
