from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from conftest import ROOT
from l1000_bench.synthetic.corpus import SyntheticSpec, make_corpus
from l1000_bench.synthetic.graph import plant_graph
from l1000_bench.synthetic.subject_corpus import SubjectCorpus, SubjectSpec, make_subject_corpus

TINY = SubjectSpec(seed=5, n_compounds=11, n_replicates=2, doses=(10.0,))


def generator(environment: str, corpus: str) -> dict[str, Any]:
    """The parameters of an environment's generator, over those of base."""
    found: dict[str, Any] = {}
    for folder in ("base", environment):
        path = ROOT / "conf" / folder / "parameters/corpora" / f"{corpus}.yml"
        if path.exists():
            found |= yaml.safe_load(path.read_text().replace("${environment:}", environment))["corpora"][corpus][
                "generator"
            ]
    return {key: value for key, value in found.items() if key != "design"}


def configured(environment: str) -> SubjectSpec:
    return SubjectSpec(**generator(environment, "synthetic_neurobank"))


def in_matrix_order(corpus: SubjectCorpus) -> pd.DataFrame:
    return corpus.samples.set_index("sample").reindex(corpus.sample_ids.tolist()).reset_index()


@pytest.fixture(scope="module")
def full() -> SubjectCorpus:
    return make_subject_corpus(SubjectSpec(seed=11))


def test_the_default_is_as_large_as_the_papers_corpus(full: SubjectCorpus) -> None:
    samples = full.samples
    assert full.matrix.dtype == np.float32
    assert full.matrix.shape == (len(full.sample_ids), 978)
    assert np.isfinite(full.matrix).all()
    assert len(samples) == pytest.approx(5602, rel=0.02)
    assert samples["signature"].nunique() == pytest.approx(1894, rel=0.01)
    assert samples["compound"].nunique() == 60
    assert samples["donor"].nunique() == 5
    assert (samples["compound"] == "DMSO").mean() == pytest.approx(0.0688, abs=0.004)
    assert samples["compound"].value_counts().index[0] == "DMSO"


def test_the_demo_and_the_test_are_smaller() -> None:
    demo, test = (make_subject_corpus(configured(environment)).samples for environment in ("base", "test"))
    assert len(demo) == pytest.approx(1500, rel=0.03)
    assert demo["signature"].nunique() == pytest.approx(920, rel=0.04)
    assert demo["compound"].nunique() == 60
    assert demo.groupby("compound")["signature"].nunique().min() == 15
    assert len(test) < 100
    assert test.groupby(["donor", "compound"]).size().unstack().notna().all(axis=None)


@pytest.mark.parametrize("environment", ["base", "test"])
def test_genes_and_graph_are_those_of_the_corpus_beside_it(environment: str) -> None:
    beside = SyntheticSpec(**generator(environment, "synthetic"))
    ours = configured(environment)
    genes = make_corpus(beside).gene_info
    landmarks = set(genes.loc[genes["pr_is_lm"] == "1", "pr_gene_id"])
    found = make_subject_corpus(ours).gene_ids.tolist()
    assert len(found) == 978
    assert set(found) == landmarks
    np.testing.assert_array_equal(plant_graph(ours).edges, plant_graph(beside).edges)


def test_nothing_but_the_genes_is_shared_with_the_corpus_beside_it() -> None:
    spec = SyntheticSpec(seed=5, n_cell_lines=4, n_compounds=12, n_moas=4, n_replicates=2)
    other, ours = make_corpus(spec), make_subject_corpus(TINY)
    assert not set(ours.samples["line"]) & set(other.cell_info["cell_id"])
    names = {name.casefold() for name in [*other.pert_info["pert_iname"], *other.drugs["pert_iname"]]}
    assert names & set(ours.samples["compound"].str.casefold()) == {"dmso"}
    assert set(ours.samples["compound_id"]) & set(other.pert_info["pert_id"]) == {"DMSO"}
    assert not set(ours.sample_ids) & set(other.sample_ids)


