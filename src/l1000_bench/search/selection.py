"""What to run first: benchmarks and classifiers that a budget of hours and this machine's memory allow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

RULE = (
    "Benchmarks are added from the cheapest on, since the report compares classifiers on whole benchmarks. In each set "
    "of them the cheapest classifier of every kind (class of estimator) comes first, then the others, in order of "
    "hours, until the budget is used; classifiers with a cell that was not measured to its end, or that does not fit "
    "into memory, are left out. Chosen is the set with the most kinds, and among equals the one with the most cells."
)


class Selection(NamedTuple):
    """A part of the grid: benchmarks (dataset, task) and the classifiers of all of them."""

    benchmarks: list[tuple[str, str]]
    classifiers: list[str]
    hours: float


def select(
    estimates: pd.DataFrame, kinds: Mapping[str, str], budget_hours: float, memory_gib: float
) -> Selection | None:
    """Choose a first selection by `RULE`.

    Args:
        estimates: The estimates table.
        kinds: Kind of every classifier, the class of its estimator.
        budget_hours: What it may take.
        memory_gib: What a cell may hold.

    Returns:
        The selection, in the grid's order; None where not one cell fits.
    """
    unknown = estimates["bound"].isin(["more than", "unknown"])
    fits = ~unknown & (estimates["peak_gib"] <= memory_gib)
    table = estimates.assign(cost=np.where(fits, estimates["hours"], np.inf))
    totals = table.assign(hours=table["hours"].fillna(np.inf)).groupby(["dataset", "task"], sort=False)["hours"].sum()
    cheapest_first: list[tuple[str, str]] = totals.sort_values(kind="stable").index.tolist()
    best, best_score = None, (0, 0)
    for number in range(1, len(cheapest_first) + 1):
        taken = cheapest_first[:number]
        inside = pd.MultiIndex.from_frame(table[["dataset", "task"]]).isin(taken)
        hours = table[inside].groupby("classifier", sort=False)["cost"].sum()
        chosen = _affordable(hours, kinds, budget_hours)
        score = (len({kinds[name] for name in chosen}), number * len(chosen))
        if score > best_score:
            in_order = [name for name in hours.index if name in chosen]
            best_score = score
            best = Selection([b for b in totals.index if b in taken], in_order, float(hours[in_order].sum()))
    return best


def _affordable(hours: pd.Series, kinds: Mapping[str, str], budget_hours: float) -> set[str]:
    """Take the cheapest classifier of every kind, then the others, while the budget lasts."""
    by_hours = hours.sort_values(kind="stable")
    first = by_hours[~pd.Series([kinds[str(name)] for name in by_hours.index], index=by_hours.index).duplicated()]
    chosen: set[str] = set()
    left = budget_hours
    for name, cost in [*first.items(), *by_hours.drop(first.index).items()]:
        if cost <= left:
            chosen.add(str(name))
            left -= cost
    return chosen
