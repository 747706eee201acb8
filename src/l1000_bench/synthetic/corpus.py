"""The synthetic corpus of the demo: L1000-like profiles and tables with a known truth.

This is synthetic data. Its genes, cell lines, compounds and graph are made up, its mechanism names are borrowed, and
nothing found in it is a statement about biology; it shows that the benchmark runs and what it can tell apart.

The profile z of a sample on plate b, of cell line c, with perturbagen p at dose d, over genes:

    z = B_b + C_c + h(d) r_pc + n,
    r_pc = moa_strength * sum_m w_pm q_mc E_mc + compound_strength * o_p,
    E_mc = g e_mc + sqrt(1 - g^2) e'_mc, scaled to norm 1,      e_mc = sum_{k=1..3} a^k P^k s_mc, scaled to norm 1

- B_b: batch effect of the plate, norm `plate_strength`; C_c: pattern of the cell line, norm `cell_strength`, half of it
  shared by the lines of a primary site.
- h(d) = d / (d + 1 micromolar) for compounds, 1 for the rest.
- w_pm: share of MOA m in perturbagen p; q_mc: sensitivity of the cell line to the MOA, 0.5 to 1.5; o_p: the
  perturbagen's own direction, of norm 1 (zero for the vehicle).
- s_mc: +-1 at the three of the MOA's six regulators that are active in the cell line, else 0; P: normalised adjacency
  of the planted graph; a = 0.8; e': e with the genes shuffled; g: `graph_signal`.
- n: Student t noise with `noise_df` degrees of freedom times `noise_strength`. Nothing is clipped.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l1000_bench.synthetic import effects, tables
from l1000_bench.synthetic.graph import plant_graph
from l1000_bench.synthetic.perturbagens import make_perturbagens
from l1000_bench.synthetic.plates import Wells, lay_out
from l1000_bench.synthetic.spec import Stream, SyntheticSpec

__all__ = ["SyntheticCorpus", "SyntheticSpec", "make_corpus"]


@dataclass(frozen=True)
class SyntheticCorpus:
    """A corpus in memory, laid out as the public files are; all text, as it stands in the files.

    Attributes:
        matrix: (n_samples, n_genes) float32, z-scores of Level 4.
        sample_ids: (n_samples,) inst_id of each row of the matrix.
        gene_ids: (n_genes,) Entrez id of each column of the matrix.
        inst_info: One row per profile, in another order than the matrix.
        pert_info: One row per perturbagen.
        cell_info: One row per cell line, some of them without profiles.
        gene_info: One row per gene, in another order than the matrix; 978 landmarks.
        drugs: The Repurposing Hub's drug table: MOAs by compound name, several joined by `|`.
        repurposing_samples: Its samples table: broad_id, of which the first 13 characters are a pert_id.
        edges: Links of the planted graph with some of microRNAs, in the columns of RegNetwork.
    """

    matrix: NDArray[np.float32]
    sample_ids: NDArray[np.object_]
    gene_ids: NDArray[np.object_]
    inst_info: pd.DataFrame
    pert_info: pd.DataFrame
    cell_info: pd.DataFrame
    gene_info: pd.DataFrame
    drugs: pd.DataFrame
    repurposing_samples: pd.DataFrame
    edges: pd.DataFrame


def make_corpus(spec: SyntheticSpec) -> SyntheticCorpus:
    """Make a synthetic corpus; the same spec gives the same bytes.

    Args:
        spec: Sizes, strengths and seed.

    Returns:
        Matrix, ids and tables, nothing written to disk.
    """
    genes = tables.gene_table(spec)
    is_landmark = genes["pr_is_lm"].to_numpy(dtype=object) == "1"
    perturbagens = make_perturbagens(spec, genes["pr_gene_symbol"].to_numpy(dtype=object))
    wells = lay_out(spec, perturbagens)
    graph = plant_graph(spec)
    by_moa = effects.moa_effects(spec, graph, is_landmark)
    acts = (perturbagens.table["pert_type"] != "ctl_vehicle").to_numpy(dtype=bool)
    responses = effects.responses(spec, by_moa, perturbagens.moa_weights, acts)
    info = tables.inst_info(wells, perturbagens)
    order = spec.stream(Stream.ORDER)
    return SyntheticCorpus(
        matrix=_matrix(spec, wells, responses),
        sample_ids=info["inst_id"].to_numpy(dtype=object),
        gene_ids=genes["pr_gene_id"].to_numpy(dtype=object),
        inst_info=tables.shuffled(info, order),
        pert_info=tables.pert_info(perturbagens),
        cell_info=tables.cell_info(),
        gene_info=tables.shuffled(genes, order),
        drugs=tables.drugs(perturbagens),
        repurposing_samples=tables.repurposing_samples(perturbagens),
        edges=tables.edges(spec, graph, genes),
    )


def _matrix(spec: SyntheticSpec, wells: Wells, responses: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return z, (n_samples, n_genes), the sum of all terms."""
    n_plates = int(wells.plate.max()) + 1
    shape = (len(wells.plate), spec.n_genes)
    z = spec.noise_strength * spec.stream(Stream.NOISE).standard_t(spec.noise_df, size=shape)
    z += effects.plate_effects(spec, n_plates)[wells.plate]
    z += effects.cell_patterns(spec)[wells.cell]
    z += effects.dose_factors(wells.dose_um)[:, None] * responses[wells.perturbagen, wells.cell]
    return z.astype(np.float32)
