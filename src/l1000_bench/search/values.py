"""What a parameter of a search space can be: a value drawn afresh for every setting."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np

from l1000_bench.errors import is_whole


class Value(ABC):
    """A parameter's values and how often each is drawn."""

    @abstractmethod
    def draw(self, rng: np.random.Generator) -> Any:
        """Draw one value: an int, float, str, bool or None, or a list or mapping of such."""

    def rvs(self, random_state: np.random.Generator | np.random.RandomState) -> Any:
        """Draw one value the way scikit-learn's `ParameterSampler` asks for it."""
        if isinstance(random_state, np.random.RandomState):
            random_state = np.random.default_rng(random_state.randint(2**31))
        return self.draw(random_state)

    def options(self, limit: int) -> list[Any] | None:
        """Return every value once, or None when there are more than `limit` or it is not known."""
        del limit
        return None

    @property
    def whole(self) -> bool:
        """Whether every value is a whole number."""
        return False

    @property
    def keys(self) -> frozenset[str] | None:
        """The keys of the mappings that are drawn; None when anything but a mapping may be drawn."""
        return None


@dataclass(frozen=True)
class Choice(Value):
    """One of several options, as they are.

    Attributes:
        given: The options; the same one may stand more than once and is then drawn more often.
        weights: Their probabilities; None for equal ones.
    """

    given: tuple[Any, ...]
    weights: tuple[float, ...] | None = None

    def draw(self, rng: np.random.Generator) -> Any:  # noqa: D102  # as in Value
        # A copy, so that who changes a setting does not change the space.
        return deepcopy(self.given[rng.choice(len(self.given), p=self.weights)])

    def options(self, limit: int) -> list[Any] | None:  # noqa: D102
        found = distinct(deepcopy(self.given))
        return found if len(found) <= limit else None

    @property
    def whole(self) -> bool:  # noqa: D102
        return all(is_whole(option) for option in self.given)

    @property
    def keys(self) -> frozenset[str] | None:  # noqa: D102
        if not all(isinstance(option, dict) for option in self.given):
            return None
        return frozenset(str(key) for option in self.given for key in option)


@dataclass(frozen=True)
class Mixture(Value):
    """A draw from one of several values.

    Attributes:
        parts: The values.
        weights: How often each is drawn from; None for equally often.
    """

    parts: tuple[Value, ...]
    weights: tuple[float, ...] | None = None

    def draw(self, rng: np.random.Generator) -> Any:  # noqa: D102
        return self.parts[rng.choice(len(self.parts), p=self.weights)].draw(rng)

    def options(self, limit: int) -> list[Any] | None:  # noqa: D102
        found: list[Any] = []
        for part in self.parts:
            options = part.options(limit)
            if options is None:
                return None
            found = distinct([*found, *options])
        return found if len(found) <= limit else None

    @property
    def whole(self) -> bool:  # noqa: D102
        return all(part.whole for part in self.parts)

    @property
    def keys(self) -> frozenset[str] | None:  # noqa: D102
        found: frozenset[str] = frozenset()
        for part in self.parts:
            if part.keys is None:
                return None
            found |= part.keys
        return found


def distinct(values: Iterable[Any]) -> list[Any]:
    """Return the values that differ as JSON, in order."""
    return list({json.dumps(value, sort_keys=True): value for value in values}.values())
