"""Counts on the public files, which are only where L1000_SHARED says."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest

from l1000_bench.graphs.coarsening import PyramidSpec, build_pyramid
from l1000_bench.graphs.edges import graph_statistics, landmark_edges, landmark_links
from l1000_bench.graphs.genes import GeneTable, read_gene_table
from l1000_bench.graphs.sources import LinkFile, read_links
from l1000_bench.graphs.spec import GraphSpec
from l1000_bench.io.geo import read_info
from l1000_bench.pipelines.graph_prep.nodes import coarsen, link_from_file

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


def test_huri_through_a_gene_table_of_its_own_is_counted_alike() -> None:
    names = {"file": str(DATA / "graphs" / "geneinfo_beta.txt.gz"), "name_column": "ensembl_id", "id_column": "gene_id"}
    path = DATA / "graphs" / "HuRI.tsv.gz"
    gene_info = read_info(GENE_INFO, "gene_info")
    graph = GraphSpec("huri", "HuRI", "huri", "gse92742_mini", str(path), names=names)
    edges = link_from_file(LinkFile(path, "huri", names), gene_info, graph)
    assert len(edges) == 148
    pd.testing.assert_frame_equal(edges, landmark_edges(links("HuRI.tsv.gz", "huri"), landmarks()))


def test_the_directions_of_regnetwork_are_kept_as_the_file_has_them() -> None:
    path = DATA / "graphs" / "new_kegg.human.reg.direction.txt"
    gene_info = read_info(GENE_INFO, "gene_info")
    graph = GraphSpec("kegg", "KEGG", "regnetwork_directions", "gse92742_mini", str(path), directed=True)
    edges = link_from_file(LinkFile(path, "regnetwork_directions", {}), gene_info, graph)
    lines = [line.split() for line in path.read_text().splitlines() if not line.startswith("#")]
    genes = set(landmarks())
    arrows = {(line[1], line[3]) for line in lines if {line[1], line[3]} <= genes and line[1] != line[3]}
    assert set(zip(edges["gene_a"], edges["gene_b"], strict=True)) == arrows
    assert len(edges) == len(arrows) >= 214
    (first, *_) = coarsen(edges, gene_info, graph).components
    assert first.laplacians_out is not None
    place = {gene: vertex for vertex, gene in enumerate(first.order.tolist())}
    inward = first.laplacians[0].toarray()
    position = {gene: number for number, gene in enumerate(landmarks())}
    ends = [(position[a], position[b]) for a, b in arrows if position[a] in place and position[b] in place]
    assert {(place[b], place[a]) for a, b in ends} == set(zip(*(end.tolist() for end in inward.nonzero()), strict=True))
