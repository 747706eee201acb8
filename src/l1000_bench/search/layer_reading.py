"""Lists of layers as a search space's YAML writes them.

    hidden:
      layers:
        number: {dist: geom, p: 0.5, loc: -1}
        first: {dist: dlaplace, a: 0.1, loc: 150}
        next: {mixture: [{poisson_of_previous: 0.5, plus: 2}, same, {poisson_of_previous: 2, plus: 2}]}
        least: 1

`first` is a value, or a list of values for the first layers; `next` is `same` (also when it is left out), a value that
does not depend on the size before, Poisson(factor previous) + plus, or a mixture of such; sizes below `least` are
raised to it.

    _graph_layers:
      graph_layers:
        number: {dist: geom, p: 0.5}
        filters: {first: ..., next: ..., least: 1}
        K: {first: ..., next: ..., least: 1}
        pool: {choice: [2, 2, 2, 4, 4]}
        smallest_component: 839

`coarsenings: 8` may stand in place of `smallest_component: 839`: the number of layers and sum(log2(pool)) are then at
most 8.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from l1000_bench.configured import check_keys
from l1000_bench.errors import InputError, is_whole, require
from l1000_bench.search.choices import Read, Weights, read_list, read_weights
from l1000_bench.search.layer_lists import TRIES, GraphLayers, Layers, Same, Scaled, Sizes, Step, most_coarsenings
from l1000_bench.search.values import Value

SIZES = ("first", "next", "least")


def read_layers(spec: Mapping[str, Any], name: str, read: Read) -> Layers:
    """Read `{layers: {...}}`.

    Args:
        spec: The mapping.
        name: The parameter, for messages.
        read: Reads a value.

    Raises:
        InputError: If a key is unknown or missing, or a value can be anything but a whole number.
    """
    check_keys(spec, ("layers",), (), name)
    content = spec["layers"]
    check_keys(content, ("number", "first"), ("next", "least"), name)
    number = _whole(content["number"], f"{name}: number", read)
    return Layers(number, _read_sizes({key: content[key] for key in SIZES if key in content}, name, read))


def read_graph_layers(spec: Mapping[str, Any], name: str, read: Read) -> GraphLayers:
    """Read `{graph_layers: {...}}`; arguments and errors as of `read_layers`."""
    check_keys(spec, ("graph_layers",), (), name)
    content = spec["graph_layers"]
    check_keys(content, ("number", "filters", "K", "pool"), ("smallest_component", "coarsenings"), name)
    pool = _whole(content["pool"], f"{name}: pool", read)
    sizes = pool.options(TRIES)
    if not sizes or any(size < 1 or size & (size - 1) for size in sizes):
        raise InputError(f"{name}: pool is {content['pool']!r}; it takes a choice of powers of two.")
    layers = GraphLayers(
        _whole(content["number"], f"{name}: number", read),
        _read_sizes(content["filters"], f"{name}: filters", read),
        _read_sizes(content["K"], f"{name}: K", read),
        pool,
        _read_coarsenings(content, name),
    )
    try:
        layers.draw(np.random.default_rng(0))  # bounds that nothing keeps show now, not in the search
    except InputError as error:
        raise InputError(f"{name}: {error}") from error
    return layers


def _read_sizes(content: Any, name: str, read: Read) -> Sizes:
    check_keys(content, ("first",), ("next", "least"), name)
    given, least = content["first"], content.get("least", 1)
    first = read_list(given, f"{name}: first") if isinstance(given, list) else [given]
    require(is_whole(least) and least >= 1, f"{name}: least is {least!r}; it takes a whole number, at least 1.")
    steps, weights = _read_steps(content.get("next", "same"), f"{name}: next", read)
    return Sizes(tuple(_whole(value, f"{name}: first", read) for value in first), steps, weights, least)


def _read_steps(spec: Any, name: str, read: Read) -> tuple[tuple[Step, ...], Weights]:
    if not (isinstance(spec, Mapping) and "mixture" in spec):
        return (_read_step(spec, name, read),), None
    check_keys(spec, ("mixture",), ("weights",), name)
    parts = read_list(spec["mixture"], f"{name}: mixture")
    return tuple(_read_step(part, name, read) for part in parts), read_weights(spec, len(parts), name)


def _read_step(spec: Any, name: str, read: Read) -> Step:
    if spec == "same":
        return Same()
    if not (isinstance(spec, Mapping) and "poisson_of_previous" in spec):
        return _whole(spec, name, read)
    check_keys(spec, ("poisson_of_previous",), ("plus",), name)
    factor, plus = spec["poisson_of_previous"], spec.get("plus", 0)
    if isinstance(factor, bool) or not isinstance(factor, int | float) or not 0 < factor < float("inf"):
        raise InputError(f"{name}: poisson_of_previous is {factor!r}; it takes a number above 0.")
    require(is_whole(plus), f"{name}: plus is {plus!r}; it takes a whole number.")
    return Scaled(float(factor), plus)


def _whole(spec: Any, name: str, read: Read) -> Value:
    value = read(spec, name)
    require(value.whole, f"{name} is {spec!r}; every value must be a whole number (round: true rounds).")
    return value


def _read_coarsenings(content: Mapping[str, Any], name: str) -> int:
    given = [key for key in ("smallest_component", "coarsenings") if key in content]
    require(len(given) == 1, f"{name}: give either smallest_component or coarsenings, which bound the pooling.")
    value, least = content[given[0]], 4 if given == ["smallest_component"] else 1
    if not is_whole(value) or value < least:
        raise InputError(f"{name}: {given[0]} is {value!r}; it takes a whole number, at least {least}.")
    return int(value) if given == ["coarsenings"] else most_coarsenings(value)
