from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from l1000_bench.synthetic.corpus import SyntheticCorpus, SyntheticSpec, make_corpus

TINY = SyntheticSpec(seed=5, n_cell_lines=4, n_compounds=12, n_moas=4, n_replicates=2)
QUIET = replace(
    TINY, moa_strength=0.0, compound_strength=0.0, cell_strength=0.0, plate_strength=0.0, noise_strength=0.0
)
HEADERS = {
    "inst_info": "inst_id rna_plate rna_well pert_id pert_iname pert_type pert_dose pert_dose_unit pert_time "
    "pert_time_unit cell_id",
    "pert_info": "pert_id pert_iname pert_type is_touchstone inchi_key_prefix inchi_key canonical_smiles pubchem_cid",
    "cell_info": "cell_id cell_type base_cell_id precursor_cell_id modification sample_type primary_site subtype "
    "original_growth_pattern provider_catalog_id original_source_vendor donor_age donor_sex donor_ethnicity",
    "gene_info": "pr_gene_id pr_gene_symbol pr_gene_title pr_is_lm pr_is_bing",
    "drugs": "pert_iname clinical_phase moa target disease_area indication",
    "repurposing_samples": "broad_id pert_iname qc_incompatible purity vendor catalog_no vendor_name expected_mass "
    "smiles InChIKey pubchem_cid deprecated_broad_id",
}


@pytest.fixture(scope="module")
def full() -> SyntheticCorpus:
    return make_corpus(SyntheticSpec(seed=11))


def moas_by_compound(corpus: SyntheticCorpus) -> dict[str, str]:
    """Join as a user of the public files would: by pert_id over the samples table, then by name in any letters."""
    by_name = {name.casefold(): moa for name, moa in zip(corpus.drugs["pert_iname"], corpus.drugs["moa"], strict=True)}
    samples = corpus.repurposing_samples
    drug_of_id = {broad[:13]: name for broad, name in zip(samples["broad_id"], samples["pert_iname"], strict=True)}
    compounds = corpus.pert_info[corpus.pert_info["pert_type"] == "trt_cp"]
    return {
        pert_id: by_name.get(drug_of_id.get(pert_id, iname).casefold(), "absent")
        for pert_id, iname in zip(compounds["pert_id"], compounds["pert_iname"], strict=True)
    }


def rows_in_matrix_order(corpus: SyntheticCorpus) -> pd.DataFrame:
    return corpus.inst_info.set_index("inst_id").reindex(corpus.sample_ids.tolist())


@pytest.mark.parametrize("table", sorted(HEADERS))
def test_tables_have_the_public_headers_and_hold_text_alone(full: SyntheticCorpus, table: str) -> None:
    frame = getattr(full, table)
    assert list(frame.columns) == HEADERS[table].split()
    assert {type(value) for value in frame.to_numpy(dtype=object).ravel()} == {str}


def test_sizes_and_shares(full: SyntheticCorpus) -> None:
    # 12 cell lines x 3 replicates x 60 compounds x 2 doses are 4,320 wells; they are 73.3 % of all
    assert full.matrix.dtype == np.float32
    assert full.matrix.shape == (len(full.sample_ids), 1200)
    assert np.isfinite(full.matrix).all()
    types = full.inst_info["pert_type"].value_counts()
    assert types["trt_cp"] == 4320
    assert len(full.inst_info) == pytest.approx(4320 / (1 - 1 / 6 - 1 / 10), abs=2)
    assert types["ctl_vehicle"] / types.sum() == pytest.approx(1 / 6, abs=0.001)
    assert types["trt_sh"] / types.sum() == pytest.approx(0.1, abs=0.001)


def test_genes(full: SyntheticCorpus) -> None:
    genes = full.gene_info
    is_landmark = (genes["pr_is_lm"] == "1").to_numpy(dtype=bool)
    assert is_landmark.sum() == 978
    assert 0 < is_landmark[:978].sum() < 978
    assert (genes.loc[is_landmark, "pr_is_bing"] == "1").all()
    assert list(genes["pr_gene_id"]) != list(full.gene_ids)
    assert sorted(genes["pr_gene_id"]) == sorted(full.gene_ids)
    assert genes["pr_gene_symbol"].is_unique


