from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import h5py
import pytest

from conftest import Project

BENCHMARKS = """
  lincs_full: [primary_site, moa]
  lincs_prostate: [moa]
  neurobank_l5: [perturbagen]
  neurobank_l4: [perturbagen, perturbagen_unseen_subject]"""
CLASSIFIERS = "[majority, linear, decision_tree, random_forest, knn, ffann, ffann_keras, gcnn, gcnn_rewired]"
INGEST = (
    "--pipelines=ingestion",
    "--from-nodes=ingestion.synthetic.describe_samples,ingestion.synthetic.stream_landmarks",
)


def raw(project: Project, name: str) -> Path:
    return project.data("01_raw", "synthetic", name)


def snapshot(project: Project) -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in project.data("02_intermediate").rglob("*") if file.is_file()}


def edit_inst_info(project: Project, change: Callable[[list[str]], list[str]]) -> None:
    path = raw(project, "SYNTHETIC_inst_info.txt.gz")
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    path.write_bytes(gzip.compress("\n".join(change(lines)).encode() + b"\n"))


def test_lincs_without_its_files_says_what_to_fetch(project: Project) -> None:
    message = project.refusal("--env=lincs")
    for part in ("n1319138x12328.gctx", "49.6 GB", "https://ftp.ncbi.nlm.nih.gov/geo", "inst_info", "Repurposing Hub"):
        assert part in message
    assert "kedro run, without --env" in message
    assert not (project.folder / "data").exists()


def test_a_corpus_that_was_not_ingested_is_named_by_what_is_missing_of_it(project: Project) -> None:
    refusal = project.refusal("--pipelines=curation")
    assert refusal.startswith("This run needs synthetic.annotations, ")
    assert "which no run has made yet: run `kedro run --env=test` first." in refusal


def test_a_slice_without_its_inputs_says_what_to_run(project: Project) -> None:
    message = project.refusal("--pipelines=modeling")
    assert "lincs_full.moa.split" in message
    assert "run `kedro run --env=test` first" in message


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ("[primary_site, moa]", "[primary_site, mao]", ["'mao'", "tasks", "moa", "parameters/tasks/mao.yml"]),
        ("[primary_site, moa]", "[moa, moa]", ["benchmarks.lincs_full", "'moa' twice"]),
        ("lincs_prostate: [moa]", "lincs_lung: [moa]", ["'lincs_lung'", "datasets", "lincs_prostate"]),
        ("lincs_prostate: [moa]", "lincs_prostate: []", ["lincs_prostate", "at least one"]),
        (CLASSIFIERS, "[knn, knm]", ["'knm'", "classifiers", "knn"]),
        (CLASSIFIERS, "[knn, knn]", ["'knn' twice"]),
        ("lincs_prostate:", "lincs.prostate:", ["'lincs.prostate'", "letters, digits and underscores"]),
        (CLASSIFIERS, "", ["classifiers is None", "a list of names"]),
        (BENCHMARKS, "", ["benchmarks (each dataset"]),
        ("benchmarks:", "classifiers: [knn]\nbenchmarks:", ["experiments", "duplicate key classifiers"]),
        ("benchmarks:", "benchmarks: [", ["experiments.yml", "YAML"]),
        ("benchmarks:", "models: [knn]\nbenchmarks:", ["models", "benchmarks (each dataset"]),
    ],
)
def test_a_wrong_grid_stops_before_any_work(project: Project, old: str, new: str, parts: list[str]) -> None:
    project.replace("test/experiments.yml", old, new)
    message = project.refusal()
    for part in parts:
        assert part in message
    assert not (project.folder / "data").exists()


