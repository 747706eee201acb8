"""The names of the synthetic corpora: cell lines, subjects, mechanisms of action; and the public files' columns.

Every cell line, subject, gene and compound carries a made-up name, so that no result can be read as one about a real
thing.
"""

from __future__ import annotations

from typing import NamedTuple

MISSING = "-666"


class CellLine(NamedTuple):
    """A row of cell_info, as far as rows differ."""

    cell_id: str
    primary_site: str
    subtype: str
    sample_type: str = "tumor"
    cell_type: str = "cell line"
    precursor_cell_id: str = MISSING
    modification: str = MISSING


_NSCLC = "non small cell lung cancer| carcinoma"  # GEO's spelling: one name, the bar is part of it
_CAS9 = "genetically modified to stably express Cas9 protein"

# Six sites and eight subtypes; the first four lines hold three sites, for corpora of few cell lines.
CELL_LINES = (
    CellLine("SYNPR1", "prostate", "adenocarcinoma"),
    CellLine("SYNLU1", "lung", _NSCLC),
    CellLine("SYNPR2", "prostate", "carcinoma"),
    CellLine("SYNBR1", "breast", "adenocarcinoma"),
    CellLine("SYNLU2", "lung", _NSCLC),
    CellLine("SYNLI1", "large intestine", "colorectal adenocarcinoma"),
    CellLine("SYNSK1", "skin", "malignant melanoma"),
    CellLine("SYNHL1", "haematopoietic and lymphoid tissue", "acute myeloid leukemia (AML)"),
    CellLine("SYNBR2", "breast", "epithelial", "normal", modification="immortalized normal"),
    CellLine("SYNLI2", "large intestine", "colorectal carcinoma"),
    CellLine("SYNSK2", "skin", "malignant melanoma"),
    CellLine("SYNLU3", "lung", "carcinoma"),
)
UNUSED_CELL_LINES = (
    CellLine("SYNPR1.311", "prostate", "adenocarcinoma", precursor_cell_id="SYNPR1", modification=_CAS9),
    CellLine("SYNKI1", "kidney", "normal kidney", "normal", modification="immortalized normal"),
    CellLine("SYNNEU", MISSING, MISSING, "normal", "differentiated", modification="terminally differentiated"),
)


class Subject(NamedTuple):
    """A donor, and the one cell line grown from his or her cells."""

    subject_id: str
    diagnosis: str
    cell_id: str


SUBJECTS = (
    Subject("SYNCT1", "control", "SYNNPC1"),
    Subject("SYNCT2", "control", "SYNNPC2"),
    Subject("SYNBD1", "bipolar disorder", "SYNNPC3"),
    Subject("SYNSZ1", "schizophrenia", "SYNNPC4"),
    Subject("SYNSZ2", "schizophrenia", "SYNNPC5"),
)

MOAS = (
    "glucocorticoid receptor agonist",
    "topoisomerase inhibitor",
    "tubulin polymerization inhibitor",
    "calcium channel blocker",
    "proteasome inhibitor",
    "sodium channel blocker",
    "protein synthesis inhibitor",
    "histamine receptor antagonist",
    "bromodomain inhibitor",
    "cyclooxygenase inhibitor",
    "phosphodiesterase inhibitor",
    "opioid receptor agonist",
)

INST_INFO = (
    "inst_id rna_plate rna_well pert_id pert_iname pert_type pert_dose pert_dose_unit pert_time pert_time_unit cell_id"
).split()
PERT_INFO = (
    "pert_id pert_iname pert_type is_touchstone inchi_key_prefix inchi_key canonical_smiles pubchem_cid"
).split()
CELL_INFO = (
    "cell_id cell_type base_cell_id precursor_cell_id modification sample_type primary_site subtype "
    "original_growth_pattern provider_catalog_id original_source_vendor donor_age donor_sex donor_ethnicity"
).split()
GENE_INFO = "pr_gene_id pr_gene_symbol pr_gene_title pr_is_lm pr_is_bing".split()
DRUGS = "pert_iname clinical_phase moa target disease_area indication".split()
REPURPOSING_SAMPLES = (
    "broad_id pert_iname qc_incompatible purity vendor catalog_no vendor_name expected_mass smiles InChIKey "
    "pubchem_cid deprecated_broad_id"
).split()
EDGES = "regulator_symbol regulator_id target_symbol target_id".split()  # the file itself has no header