def test_every_sample_stands_once_in_inst_info_in_another_order(full: SyntheticCorpus) -> None:
    assert list(full.inst_info["inst_id"]) != list(full.sample_ids)
    assert sorted(full.inst_info["inst_id"]) == sorted(full.sample_ids)
    assert full.inst_info["inst_id"].is_unique


def test_plates_hold_one_cell_line_and_time_and_both_times_and_all_doses_occur(full: SyntheticCorpus) -> None:
    info = full.inst_info
    assert (info["inst_id"] == info["rna_plate"] + ":" + info["rna_well"]).all()
    assert info["rna_well"].str.fullmatch("[A-P](0[1-9]|1[0-9]|2[0-4])").all()
    assert (info["rna_plate"].nunique(), info["cell_id"].nunique()) == (12 * 2 * 3, 12)
    expected = "SYN001_" + info["cell_id"] + "_" + info["pert_time"] + "H_X"
    assert (info["rna_plate"].str[:-1] == expected).all()
    compounds = info[info["pert_type"] == "trt_cp"]
    per_condition = compounds.groupby(["cell_id", "pert_id", "pert_dose", "pert_time"]).size()
    assert set(per_condition) == {3}
    assert set(compounds["pert_dose"]) == {"1.11", "10.0"}
    assert compounds["pert_time"].value_counts().to_dict() == {"6": 2160, "24": 2160}


def test_vehicle_has_no_dose(full: SyntheticCorpus) -> None:
    vehicle = full.inst_info[full.inst_info["pert_type"] == "ctl_vehicle"]
    columns = ["pert_id", "pert_iname", "pert_dose", "pert_dose_unit"]
    assert vehicle[columns].drop_duplicates().to_numpy().tolist() == [["DMSO", "DMSO", "-666", "-666"]]


def test_cell_lines(full: SyntheticCorpus) -> None:
    used = full.cell_info[full.cell_info["cell_id"].isin(full.inst_info["cell_id"])]
    assert (len(used), used["primary_site"].nunique(), used["subtype"].nunique()) == (12, 6, 8)
    assert (used["primary_site"] == "prostate").sum() == 2
    assert "non small cell lung cancer| carcinoma" in set(used["subtype"])
    unused = full.cell_info.drop(used.index)
    assert "-666" in set(unused["primary_site"])
    assert "-666" not in set(used["primary_site"]) | set(used["subtype"])
    assert (used["donor_ethnicity"] == "-666").all()


def test_moas_join_as_in_the_public_files(full: SyntheticCorpus) -> None:
    moas = pd.Series(moas_by_compound(full))
    single = moas[(moas != "") & (moas != "absent") & ~moas.str.contains("|", regex=False)]
    assert moas.str.contains("|", regex=False).sum() == 4
    assert ((moas == "").sum(), (moas == "absent").sum()) == (2, 2)
    counts = single.value_counts()
    assert (len(single), len(counts)) == (52, 12)
    assert counts.iloc[0] >= 10
    assert counts.iloc[-1] == 1
    assert (single == single.str.lower()).all()


def test_some_compounds_join_by_name_alone_and_some_by_pert_id_alone(full: SyntheticCorpus) -> None:
    compounds = full.pert_info[full.pert_info["pert_type"] == "trt_cp"]
    sampled = compounds["pert_id"].isin(full.repurposing_samples["broad_id"].str[:13])
    same_letters = compounds["pert_iname"].isin(full.drugs["pert_iname"])
    any_letters = compounds["pert_iname"].str.casefold().isin(full.drugs["pert_iname"].str.casefold())
    assert (~sampled & any_letters & ~same_letters).sum() == 3
    assert (sampled & ~any_letters).sum() == 3


def test_links_join_genes_of_the_matrix_but_for_the_micrornas(full: SyntheticCorpus) -> None:
    ids = full.edges[["regulator_id", "target_id"]]
    is_gene = ids.isin(set(full.gene_ids))
    assert is_gene.all(axis=1).sum() == 3000
    assert ids.to_numpy()[~is_gene.to_numpy()].astype(str).tolist()[0].startswith("MIMAT")
    symbols = dict(zip(full.gene_info["pr_gene_id"], full.gene_info["pr_gene_symbol"], strict=True))
    genes = full.edges[is_gene.all(axis=1)]
    assert (genes["target_id"].map(symbols) == genes["target_symbol"]).all()


