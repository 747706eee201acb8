from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from l1000_bench.configured import make_from
from l1000_bench.errors import InputError, require


@dataclass(frozen=True)
class Plate:
    name: str
    wells: int
    rows: int = 16
    failed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        require(self.wells > 0, f"wells is {self.wells}; it must be above 0.")


def test_what_is_written_and_what_is_given_make_one_whole() -> None:
    made = make_from(Plate, {"wells": 384, "failed": ["A01"], "colour": "red"}, "plate", also=["colour"], name="P1")
    assert made == Plate("P1", 384, 16, ["A01"])


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ({"wels": 1}, "the key 'wels' is not known here (did you mean 'wells'?); its keys are wells, rows, failed."),
        ({"wells": 1, "area": 1}, "the key 'area' is not known here; its keys are wells, rows, failed."),
        ({"wells": 1, 3: 1}, "the key 3 is not known here; its keys are wells, rows, failed."),
        ({"wells": 1, "name": "P"}, "the key 'name' is not known here; its keys are wells, rows, failed."),
        ({"rows": 1}, "the key 'wells' is missing; its keys are wells, rows, failed."),
        ({}, "the key 'wells' is missing; its keys are wells, rows, failed."),
        ({"wells": 0}, "wells is 0; it must be above 0."),
    ],
)
def test_a_refusal_names_the_place_the_key_and_the_keys_there_are(entry: dict[Any, Any], sentence: str) -> None:
    with pytest.raises(InputError) as refused:
        make_from(Plate, entry, "plates.P", name="P")
    assert str(refused.value) == f"plates.P: {sentence}"


def test_a_value_of_a_type_that_cannot_be_is_refused() -> None:
    with pytest.raises(
        InputError, match=r"^plates\.P: a value is of a type that its key does not take \(.*not supported"
    ):
        make_from(Plate, {"wells": None}, "plates.P", name="P")


@pytest.mark.parametrize("entry", [None, 3, ["wells"], "wells"])
def test_what_has_no_keys_is_refused(entry: Any) -> None:
    with pytest.raises(InputError, match=r"^plates\.P holds .*; it takes the keys wells, rows, failed\.$"):
        make_from(Plate, entry, "plates.P", name="P")
