"""Distributions of numbers in a search space, by the names and the parametrisation of `scipy.stats`.

| name | needs | takes | density or probability |
|---|---|---|---|
| uniform | low, high | | equal from low to high |
| loguniform | low, high | | its logarithm is uniform from log(low) to log(high) |
| norm | | loc, scale | normal with mean loc and standard deviation scale |
| lognorm | s | loc, scale | exp of a normal one with mean log(scale) and standard deviation s |
| expon | | loc, scale | exponential with mean scale |
| truncexpon | b | loc, scale | the same, cut off at b scale |
| beta | a, b | loc, scale | beta, from loc to loc + scale |
| randint | low, high | | equal on low, ..., high - 1: **high is excluded**, as in scipy |
| geom | p | loc | number of tries until the first success: 1, 2, ... |
| poisson | mu | loc | Poisson: 0, 1, ... |
| dlaplace | a | loc | proportional to exp(-a abs(k)) on the whole numbers |

`loc` is added (0 unless given), `scale` multiplies (1 unless given); the last four give whole numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from l1000_bench.errors import InputError, require
from l1000_bench.search.values import Value


def _uniform(low: float, high: float) -> Any:
    return stats.uniform(loc=low, scale=high - low)


def _loguniform(low: float, high: float) -> Any:
    return stats.loguniform(low, high)


@dataclass(frozen=True)
class Family:
    """What scipy calls a distribution: how to make one, the arguments it needs and takes, whether it is discrete."""

    make: Callable[..., Any]
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    whole: bool = False


FAMILIES = {
    "uniform": Family(_uniform, ("low", "high")),
    "loguniform": Family(_loguniform, ("low", "high")),
    "norm": Family(stats.norm, (), ("loc", "scale")),
    "lognorm": Family(stats.lognorm, ("s",), ("loc", "scale")),
    "expon": Family(stats.expon, (), ("loc", "scale")),
    "truncexpon": Family(stats.truncexpon, ("b",), ("loc", "scale")),
    "beta": Family(stats.beta, ("a", "b"), ("loc", "scale")),
    "randint": Family(stats.randint, ("low", "high"), whole=True),
    "geom": Family(stats.geom, ("p",), ("loc",), whole=True),
    "poisson": Family(stats.poisson, ("mu",), ("loc",), whole=True),
    "dlaplace": Family(stats.dlaplace, ("a",), ("loc",), whole=True),
}
LIMITS = ("min", "max", "round")
POSITIVE = ("a", "b", "s", "mu", "scale")


@dataclass(frozen=True)
class Distribution(Value):
    """A frozen distribution of `scipy.stats`, its draws perhaps moved to a limit and rounded.

    Attributes:
        frozen: The distribution.
        low: Smaller draws are raised to it.
        high: Larger draws are lowered to it.
        rounded: Whether draws are whole numbers: of a discrete distribution, or rounded half to even after the limits.
    """

    frozen: Any
    low: float = -math.inf
    high: float = math.inf
    rounded: bool = False

    def draw(self, rng: np.random.Generator) -> int | float:
        """Draw one number."""
        value = min(max(float(self.frozen.rvs(random_state=rng)), self.low), self.high)
        return round(value) if self.rounded else value

    def options(self, limit: int) -> list[Any] | None:
        """Return the whole numbers from the smallest to the largest, or None."""
        first, last = self.frozen.support()
        first, last = max(first, self.low), min(last, self.high)
        if not self.rounded or not last - first < limit:
            return None
        options = list(range(round(first), round(last) + 1))
        return options if len(options) <= limit else None

    @property
    def whole(self) -> bool:
        """Whether every draw is a whole number."""
        return self.rounded


def read_distribution(spec: Mapping[str, Any], name: str) -> Distribution:
    """Read `{dist: NAME, ...}` with the arguments of the module's table.

    Beside them `min` and `max` move draws that lie outside to the limit, and `round: true` rounds.

    Args:
        spec: The mapping.
        name: The parameter, for messages.

    Raises:
        InputError: If the distribution is unknown, an argument is unknown, missing or out of its range.
    """
    kind = spec["dist"]
    require(
        isinstance(kind, str) and kind in FAMILIES,
        f"{name}: there is no distribution {kind!r}; there are {', '.join(sorted(FAMILIES))}.",
    )
    family = FAMILIES[kind]
    given = {str(key): value for key, value in spec.items() if key != "dist"}
    known = (*family.needs, *family.takes, *LIMITS)
    for key in given:
        require(key in known, f"{name}: {kind} has no argument {key!r}; it has {', '.join(known)}.")
    for key in family.needs:
        require(key in given, f"{name}: {kind} needs the argument {key!r}.")
    rounded = given.pop("round", False)
    require(isinstance(rounded, bool), f"{name}: round is {rounded!r}; it takes true or false.")
    for key, value in given.items():
        _check_argument(value, f"{name}: {key} of {kind}", key, family.whole and key in ("loc", "low", "high"))
    low, high = float(given.pop("min", -math.inf)), float(given.pop("max", math.inf))
    require(low <= high, f"{name}: min {low:g} of {kind} is above its max {high:g}.")
    _check_range(given, name, kind)
    return Distribution(family.make(**given), low, high, rounded or family.whole)


def _check_argument(value: Any, place: str, key: str, whole: bool) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not number:  # YAML reads 1e-5 as text
        raise InputError(f"{place} is {value!r}; it takes a number, a small one written like 1.0e-5.")
    require(not whole or isinstance(value, int), f"{place} is {value!r}; it takes a whole number.")
    require(key not in POSITIVE or value > 0, f"{place} is {value!r}; it must be above 0.")
    require(key != "p" or 0 < value <= 1, f"{place} is {value!r}; it must be above 0 and at most 1.")


def _check_range(given: Mapping[str, float], name: str, kind: str) -> None:
    if "low" in given:
        low, high = given["low"], given["high"]
        require(low < high, f"{name}: low {low!r} of {kind} must be below its high {high!r}.")
        require(kind != "loguniform" or low > 0, f"{name}: low of {kind} is {low!r}; it must be above 0.")
