from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from conftest import Project
from l1000_bench.io.gctx import open_matrix
from l1000_bench.io.parts import Profiles

SHARED = os.environ.get("L1000_SHARED")
pytestmark = pytest.mark.skipif(SHARED is None, reason="L1000_SHARED names no folder of real data")

GRID = """
benchmarks: {lincs_full: [primary_site, moa, moa_compound_control, moa_compound_grouped]}
classifiers: [majority, linear, decision_tree, random_forest, knn, ffann, ffann_keras, snn, gcnn]
classifiers_of:
  lincs_full.moa_compound_control: [majority, ridge, knn]
  lincs_full.moa_compound_grouped: [majority, ridge, knn]
"""


@pytest.fixture(scope="module")
def mini(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The real profiles from files to scores: benchmarks of lincs_full, and all the others curated."""
    project = Project(tmp_path_factory.mktemp("mini") / "project")
    os.environ["L1000_SHARED"] = str(Path(str(SHARED)).resolve())
    project.run("--env=mini", "--pipelines=ingestion,curation,graph_prep")
    (project.folder / "conf" / "mini" / "experiments.yml").write_text(GRID)
    project.run("--env=mini", "--pipelines=modeling,evaluation")
    return project


def table(mini: Project, *parts: str) -> pd.DataFrame:
    return pd.read_parquet(mini.folder / "data" / Path(*parts))


def test_ingestion_keeps_every_value_of_the_landmarks(mini: Project) -> None:
    stored = Profiles(mini.folder / "data/02_intermediate/mini/gse92742_mini/raw_profiles")
    (source,) = (Path(str(SHARED)) / "data/gse92742_mini").glob("*.gctx")
    read = np.concatenate([values for _, values in open_matrix(source).blocks(genes=list(stored.gene_ids))])
    np.testing.assert_array_equal(stored.matrix(), read)
    assert read.shape == (4039, 978)


def test_the_audit_accounts_for_every_profile(mini: Project) -> None:
    audit = table(mini, "03_primary/mini/lincs_full/audit.parquet")
    assert audit["before"].iloc[0] == 4039
    assert (audit["before"].iloc[1:].to_numpy() == audit["after"].iloc[:-1].to_numpy()).all()
    # 2,039 compound profiles and 114 of the vehicle, counted in inst_info
    assert audit.loc[audit["rule"] == "keep_perturbations", "after"].item() == 2039 + 114
    assert "vehicle controls: 114" in audit["why"].iloc[0]


def test_two_missing_landmarks_of_one_plate_are_imputed_and_counted(mini: Project) -> None:
    audit = table(mini, "03_primary/mini/all_profiles/audit.parquet")
    why = audit["why"].iloc[-1]
    assert "372 profiles lack 744 values of 2 landmark gene(s)" in why
    assert "2597" in why
    assert "5720" in why
    profiles = Profiles(mini.folder / "data/03_primary/mini/all_profiles/profiles")
    genes = list(profiles.gene_ids)
    samples = table(mini, "03_primary/mini/all_profiles/samples.parquet")
    values = profiles.matrix()[:, [genes.index("2597"), genes.index("5720")]]
    assert not np.isnan(profiles.matrix()).any()
    plate = (samples["plate_id"] == "DPK.CP003_PC3_24H_X1").to_numpy()
    assert plate.sum() == 372
    assert (values[plate] == 0).all()
    assert (values[~plate] != 0).any(axis=1).mean() > 0.99


def test_mechanisms_come_from_the_hub(mini: Project) -> None:
    samples = table(mini, "03_primary/mini/lincs_full/samples.parquet")
    assert samples.loc[samples["pert_iname"].str.lower() == "dmso", "moa"].unique().tolist() == ["DMSO"]
    drugs = Path(str(SHARED)) / "data/moa/repurposing_drugs_20200324.txt"
    hub = pd.read_csv(drugs, sep="\t", comment="!", usecols=["pert_iname", "moa"]).dropna()
    known = (
        hub.assign(name=hub["pert_iname"].str.casefold(), moa=hub["moa"].str.lower()).groupby("name")["moa"].agg(set)
    )
    compounds = samples.loc[samples["pert_type"] == "trt_cp", ["pert_iname", "moa"]]
    found = compounds.groupby(compounds["pert_iname"].str.casefold())["moa"].agg(set)
    shared = found.index.intersection(known.index)
    assert len(shared) >= 20
    other = {name for name in shared if found[name] != known[name]}
    assert other <= {"sunitinib"}  # by its pert_id, which goes first, the Hub has it as another compound
    assert not samples["moa"].str.contains("|", regex=False).any()
    assert (samples["moa"].value_counts() >= 10).all()


@pytest.mark.parametrize("task", ["primary_site", "moa"])
def test_every_classifier_beats_the_majority_class(mini: Project, task: str) -> None:
    results = pd.read_csv(mini.folder / "data/08_reporting/mini/results.csv")
    accuracy = results[results["task"] == task].set_index("classifier")["accuracy_mean"]
    assert len(accuracy) == 9
    assert (accuracy.drop("majority") > accuracy["majority"] + 5).all()


def test_on_compounds_never_seen_less_of_the_mechanisms_is_known(mini: Project) -> None:
    results = pd.read_csv(mini.folder / "data/08_reporting/mini/results.csv")
    accuracy = results.pivot(index="classifier", columns="task", values="accuracy_mean")
    drop = accuracy["moa_compound_control"] - accuracy["moa_compound_grouped"]
    assert (drop[["ridge", "knn"]] > 8).all()
    page = (mini.folder / "data/08_reporting/mini/report.html").read_text()
    assert "What generalises" in page


def test_no_compound_of_real_profiles_stands_on_both_sides(mini: Project) -> None:
    split = table(mini, "05_model_input/mini/lincs_full/moa_compound_grouped/split.parquet")
    samples = table(mini, "03_primary/mini/lincs_full/samples.parquet").set_index("sample_id")
    used = split[split["role"] != "unused"].astype({"sample_id": "str", "role": "str"})
    joined = used.join(samples[["pert_id", "pert_iname", "moa"]], on="sample_id")
    treated = joined[joined["moa"] != "DMSO"]
    for key in (treated["pert_id"], treated["pert_iname"].str.casefold()):
        assert treated.groupby([treated["rotation"], key])["role"].nunique().eq(1).all()
    assert treated["moa"].nunique() == 10
