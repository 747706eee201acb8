"""Nodes of the graph_prep pipeline."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from l1000_bench.errors import InputError
from l1000_bench.graphs.coarsening import COARSENINGS, build_pyramid
from l1000_bench.graphs.correlation import correlation_edges
from l1000_bench.graphs.edges import graph_statistics, landmark_edges
from l1000_bench.graphs.picture import graph_picture
from l1000_bench.graphs.pyramid import Pyramid
from l1000_bench.graphs.rewire import random_graph, rewired
from l1000_bench.graphs.sources import LinkFile, regnetwork_links, symbols
from l1000_bench.graphs.spec import GraphSpec
from l1000_bench.io.geo import landmark_ids
from l1000_bench.io.parts import Profiles

logger = logging.getLogger(__name__)


@contextmanager
def _about(graph: GraphSpec) -> Iterator[None]:
    """Name the graph in the errors of what does not know its name."""
    try:
        yield
    except InputError as error:
        raise InputError(f"graphs.{graph.name}: {error}") from error


def link_from_file(links: LinkFile, gene_info: pd.DataFrame, graph: GraphSpec) -> pd.DataFrame:
    """Return the edges table of a public link file."""
    with _about(graph):
        return landmark_edges(links.read(gene_info), list(landmark_ids(gene_info)), graph.cutoff, graph.directed)


def link_from_corpus(regulatory_edges: pd.DataFrame, gene_info: pd.DataFrame, graph: GraphSpec) -> pd.DataFrame:
    """Return the edges table of the links that come with a corpus, in RegNetwork's columns."""
    with _about(graph):
        links = regnetwork_links(regulatory_edges, symbols(gene_info), Path(f"{graph.corpus}.regulatory_edges"))
        return landmark_edges(links, list(landmark_ids(gene_info)), graph.cutoff, graph.directed)


def link_by_correlation(
    raw_profiles: Profiles, raw_samples: pd.DataFrame, graph: GraphSpec, **samples: pd.DataFrame
) -> pd.DataFrame:
    """Return the edges table of the genes that go together in profiles that no dataset of the grid holds.

    Args:
        raw_profiles: Of the graph's corpus.
        raw_samples: In the same order.
        graph: Gives the types of perturbation and the cutoff.
        samples: The samples table of every dataset of the grid.

    Raises:
        InputError: If the two differ in their samples, or no whole profile of these types is left.
    """
    if not np.array_equal(raw_profiles.sample_ids, raw_samples["sample_id"].to_numpy(dtype=object)):
        raise InputError(f"{graph.corpus}.raw_profiles and raw_samples differ; run the ingestion pipeline again.")
    used = {sample_id for table in samples.values() for sample_id in table["sample_id"]}
    of_type = raw_samples["pert_type"].isin(graph.pert_types).to_numpy(dtype=bool)
    unseen = ~raw_samples["sample_id"].isin(used).to_numpy(dtype=bool)
    X = _chosen(raw_profiles, of_type & unseen)
    whole = np.isfinite(X).all(axis=1)
    logger.info("%s: %d profiles, %d more lack a value.", graph.name, whole.sum(), (~whole).sum())
    if not whole.any():
        raise InputError(
            f"graphs.{graph.name}: {of_type.sum()} profiles are of the types {', '.join(graph.pert_types)}, "
            f"{(of_type & unseen).sum()} of them in no dataset of the grid, 0 without a gap; name types of profiles "
            "that no benchmark uses."
        )
    with _about(graph):
        edges = correlation_edges(X[whole], list(raw_profiles.gene_ids), float(graph.cutoff or 0))
        return landmark_edges(edges, list(raw_profiles.gene_ids))


def _chosen(profiles: Profiles, keep: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return the profiles under the mask, (n_kept, n_genes)."""
    kept, start = [np.empty((0, len(profiles.gene_ids)), dtype=np.float32)], 0
    for block in profiles.blocks():
        kept.append(block.values[keep[start : start + len(block.values)]])
        start += len(block.values)
    return np.concatenate(kept)


def make_control(original: pd.DataFrame, gene_info: pd.DataFrame, graph: GraphSpec) -> pd.DataFrame:
    """Return the edges table of a control of another graph."""
    if graph.source == "rewired":
        return rewired(original, graph.seed, graph.directed)
    return random_graph(original, list(landmark_ids(gene_info)), graph.seed, graph.directed)


def coarsen(edges: pd.DataFrame, gene_info: pd.DataFrame, graph: GraphSpec) -> Pyramid:
    """Return the graph's stored pyramid."""
    with _about(graph):
        return build_pyramid(edges, tuple(landmark_ids(gene_info)), graph.pyramid_spec())


def describe_graph(
    edges: pd.DataFrame, gene_info: pd.DataFrame, graph: GraphSpec
) -> tuple[pd.DataFrame, pd.DataFrame, go.Figure]:
    """Count and draw a graph.

    Returns:
        The statistics table (one row, see `graph_statistics`); the vertices of every level of its pyramid by both
        coarsenings; and its picture.
    """
    genes = tuple(landmark_ids(gene_info))
    spec = graph.pyramid_spec()
    statistics = graph_statistics(edges, genes, spec.fewest_vertices - 1)
    statistics.insert(0, "label", graph.label)
    with _about(graph):
        pyramids = {name: build_pyramid(edges, genes, replace(spec, coarsening=name)) for name in COARSENINGS}
    levels = [
        {"label": graph.label, "coarsening": name, "level": level, "vertices": vertices, "raw_genes": len(pyramid.raw)}
        for name, pyramid in pyramids.items()
        for level, vertices in enumerate(pyramid.sizes)
    ]
    names = dict(zip(gene_info["pr_gene_id"], gene_info["pr_gene_symbol"], strict=True))
    return statistics, pd.DataFrame(levels), graph_picture(edges, graph.label, names)
