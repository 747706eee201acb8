"""What a user configures, compared with the keys and the types that it takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from difflib import get_close_matches
from numbers import Integral, Real
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from l1000_bench.errors import InputError, require

Spec = TypeVar("Spec")


def check_keys(content: Any, needs: Sequence[str], takes: Sequence[str], place: str) -> None:
    """Compare the keys of a mapping with those it takes.

    Args:
        content: What stands there.
        needs: Keys that must be there.
        takes: Keys that may be there.
        place: Where it stands.

    Raises:
        InputError: If it is no mapping, has an unknown key or lacks a needed one.
    """
    known = (*needs, *takes)
    listed = ", ".join(known) or "none"
    if not isinstance(content, Mapping):
        raise InputError(f"{place} holds {content!r}; it takes the keys {listed}.")
    for key in content:
        alike = get_close_matches(str(key), known, n=1, cutoff=0.75)
        meant = f" (did you mean {alike[0]!r}?)" if alike else ""
        require(key in known, f"{place}: the key {key!r} is not known here{meant}; its keys are {listed}.")
    for key in needs:
        require(key in content, f"{place}: the key {key!r} is missing; its keys are {listed}.")


def make_from(spec: type[Spec], entry: Any, place: str, *, also: Sequence[str] = (), **given: Any) -> Spec:
    """Make a dataclass from what a user configured.

    Args:
        spec: The dataclass.
        entry: Keys and values, as they stand in the file.
        place: Where they stand.
        also: Keys that somebody else reads there.
        given: Fields that are not the user's to set.

    Raises:
        InputError: If a key is unknown or missing, or the dataclass refuses a value; names the place.
    """
    asked = [each for each in fields(spec) if each.name not in given]  # type: ignore[arg-type]
    needs = [each.name for each in asked if each.default is MISSING and each.default_factory is MISSING]
    takes = [each.name for each in asked if each.name not in needs]
    check_keys(entry, needs, [*takes, *also], place)
    try:
        return spec(**{key: value for key, value in entry.items() if key not in also}, **given)
    except InputError as error:
        raise InputError(f"{place}: {error}") from error
    except TypeError as error:
        raise InputError(
            f"{place}: a value is of a type that its key does not take ({error}); compare it with the other entries."
        ) from error


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
