"""Constants, choices and mixtures as a search space's YAML writes them, and what all its readers check."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from l1000_bench.configured import check_keys
from l1000_bench.errors import InputError
from l1000_bench.search.values import Choice, Mixture, Value

Read = Callable[[Any, str], Value]
Weights = tuple[float, ...] | None


def read_constant(value: Any, name: str) -> Choice:
    """Read a value that is always the same; arguments and errors as of `read_mixture`."""
    return _as_they_are([value], name, None)


def read_choice(spec: Mapping[str, Any], name: str) -> Choice:
    """Read `{choice: [...], weights: [...]}`; arguments and errors as of `read_mixture`."""
    check_keys(spec, ("choice",), ("weights",), name)
    options = read_list(spec["choice"], f"{name}: choice")
    return _as_they_are(options, name, read_weights(spec, len(options), name))


def read_mixture(spec: Mapping[str, Any], name: str, read: Read) -> Mixture:
    """Read `{mixture: [...], weights: [...]}`.

    Args:
        spec: The mapping.
        name: The parameter, for messages.
        read: Reads a value.

    Raises:
        InputError: Names the parameter and what is wrong with it.
    """
    check_keys(spec, ("mixture",), ("weights",), name)
    parts = read_list(spec["mixture"], f"{name}: mixture")
    return Mixture(tuple(read(part, name) for part in parts), read_weights(spec, len(parts), name))


def read_list(value: Any, place: str) -> list[Any]:
    """Return a list that holds something."""
    if not isinstance(value, list) or not value:
        raise InputError(f"{place} is {value!r}; it takes a list with at least one entry.")
    return value


def read_weights(spec: Mapping[str, Any], n_options: int, name: str) -> Weights:
    """Read the optional `weights` of a choice or a mixture and make their sum 1."""
    weights = spec.get("weights")
    if weights is None:
        return None
    if not isinstance(weights, list) or len(weights) != n_options:
        raise InputError(f"{name}: weights is {weights!r}; it takes a list of {n_options} numbers, one per option.")
    for weight in weights:
        number = isinstance(weight, int | float) and not isinstance(weight, bool)
        if not (number and 0 < weight < float("inf")):
            raise InputError(f"{name}: a weight is {weight!r}; it takes a number above 0.")
    return tuple(float(weight / sum(weights)) for weight in weights)


def _as_they_are(options: list[Any], name: str, weights: Weights) -> Choice:
    for option in options:
        try:
            json.dumps(option, sort_keys=True)
        except (TypeError, ValueError) as error:
            raise InputError(
                f"{name} holds {option!r}; values are numbers, text, true, false, null, lists and mappings of such."
            ) from error
    return Choice(tuple(options), weights)
