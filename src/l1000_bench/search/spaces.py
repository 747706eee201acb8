"""Search spaces: for every parameter the values to try and how often.

A space is a mapping from parameters to values, as a classifier's YAML file holds it:

- a scalar, a list or null: always that;
- `{choice: [a, b, c], weights: [...]}`: one of the options as they are, equally often without weights;
- `{dist: NAME, ...}`: a number, see `distributions`;
- `{mixture: [value, ...], weights: [...]}`: a draw from one of several values;
- `{layers: {...}}`: a list of layer sizes, see `layer_reading`;
- any other mapping: a space again, drawn as a mapping (`pyramid: {graph: regnetwork, cutoff: {dist: ...}}`).

A name that begins with `_` is a group: what is drawn for it is a mapping, and its keys are parameters. So parameters
can depend on one another: `_metric: {mixture: [{metric: minkowski, p: {choice: [1, 2]}}, {metric: canberra}]}`. The
group `{graph_layers: {...}}` gives `filters`, `K` and `pool` of a graph network, see `layer_reading`.
"""

from __future__ import annotations

import hashlib
import json
import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from l1000_bench.errors import InputError, require
from l1000_bench.search.choices import read_choice, read_constant, read_mixture
from l1000_bench.search.distributions import read_distribution
from l1000_bench.search.layer_reading import read_graph_layers, read_layers
from l1000_bench.search.values import Value, distinct

logger = logging.getLogger(__name__)

DRAWS_WITHOUT_NEWS = 1000


@dataclass(frozen=True)
class Space(Value):
    """A search space.

    Attributes:
        parameters: The value of every parameter and group. Each has `rvs`, so that scikit-learn's `ParameterSampler`
            takes them too; it does not know groups.
    """

    parameters: dict[str, Value]

    @classmethod
    def read(cls, mapping: Any) -> Space:
        """Read and check a space.

        Args:
            mapping: Parameters and their values, see the module.

        Raises:
            InputError: Names the parameter and what is wrong with it.
        """
        return _read_space(mapping, "")

    def sample(self, rng: np.random.Generator) -> dict[str, Any]:
        """Draw one setting.

        Every parameter has its own stream of random numbers, made from one number of `rng` and the parameter's name: a
        parameter that joins or leaves the space does not change the draws of the others.

        Args:
            rng: The generator.

        Returns:
            Parameters and their values: ints, floats, text, booleans, None, lists and mappings of such.
        """
        key = int(rng.integers(2**63))
        return self._merged(value.draw(_stream(key, name)) for name, value in self.parameters.items())

    def settings(self, n: int, seed: int) -> list[dict[str, Any]]:
        """Draw settings that differ from one another.

        Args:
            n: How many.
            seed: Of the draws; the first settings are the same for every n that the space exceeds.

        Returns:
            n settings; all there are where the space is not larger than n. Where the probable settings are exhausted,
            so that 1000 draws in a row bring nothing new, the ones found until then, with a warning.
        """
        every = self.options(n)
        if every is not None:
            return every
        rng = np.random.default_rng(seed)
        found: dict[str, dict[str, Any]] = {}
        known = 0
        while len(found) < n and known < DRAWS_WITHOUT_NEWS:
            setting = self.sample(rng)
            name = json.dumps(setting, sort_keys=True)
            known = known + 1 if name in found else 0
            found.setdefault(name, setting)
        if len(found) < n:
            logger.warning("The search space gave %d different settings, not the %d asked for.", len(found), n)
        return list(found.values())

    def draw(self, rng: np.random.Generator) -> dict[str, Any]:
        """Draw one setting."""
        return self.sample(rng)

    def options(self, limit: int) -> list[dict[str, Any]] | None:
        """Return all settings, or None when there are more than `limit`; lists of layers count as endless."""
        every: list[list[Any]] = []
        for value in self.parameters.values():
            options = value.options(limit)
            if options is None:
                return None
            every.append(options)
        if math.prod(map(len, every)) > limit:
            return None
        return distinct(self._merged(combination) for combination in product(*every))

    @property
    def keys(self) -> frozenset[str]:
        """Every parameter that a setting may have."""
        return frozenset(key for name in self.parameters for key in self._keys_of(name))

    def _keys_of(self, name: str) -> frozenset[str]:
        return self.parameters[name].keys or frozenset() if name.startswith("_") else frozenset({name})

    def _merged(self, drawn: Any) -> dict[str, Any]:
        setting: dict[str, Any] = {}
        for name, value in zip(self.parameters, drawn, strict=True):
            setting |= value if name.startswith("_") else {name: value}
        return setting


def _stream(key: int, name: str) -> np.random.Generator:
    digest = hashlib.sha256(name.encode("utf-8")).digest()
    return np.random.default_rng([key, int.from_bytes(digest[:8], "big")])


def _read_space(mapping: Any, place: str) -> Space:
    what = place.rstrip(".") or "a search space"
    if not isinstance(mapping, Mapping):
        raise InputError(f"{what} holds {mapping!r}; it takes parameters and their values.")
    for name in mapping:
        require(isinstance(name, str) and name != "", f"{what}: a parameter is called {name!r}; its name is text.")
    space = Space({name: read_value(spec, place + name) for name, spec in mapping.items()})
    seen: dict[str, str] = {}
    for name, value in space.parameters.items():
        if name.startswith("_") and value.keys is None:
            raise InputError(f"{place}{name}: a group gives several parameters, so every draw must be a mapping.")
        for key in sorted(space._keys_of(name)):
            require(key not in seen, f"{place}{key} is given twice, by {seen.get(key)} and by {name}; remove one.")
            seen[key] = name
    return space


def read_value(spec: Any, name: str) -> Value:
    """Read the values of one parameter.

    Args:
        spec: What stands in the file.
        name: The parameter, for messages.

    Raises:
        InputError: Names the parameter and what is wrong with it.
    """
    if not isinstance(spec, Mapping):
        return read_constant(spec, name)
    for marker, read in READERS.items():
        if marker in spec:
            return read(spec, name)
    return _read_space(spec, f"{name}.")


READERS: dict[str, Callable[[Mapping[str, Any], str], Value]] = {
    "dist": read_distribution,
    "choice": read_choice,
    "mixture": lambda spec, name: read_mixture(spec, name, read_value),
    "layers": lambda spec, name: read_layers(spec, name, read_value),
    "graph_layers": lambda spec, name: read_graph_layers(spec, name, read_value),
}