def test_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    one, same, other = make_corpus(TINY), make_corpus(replace(TINY)), make_corpus(replace(TINY, seed=6))
    assert one.matrix.tobytes() == same.matrix.tobytes()
    assert one.matrix.tobytes() != other.matrix.tobytes()
    for field in fields(SyntheticCorpus)[3:]:
        assert getattr(one, field.name).equals(getattr(same, field.name)), field.name
    assert not one.edges.equals(other.edges)
    assert list(one.gene_ids) == list(same.gene_ids)


def test_tiny_corpus_keeps_every_feature() -> None:
    corpus = make_corpus(TINY)
    assert corpus.matrix.shape == (262, 1200)
    assert (corpus.gene_info["pr_is_lm"] == "1").sum() == 978
    assert corpus.inst_info["cell_id"].nunique() == 4
    moas = set(moas_by_compound(corpus).values())
    assert {"", "absent"} < moas
    assert len({moa for moa in moas if moa not in ("", "absent") and "|" not in moa}) == 4


def test_tails_are_heavy_and_not_clipped(full: SyntheticCorpus) -> None:
    z = full.matrix.ravel()
    assert np.abs(z).max() > 25
    assert np.median(z) == pytest.approx(0, abs=0.05)
    quartile, far = np.quantile(np.abs(z), [0.5, 0.9995])
    assert far / quartile > 7  # 5.2 for a normal distribution


def plate_means_of_vehicle(spec: SyntheticSpec, cell_id: str) -> NDArray[np.float64]:
    corpus = make_corpus(spec)
    rows = rows_in_matrix_order(corpus)
    keep = ((rows["pert_type"] == "ctl_vehicle") & (rows["cell_id"] == cell_id)).to_numpy(dtype=bool)
    means = pd.DataFrame(corpus.matrix[keep]).groupby(rows["rna_plate"].to_numpy(dtype=object)[keep]).mean()
    return means.to_numpy(dtype=np.float64)  # (n_plates, n_genes)


def test_plates_of_one_cell_line_differ_by_their_batch_effect_alone() -> None:
    spec = replace(TINY, n_replicates=4, noise_strength=0.0, plate_strength=6.0)
    with_effect = plate_means_of_vehicle(spec, "SYNPR1")
    without = plate_means_of_vehicle(replace(spec, plate_strength=0.0), "SYNPR1")
    assert np.abs(without - without[0]).max() < 1e-6  # rounding of the means
    # eight independent directions of norm 6: the variance between plates adds up to 36 over the genes
    assert with_effect.var(axis=0, ddof=1).sum() == pytest.approx(36, rel=0.1)


def test_terms_have_the_sizes_that_the_spec_names() -> None:
    assert not make_corpus(QUIET).matrix.any()
    cells = make_corpus(replace(QUIET, cell_strength=3.0)).matrix
    assert np.linalg.norm(cells, axis=1) == pytest.approx(3.0, rel=1e-5)
    own = make_corpus(replace(QUIET, compound_strength=11.0))
    rows = rows_in_matrix_order(own)
    norms = np.linalg.norm(own.matrix, axis=1)
    assert norms[rows["pert_dose"] == "10.0"] == pytest.approx(11.0 * 10 / 11, rel=1e-5)
    assert norms[rows["pert_type"] == "trt_sh"] == pytest.approx(11.0, rel=1e-5)
    assert not norms[rows["pert_type"] == "ctl_vehicle"].any()


def test_only_compounds_with_an_moa_show_its_effect() -> None:
    corpus = make_corpus(replace(QUIET, moa_strength=8.0))
    moas = rows_in_matrix_order(corpus)["pert_id"].map(moas_by_compound(corpus)).fillna("none")
    is_silent = moas.isin(["none", "", "absent"]).to_numpy(dtype=bool)
    norms = np.linalg.norm(corpus.matrix, axis=1)
    assert not norms[is_silent].any()
    # saturation at the lower dose is 1.11 / 2.11 = 0.526, sensitivity is 0.5 to 1.5
    single = ~is_silent & ~moas.str.contains("|", regex=False).to_numpy(dtype=bool)
    assert norms[single].min() >= 8 * 0.526 * 0.5
    assert norms[single].max() <= 8 * 10 / 11 * 1.5
