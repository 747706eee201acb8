"""Lists of layer sizes in a search space, where every size may depend on the one before.

The ways to go from one size to the next and the group of graph layers are those of McDermott et al. (2020): the
distributions of the authors' public code (`gcn_distributions.py`, `distributions.py`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from l1000_bench.errors import InputError
from l1000_bench.search.values import Value

T = TypeVar("T")
TRIES = 10_000


@dataclass(frozen=True)
class Same:
    """A layer as large as the one before."""


@dataclass(frozen=True)
class Scaled:
    """A layer of size Poisson(factor previous) + plus."""

    factor: float
    plus: int


Step = Same | Scaled | Value


@dataclass(frozen=True)
class Sizes:
    """Sizes of layers, first to last.

    Attributes:
        first: Values of the first size and perhaps of some more.
        steps: How the sizes after them come about: one of the steps, drawn for every layer.
        weights: How often each step is taken; None for equally often.
        least: Smaller sizes are raised to it, before the next one is drawn.
    """

    first: tuple[Value, ...]
    steps: tuple[Step, ...]
    weights: tuple[float, ...] | None = None
    least: int = 1

    def draw(self, number: int, rng: np.random.Generator) -> list[int]:
        """Draw the sizes of so many layers."""
        sizes: list[int] = []
        for layer in range(number):
            size = self.first[layer].draw(rng) if layer < len(self.first) else self._next(sizes[-1], rng)
            sizes.append(max(size, self.least))
        return sizes

    def _next(self, previous: int, rng: np.random.Generator) -> int:
        match self.steps[rng.choice(len(self.steps), p=self.weights)]:
            case Same():
                return previous
            case Scaled(factor, plus):
                return int(rng.poisson(factor * previous)) + plus
            case value:
                return int(value.draw(rng))


@dataclass(frozen=True)
class Layers(Value):
    """A list of layer sizes.

    Attributes:
        number: Number of layers; one below 0 counts as 0.
        sizes: Their sizes.
    """

    number: Value
    sizes: Sizes

    def draw(self, rng: np.random.Generator) -> list[int]:
        """Draw the number of layers, then their sizes."""
        return self.sizes.draw(self.number.draw(rng), rng)


@dataclass(frozen=True)
class GraphLayers(Value):
    """The graph layers of a network: `filters`, `K` and `pool`, lists of one length.

    The paper's space (McDermott et al. 2020, `gcn_distributions.py`): the number of layers is geometric with p = 0.5
    and at most log2(smallest component) - 1; the first number of filters is uniform on 5 ... 44, the first K on
    2 ... 34, each next one an equal mixture of Poisson(1.5 previous) + 2, previous and Poisson(previous / 1.5) + 2;
    pooling sizes are drawn from 2, 2, 2, 4, 4; and sum(log2(pool)) + 1 must not be above log2(smallest component). All
    components have the same layers, for they share their weights.

    How the authors kept these bounds is not known. Here a number of layers that is too large is drawn again, then
    pooling sizes that are too large are, all of them: both have their distributions given the bounds.

    Attributes:
        number: Number of layers.
        filters: Output channels.
        K: Chebyshev terms.
        pool: Pooling sizes, powers of two.
        coarsenings: Largest sum(log2(pool)), and largest number of layers.
    """

    number: Value
    filters: Sizes
    K: Sizes
    pool: Value
    coarsenings: int

    def draw(self, rng: np.random.Generator) -> dict[str, list[int]]:
        """Draw the layers.

        Raises:
            InputError: If 10,000 draws in a row lie outside the bounds.
        """
        halvings = min(halvings_of(size) for size in self.pool.options(TRIES) or [2])
        most = self.coarsenings // max(halvings, 1)
        number = _redraw(
            lambda: self.number.draw(rng), lambda n: 1 <= n <= most, f"a number of layers from 1 to {most}"
        )
        pool = _redraw(
            lambda: [self.pool.draw(rng) for _ in range(number)],
            lambda sizes: sum(map(halvings_of, sizes)) <= self.coarsenings,
            f"{number} pooling sizes within {self.coarsenings} coarsenings",
        )
        return {"filters": self.filters.draw(number, rng), "K": self.K.draw(number, rng), "pool": pool}

    @property
    def keys(self) -> frozenset[str]:
        """The three parameters that are given together."""
        return frozenset({"filters", "K", "pool"})


def halvings_of(size: int) -> int:
    """Return log2 of a pooling size, the number of coarsenings that it spans."""
    return size.bit_length() - 1


def most_coarsenings(smallest_component: int) -> int:
    """Return the largest sum(log2(pool)) with sum(log2(pool)) + 1 <= log2(smallest component)."""
    return math.floor(math.log2(smallest_component)) - 1


def _redraw(draw: Callable[[], T], fits: Callable[[T], bool], what: str) -> T:
    for _ in range(TRIES):
        value = draw()
        if fits(value):
            return value
    raise InputError(f"{TRIES} draws did not give {what}; allow for more coarsenings or fewer layers.")
