"""Numbers as text, and comparisons of classifiers in plain words."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from l1000_bench.errors import InputError
from l1000_bench.report.content import display

NONE = "–"  # what stands where there is no number
_SHOWN_PAIRS = 10


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
    return value if isinstance(value, str) else json.dumps(value)


def count_of(n: int, one: str, many: str) -> str:
    """Write a number with its noun: "1 pair", "3 pairs"."""
    return f"{n:,} {one if n == 1 else many}"


def best_sentence(part: pd.DataFrame, words: str, names: Mapping[str, str]) -> str:
    """Name the classifier with the highest mean, and those that stand level with it.

    Args:
        part: Rows of `standings` of one benchmark and metric.
        words: The metric in words.
        names: Display names.
    """
    best, level, untested = (_listed(part, standing, names) for standing in ("best", "level", "untested"))
    if not best:
        return ""
    sentence = f"The highest mean {words} is that of {best} ({mean_std(part['mean'].max(), _std_of_best(part))} %)."
    if level:
        sentence += f" It cannot be told apart from {level}."
    if untested:
        sentence += f" It was not tested against {untested}."
    return sentence


def _std_of_best(part: pd.DataFrame) -> float:
    return float(part["std"].iloc[int(np.nanargmax(part["mean"]))])


def _listed(part: pd.DataFrame, standing: str, names: Mapping[str, str]) -> str:
    return listing([display(names, name) for name in part.loc[part["standing"] == standing, "classifier"]])


def listing(items: list[str], last: str = "and") -> str:
    """Join words as prose does: "a", "a and b", "a, b and c"."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def pairs_sentences(tests: pd.DataFrame, words: str, names: Mapping[str, str], alpha: float) -> str:
    """Say how many pairs of classifiers differ, and name those that cannot be told apart or were not tested.

    Args:
        tests: Rows of `ReportContent.comparisons` of one benchmark and metric, at least one.
        words: The metric in words.
        names: Display names.
        alpha: Level for the adjusted p values.
    """
    untested, tested = (tests[tests["p_adjusted"].isna() == missing] for missing in (True, False))
    level = tested[tested["p_adjusted"] > alpha]
    sentences = []
    if len(tested):
        differing = len(tested) - len(level)
        tested_pairs = count_of(len(tested), "tested pair", "tested pairs")
        sentences.append(
            f"In {words}, {differing} of {tested_pairs} {'differs' if differing == 1 else 'differ'} significantly "
            f"(adjusted p\u00a0≤\u00a0{alpha:g})."
        )
    if len(level):
        sentences.append(f"These cannot be told apart: {_pairs(level, names)}.")
    if len(untested):
        sentences.append(f"No test of {words} was possible for {_pairs(untested, names)}.")
    return " ".join(sentences)


def _pairs(tests: pd.DataFrame, names: Mapping[str, str]) -> str:
    pairs = [
        f"{display(names, a)} and {display(names, b)}"
        for a, b in zip(tests["classifier_a"], tests["classifier_b"], strict=True)
    ]
    more = len(pairs) - _SHOWN_PAIRS
    shown = "; ".join(pairs[:_SHOWN_PAIRS])
    return f"{shown}; and {count_of(more, 'more pair', 'more pairs')} (see the table)" if more > 0 else shown
