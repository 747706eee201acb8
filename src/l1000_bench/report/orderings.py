"""How many of the paper's orderings of classifiers this run confirms."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from l1000_bench.report import cells
from l1000_bench.report.cells import Table, make_table
from l1000_bench.report.content import KEYS, ReportContent, benchmarks_of, only
from l1000_bench.report.names import display
from l1000_bench.report.paper_layout import PaperLayout
from l1000_bench.report.tables import summarise_scores
from l1000_bench.report.wording import NONE, count_of, listing

# What became of an ordering -> the heading of its count, and what a sentence says of it.
CONFIRMED, SAME, LEVEL, REVERSED, OPEN = "confirmed", "same", "level", "reversed", "open"
OUTCOMES = {
    CONFIRMED: ("Confirmed", "confirmed"),
    SAME: ("Same order, not told apart", "in the same order but not told apart"),
    LEVEL: ("Reversed, not told apart", "reversed but not told apart"),
    REVERSED: ("Reversed, told apart", "reversed and told apart"),
    OPEN: ("Open", "left open, for want of a test or of any difference"),
}
_COLUMNS = ["dataset", "task", "higher", "lower", "paper", "ours", "p", "outcome"]
_BENCHMARK, _PAIR = ["dataset", "task"], ["classifier_a", "classifier_b"]
_TESTED = [*_BENCHMARK, "classifier", "classifier_lower"]


def orderings(content: ReportContent, layout: PaperLayout) -> pd.DataFrame:
    """Look every ordering of two classifiers by mean accuracy up that the paper reports.

    Pairs that the paper cannot tell apart, and classifiers that one side lacks, are left out.

    Args:
        content: Of the page; without `paper` there is nothing to look up.
        layout: Says which pairs the paper cannot tell apart.

    Returns:
        One row per benchmark and pair: the classifiers with the `higher` and the `lower` mean in the paper, the
        differences of their means in the paper and in ours (percentage points), the adjusted p of the corrected test
        between them, and the `outcome`: a key of `OUTCOMES`.
    """
    if content.paper is None:
        return pd.DataFrame(columns=_COLUMNS)
    means = {"ours": summarise_scores(content.scores), "paper": content.paper}
    ours, paper = (frame.rename(columns={"accuracy_mean": side})[[*KEYS, side]] for side, frame in means.items())
    both = ours.dropna().merge(paper, on=list(KEYS))
    pairs = both.merge(both, on=_BENCHMARK, suffixes=("", "_lower"))
    pairs = pairs[pairs["paper"] > pairs["paper_lower"]].merge(_p_values(content.comparisons), "left", _TESTED)
    pairs["paper"] -= pairs["paper_lower"]
    pairs["ours"] -= pairs["ours_lower"]
    pairs["outcome"] = [_outcome(*pair, content.alpha) for pair in zip(pairs["ours"], pairs["p"], strict=True)]
    pairs = pairs.rename(columns={"classifier": "higher", "classifier_lower": "lower"})[_COLUMNS]
    named = zip(*(pairs[name] for name in _COLUMNS[:4]), strict=True)
    told = [frozenset((high, low)) not in layout.level_pairs((dataset, task)) for dataset, task, high, low in named]
    return pairs[told].reset_index(drop=True)


def _p_values(comparisons: pd.DataFrame) -> pd.DataFrame:
    """Return the adjusted p of the corrected test of accuracies, every pair in both orders."""
    tests = comparisons.loc[comparisons["metric"] == "accuracy", [*_BENCHMARK, *_PAIR, "corrected_p_adjusted"]]
    names = [*_TESTED, "p"]
    orders = (_PAIR, _PAIR[::-1])
    turned = [tests[[*_BENCHMARK, *order, "corrected_p_adjusted"]].set_axis(names, axis="columns") for order in orders]
    return pd.concat(turned).astype({"p": "float64"})


def _outcome(difference: float, p: float, alpha: float) -> str:
    if math.isnan(p) or difference == 0:
        return OPEN
    if p <= alpha:
        return CONFIRMED if difference > 0 else REVERSED
    return SAME if difference > 0 else LEVEL


def ordering_table(content: ReportContent, ordered: pd.DataFrame) -> Table:
    """Count the outcomes per benchmark and name the orderings that are reversed and told apart.

    Args:
        content: Of the page.
        ordered: Of `orderings`, at least one.
    """
    counted = pd.DataFrame([_counts(content, only(ordered, benchmark)) for benchmark in benchmarks_of(ordered)])
    columns = [
        cells.named("Dataset", "dataset", content.names),
        cells.named("Task", "task", content.names),
        cells.count("Orderings", "n"),
        *(cells.count(head, outcome) for outcome, (head, _) in OUTCOMES.items()),
        cells.text("Which are reversed and told apart", "pairs", "prose"),
    ]
    caption = (
        "Orderings: two classifiers by mean accuracy as the paper has them, where it tells the two apart, and what "
        f"this run says of them; told apart: adjusted p\u00a0≤\u00a0{content.alpha:g} in the corrected test."
    )
    return make_table(caption, columns, counted, row_heads=2)


def _counts(content: ReportContent, own: pd.DataFrame) -> dict[str, Any]:
    reversed_pairs = own.loc[own["outcome"] == REVERSED, ["higher", "lower"]].itertuples(index=False)
    pairs = [f"{display(content.names, low)} above {display(content.names, high)}" for high, low in reversed_pairs]
    counts = {outcome: int((own["outcome"] == outcome).sum()) for outcome in OUTCOMES}
    keys = {"dataset": own["dataset"].iloc[0], "task": own["task"].iloc[0], "n": len(own)}
    return keys | counts | {"pairs": "; ".join(pairs) or NONE}


def ordering_sentence(ordered: pd.DataFrame) -> str:
    """Say in one sentence what became of the paper's orderings, of which there is at least one."""
    counts = ordered["outcome"].value_counts()
    others = [f"{counts[o]:,} {words}" for o, (_, words) in OUTCOMES.items() if o in counts and o != CONFIRMED]
    confirms = (
        f"This run confirms {counts.get(CONFIRMED, 0):,} of {count_of(len(ordered), 'ordering', 'orderings')} of two "
        "classifiers by mean accuracy in the paper (same order, told apart by the corrected test)"
    )
    return f"{confirms}; of the others, {listing(others)}." if others else f"{confirms}."
