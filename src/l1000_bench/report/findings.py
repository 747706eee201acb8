"""Comparisons of classifiers in plain words; what is said to differ follows the corrected test."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from l1000_bench.report.names import display
from l1000_bench.report.tables import BEST, LEVEL, UNTESTED
from l1000_bench.report.wording import count_of, decimal, listing, mean_std

_SHOWN_PAIRS = 4
_SHOWN_NAMES = 6


def best_sentence(part: pd.DataFrame, words: str, names: Mapping[str, str]) -> str:
    """Name the classifier with the highest mean, and those that stand level with it.

    Args:
        part: Rows of `standings` of one benchmark and metric.
        words: The metric in words.
        names: Display names.
    """
    best, level, untested = (standing_names(part, standing, names) for standing in (BEST, LEVEL, UNTESTED))
    if not best:
        return ""
    top = part[part["standing"] == BEST]
    mean, std = top["mean"].max(), float(top["std"].iloc[int(np.argmax(top["mean"]))])
    score = f"{decimal(mean, 1)} % in one rotation" if math.isnan(std) else f"{mean_std(mean, std)} %"
    sentence = f"The highest mean {words} is that of {listing(best)} ({score})."
    if level:
        sentence += f" It cannot be told apart from {short_listing(level)}."
    if untested:
        sentence += f" It was not tested against {short_listing(untested)}."
    return sentence


def standing_names(part: pd.DataFrame, standing: str, names: Mapping[str, str]) -> list[str]:
    """Return the display names of the classifiers that stand so in rows of `standings`."""
    return [display(names, name) for name in part.loc[part["standing"] == standing, "classifier"]]


def short_listing(items: list[str], shown: int = _SHOWN_NAMES) -> str:
    """Join names as prose does; where they are many, the first ones and how many more there are."""
    more = len(items) - shown
    return listing(items) if more < 2 else f"{', '.join(items[:shown])} and {more} others"


def pairs_sentences(tests: pd.DataFrame, words: str, names: Mapping[str, str], alpha: float) -> str:
    """Say how many pairs of classifiers differ, and name those that cannot be told apart or were not tested.

    Args:
        tests: Rows of `ReportContent.comparisons` of one benchmark and metric, at least one.
        words: The metric in words.
        names: Display names.
        alpha: Level for the adjusted p values.
    """
    untested, tested = (tests[tests["corrected_p_adjusted"].isna() == missing] for missing in (True, False))
    level = tested[tested["corrected_p_adjusted"] > alpha]
    sentences = []
    if len(tested):
        differing = len(tested) - len(level)
        tested_pairs = count_of(len(tested), "tested pair", "tested pairs")
        said = f"{differing} of {tested_pairs}" if differing else f"none of {tested_pairs}"
        sentences.append(
            f"In {words}, {said} {'differ' if differing > 1 else 'differs'} significantly "
            f"(corrected test, adjusted p\u00a0≤\u00a0{alpha:g})."
        )
    if len(level):
        sentences.append(f"These cannot be told apart: {_pairs(level, names)}.")
    if len(untested):
        sentences.append(f"No test of {words} was possible for {_pairs(untested, names)}.")
    return " ".join(sentences)


def disagreement_sentence(tests: pd.DataFrame, words: str, names: Mapping[str, str], alpha: float) -> str:
    """Name the pairs that the paper's paired t-test reads otherwise than the corrected test; empty without any.

    Args:
        tests: Rows of `ReportContent.comparisons` of one benchmark and metric.
        words: The metric in words.
        names: Display names.
        alpha: Level for the adjusted p values.
    """
    apart = tests[disagreements(tests, alpha)]
    if apart.empty:
        return ""
    more = count_of(len(apart), "further pair", "further pairs")
    return (
        f"The paper's paired t-test alone calls {more} different in {words}, which the corrected test does not bear "
        f"out: {_pairs(apart, names)}."
    )


def disagreements(tests: pd.DataFrame, alpha: float) -> pd.Series:
    """Return which comparisons differ by the paired t-test and not by the corrected one.

    The other way round cannot be: the corrected p is never the smaller one.
    """
    return (tests["p_adjusted"] <= alpha) & (tests["corrected_p_adjusted"] > alpha)


def why_untested(tests: pd.DataFrame) -> str:
    """Say why no pair of a benchmark was tested."""
    if len(tests) and tests["n_rotations"].max() < 2:
        return "No pair was tested: with one rotation there is no spread to test a difference against."
    return "No pair was tested, so which of these classifiers differ is open."


def failures_sentence(settings: pd.DataFrame, names: Mapping[str, str]) -> str:
    """Say why classifiers have no score: how many of their trials failed, or why they stepped aside; empty if all have.

    Args:
        settings: Rows of `ReportContent.settings` of one benchmark.
        names: Display names.
    """
    without = settings[settings["params"].isna()]
    aside, tried = without["aside"].notna(), ["classifier", "n_failed", "n_trials"]
    failed = [
        f"{n_failed:,} of {count_of(n_trials, 'trial', 'trials')} of {display(names, name)}"
        for name, n_failed, n_trials in without.loc[~aside, tried].itertuples(index=False)
    ]
    why = [
        f"{display(names, name)} ({str(reason).rstrip('.')})"
        for name, reason in without.loc[aside, ["classifier", "aside"]].itertuples(index=False)
    ]
    said = [f"Failed: {listing(failed)}."] if failed else []
    return " ".join([*said, *([f"Stepped aside: {'; '.join(why)}."] if why else [])])


def _pairs(tests: pd.DataFrame, names: Mapping[str, str]) -> str:
    pairs = [
        f"{display(names, a)} and {display(names, b)}"
        for a, b in zip(tests["classifier_a"], tests["classifier_b"], strict=True)
    ]
    more = len(pairs) - _SHOWN_PAIRS
    shown = "; ".join(pairs[:_SHOWN_PAIRS])
    return f"{shown}; and {count_of(more, 'more pair', 'more pairs')} (see the table)" if more > 0 else shown
