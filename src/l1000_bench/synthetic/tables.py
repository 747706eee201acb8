"""The metadata tables of the synthetic corpus, with the columns and the missing marks of the public files."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l1000_bench.synthetic import vocabulary
from l1000_bench.synthetic.graph import PlantedGraph
from l1000_bench.synthetic.perturbagens import Perturbagens
from l1000_bench.synthetic.plates import Wells
from l1000_bench.synthetic.spec import N_LANDMARKS, GeneSpec, Stream, SyntheticSpec
from l1000_bench.synthetic.vocabulary import CELL_LINES, MISSING, UNUSED_CELL_LINES

FIRST_GENE_ID = 9_000_000  # no human gene has an Entrez id in the million from here
BING_SHARE = 0.8
N_MIRNAS = 40
MIRNA_LINKS_PER_LINK = 0.1
N_UNUSED_DRUGS = 5


def gene_table(spec: GeneSpec) -> pd.DataFrame:
    """Return one row per gene in the matrix's order, with the columns of gene_info; 978 are landmarks."""
    rng = spec.stream(Stream.GENES)
    n = spec.n_genes
    ids = rng.choice(1_000_000, size=n, replace=False) + FIRST_GENE_ID
    is_landmark = rng.permutation(n) < N_LANDMARKS
    is_bing = is_landmark | (rng.random(n) < BING_SHARE)
    numbers = rng.permutation(n) + 1
    return pd.DataFrame(
        {
            "pr_gene_id": [str(gene) for gene in ids],
            "pr_gene_symbol": [f"SYNG{number:04d}" for number in numbers],
            "pr_gene_title": [f"synthetic gene {number}" for number in numbers],
            "pr_is_lm": np.where(is_landmark, "1", "0"),
            "pr_is_bing": np.where(is_bing, "1", "0"),
        },
        columns=vocabulary.GENE_INFO,
    )


def shuffled(table: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return the rows in random order, numbered anew."""
    return table.iloc[rng.permutation(len(table))].reset_index(drop=True)


def inst_info(wells: Wells, perturbagens: Perturbagens) -> pd.DataFrame:
    """Return one row per profile, in the matrix's order."""
    cells = np.array([line.cell_id for line in CELL_LINES], dtype=object)[wells.cell]
    plates = [
        f"SYN001_{cell}_{time}H_X{replicate + 1}"
        for cell, time, replicate in zip(cells, wells.time_h, wells.replicate, strict=True)
    ]
    rows = perturbagens.table.iloc[wells.perturbagen].reset_index(drop=True)
    units = {"trt_cp": "um", "trt_sh": "ul", "ctl_vehicle": MISSING}
    other_doses = {"trt_sh": "2.0", "ctl_vehicle": MISSING}
    doses = [
        other_doses.get(pert_type, str(dose))
        for pert_type, dose in zip(rows["pert_type"], wells.dose_um.tolist(), strict=True)
    ]
    return pd.DataFrame(
        {
            "inst_id": [f"{plate}:{well}" for plate, well in zip(plates, wells.names, strict=True)],
            "rna_plate": plates,
            "rna_well": wells.names,
            "pert_id": rows["pert_id"],
            "pert_iname": rows["pert_iname"],
            "pert_type": rows["pert_type"],
            "pert_dose": doses,
            "pert_dose_unit": [units[pert_type] for pert_type in rows["pert_type"]],
            "pert_time": [str(time) for time in wells.time_h],
            "pert_time_unit": "h",
            "cell_id": cells,
        },
        columns=vocabulary.INST_INFO,
    )


def pert_info(perturbagens: Perturbagens) -> pd.DataFrame:
    """Return one row per perturbagen; structures are missing, as nothing here has one."""
    table = perturbagens.table[["pert_id", "pert_iname", "pert_type"]].assign(is_touchstone="0")
    return table.reindex(columns=vocabulary.PERT_INFO, fill_value=MISSING)


def cell_info() -> pd.DataFrame:
    """Return one row per cell line, profiled or not; what GEO often lacks is missing throughout."""
    lines = pd.DataFrame([line._asdict() for line in (*CELL_LINES, *UNUSED_CELL_LINES)])
    base = lines["precursor_cell_id"].where(lines["precursor_cell_id"] != MISSING, lines["cell_id"])
    lines = lines.assign(base_cell_id=base, original_growth_pattern="adherent")
    return lines.reindex(columns=vocabulary.CELL_INFO, fill_value=MISSING)


def drugs(perturbagens: Perturbagens) -> pd.DataFrame:
    """Return the drug table: known compounds, DMSO, and a few drugs that no profile uses."""
    known = perturbagens.table.loc[perturbagens.table["drug_name"] != "", ["drug_name", "moa"]]
    table = pd.DataFrame(
        {
            "pert_iname": [*known["drug_name"], "DMSO", *(f"syndrug-{k:03d}" for k in range(1, N_UNUSED_DRUGS + 1))],
            "moa": [*known["moa"], "control vehicle", *vocabulary.MOAS[:N_UNUSED_DRUGS]],
        }
    ).assign(clinical_phase="Preclinical")
    return table.reindex(columns=vocabulary.DRUGS, fill_value="")


def repurposing_samples(perturbagens: Perturbagens) -> pd.DataFrame:
    """Return the samples table: the broad_id of a sample is the pert_id and its batch; every third has two batches."""
    known = perturbagens.table.loc[perturbagens.table["sampled"]]
    ids = known["pert_id"].tolist()
    names = known["drug_name"].tolist()
    table = pd.DataFrame(
        {
            "broad_id": [f"{pert_id}-001-01-1" for pert_id in ids] + [f"{pert_id}-001-02-9" for pert_id in ids[::3]],
            "pert_iname": names + names[::3],
        }
    )
    table = table.assign(qc_incompatible="0", purity="0", vendor="Synthetic")
    return table.reindex(columns=vocabulary.REPURPOSING_SAMPLES, fill_value="")


def edges(spec: SyntheticSpec, graph: PlantedGraph, genes: pd.DataFrame) -> pd.DataFrame:
    """Return the links of the planted graph, mixed with links to and from microRNAs, which are no genes.

    Args:
        spec: Gives the seed.
        graph: The planted graph.
        genes: The gene table in the matrix's order.

    Returns:
        Symbol and id of regulator and target, as in the RegNetwork file (which has no header).
    """
    rng = spec.stream(Stream.LINKS)
    names = genes[["pr_gene_symbol", "pr_gene_id"]].to_numpy(dtype=object)  # (n_genes, 2)
    mirnas = np.array([[f"syn-miR-{k}", f"MIMAT9{k:06d}"] for k in range(1, N_MIRNAS + 1)], dtype=object)
    n_links = int(MIRNA_LINKS_PER_LINK * len(graph.edges))
    of_mirnas = [mirnas[rng.integers(N_MIRNAS, size=n_links)], names[rng.integers(len(names), size=n_links)]]
    into_mirnas = [names[rng.choice(graph.regulators, size=n_links)], mirnas[rng.integers(N_MIRNAS, size=n_links)]]
    planted: list[NDArray[np.object_]] = [names[graph.edges[:, 0]], names[graph.edges[:, 1]]]
    links = np.concatenate([np.hstack(part) for part in (planted, of_mirnas, into_mirnas)])  # (n_rows, 4)
    return shuffled(pd.DataFrame(links, columns=vocabulary.EDGES, dtype="str").drop_duplicates(), rng)
