"""What a pair of benchmarks says of generalisation, in plain words, and what it does not say."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import pandas as pd

from l1000_bench.report.content import ReportContent, only, title_of
from l1000_bench.report.figures.style import BASELINE
from l1000_bench.report.findings import short_listing
from l1000_bench.report.generalisation import Pair
from l1000_bench.report.names import display
from l1000_bench.report.score_notes import shared_settings, was_searched
from l1000_bench.report.split_words import (
    no_dev_sentence,
    one_class_sentence,
    split_of,
    training_sentence,
    unseen_classes_sentence,
    untested_sentence,
)
from l1000_bench.report.tables import adjusted_p
from l1000_bench.report.wording import count_of, decimal, signed

_ROUNDING = 1e-9  # percent: means that are closer are equal but for rounding
_SHOWN = 4


def drop_sentence(pair: Pair, both: pd.DataFrame, names: Mapping[str, str]) -> str:
    """Say how much accuracy is lost; the baseline, which learns next to nothing, is not counted.

    Args:
        pair: Of `generalisation.pairs_of`.
        both: Its rows of `generalisation.beside_each_other`.
        names: Display names.
    """
    tried = both[both["classifier"] != BASELINE].dropna(subset="drop")
    if tried.empty:
        return "No classifier but the baseline has a score on both."
    who = f" of {display(names, tried['classifier'].iloc[0])}" if len(tried) == 1 else ""
    of_what = "per-sample one" if pair.per_sample else f"one on {pair.kept}"
    return f"With {pair.unseen} unseen in training, accuracy{who} {_falls(tried['drop'], of_what)}."


def _falls(drops: pd.Series, of_what: str) -> str:
    """Write the least and the greatest drop, and the median of several (percent), with the verb that fits."""
    low, high = (round(float(end), 1) for end in (drops.min(), drops.max()))
    if low < 0 < high:
        verb, ends, middle = "changes", [signed(-high, 1), signed(-low, 1)], signed(-float(drops.median()), 1)
    else:
        verb, middle = "rises" if low < 0 else "falls", decimal(abs(float(drops.median())), 1)
        ends = [decimal(end, 1) for end in sorted({abs(low), abs(high)})]
    median = f" (median {middle}\u00a0%)" if len(drops) > 1 else ""
    return f"{verb} by {' to '.join(ends)}\u00a0% of the {of_what}{median}"


def order_sentence(content: ReportContent, pair: Pair, both: pd.DataFrame) -> str:
    """Say whether the order of the classifiers by mean accuracy changes, and what of it the tests bear out.

    Args:
        content: Of the page.
        pair: Of `generalisation.pairs_of`.
        both: Its rows of `generalisation.beside_each_other`; the baseline is not counted.
    """
    tried = both[both["classifier"] != BASELINE]
    turned, n = _turned(tried), len(tried) * (len(tried) - 1) // 2
    if not turned:
        return "The order of the classifiers by mean accuracy stays the same." if n else ""
    swap = "swaps" if len(turned) == 1 else "swap"
    counted = f"The order changes: {len(turned)} of {count_of(n, 'pair', 'pairs')} of classifiers {swap} places"
    sides = [_p_values(content, benchmark) for benchmark in (pair.against, pair.benchmark)]
    if not all(sides):
        return f"{counted}, which may be chance: one of the two benchmarks allows no test."
    firm = [names for names in turned if all(p.get(frozenset(names), 1.0) <= content.alpha for p in sides)]
    if not firm:
        return f"{counted}, which may be chance: none of these is told apart in both benchmarks."
    shown = [f"{display(content.names, low)} passes {display(content.names, high)}" for high, low in firm]
    return f"{counted}; told apart in both benchmarks by the corrected test: {short_listing(shown, _SHOWN)}."


def _turned(tried: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the pairs of classifiers of which the first has the higher mean per sample, the second on the unseen."""
    ordered = tried.sort_values("kept", ascending=False, kind="stable")[["classifier", "kept", "unseen"]]
    return [
        (str(a), str(b))
        for (a, kept_a, unseen_a), (b, kept_b, unseen_b) in combinations(ordered.itertuples(index=False, name=None), 2)
        if kept_a - kept_b > _ROUNDING and unseen_b - unseen_a > _ROUNDING
    ]


