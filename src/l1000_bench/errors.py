"""The one error that a user can mend, and the check of what a user configures."""

from __future__ import annotations

from typing import Any, get_origin, get_type_hints


class InputError(ValueError):
    """Bad input: one sentence that says what was expected, what came, where, and what to do.

    The command line prints it without a traceback and exits with status 1.
    """


def check_field_types(spec: Any) -> None:
    """Compare the fields of a dataclass that was made from configuration with their types.

    Fields of text, lists, mappings and numbers are looked at; text must not be empty.

    Args:
        spec: An instance of a dataclass.

    Raises:
        InputError: Names the first field of another type, what it holds and what it takes.
    """
    kinds = {str: "text", list: "a list", dict: "keys and values", int: "a whole number", float: "a number"}
    for name, hint in get_type_hints(type(spec)).items():
        kind = get_origin(hint) or hint
        value = getattr(spec, name)
        if kind not in kinds:
            continue
        fits = isinstance(value, int | float if kind is float else kind) and not (kind is str and value == "")
        if not fits or (kind in (int, float) and isinstance(value, bool)):
            raise InputError(f"{name} is {value!r}; it takes {kinds[kind]}.")
