"""Edges between landmark genes, and what can be counted of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.sparse import csgraph

from l1000_bench.errors import InputError
from l1000_bench.graphs.laplacian import adjacency

DEGREE_QUANTILES = (0.0, 0.25, 0.5, 0.75, 0.95, 1.0)


def landmark_links(links: pd.DataFrame, landmarks: Sequence[str]) -> pd.DataFrame:
    """Return the directed rows of a source that join two landmarks.

    A row of the source counts as often as it stands there, and a gene's link to itself counts too.

    Args:
        links: Columns gene_a (source), gene_b (target), weight.
        landmarks: Entrez ids.

    Raises:
        InputError: If no row joins two landmarks.
    """
    among = links["gene_a"].isin(landmarks) & links["gene_b"].isin(landmarks)
    if not among.any():
        raise InputError(
            f"none of the {len(links)} links of the graph joins two of the {len(landmarks)} landmark genes; "
            f"the links name {_few(links['gene_a'])}, the landmarks are {_few(landmarks)}: both must be Entrez ids."
        )
    return links[among].reset_index(drop=True)


def landmark_edges(
    links: pd.DataFrame, landmarks: Sequence[str], cutoff: float | None = None, directed: bool = False
) -> pd.DataFrame:
    """Reduce the links of a source to the simple graph on the landmarks.

    Args:
        links: Columns gene_a (source), gene_b (target), weight.
        landmarks: Entrez ids.
        cutoff: Smallest weight of an edge; None keeps all.
        directed: Whether a -> b and b -> a are two edges.

    Returns:
        Columns gene_a, gene_b, weight, sorted by the genes; every edge once, with the largest weight of its links, and
        none from a gene to itself. Undirected edges have gene_a < gene_b **as text** ("1050" < "367"); directed ones go
        from gene_a to gene_b.

    Raises:
        InputError: If no link joins two different landmarks, or none of them reaches the cutoff.
    """
    among = landmark_links(links, landmarks)
    edges = among[(among["gene_a"] != among["gene_b"]) & (among["weight"] > 0)]
    if edges.empty:
        raise InputError(
            f"all {len(among)} links of the graph between landmarks join a gene with itself or have weight 0; "
            "take a source with links between different landmarks."
        )
    if not directed:
        turned = edges["gene_a"] > edges["gene_b"]
        low, high = edges["gene_a"].mask(turned, edges["gene_b"]), edges["gene_b"].mask(turned, edges["gene_a"])
        edges = pd.DataFrame({"gene_a": low, "gene_b": high, "weight": edges["weight"]})
    return strong_edges(edges.groupby(["gene_a", "gene_b"])["weight"].max().reset_index(), cutoff)


def strong_edges(edges: pd.DataFrame, cutoff: float | None) -> pd.DataFrame:
    """Keep the edges that reach a cutoff.

    Args:
        edges: Columns gene_a, gene_b, weight.
        cutoff: Smallest weight of an edge; None keeps all.

    Raises:
        InputError: If no edge reaches it.
    """
    if cutoff is None:
        return edges
    strong = edges[edges["weight"] >= cutoff].reset_index(drop=True)
    if strong.empty:
        raise InputError(
            f"the cutoff {cutoff} leaves none of the graph's {len(edges)} edges, whose largest weight is "
            f"{edges['weight'].max():g}; lower the cutoff."
        )
    return strong


def graph_statistics(edges: pd.DataFrame, gene_ids: Sequence[str], min_component: int = 10) -> pd.DataFrame:
    """Count what a graph has.

    Args:
        edges: As `landmark_edges` returns them.
        gene_ids: All genes, linked or not.
        min_component: A component with more vertices than this is convolved; the genes of others go raw.

    Returns:
        One row: genes; vertices (genes with an edge); edges; components (of linked genes) and the vertices of the
        largest; convolved_components; raw_genes (in small components or without an edge); and quantiles of the
        vertices' degrees (number of neighbours), degree_min, degree_q25 … degree_max.
    """
    W = adjacency(edges, gene_ids)
    degrees = np.diff(W.indptr)
    linked = degrees > 0
    _, component = csgraph.connected_components(W, directed=False)
    sizes = np.bincount(component[linked])
    sizes = sizes[sizes > 0]
    convolved = sizes[sizes > min_component]
    counts = {
        "genes": len(gene_ids),
        "vertices": int(linked.sum()),
        "edges": len(edges),
        "components": len(sizes),
        "largest_component": int(sizes.max()),
        "convolved_components": len(convolved),
        "raw_genes": len(gene_ids) - int(convolved.sum()),
    }
    names = ["degree_min", *(f"degree_q{100 * q:.0f}" for q in DEGREE_QUANTILES[1:-1]), "degree_max"]
    quantiles = np.quantile(degrees[linked], DEGREE_QUANTILES).tolist()
    return pd.DataFrame([{**counts, **dict(zip(names, quantiles, strict=True))}])


def _few(names: Sequence[str] | pd.Series) -> str:
    return ", ".join(str(name) for name in list(names[:3])) + ", …"
