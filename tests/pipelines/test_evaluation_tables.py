"""What describes a benchmark, and tables that are stacked and summarised over the grid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from evaluated import DATASET, SAMPLES, SCHEME, SPLIT, TASK, stored_profiles

from l1000_bench.curation.splits import split_digest
from l1000_bench.io.parts import Profiles
from l1000_bench.pipelines.evaluation.benchmark_nodes import describe_benchmark
from l1000_bench.pipelines.evaluation.nodes import (
    hash_data,
    stack,
    summarise_costs,
    summarise_trials,
)
from l1000_bench.report.content import COLUMNS


@pytest.fixture
def profiles(tmp_path: Path) -> Profiles:
    return stored_profiles(tmp_path / "p")


def test_a_benchmark_is_counted_over_its_labelled_samples(profiles: Profiles) -> None:
    counts, table_one, description = describe_benchmark(SAMPLES, profiles, SPLIT, DATASET, TASK, SCHEME)
    assert [tuple(row) for row in counts.itertuples(index=False)] == [("prostate", 3), ("lung", 2), ("skin", 1)]
    assert counts.columns.tolist() == ["label", "n_samples"]
    assert table_one.to_dict("records") == [
        {
            "n_samples": 6,
            "n_genes": 3,
            "n_cell_lines": 3,  # not PC3, which has no labelled sample
            "most_frequent_cell": "VCAP",
            "least_frequent_cell": "A375",
            "most_frequent_cell_count": 3,
            "least_frequent_cell_count": 1,
            "n_classes": 3,
            "most_frequent_class": "prostate",
            "least_frequent_class": "skin",
            "most_frequent_class_count": 3,
            "least_frequent_class_count": 1,
        }
    ]
    assert description.to_dict("records") == [
        {
            "scheme": "Two folds",
            "parameters": "n_folds 3, seed 1",
            "n_rotations": 2,
            "n_samples": 10,
            "n_unused": 4,
            "n_untested": 2,  # c and d
            "n_trained": 2,  # c and f, then c and d
            "n_tested": 4,
            "n_unseen": 2,  # e in the first rotation, which trains on c and f, and f in the second, on c and d
            "n_one_class": 0,
            "has_dev": True,
            "left_out": "",
            "sha256": split_digest(SPLIT),
        }
    ]


def test_a_benchmark_of_no_known_cell_line_is_described(profiles: Profiles) -> None:
    unknown = SAMPLES.assign(cell_id=pd.Series([None] * len(SAMPLES), dtype="str"))
    row = describe_benchmark(unknown, profiles, SPLIT, DATASET, TASK, SCHEME)[1].iloc[0]
    assert row["n_cell_lines"] == row["most_frequent_cell_count"] == row["least_frequent_cell_count"] == 0
    assert row["most_frequent_cell"] == row["least_frequent_cell"] == "–"
    assert row["n_classes"] == 3


def test_the_split_is_known_by_its_digest(profiles: Profiles) -> None:
    other = SPLIT.replace({"role": {"dev": "test", "test": "dev"}})
    shuffled = SPLIT.sample(frac=1, random_state=1)
    digests = [
        describe_benchmark(SAMPLES, profiles, s, DATASET, TASK, SCHEME)[2]["sha256"][0]
        for s in (SPLIT, shuffled, other)
    ]
    assert digests[0] == digests[1]
    assert digests[0] != digests[2]


def test_stacked_tables_hold_their_keys() -> None:
    tables: dict[str, Any] = {
        "full.site.knn": pd.DataFrame({"x": [1, 2]}),
        "prostate.moa.linear": pd.DataFrame({"x": [3]}),
    }
    assert stack(**tables).to_dict("list") == {
        "dataset": ["full", "full", "prostate"],
        "task": ["site", "site", "moa"],
        "classifier": ["knn", "knn", "linear"],
        "x": [1, 2, 3],
    }
    by_dataset = stack(full=pd.DataFrame({"x": [1]}, index=[7]), prostate=pd.DataFrame({"x": [2]}))
    assert by_dataset.to_dict("list") == {"dataset": ["full", "prostate"], "x": [1, 2]}
    assert by_dataset.index.tolist() == [0, 1]
    pair: dict[str, Any] = {"full.site": pd.DataFrame({"x": [1]})}
    assert stack(**pair).columns.tolist() == ["dataset", "task", "x"]


def test_trials_are_counted_with_the_failed_ones_and_the_chosen_one() -> None:
    rows = [
        # trial, params, dev accuracy, error: the best mean is of b; c fails in one rotation; test accuracy misleads
        ("full", "site", "knn", "a", '{"k": 1}', 0.6, 0.9, None),
        ("full", "site", "knn", "a", '{"k": 1}', 0.6, 0.9, None),
        ("full", "site", "knn", "b", '{"k": 2}', 0.5, 0.1, None),
        ("full", "site", "knn", "b", '{"k": 2}', 0.8, 0.1, None),
        ("full", "site", "knn", "c", '{"k": 3}', 0.9, 0.9, None),
        ("full", "site", "knn", "c", '{"k": 3}', np.nan, np.nan, "ValueError: no"),
        ("full", "moa", "svm", "d", "{}", np.nan, np.nan, "ValueError: no"),
        ("full", "moa", "svm", "d", "{}", np.nan, np.nan, "ValueError: no"),
    ]
    columns = ["dataset", "task", "classifier", "trial_id", "params", "dev_accuracy", "test_accuracy", "error"]
    table = pd.DataFrame(rows, columns=columns).astype({"error": "str"})
    table = table.assign(rotation=table.groupby(["task", "trial_id"]).cumcount(), test_macro_f1=0.5)
    found = summarise_trials(table)
    assert set(COLUMNS["settings"]) <= set(found.columns)
    counts = ["dataset", "task", "classifier", "n_trials", "n_failed", "n_stopped"]
    assert [tuple(row) for row in found[counts].itertuples(index=False)] == [
        ("full", "site", "knn", 3, 1, 0),
        ("full", "moa", "svm", 1, 1, 0),
    ]
    assert found["params"][0] == '{"k": 2}'
    assert pd.isna(found["params"][1])


def test_costs_are_those_of_the_chosen_trial() -> None:
    rows = [
        ("full", "site", "knn", "a", 1.0, 0.5, 100.0),
        ("full", "site", "knn", "a", 4.0, 0.7, 200.0),
        ("full", "site", "knn", "b", 90.0, 9.0, 900.0),
        ("full", "site", "knn", "b", np.nan, np.nan, 600.0),
        ("full", "moa", "knn", "a", 70.0, 7.0, 700.0),  # the trial of another cell has its name
        ("full", "moa", "knn", "b", 9.0, 3.0, 50.0),
        ("full", "moa", "svm", "c", np.nan, np.nan, 50.0),
    ]
    keys = ["dataset", "task", "classifier"]
    costs = pd.DataFrame(rows, columns=[*keys, "trial_id", "fit_seconds", "predict_seconds", "peak_rss_mib"])
    chosen = [("full", "site", "knn", "a"), ("full", "moa", "knn", "b"), ("full", "moa", "svm", None)]
    settings = pd.DataFrame(chosen, columns=[*keys, "trial_id"], dtype="str").assign(n_trials=2)
    found = summarise_costs(costs, settings)
    assert found.columns.tolist() == list(COLUMNS["costs"])
    assert found[keys].to_numpy().tolist() == [["full", "site", "knn"], ["full", "moa", "knn"]]  # none of svm is chosen
    assert found["fit_seconds"].tolist() == pytest.approx([2.5, 9.0])
    assert found["predict_seconds"].tolist() == pytest.approx([0.6, 3.0])
    assert found["peak_rss_mib"].tolist() == pytest.approx([150.0, 50.0])


def test_hashes_change_with_what_they_pin(profiles: Profiles) -> None:
    splits = pd.DataFrame({"dataset": ["full"], "task": ["site"], "sha256": [split_digest(SPLIT)]})
    data: dict[str, Any] = {"profiles:full": profiles, "samples:full": SAMPLES}
    found = hash_data(splits, **data)
    assert found["what"].tolist() == ["profiles", "samples", "split"]
    assert found["of"].tolist() == ["full", "full", "full.site"]
    assert found["sha256"].tolist()[::2] == [profiles.digest, split_digest(SPLIT)]
    other = hash_data(splits, **{**data, "samples:full": SAMPLES.assign(site="lung")})
    assert (found["sha256"] == other["sha256"]).tolist() == [True, False, True]
