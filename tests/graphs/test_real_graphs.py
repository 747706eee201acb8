"""Counts on the public files, which are only where L1000_SHARED says."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest

from l1000_bench.graphs.coarsening import PyramidSpec, build_pyramid
from l1000_bench.graphs.edges import graph_statistics, landmark_edges, landmark_links
from l1000_bench.graphs.genes import GeneTable, read_gene_table
from l1000_bench.graphs.sources import read_links
from l1000_bench.io.geo import read_info

SHARED = os.environ.get("L1000_SHARED")
pytestmark = pytest.mark.skipif(SHARED is None, reason="L1000_SHARED names no folder of real data")
DATA = Path(str(SHARED)) / "data"
GENE_INFO = DATA / "gse92742_mini" / "GSE92742_Broad_LINCS_gene_info.txt.gz"


def landmarks() -> list[str]:
    genes = read_info(GENE_INFO, "gene_info")
    return [str(gene) for gene in genes.loc[genes["pr_is_lm"] == "1", "pr_gene_id"]]


def links(file: str, format: str) -> pd.DataFrame:
    if format == "huri":
        genes = read_gene_table(DATA / "graphs" / "geneinfo_beta.txt.gz", "ensembl_id", "gene_id")
    else:
        genes = GeneTable.from_frame(read_info(GENE_INFO, "gene_info"), "pr_gene_symbol", "pr_gene_id")
    return read_links(DATA / "graphs" / file, format, genes)


# Rows between landmarks count as they stand in the file, repeats and genes that regulate themselves among them.
@pytest.mark.parametrize(
    ("file", "format", "counts"),
    [
        ("new_kegg.human.reg.direction.txt", "regnetwork_directions", (217, 2, 214, 109)),
        ("trrust_rawdata.human.tsv", "trrust", (569, 10, 456, 186)),
        ("collectri.csv", "collectri", (1857, 58, 1733, 422)),
        ("HuRI.tsv.gz", "huri", (187, 39, 148, 159)),
    ],
)
def test_counts_on_the_landmarks(file: str, format: str, counts: tuple[int, int, int, int]) -> None:
    n_rows, n_self, n_edges, n_genes = counts
    genes = landmarks()
    among = landmark_links(links(file, format), genes)
    assert len(among) == n_rows
    assert (among["gene_a"] == among["gene_b"]).sum() == n_self
    edges = landmark_edges(among, genes)
    assert len(edges) == n_edges
    row = graph_statistics(edges, genes).iloc[0]
    assert (row["genes"], row["vertices"], row["edges"]) == (978, n_genes, n_edges)


def test_collectri_is_one_component_that_compact_coarsening_hardly_pads() -> None:
    genes = landmarks()
    edges = landmark_edges(links("collectri.csv", "collectri"), genes)
    published, compact = (build_pyramid(edges, genes, PyramidSpec(2, method)) for method in ("published", "compact"))
    assert len(published.components) == len(compact.components) == 1
    assert len(published.raw) == len(compact.raw) == 978 - 422
    assert compact.sizes == (424, 212, 106)
    assert published.sizes[0] > 2 * compact.sizes[0]
