"""Corpora of three samples in every published layout, with the publishers' own headers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from l1000_bench.io.corpus import CorpusSpec
from l1000_bench.io.matrix import Ids, Samples, Values

HEADERS = {
    ("gse92742", "inst_info"): (
        "inst_id rna_plate rna_well pert_id pert_iname pert_type pert_dose pert_dose_unit pert_time "
        "pert_time_unit cell_id"
    ),
    ("gse92742", "sig_info"): (
        "sig_id pert_id pert_iname pert_type cell_id pert_dose pert_dose_unit pert_idose pert_time "
        "pert_time_unit pert_itime distil_id"
    ),
    ("gse92742", "sig_metrics"): (
        "sig_id pert_id pert_iname pert_type distil_cc_q75 distil_ss ngenes_modulated_up_lm "
        "ngenes_modulated_dn_lm tas pct_self_rank_q25 is_exemplar distil_nsample"
    ),
    ("gse92742", "pert_info"): (
        "pert_id pert_iname pert_type is_touchstone inchi_key_prefix inchi_key canonical_smiles pubchem_cid"
    ),
    ("gse92742", "cell_info"): (
        "cell_id cell_type base_cell_id precursor_cell_id modification sample_type primary_site subtype "
        "original_growth_pattern provider_catalog_id original_source_vendor donor_age donor_sex "
        "donor_ethnicity"
    ),
    ("gse92742", "gene_info"): ("pr_gene_id pr_gene_symbol pr_gene_title pr_is_lm pr_is_bing"),
    ("gse70138", "inst_info"): (
        "inst_id cell_id det_plate det_well pert_mfc_id pert_dose pert_dose_unit pert_id pert_iname pert_type "
        "pert_time pert_time_unit"
    ),
    ("gse70138", "sig_info"): ("sig_id pert_id pert_iname pert_type cell_id pert_idose pert_itime distil_id"),
    ("gse70138", "pert_info"): ("pert_id canonical_smiles inchi_key pert_iname pert_type"),
    ("lincs2020", "inst_info"): (
        "bead_batch nearest_dose pert_dose pert_dose_unit pert_idose pert_time pert_itime pert_time_unit "
        "cell_mfc_name pert_mfc_id det_plate det_well rna_plate rna_well count_mean count_cv qc_f_logp qc_iqr "
        "qc_slope pert_id sample_id pert_type cell_iname qc_pass dyn_range inv_level_10 build_name "
        "failure_mode project_code cmap_name"
    ),
    ("lincs2020", "sig_info"): (
        "bead_batch nearest_dose pert_dose pert_dose_unit pert_idose pert_itime pert_time pert_time_unit "
        "cell_mfc_name pert_mfc_id nsample cc_q75 ss_ngene tas pct_self_rank_q25 wt "
        "median_recall_rank_spearman median_recall_rank_wtcs_50 median_recall_score_spearman "
        "median_recall_score_wtcs_50 batch_effect_tstat batch_effect_tstat_pct is_hiq qc_pass pert_id sig_id "
        "pert_type cell_iname det_wells det_plates distil_ids build_name project_code cmap_name "
        "is_ncs_exemplar"
    ),
    ("lincs2020", "cell_info"): (
        "cell_iname cellosaurus_id donor_age donor_age_death donor_disease_age_onset doubling_time "
        "growth_medium provider_catalog_id feature_id cell_type donor_ethnicity donor_sex donor_tumor_phase "
        "cell_lineage primary_disease subtype provider_name growth_pattern ccle_name cell_alias"
    ),
    ("lincs2020", "gene_info"): ("gene_id gene_symbol ensembl_id gene_title gene_type src feature_space"),
    ("lincs2020", "compound_info"): ("pert_id cmap_name target moa canonical_smiles inchi_key compound_aliases"),
}


def header(layout: str, table: str) -> list[str]:
    return HEADERS[(layout if (layout, table) in HEADERS else "gse92742", table)].split()


def write_table(path: Path, layout: str, table: str, rows: Iterable[dict[str, str]]) -> Path:
    """Write rows under the publisher's header; what a row does not say is missing in the publisher's way."""
    columns = header("lincs2020" if table == "compound_info" else layout, table)
    nothing = '""' if layout == "lincs2020" or table == "compound_info" else "-666"
    lines = ["\t".join(columns)]
    for row in rows:
        assert set(row) <= set(columns), set(row) - set(columns)
        lines.append("\t".join(row.get(column, nothing) for column in columns))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")
    return path


@dataclass(frozen=True)
class HeldMatrix:
    """A matrix of ids alone."""

    sample_ids: Ids
    gene_ids: Ids
    path: Path = Path("held.gctx")

    @property
    def n_samples(self) -> int:
        return len(self.sample_ids)

    @property
    def n_genes(self) -> int:
        return len(self.gene_ids)

    def blocks(
        self, genes: Iterable[str] | None = None, samples: Samples = None, rows: int = 2
    ) -> Iterator[tuple[Ids, Values]]:
        raise NotImplementedError

    def to_gctoo(self) -> Any:
        raise NotImplementedError


def matrix(*samples: str, genes: Iterable[str] = ()) -> HeldMatrix:
    return HeldMatrix(np.array(samples, dtype=object), np.array(list(genes), dtype=object))


HUB = {"repurposing_drugs": "drugs.txt", "repurposing_samples": "samples.txt"}
GEO = {name: f"{name}.txt" for name in ("inst_info", "pert_info", "cell_info", "gene_info")}
FILES = {
    "gse92742": {"gctx": "m.gctx", **GEO, **HUB},
    "gse70138": {"gctx": "m.gctx", **GEO, **HUB},
    "lincs2020": {
        "gctx": "m.gctx",
        **{name: f"{name}.txt" for name in ("inst_info", "cell_info", "gene_info", "compound_info")},
    },
    "own": {"gctx": "m.gct", "samples": "samples.csv"},
}


def spec(layout: str = "gse92742", without: tuple[str, ...] = (), **changes: Any) -> CorpusSpec:
    """The smallest corpus of a layout; `files` adds to its files."""
    files = {**FILES[layout], **changes.pop("files", {})}
    own = {"columns": {"sample_id": "id", "pert_id": "drug"}} if layout == "own" else {}
    fields: dict[str, Any] = {
        "name": "mine", "label": "Mine", "kind": "own", "folder": "raw", "remark": "", "layout": layout,
        "files": {role: name for role, name in files.items() if role not in without}, **own,
    }  # fmt: skip
    return CorpusSpec(**{**fields, **changes})


def plain(frame: pd.DataFrame) -> dict[str, list[Any]]:
    """A frame as lists, with None for what is missing."""
    return {str(name): [None if pd.isna(cell) else cell for cell in frame[name].tolist()] for name in frame.columns}


CURATED = (
    "sample_id plate_id plate_set well cell_id pert_id pert_iname pert_type dose dose_unit time time_unit inchi_key "
    "subject_id moa"
).split()


def curated(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Curated samples; what a row does not say is missing, but for its id (s0, s1, …) and its type (trt_cp)."""
    numbered = [{"sample_id": f"s{number}", "pert_type": "trt_cp", **row} for number, row in enumerate(rows)]
    numbers = ("dose", "time")
    frame = pd.DataFrame([{name: row.get(name) for name in CURATED} for row in numbered], columns=CURATED)
    return frame.astype({name: "float64" if name in numbers else "str" for name in CURATED})