def test_no_noise_is_shared_with_the_corpus_beside_it() -> None:
    silent: Any = dict.fromkeys(("compound_strength", "moa_strength", "cell_strength", "plate_strength"), 0.0)
    beside: Any = {"seed": 5, "n_genes": 978, "n_cell_lines": 4, "n_compounds": 12, "n_moas": 4, "n_replicates": 2}
    other = make_corpus(SyntheticSpec(**beside, **silent)).matrix
    quiet = replace(TINY, n_genes=978, response_strength=0.0, subject_strength=0.0, plate_strength=0.0)
    ours = make_subject_corpus(replace(quiet, interaction_strength=0.0)).matrix
    correlations = np.asarray(np.corrcoef(ours[:40], other[:40]))[:40, 40:]
    assert np.abs(correlations).max() < 0.2


def test_two_controls_one_bipolar_and_two_schizophrenic_subjects_each_with_a_line(full: SubjectCorpus) -> None:
    donors = full.samples[["donor", "diagnosis", "line"]].drop_duplicates()
    assert donors["diagnosis"].value_counts().to_dict() == {"control": 2, "schizophrenia": 2, "bipolar disorder": 1}
    assert donors["donor"].str.startswith("SYN").all()
    assert donors["donor"].is_unique
    assert donors["line"].is_unique
    assert donors.loc[donors["diagnosis"] == "bipolar disorder", "donor"].tolist() == ["SYNBD1"]


def test_samples_are_described_once_in_another_order_and_by_text_alone(full: SubjectCorpus) -> None:
    samples = full.samples
    assert samples["sample"].tolist() != full.sample_ids.tolist()
    assert sorted(samples["sample"]) == sorted(full.sample_ids)
    assert samples["sample"].is_unique
    assert {type(value) for value in samples.to_numpy(dtype=object).ravel()} == {str}
    assert (samples["sample"] == samples["plate"] + ":" + samples["well"]).all()
    assert samples["well"].str.fullmatch("[A-P](0[1-9]|1[0-9]|2[0-4])").all()
    vehicle = samples[samples["kind"] == "vehicle"]
    assert vehicle[["compound_id", "compound", "dose_um"]].drop_duplicates().to_numpy().tolist() == [
        ["DMSO", "DMSO", "-666"]
    ]
    assert (samples["kind"] == "vehicle").equals(samples["compound"] == "DMSO")


def test_plates_hold_one_subject_and_signatures_one_treatment_of_unequal_numbers(full: SubjectCorpus) -> None:
    samples = full.samples
    assert (samples["plate"].nunique(), samples.groupby("plate")["donor"].nunique().max()) == (20, 1)
    by_signature = samples.groupby("signature")
    alike = by_signature[["donor", "line", "compound_id", "compound", "kind", "dose_um", "well"]].nunique()
    assert (alike == 1).all(axis=None)
    assert (by_signature["plate"].nunique() == by_signature.size()).all()
    assert set(by_signature.size()) == {1, 2, 3, 4}
    assert (
        samples["signature"] == samples["plate"].str.replace(r"_X\d$", "", regex=True) + ":" + samples["well"]
    ).all()


def test_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    one, same, other = (make_subject_corpus(spec) for spec in (TINY, replace(TINY), replace(TINY, seed=6)))
    assert one.matrix.tobytes() == same.matrix.tobytes()
    assert one.samples.equals(same.samples)
    assert one.sample_ids.tolist() == same.sample_ids.tolist()
    assert one.gene_ids.tolist() == same.gene_ids.tolist()
    assert not np.array_equal(one.matrix[:50], other.matrix[:50])
    assert not one.samples.equals(other.samples)
    assert one.gene_ids.tolist() != other.gene_ids.tolist()


def test_strengths_change_no_table() -> None:
    strong = replace(TINY, subject_strength=3.0, response_strength=1.0, noise_strength=0.0, plate_strength=9.0)
    assert make_subject_corpus(strong).samples.equals(make_subject_corpus(TINY).samples)
    assert in_matrix_order(make_subject_corpus(strong)).equals(in_matrix_order(make_subject_corpus(TINY)))
