"""The one error that a user can mend, and the check of what a user configures."""

from __future__ import annotations

from numbers import Integral, Real
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints


class InputError(ValueError):
    """Bad input: one sentence that says what was expected, what came, where, and what to do.

    The command line prints it without a traceback and exits with status 1.
    """


def require(condition: bool, sentence: str) -> None:
    """Raise an InputError with the sentence unless the condition holds."""
    if not condition:
        raise InputError(sentence)


def is_whole(value: Any) -> bool:
    """Return whether a value is a whole number, numpy's too; true and false are none."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def check_field_types(spec: Any) -> None:
    """Compare the fields of a dataclass that was made from configuration with their types.

    Fields of text, lists, mappings and numbers are looked at, optional ones too; text must not be empty.

    Args:
        spec: An instance of a dataclass.

    Raises:
        InputError: Names the first field of another type, what it holds and what it takes.
    """
    kinds = {
        str: "text", list: "a list", dict: "keys and values", int: "a whole number", float: "a number",
        bool: "true or false",
    }  # fmt: skip
    accepted = {int: Integral, float: Real}  # numpy's numbers too
    for name, hint in get_type_hints(type(spec)).items():
        value = getattr(spec, name)
        options = get_args(hint) if get_origin(hint) is UnionType else (hint,)
        named = [get_origin(option) or option for option in options if option is not NoneType]
        kind = named[0]
        if len(named) > 1 or kind not in kinds or (value is None and NoneType in options):
            continue
        fits = isinstance(value, accepted.get(kind, kind)) and not (kind is str and value == "")
        if not fits or (kind in (int, float) and isinstance(value, bool)):
            raise InputError(f"{name} is {value!r}; it takes {kinds[kind]}.")
