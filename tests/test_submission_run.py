"""Exporting a benchmark and handing predictions in, as a user does both."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import mlcroissant
import numpy as np
import pandas as pd
import pytest
from anndata import read_h5ad
from sklearn.metrics import accuracy_score, f1_score

from conftest import Project

CELL = ("lincs_full", "moa")
FOR_MOA = "submission.dataset=lincs_full,submission.task=moa"


@pytest.fixture(scope="module")
def exported(finished: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A finished project whose benchmarks were exported; tests only read it."""
    project = Project(tmp_path_factory.mktemp("exported") / "project")
    shutil.copytree(finished.folder / "data", project.folder / "data")
    project.run("--pipelines=export")
    return project


@pytest.fixture
def outside(exported: Project, tmp_path: Path) -> Project:
    """A copy of it that a test may change."""
    project = Project(tmp_path / "project")
    shutil.copytree(exported.folder / "data", project.folder / "data")
    return project


def export_of(project: Project) -> Path:
    return project.data("08_reporting", "export", *CELL)


def filled(project: Project, **columns: str) -> pd.DataFrame:
    """The template as a user reads it, with what a method predicts."""
    template = pd.read_csv(export_of(project) / "submission_template.csv", dtype="str", keep_default_na=False)
    return template.assign(**columns)


def truth_of(project: Project, template: pd.DataFrame) -> np.ndarray:
    labels = pd.read_parquet(export_of(project) / "samples.parquet").set_index("sample_id")["y_true"]
    return labels.loc[template["sample_id"]].to_numpy(dtype=object)


def test_an_export_is_the_benchmark_that_the_classifiers_had(finished: Project, exported: Project) -> None:
    folder = export_of(exported)
    done = subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    samples = pd.read_parquet(finished.data("03_primary", "lincs_full", "samples.parquet")).set_index("sample_id")
    split = pd.read_parquet(finished.data("05_model_input", *CELL, "split.parquet"))
    parts = sorted(finished.data("03_primary", "lincs_full", "profiles").glob("part-*.parquet"))
    profiles = pd.concat([pd.read_parquet(part) for part in parts]).set_index("sample_id")
    path = finished.data("01_raw", "synthetic", "SYNTHETIC_gene_info.txt.gz")
    gene_info = pd.read_csv(path, sep="\t", dtype="str", index_col="pr_gene_id")
    read = read_h5ad(folder / "lincs_full.moa.h5ad")
    np.testing.assert_array_equal(read.X, profiles.to_numpy())
    assert read.obs_names.tolist() == samples.index.tolist() == profiles.index.tolist()
    assert read.var_names.tolist() == profiles.columns.tolist()
    assert read.var["symbol"].tolist() == gene_info.loc[profiles.columns, "pr_gene_symbol"].tolist()
    assert read.obs["y_true"].tolist() == samples["moa"].tolist()
    for rotation, rows in split.groupby("rotation"):
        roles = rows.set_index(rows["sample_id"].astype("str"))["role"].loc[samples.index]
        assert read.obs[f"role_{rotation}"].tolist() == roles.tolist()
    text = (folder / "README.md").read_text()
    assert "This corpus is synthetic" in text
    assert "--env=test --pipelines=submission,evaluation" in text


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_its_croissant_is_valid_and_knows_every_gene(exported: Project) -> None:
    metadata = mlcroissant.Dataset(jsonld=str(export_of(exported) / "croissant.json")).metadata
    assert not metadata.ctx.issues.errors
    (profiles,) = [found for found in metadata.record_sets if found.id == "profiles"]
    assert len(profiles.fields) == 1 + 978


def test_a_second_export_of_one_benchmark_gives_the_same_bytes(exported: Project, outside: Project) -> None:
    shutil.rmtree(outside.data("08_reporting", "export"))
    outside.run("--pipelines=export", "--namespaces=export.lincs_full.moa")
    assert [path.name for path in outside.data("08_reporting", "export").iterdir()] == ["lincs_full"]
    sums = [(export_of(project) / "SHA256SUMS").read_bytes() for project in (exported, outside)]
    assert sums[0] == sums[1]


def test_what_is_handed_in_and_what_is_dropped_are_ranked_with_everyone(outside: Project) -> None:
    template = filled(outside)
    truth = truth_of(outside, template)
    guesses = np.where(np.arange(len(truth)) % 3 > 0, truth, truth[::-1])
    template.assign(y_pred=guesses).to_csv(outside.folder / "guesses.csv", index=False)
    majority = pd.read_parquet(outside.data("07_model_output", *CELL, "majority", "predictions.parquet"))
    again = majority.drop(columns="y_true").assign(split_sha256=template["split_sha256"][0])
    dropped = outside.data("06_models", "external", *CELL)
    dropped.mkdir(parents=True)
    again.to_csv(dropped / "majority_again.csv", index=False)
    told = outside.run(
        "--pipelines=submission,evaluation", f"--params=submission.file=guesses.csv,submission.name=guesses,{FOR_MOA}"
    )
    frame = template.assign(y_true=truth, y_pred=guesses)
    folds = [(rows["y_true"], rows["y_pred"]) for _, rows in frame[frame["role"] == "test"].groupby("rotation")]
    accuracy = 100 * np.mean([accuracy_score(*fold) for fold in folds])
    macro_f1 = 100 * np.mean([f1_score(*fold, average="macro") for fold in folds])
    assert f"test accuracy {accuracy:.1f} %, macro-F1 {macro_f1:.1f} %" in told
    assert "by test accuracy, the others as last evaluated, in percent: " in told
    assert sorted(path.name for path in dropped.iterdir()) == ["guesses.parquet", "majority_again.csv"]
    results = pd.read_csv(outside.data("08_reporting", "results.csv"))
    own = results[(results["dataset"] == "lincs_full") & (results["task"] == "moa")].set_index("classifier")
    assert own.loc["guesses", "accuracy_mean"] == pytest.approx(accuracy)
    assert own.loc["guesses", "macro_f1_mean"] == pytest.approx(macro_f1)
    numbers = ["accuracy_mean", "accuracy_std", "macro_f1_mean", "dev_accuracy_mean"]
    np.testing.assert_array_equal(own.loc["majority_again", numbers], own.loc["majority", numbers])
    assert "guesses" in outside.data("08_reporting", "report.html").read_text()


def test_predictions_of_another_split_are_refused_and_not_stored(outside: Project) -> None:
    template = filled(outside, split_sha256="0" * 64)
    template.assign(y_pred=truth_of(outside, template)).to_parquet(outside.folder / "mine.parquet")
    said = outside.refusal(
        "--pipelines=submission", f"--params=submission.file=mine.parquet,submission.name=mine,{FOR_MOA}"
    )
    assert "lincs_full.moa.mine: " in said
    assert "the split 000000000000" in said
    assert "\n" not in said
    assert not outside.data("06_models", "external", *CELL).exists()


def test_a_submission_of_nothing_is_told_what_it_takes(project: Project) -> None:
    said = project.refusal("--pipelines=submission")
    assert said.startswith("submission names no file, name, dataset, task; hand in with --params=submission.file=PATH")
