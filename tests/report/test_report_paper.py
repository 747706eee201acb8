from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from l1000_bench.report.paper import paper_results

PAPER: dict[str, Any] = {
    "full": {
        "site": {
            "n_samples": 1000, "n_cell_lines": 40, "n_classes": 20,
            "results": {"knn": [89.6, 0.3, 87.2, 0.61], "majority": [27.9, 0.16, 3.63, 0.02]},
        },
        "moa": {"n_samples": 500, "n_cell_lines": 40, "n_classes": 50, "results": {"knn": [43.5, 0.5, 29.5, 0.58]}},
    },
}  # fmt: skip
COUNTS = ("n_samples", "n_cell_lines", "n_classes")


def table_one(*rows: tuple[str, str, int, int, int]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["dataset", "task", *COUNTS])


def test_without_the_papers_numbers_none_are_shown() -> None:
    rows, reason = paper_results(table_one(("full", "site", 1000, 40, 20)), {}, 0.1)
    assert rows is None
    assert reason == "The paper's numbers are not shown beside ours: this run is not on the corpus of the paper."


@pytest.mark.parametrize("benchmark", [("full", "cell_id"), ("other", "site")])
def test_other_benchmarks_have_no_papers_numbers(benchmark: tuple[str, str]) -> None:
    rows, reason = paper_results(table_one((*benchmark, 1000, 40, 20)), PAPER, 0.1)
    assert rows is None
    assert reason == "The paper's numbers are not shown beside ours: the run has none of the paper's benchmarks."


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ((1101, 40, 20), "full.site has n_samples 1,101, the paper 1,000"),
        ((899, 40, 20), "full.site has n_samples 899, the paper 1,000"),
        ((1000, 45, 20), "full.site has n_cell_lines 45, the paper 40"),
        ((1000, 35, 20), "full.site has n_cell_lines 35, the paper 40"),
        ((1000, 40, 23), "full.site has n_classes 23, the paper 20"),
        ((1000, 40, 17), "full.site has n_classes 17, the paper 20"),
    ],
)
def test_one_count_off_by_more_than_the_tolerance_hides_all(counts: tuple[int, int, int], words: str) -> None:
    table = table_one(("full", "moa", 500, 40, 50), ("full", "site", *counts))
    rows, reason = paper_results(table, PAPER, 0.1)
    assert rows is None
    assert reason == f"The paper's numbers are not shown beside ours: Table I is not met within 10% ({words})."


def test_every_count_that_is_off_is_named() -> None:
    table = table_one(("full", "site", 2000, 40, 1), ("full", "moa", 500, 4, 50))
    _, reason = paper_results(table, PAPER, 0.1)
    for words in ("site has n_samples 2,000", "site has n_classes 1,", "moa has n_cell_lines 4,"):
        assert words in reason
    assert reason.count("the paper ") == 3


@pytest.mark.parametrize("counts", [(1000, 40, 20), (1100, 44, 22), (900, 36, 18)])
def test_within_the_tolerance_the_rows_are_the_papers(counts: tuple[int, int, int]) -> None:
    table = table_one(("full", "site", *counts), ("full", "cell_id", 1, 1, 1), ("full", "moa", 500, 40, 50))
    rows, reason = paper_results(table, PAPER, 0.1)
    assert rows is not None
    columns = ["dataset", "task", "classifier", "accuracy_mean", "accuracy_std", "macro_f1_mean", "macro_f1_std"]
    assert rows.columns.tolist() == columns
    assert [tuple(row) for row in rows.itertuples(index=False)] == [
        ("full", "site", "knn", 89.6, 0.3, 87.2, 0.61),
        ("full", "site", "majority", 27.9, 0.16, 3.63, 0.02),
        ("full", "moa", "knn", 43.5, 0.5, 29.5, 0.58),
    ]
    assert "stand beside ours: its Table I is met within 10%" in reason


def test_a_benchmark_that_did_not_run_has_no_row() -> None:
    rows, _ = paper_results(table_one(("full", "moa", 500, 40, 50)), PAPER, 0.0)
    assert rows is not None
    assert rows["task"].tolist() == ["moa"]
