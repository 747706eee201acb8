"""Whether parameters of the configuration fit the function that they are handed to, by name and by annotation."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from l1000_bench.configured import check_keys
from l1000_bench.errors import InputError

ONE = {int: "a whole number", bool: "true or false", str: "text"}
MANY = {str: "text", int: "whole numbers", float: "numbers"}


def check_arguments(function: Any, parameters: Mapping[str, object], place: str) -> None:
    """Compare the names of parameters with those of a function, whose first argument is the project's to give.

    Args:
        function: What the configuration names.
        parameters: Of the configuration.
        place: What it is, and its name.

    Raises:
        InputError: If it is no function of at least one argument, or a parameter is unknown or missing.
    """
    try:
        taken = [*inspect.signature(function).parameters.values()]
    except (TypeError, ValueError):
        taken = []
    if not taken:
        raise InputError(f"{place} is no function that takes what is to be worked on as its first argument; name one.")
    named = [each for each in taken[1:] if each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY)]
    needs = [each.name for each in named if each.default is each.empty]
    takes = [each.name for each in named if each.default is not each.empty]
    if any(each.kind is each.VAR_KEYWORD for each in taken):
        takes += [name for name in parameters if name not in {each.name for each in named}]
    check_keys(parameters, needs, takes, place)


def annotations_of(function: Callable[..., object]) -> dict[str, Any]:
    """Return the types of a function's parameters, none where they cannot be resolved."""
    try:
        return get_type_hints(function)
    except (AttributeError, NameError, TypeError):  # annotations that only a type checker can read, or none
        return {}


def misfit(value: object, hint: Any) -> str | None:
    """Say what a parameter takes if a value is nothing of the kind.

    Args:
        value: Of the configuration.
        hint: The annotation; others than simple ones (int, bool, str, a list, a `Literal` of texts) take everything.

    Returns:
        What it takes, in words that follow "it takes"; None if the value fits.
    """
    options = get_args(hint)
    if NoneType in options:
        rest = [option for option in options if option is not NoneType]
        return None if value is None or len(rest) > 1 else misfit(value, rest[0])
    if get_origin(hint) is Literal:
        return None if isinstance(value, str) and value in options else f"one of {', '.join(map(str, options))}"
    if get_origin(hint) in (list, Sequence) or hint is list:
        return _misfit_list(value, options[0] if options else Any)
    return ONE[hint] if hint in ONE and type(value) is not hint else None


def _misfit_list(value: object, hint: Any) -> str | None:
    """Likewise for a list of text, of numbers, or of both; true and false are neither."""
    kinds = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    listed = isinstance(value, list | tuple)
    if not set(kinds) <= set(MANY):
        return None if listed else "a list"
    taken = (*kinds, int) if float in kinds else kinds
    if isinstance(value, list | tuple) and all(isinstance(x, taken) and not isinstance(x, bool) for x in value):
        return None
    return "a list of " + " or ".join(words for kind, words in MANY.items() if kind in kinds)
