from __future__ import annotations

import pandas as pd
import yaml

from conftest import Project

GRID = "benchmarks:\n  lincs_prostate: [moa]\nclassifiers: [majority, decision_tree, gcnn_rewired]\n"
SIZES = "sizes: [40, 60], seconds: 0.1, seconds_at_most: 120.0, predicted: 20"


def configure(project: Project, options: str) -> None:
    folder = project.folder / "conf" / "test"
    (folder / "experiments.yml").write_text(GRID)
    (folder / "parameters" / "estimate.yml").write_text(f"estimate: {{{SIZES}{options}}}\n")


def estimates_of(project: Project) -> pd.DataFrame:
    table = pd.read_csv(project.data("08_reporting", "estimate.csv"), keep_default_na=False, na_values=[""])
    assert table["classifier"].tolist() == ["majority", "decision_tree", "gcnn_rewired"]
    assert (table["bound"] == "about").all(), table["basis"].tolist()
    assert (table["hours"] > 0).all()
    assert (table["peak_gib"] > 0.05).all()
    return table


def test_without_data_an_estimate_stands_on_stand_ins_and_says_so(project: Project) -> None:
    configure(project, ", expected: {lincs_prostate: {moa: {n_samples: 3000, n_classes: 4}}}")
    told = project.run("--pipelines=estimate")
    table = estimates_of(project)
    assert (table["n_samples"] == 3000).all()
    assert table["remark"].str.contains("stand-in profiles").all()
    assert "stand-in graph of 839 vertices and 2,748 edges" in table["remark"].iloc[2]
    assert "Estimated, not measured" in told
    proposed = project.data("08_reporting", "first_selection.yml").read_text()
    assert yaml.safe_load(proposed) == yaml.safe_load(GRID)


def test_a_classifier_that_steps_aside_is_named_and_not_estimated(project: Project) -> None:
    configure(project, ", expected: {lincs_prostate: {moa: {n_samples: 6000, n_classes: 4}}}")
    grid = project.folder / "conf" / "test" / "experiments.yml"
    grid.write_text("benchmarks:\n  lincs_prostate: [moa]\nclassifiers: [majority, gaussian_process]\n")
    told = project.run("--pipelines=estimate")
    assert "Not estimated, since the classifier steps aside: lincs_prostate.moa.gaussian_process." in told
    table = pd.read_csv(project.data("08_reporting", "estimate.csv"))
    assert table["classifier"].tolist() == ["majority"]


def test_without_data_and_numbers_an_estimate_is_refused(project: Project) -> None:
    configure(project, "")
    refusal = project.refusal("--pipelines=estimate")
    assert "lincs_prostate.moa was not curated yet" in refusal
    assert "n_samples, n_classes" in refusal


def test_an_estimate_measures_with_profiles_and_graphs_that_were_made(copied: Project) -> None:
    configure(copied, "")
    told = copied.run("--pipelines=estimate")
    assert "stand-in" not in told
    samples = pd.read_parquet(copied.data("03_primary", "lincs_prostate", "samples.parquet"))
    table = estimates_of(copied)
    assert (table["n_samples"] == samples["moa"].notna().sum()).all()
    assert (table["n_classes"] == samples["moa"].nunique()).all()
    edges = pd.read_parquet(copied.data("04_feature", "rewired", "edges.parquet"))
    assert f"and {len(edges):,} edges" in table["remark"].iloc[2]
    assert table["remark"].iloc[:2].isna().all()