@pytest.mark.parametrize(
    ("path", "old", "new", "parts"),
    [
        ("classifiers/knn.yml", "NeighboursClassifier", "KNearest", ["classifiers.knn", "models.neighbours.KNearest"]),
        ("classifiers/knn.yml", "n_neighbors", "neighbours", ["classifiers.knn", "neighbours"]),
        ("classifiers/knn.yml", "label:", "lable:", ["classifiers.knn", "lable", "label"]),
        ("classifiers/knn.yml", "  knn:", "  linear:", ["classifiers.linear", "linear.yml", "knn.yml"]),
        ("datasets/lincs_full.yml", "single_moa", "one_moa", ["datasets.lincs_full", "'one_moa'", "single_moa"]),
        ("datasets/lincs_full.yml", "more_than:", "more:", ["datasets.lincs_full", "class_threshold", "more_than"]),
        ("datasets/lincs_full.yml", "missing_values: ${globals:missing_values}", "missing_values: ignore",
         ["datasets.lincs_full", "'ignore'", "impute_zero"]),
        ("tasks/moa.yml", "label_column: moa", "label_colum: moa", ["tasks.moa", "label_colum"]),
        ("tasks/moa.yml", "split: stratified", "split: stratifed", ["'stratifed'", "splits", "stratified"]),
        ("splits/stratified.yml", "params:", "parameters:", ["splits.stratified", "parameters"]),
        ("corpora/synthetic.yml", "gene_info:", "genes:", ["corpora.synthetic", "gene_info", "genes"]),
    ],
)  # fmt: skip
def test_a_wrong_entry_is_named(project: Project, path: str, old: str, new: str, parts: list[str]) -> None:
    project.replace(f"base/parameters/{path}", old, new)
    message = project.refusal()
    for part in parts:
        assert part in message
    assert not (project.folder / "data").exists()


def test_a_missing_column_is_named_and_nothing_is_lost(copied: Project) -> None:
    before = snapshot(copied)
    edit_inst_info(copied, lambda lines: [lines[0].replace("pert_type", "type"), *lines[1:]])
    message = copied.refusal(*INGEST)
    assert "SYNTHETIC_inst_info.txt.gz lacks the column(s) pert_type" in message
    assert snapshot(copied) == before


def test_a_sample_that_inst_info_lacks_is_named(copied: Project) -> None:
    before = snapshot(copied)
    gone: list[str] = []

    def drop_last(lines: list[str]) -> list[str]:
        gone.append(lines[-1].split("\t")[0])
        return lines[:-1]

    edit_inst_info(copied, drop_last)
    message = copied.refusal(*INGEST)
    assert "1 sample(s) that inst_info lacks" in message
    assert gone[0] in message
    assert snapshot(copied) == before


def test_a_doubled_id_is_named_with_its_line(copied: Project) -> None:
    edit_inst_info(copied, lambda lines: [*lines, lines[3]])
    message = copied.refusal(*INGEST)
    assert "repeats the inst_id" in message
    assert "SYNTHETIC_inst_info.txt.gz line" in message


def test_a_truncated_matrix_leaves_the_old_profiles(copied: Project) -> None:
    before = snapshot(copied)
    path = raw(copied, "SYNTHETIC_Level4_ZSPCINF.gctx")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert "SYNTHETIC_Level4_ZSPCINF.gctx" in copied.refusal(*INGEST)
    assert snapshot(copied) == before


def test_an_hdf5_file_that_is_no_gctx_is_refused(copied: Project) -> None:
    path = raw(copied, "SYNTHETIC_Level4_ZSPCINF.gctx")
    path.unlink()
    with h5py.File(path, "w") as file:
        file["counts"] = [1, 2, 3]
    message = copied.refusal(*INGEST)
    assert str(path) in message
    assert "/0/DATA/0/matrix" in message


@pytest.mark.parametrize(
    ("threshold", "parts"),
    [
        ("100000", ["datasets.lincs_full", "no profile is left", "class_threshold left 0"]),
        ("0", ["fewer than the 50 folds", "class threshold"]),
    ],
)
def test_classes_that_thresholds_or_folds_leave_too_small(copied: Project, threshold: str, parts: list[str]) -> None:
    copied.replace("test/globals.yml", "full_more_than: 12", f"full_more_than: {threshold}")
    if threshold == "0":
        copied.replace("test/globals.yml", "n_folds: 3", "n_folds: 50")
    message = copied.refusal("--pipelines=curation")
    for part in parts:
        assert part in message
    assert not list(copied.folder.rglob("*.tmp.*"))