def _p_values(content: ReportContent, benchmark: tuple[str, str]) -> dict[frozenset[str], float]:
    """Map the pairs of classifiers that could be tested to their adjusted p of the corrected test of accuracy."""
    tests = only(content.comparisons, benchmark)
    tests = tests[(tests["metric"] == "accuracy") & tests["corrected_p_adjusted"].notna()]
    return adjusted_p(tests)


def no_better_sentence(both: pd.DataFrame, names: Mapping[str, str]) -> str:
    """Name the classifiers that are no better than the baseline on what is unseen; empty without any, or a baseline.

    Args:
        both: Of `generalisation.beside_each_other`.
        names: Display names.
    """
    is_baseline = both["classifier"] == BASELINE
    poor = both[~is_baseline & (both["unseen"] <= both.loc[is_baseline, "unseen"].max() + _ROUNDING)]
    named = short_listing([display(names, name) for name in poor["classifier"]])
    start = "No better there than always predicting the most frequent class, by mean accuracy"
    return f"{start}: {named}." if named else ""


def caveats(content: ReportContent, pair: Pair) -> list[str]:
    """Say what else tells the two benchmarks apart, and what the numbers do not say.

    Args:
        content: Of the page.
        pair: Of `generalisation.pairs_of`.

    Returns:
        Sentences, some of which may be empty.
    """
    own = split_of(content, pair.benchmark)
    training = training_sentence(own, split_of(content, pair.against))
    sizes = _sizes_sentence(content, pair)
    return [
        unseen_classes_sentence(own),
        one_class_sentence(own),
        sizes,
        training,
        _tuning_sentence(content, pair),
        untested_sentence(own),
        no_dev_sentence(own),
    ]


def _tuning_sentence(content: ReportContent, pair: Pair) -> str:
    """Say so if settings were searched on one of the two benchmarks alone, and the other does not take them over."""
    searched = [other for other in (pair.benchmark, pair.against) if was_searched(content, other)]
    _, others = shared_settings(content, {pair.benchmark: pair.against})
    if len(searched) != 1 or not others:
        return ""
    return (
        f"Settings were searched on {title_of(content.names, searched[0])} alone, and are others here and there for "
        f"{short_listing(others)}: a part of the difference may come from that."
    )


def _sizes_sentence(content: ReportContent, pair: Pair) -> str:
    """Say whether the two benchmarks have the same classes and samples, as far as their numbers tell."""
    sides = {benchmark: split_of(content, benchmark) for benchmark in (pair.benchmark, pair.against)}
    if not all(sides.values()):
        return ""
    own, other = [(int(side["n_classes"]), int(side["n_tested"])) for side in sides.values()]
    if own == other:
        return f"Both benchmarks have {own[0]:,} classes and {own[1]:,} test samples."
    named = display(content.names, pair.against[1])
    return (
        f"It has {own[0]:,} classes and {own[1]:,} test samples, {named} {other[0]:,} and {other[1]:,}: part of the "
        "difference is that of the tasks, not of what is unseen."
    )


def lacking_sentence(rows: pd.DataFrame, pair: Pair, both: pd.DataFrame, names: Mapping[str, str]) -> str:
    """Name the classifiers that one of the two benchmarks lacks a score of; empty without any.

    Args:
        rows: Of `standings`.
        pair: Of `generalisation.pairs_of`.
        both: Its rows of `generalisation.beside_each_other`.
        names: Display names.
    """
    either = pd.concat([only(rows, benchmark)["classifier"] for benchmark in (pair.against, pair.benchmark)])
    named = [display(names, name) for name in dict.fromkeys(either) if name not in set(both["classifier"])]
    return f"Without a score on both: {short_listing(named)}." if named else ""
