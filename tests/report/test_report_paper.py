from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from l1000_bench.report.paper import paper_results
from l1000_bench.report.score_tables import relative_drops

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
CONFIGURED = Path(__file__).parents[2] / "conf" / "lincs" / "parameters" / "evaluation.yml"
REFERENCE = Path(os.environ.get("L1000_SHARED", "nowhere")) / "reference" / "paper_tables.json"
CLASSIFIERS = {
    "gcnn": "GCNN", "ffann": "FF-ANN", "knn": "KNN", "linear": "Linear", "random_forest": "RandomForest",
    "decision_tree": "DecisionTree", "majority": "Majority",
}  # fmt: skip


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
    assert rows.columns.tolist() == [*columns, "dev_accuracy_mean", "dev_accuracy_std"]
    assert rows[["dev_accuracy_mean", "dev_accuracy_std"]].isna().all(axis=None)
    assert [tuple(row) for row in rows[columns].itertuples(index=False)] == [
        ("full", "site", "knn", 89.6, 0.3, 87.2, 0.61),
        ("full", "site", "majority", 27.9, 0.16, 3.63, 0.02),
        ("full", "moa", "knn", 43.5, 0.5, 29.5, 0.58),
    ]
    assert "stand beside ours: its Table I is met within 10%" in reason
    assert "settings" not in reason  # nothing here knows which ones ran


def test_a_benchmark_that_did_not_run_has_no_row() -> None:
    rows, _ = paper_results(table_one(("full", "moa", 500, 40, 50)), PAPER, 0.0)
    assert rows is not None
    assert rows["task"].tolist() == ["moa"]


def test_dev_accuracies_stand_with_the_classifiers_for_which_they_are_known() -> None:
    site = PAPER["full"]["site"] | {"dev_accuracy": {"knn": [89.53, 0.24]}}
    rows, _ = paper_results(table_one(("full", "site", 1000, 40, 20)), {"full": {"site": site}}, 0.1)
    assert rows is not None
    dev = rows.set_index("classifier")
    assert (dev.at["knn", "dev_accuracy_mean"], dev.at["knn", "dev_accuracy_std"]) == (89.53, 0.24)
    assert bool(dev["dev_accuracy_mean"].isna()["majority"])


def test_a_count_that_cannot_be_compared_is_left_out() -> None:
    site = {name: value for name, value in PAPER["full"]["site"].items() if name != "n_cell_lines"}
    for n_classes, met in ((20, True), (30, False)):
        rows, _ = paper_results(table_one(("full", "site", 1000, 1, n_classes)), {"full": {"site": site}}, 0.1)
        assert (rows is not None) == met


@pytest.fixture(scope="module")
def configured() -> dict[str, Any]:
    paper: dict[str, Any] = yaml.safe_load(CONFIGURED.read_text(encoding="utf-8"))["evaluation"]["paper"]
    return paper


def means_of(paper: dict[str, Any]) -> pd.DataFrame:
    tasks = [(dataset, task, entry) for dataset, entries in paper.items() for task, entry in entries.items()]
    rows = table_one(*((dataset, task, *(entry.get(name, 0) for name in COUNTS)) for dataset, task, entry in tasks))
    means, _ = paper_results(rows, paper, 0.0)
    assert means is not None
    return means


def test_the_configured_numbers_give_the_drops_that_the_paper_prints(configured: dict[str, Any]) -> None:
    l4, unseen = ("neurobank_l4", "perturbagen"), ("neurobank_l4", "perturbagen_unseen_subject")
    drops = relative_drops(means_of(configured), unseen, l4).set_index("classifier")["drop"].round(1)
    printed = {"gcnn": 12.6, "ffann": 15.0, "knn": 15.6, "linear": 10.2, "random_forest": 10.2, "decision_tree": 18.5}
    assert drops.to_dict() == printed


def test_the_configured_numbers_cover_the_papers_tables(configured: dict[str, Any]) -> None:
    counted = (
        means_of(configured).groupby(["dataset", "task"], sort=False)[["accuracy_mean", "dev_accuracy_mean"]].count()
    )
    assert [(*key, *row) for key, row in zip(counted.index, counted.to_numpy().tolist(), strict=True)] == [
        ("lincs_full", "primary_site", 7, 6),
        ("lincs_full", "subtype", 7, 6),
        ("lincs_full", "moa", 7, 6),
        ("lincs_prostate", "moa", 7, 6),
        ("neurobank_l5", "perturbagen", 7, 0),
        ("neurobank_l4", "perturbagen", 7, 0),
        ("neurobank_l4", "perturbagen_unseen_subject", 6, 0),
    ]


@pytest.mark.skipif(not REFERENCE.exists(), reason="L1000_SHARED names no folder with the paper's tables")
def test_the_configured_numbers_are_those_of_the_reference(configured: dict[str, Any]) -> None:
    reference = json.loads(REFERENCE.read_text(encoding="utf-8"))
    tables = {
        **{("lincs_full", task): numbers for task, numbers in reference["table_II"]["tasks"].items()},
        ("lincs_prostate", "moa"): reference["table_III"]["tasks"]["moa"],
        ("neurobank_l5", "perturbagen"): reference["table_IV"]["level5"],
        ("neurobank_l4", "perturbagen"): reference["table_IV"]["level4"],
        ("neurobank_l4", "perturbagen_unseen_subject"): reference["table_V"]["results"],
    }
    notebook = reference["notebook_best_by_dev_accuracy"]["results"]
    for row in means_of(configured).to_dict("records"):
        name = CLASSIFIERS[row["classifier"]]
        for metric, numbers in tables[row["dataset"], row["task"]][name].items():
            assert (row[f"{metric}_mean"], row[f"{metric}_std"]) == (numbers["mean"], numbers["std"])
        if not math.isnan(row["dev_accuracy_mean"]):
            dev = notebook[f"{row['dataset']}/{row['task']}"][name]["dev"]["accuracy"]
            for moment in ("mean", "std"):
                assert row[f"dev_accuracy_{moment}"] == pytest.approx(dev[moment], abs=0.0051)
    datasets = reference["table_I"]["datasets"]
    for dataset, stored in (("lincs_full", "lincs_full"), ("lincs_prostate", "lincs_prostate"),
                            ("neurobank_l4", "mgh_level4"), ("neurobank_l5", "mgh_level5")):  # fmt: skip
        for task, entry in configured[dataset].items():
            counts = (
                datasets[stored] | reference["table_I"]["tasks"][f"{stored}/{task.removesuffix('_unseen_subject')}"]
            )
            assert {name: entry[name] for name in COUNTS if name in entry}.items() <= counts.items()
