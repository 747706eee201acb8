from __future__ import annotations

import hashlib
import re
import shutil

import pandas as pd
import pytest

from conftest import Project

CLASSIFIERS = [
    "decision_tree",
    "ffann",
    "ffann_keras",
    "gcnn",
    "gcnn_rewired",
    "knn",
    "linear",
    "majority",
    "random_forest",
]
CELLS = ["lincs_full/primary_site", "lincs_full/moa", "lincs_prostate/moa"]


def tables(project: Project) -> dict[str, str]:
    """SHA-256 of everything that must not differ between runs."""
    files = [*sorted((project.folder / "data").rglob("*.parquet")), project.data("08_reporting", "results.csv")]
    return {
        str(file.relative_to(project.folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in files
        if "cost" not in file.name
    }


def fitted(project: Project) -> list[str]:
    """The cells whose model lies in the project."""
    models = project.data("06_models")
    return [str(path.parent.relative_to(models)) for path in models.rglob("model.zip")]


def without_run_block(page: str) -> str:
    return re.sub(r"<!-- run-specific: begin -->.*<!-- run-specific: end -->", "", page, flags=re.DOTALL)


def test_a_whole_run_names_its_report(finished: Project) -> None:
    page = finished.data("08_reporting", "report.html").read_text()
    for label in ("Majority class", "Linear classifier", "Decision tree", "Random forest", "K nearest neighbours"):
        assert label in page
    assert "This corpus is synthetic" in page
    assert "The paper's numbers are not shown beside ours" in page.replace("&#39;", "'")


def test_a_second_run_gives_the_same_tables(finished: Project, copied: Project) -> None:
    before = tables(finished)
    shutil.rmtree(copied.data("06_models"))  # or the second run would train nothing
    log = copied.run()
    assert f"The report is {copied.data('08_reporting', 'report.html')}" in log
    assert tables(copied) == before
    pages = [p.data("08_reporting", "report.html").read_text() for p in (finished, copied)]
    assert without_run_block(pages[0]) == without_run_block(pages[1])


def test_the_parallel_runner_gives_the_same_tables(finished: Project, copied: Project) -> None:
    for layer in ("06_models", "07_model_output", "08_reporting"):
        shutil.rmtree(copied.data(layer))
    copied.run("--pipelines=modeling,evaluation", "--runner=ParallelRunner")
    assert tables(copied) == tables(finished)


def test_trials_that_were_run_are_not_run_again(finished: Project, copied: Project) -> None:
    records = [path for path in copied.data("06_models").rglob("*.json") if path.parent.name == "records"]
    # three rotations each; and of three classifiers on five subjects, once with four subjects tested in turn
    assert len(records) == len(CELLS) * len(CLASSIFIERS) * 3 + 3 * (3 + 3 + 4)
    before = {path: path.stat().st_ino for path in records}
    (copied.data("06_models", "lincs_full", "moa", "linear", "trials.parquet")).unlink()
    copied.run("--pipelines=modeling,evaluation", "--tags=linear,evaluation")
    assert {path: path.stat().st_ino for path in records} == before
    assert tables(copied) == tables(finished)


@pytest.mark.parametrize("cell", CELLS)
def test_every_labelled_sample_is_dev_once_and_test_once(finished: Project, cell: str) -> None:
    split = pd.read_parquet(finished.data("05_model_input", cell, "split.parquet"))
    counts = split.groupby(["sample_id", "role"], observed=True).size().unstack(fill_value=0)
    assert (counts["dev"] == 1).all()
    assert (counts["test"] == 1).all()
    assert (counts["train"] == 1).all()  # three folds: one of them trains


@pytest.mark.parametrize("cell", CELLS)
def test_the_majority_baseline_scores_the_share_of_the_largest_training_class(finished: Project, cell: str) -> None:
    dataset, task = cell.split("/")
    samples = pd.read_parquet(finished.data("03_primary", dataset, "samples.parquet")).set_index("sample_id")
    split = pd.read_parquet(finished.data("05_model_input", cell, "split.parquet")).astype({"sample_id": "str"})
    scores = pd.read_parquet(finished.data("07_model_output", cell, "scores.parquet"))
    found = scores[(scores["classifier"] == "majority") & (scores["role"] == "test")].set_index("rotation")["accuracy"]
    for rotation, rows in split.groupby("rotation"):
        train = samples.loc[rows.loc[rows["role"] == "train", "sample_id"], task]
        test = samples.loc[rows.loc[rows["role"] == "test", "sample_id"], task]
        counts = train.value_counts()
        largest = sorted(counts[counts == counts.max()].index)[0]
        assert found[rotation] == pytest.approx((test == largest).mean(), abs=1e-12)


def test_the_audit_accounts_for_every_profile(finished: Project) -> None:
    raw = pd.read_parquet(finished.data("02_intermediate", "synthetic", "raw_samples.parquet"))
    audit = pd.read_parquet(finished.data("03_primary", "lincs_full", "audit.parquet"))
    curated = pd.read_parquet(finished.data("03_primary", "lincs_full", "samples.parquet"))
    assert audit["before"].iloc[0] == len(raw)
    assert (audit["before"].iloc[1:].to_numpy() == audit["after"].iloc[:-1].to_numpy()).all()
    assert audit["after"].iloc[-1] == len(curated)
    kept = raw[(raw["pert_type"] == "trt_cp") | ((raw["pert_type"] == "ctl_vehicle") & (raw["pert_iname"] == "DMSO"))]
    assert audit.loc[audit["rule"] == "keep_perturbations", "after"].item() == len(kept)


def test_a_classifier_and_a_task_are_one_file_and_a_name_each(copied: Project) -> None:
    conf = copied.folder / "conf" / "base" / "parameters"
    (conf / "classifiers" / "naive_bayes.yml").write_text(
        "classifiers:\n  naive_bayes:\n    class: sklearn.naive_bayes.GaussianNB\n    label: Gaussian naive Bayes\n"
    )
    (copied.folder / "conf" / "test" / "experiments.yml").write_text(
        "benchmarks:\n  lincs_full: [cell_id]\nclassifiers: [majority, naive_bayes]\n"
    )
    copied.run("--pipelines=curation,modeling,evaluation")
    page = copied.data("08_reporting", "report.html").read_text()
    results = pd.read_csv(copied.data("08_reporting", "results.csv"))
    accuracy = results.set_index("classifier")["accuracy_mean"]
    assert "Gaussian naive Bayes" in page
    assert "Cell line" in page
    assert set(results["task"]) == {"cell_id"}
    assert accuracy["naive_bayes"] > accuracy["majority"]


def test_slices_run_by_pipeline_namespace_and_tag(copied: Project) -> None:
    for path in copied.data("06_models").rglob("*.*"):
        path.unlink()
    log = copied.run("--pipeline=modeling", "--namespaces=lincs_full.moa")
    assert sorted(fitted(copied)) == [f"lincs_full/moa/{name}" for name in CLASSIFIERS]
    assert "lincs_full.moa.knn.try_settings" in log
    copied.run("--tags=knn")
    assert {cell for cell in fitted(copied) if not cell.startswith("lincs_full/moa/")} == {
        "lincs_full/primary_site/knn",
        "lincs_prostate/moa/knn",
        "neurobank_l4/perturbagen/knn",
        "neurobank_l4/perturbagen_unseen_subject/knn",
        "neurobank_l5/perturbagen/knn",
    }
