"""Numbers, settings and lists as text."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from l1000_bench.errors import InputError

NONE = "–"  # what stands where there is no number


def mean_std(mean: float, std: float) -> str:
    """Write "mean ± std" as the paper does: the mean to three digits, the deviation to two decimals."""
    if math.isnan(mean):
        return NONE
    return f"{mean:.{1 if round(mean, 2) >= 10 else 2}f} ± {decimal(std, 2)}"


def decimal(value: float, digits: int) -> str:
    """Write a number to a fixed number of decimals, with a true minus; a dash where it is missing."""
    if math.isnan(value):
        return NONE
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    text = f"{value:.{digits}f}"
    return text.replace("-", "−") if float(text) != 0 else text.lstrip("-")


def signed(value: float, digits: int) -> str:
    """Write a difference with its sign, plus included."""
    text = decimal(value, digits)
    return f"+{text}" if value > 0 and float(f"{value:.{digits}f}") != 0 else text


def p_value(value: float) -> str:
    """Write a p value to four decimals, and as a bound below 0.0001."""
    if math.isnan(value):
        return NONE
    return "< 0.0001" if value < 0.0001 else f"{value:.4f}"


def setting(params: object) -> str:
    """Write a hyper-parameter setting, given as JSON text, as "name = value" in the order of the names.

    Raises:
        InputError: If the text is not JSON.
    """
    if not isinstance(params, str):
        return NONE
    try:
        values: Any = json.loads(params)
    except json.JSONDecodeError as error:
        raise InputError(f"Report: a chosen setting must be JSON text, but is {params!r}; write it as JSON.") from error
    if not isinstance(values, dict):
        return params
    return ", ".join(f"{name} = {_plain(values[name])}" for name in sorted(values)) or "none to choose"


def _plain(value: object) -> str:
    """Write a value to read, a number that is not whole to four digits."""
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list):
        return f"[{', '.join(map(_plain, value))}]"
    return value if isinstance(value, str) else json.dumps(value)


def listed(parameters: Mapping[str, Any]) -> str:
    """Write parameters as "name value, …", by name."""
    return ", ".join(f"{name} {_plain(value)}" for name, value in sorted(parameters.items()))


def count_of(n: int, one: str, many: str) -> str:
    """Write a number with its noun: "1 pair", "3 pairs"."""
    return f"{n:,} {one if n == 1 else many}"


def listing(items: list[str], last: str = "and") -> str:
    """Join words as prose does: "a", "a and b", "a, b and c"."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"
