from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from exported import GENES, N, benchmark, samples
from l1000_bench.curation.spec import DatasetSpec, SplitSpec, TaskSpec
from l1000_bench.errors import InputError
from l1000_bench.io.export.benchmark import ExportedBenchmark
from l1000_bench.io.export.readme import readme
from l1000_bench.pipelines.export.nodes import export
from sample_tables import spec

GENE_INFO = pd.DataFrame(
    {"pr_gene_id": ["999", *GENES[::-1]], "pr_gene_symbol": ["EXTRA", "AARS", "C4", "RFC2", "DDR1"], "pr_is_lm": "1"}
)
ENTRIES: dict[str, Any] = {
    "dataset": {"name": "full", "corpus": "mine", "label": "Full view", "rules": [], "stratify_by": ["cell_id"]},
    "task": {"name": "dose", "label_column": "dose", "label": "Dose", "split": "stratified"},
    "scheme": {
        "name": "stratified", "scheme": "stratified", "label": "Folds", "params": {"n_folds": 3, "seed": 1},
        "remark": "Dealt per profile.",
    },
    "corpus": spec(label="Mine, Level 4", remark=""),
    "environment": "mini",
}  # fmt: skip


def exported(folder: Path, table: pd.DataFrame, entries: dict[str, Any]) -> ExportedBenchmark:
    stored = benchmark(folder)
    return export(stored.profiles, table, stored.split, GENE_INFO, **entries)


def test_a_benchmark_is_described_by_its_entries(tmp_path: Path) -> None:
    found = exported(tmp_path, samples(), ENTRIES)
    assert (found.name, found.environment) == ("full.dose", "mini")
    assert found.title == "Full view: Dose"
    assert found.corpus == "Mine, Level 4."
    assert found.protocol == "Folds. Dealt per profile."
    assert found.genes.to_dict("list") == {"gene_id": GENES, "symbol": ["DDR1", "RFC2", "C4", "AARS"]}
    assert found.split_sha256 == benchmark(tmp_path / "again").split_sha256


def test_numbers_are_classes_as_the_classifiers_know_them(tmp_path: Path) -> None:
    found = exported(tmp_path, samples(), ENTRIES)
    expected = [None if pd.isna(dose) else {0.1: "0.1", 10.0: "10"}[dose] for dose in samples()["dose"]]
    assert [None if pd.isna(label) else label for label in found.samples["y_true"]] == expected
    pd.testing.assert_frame_equal(found.samples.drop(columns="y_true"), samples())


def test_a_split_that_leaves_classes_and_the_dev_part_out_is_described_so(tmp_path: Path) -> None:
    stored, table = benchmark(tmp_path), samples()
    kept = table["moa"].isin(sorted(table["moa"].dropna().unique())[:2]).to_numpy()
    roles = np.where(kept, np.where(np.arange(N) % 2, "train", "test"), "unused")
    split = pd.DataFrame({"rotation": 0, "sample_id": table["sample_id"], "role": roles})
    entries = ENTRIES | {
        "task": ENTRIES["task"] | {"label_column": "moa"},
        "scheme": {"name": "s", "scheme": "compound_grouped", "label": "Whole", "params": {"n_folds": 3, "seed": 1},
                   "unseen": "compounds"},
    }  # fmt: skip
    found = export(stored.profiles, table, split, GENE_INFO, **entries)
    assert found.numbers.endswith(f"; the split uses {kept.sum()} of them, of 2 classes, in 1 rotation(s)")
    assert found.protocol == "Whole. Tested with compounds unseen in training."
    text = readme(found).replace("\n", " ")
    assert "There is no `dev`, so settings must be chosen without these rows" in text
    assert "choose settings by those with `dev`" not in text
    assert "choose settings by those with `dev`" in readme(stored).replace("\n", " ")


def test_entries_may_be_read_already(tmp_path: Path) -> None:
    read = {"dataset": DatasetSpec, "task": TaskSpec, "scheme": SplitSpec}
    entries = ENTRIES | {name: kind(**ENTRIES[name]) for name, kind in read.items()}
    assert exported(tmp_path, samples(), entries).title == "Full view: Dose"


def test_samples_of_another_curation_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"profiles and full\.samples differ; run the curation pipeline again"):
        exported(tmp_path, samples().iloc[: N - 1], ENTRIES)
