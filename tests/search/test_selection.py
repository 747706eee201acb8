from __future__ import annotations

import math

import pandas as pd

from l1000_bench.search.selection import Selection, select

KINDS = {"majority": "Dummy", "knn": "Neighbours", "gcnn": "Graph", "gcn": "Graph", "linear": "SGD"}


def estimates(**hours: tuple[float, float]) -> pd.DataFrame:
    """Two benchmarks, the first the dearer; a pair of hours per classifier."""
    rows = [
        {
            "dataset": dataset,
            "task": "moa",
            "classifier": name,
            "hours": pair[number],
            "peak_gib": 2.0,
            "bound": "about",
        }
        for number, dataset in enumerate(("full", "prostate"))
        for name, pair in hours.items()
    ]
    return pd.DataFrame(rows)


def test_the_set_with_the_most_kinds_wins_though_it_has_fewer_benchmarks() -> None:
    table = estimates(majority=(0.1, 0.1), linear=(1, 0.5), knn=(30, 2), gcnn=(90, 9), gcn=(60, 4))
    # On prostate alone four kinds take 0.1 + 0.5 + 2 + 4 = 6.6 hours, and gcnn's 9 no longer fit; on both, two kinds.
    chosen = select(table, KINDS, budget_hours=8, memory_gib=4)
    assert chosen == Selection([("prostate", "moa")], ["majority", "linear", "knn", "gcn"], 6.6)


def test_among_equal_kinds_more_cells_win() -> None:
    table = estimates(majority=(0.5, 0.5), linear=(1, 1))
    chosen = select(table, KINDS, budget_hours=3, memory_gib=4)
    assert chosen == Selection([("full", "moa"), ("prostate", "moa")], ["majority", "linear"], 3.0)


def test_a_cheaper_classifier_of_a_kind_that_is_there_waits_for_the_other_kinds() -> None:
    table = estimates(gcnn=(99, 2), gcn=(99, 1), knn=(99, 3))
    chosen = select(table, KINDS, budget_hours=4, memory_gib=4)
    assert chosen is not None
    assert chosen.classifiers == ["gcn", "knn"]


def test_what_does_not_fit_or_was_stopped_or_failed_is_left_out() -> None:
    table = estimates(majority=(0.1, 0.1), linear=(0.1, 0.1), knn=(0.1, 0.1), gcnn=(0.1, math.nan))
    table.loc[table["classifier"] == "linear", "peak_gib"] = 5.0
    table.loc[table["classifier"] == "knn", "bound"] = "more than"
    table.loc[(table["classifier"] == "gcnn") & (table["dataset"] == "prostate"), "bound"] = "unknown"
    chosen = select(table, KINDS, budget_hours=8, memory_gib=4)
    assert chosen is not None
    assert set(chosen.classifiers) == {"majority"} | ({"gcnn"} if chosen.benchmarks == [("full", "moa")] else set())


def test_nothing_is_proposed_where_nothing_fits() -> None:
    assert select(estimates(knn=(9, 9)), KINDS, budget_hours=8, memory_gib=4) is None
