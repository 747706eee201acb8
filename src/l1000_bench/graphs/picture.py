"""The picture of a gene graph, like the paper's Figure 3."""

from __future__ import annotations

import html
from collections.abc import Mapping

import networkx as nx  # type: ignore[import-untyped]
import numpy as np
import pandas as pd
import plotly.graph_objects as go

INK = "#767F8A"  # legible on white and on near-black pages
EDGE = "rgba(128, 128, 128, 0.25)"
# Told apart in all common kinds of colour blindness (after Okabe and Ito, 2008); for the largest components in turn.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#B8860B", "#3A93C9", "#7A68C8")
OTHERS = "#7F7F7F"
SMALLEST_PX, LARGEST_PX = 4.0, 30.0


def graph_picture(edges: pd.DataFrame, title: str, names: Mapping[str, str]) -> go.Figure:
    """Draw a graph: genes coloured by their component, their area growing with their degree.

    The layout is networkx's force-directed one (Fruchterman and Reingold 1991) from a fixed start, so that the same
    graph gives the same picture. Isolated genes are not drawn.

    Args:
        edges: Columns gene_a, gene_b, weight, as `edges.landmark_edges` returns them.
        title: Above the picture.
        names: Display names of genes, such as symbols, by Entrez id; a gene without one shows its id.

    Returns:
        A trace of the edges, then one per component from the largest, those after the seventh together.
    """
    graph = nx.Graph()
    graph.add_edges_from(zip(edges["gene_a"].tolist(), edges["gene_b"].tolist(), strict=True))
    places = nx.spring_layout(graph, seed=0, method="force")
    figure = go.Figure(_edge_trace(graph, places))
    components = sorted((sorted(genes) for genes in nx.connected_components(graph)), key=lambda c: (-len(c), c[0]))
    apart, together = components[: len(PALETTE)], components[len(PALETTE) :]
    for colour, genes in zip(PALETTE, apart, strict=False):
        figure.add_trace(
            _gene_trace(graph, places, genes, names).update(name=f"{len(genes)} genes", marker_color=colour)
        )
    if together:
        genes = [gene for component in together for gene in component]
        label = f"{len(together)} components of up to {len(together[0])} genes"
        figure.add_trace(_gene_trace(graph, places, genes, names).update(name=label, marker_color=OTHERS))
    hidden = {"visible": False}
    figure.update_layout(
        title_text=html.escape(title), xaxis=hidden, yaxis={**hidden, "scaleanchor": "x"}, height=700, font_color=INK,
        paper_bgcolor="rgba(0, 0, 0, 0)", plot_bgcolor="rgba(0, 0, 0, 0)", legend_itemsizing="constant",
    )  # fmt: skip
    return figure


def _edge_trace(graph: nx.Graph, places: Mapping[str, np.ndarray]) -> go.Scatter:
    gap = np.full(2, np.nan)  # ends a line
    lines = np.array([point for a, b in graph.edges for point in (places[a], places[b], gap)])  # (3 n_edges, 2)
    x, y = _rounded(lines)
    return go.Scatter(x=x, y=y, mode="lines", line={"color": EDGE, "width": 0.7}, hoverinfo="skip", showlegend=False)


def _gene_trace(
    graph: nx.Graph, places: Mapping[str, np.ndarray], genes: list[str], names: Mapping[str, str]
) -> go.Scatter:
    degrees = [int(graph.degree[gene]) for gene in genes]
    largest = max(degree for _, degree in graph.degree)
    sizes = SMALLEST_PX + (LARGEST_PX - SMALLEST_PX) * np.sqrt(np.array(degrees) / largest)
    x, y = _rounded(np.array([places[gene] for gene in genes]))
    texts = [
        f"{html.escape(names.get(gene, gene))}: {degree} edges" for gene, degree in zip(genes, degrees, strict=True)
    ]
    marker = {"size": sizes.round(1).tolist(), "line": {"width": 0.5, "color": "white"}}
    return go.Scatter(x=x, y=y, mode="markers", marker=marker, text=texts, hoverinfo="text")


def _rounded(points: np.ndarray) -> tuple[list[float | None], list[float | None]]:
    """Return x and y for JSON: four digits do, and None is what a gap is there."""
    x, y = ([None if np.isnan(value) else value for value in column] for column in points.round(4).T.tolist())
    return x, y
