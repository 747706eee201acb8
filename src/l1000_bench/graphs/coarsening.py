"""Coarsening of a graph to a pyramid (Defferrard et al. 2016, section 2.2, with several components).

Vertices are matched in pairs, level by level, and every level becomes a balanced binary tree by fake vertices. Where
the published matching leaves many singles, as it does around hubs, `compact` pairs them with one another.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csgraph

from l1000_bench.configured import check_field_types
from l1000_bench.errors import InputError
from l1000_bench.graphs.laplacian import Sparse, adjacency, laplacian, rescaled
from l1000_bench.graphs.matching import match, pair_singles
from l1000_bench.graphs.pyramid import Component, Pyramid
from l1000_bench.graphs.tree import balanced_orders, laid_out, merged

logger = logging.getLogger(__name__)

COARSENINGS = ("published", "compact")


@dataclass(frozen=True)
class PyramidSpec:
    """How a graph becomes a pyramid.

    Attributes:
        levels: Number of coarsenings; pooling by p needs log2(p) of them.
        coarsening: `published`, or `compact`, which pads far less.
        seed: Of the order in which the vertices of level 0 choose their partners.
        min_component: A component needs more vertices than this to be convolved.
        directed: Whether to keep the directions of the edges, for one filter in and one out.

    Raises:
        InputError: If a value is out of range.
    """

    levels: int
    coarsening: str = "published"
    seed: int = 0
    min_component: int = 10
    directed: bool = False

    def __post_init__(self) -> None:
        check_field_types(self)
        if self.seed < 0 or self.min_component < 0:
            raise InputError(f"seed is {self.seed} and min_component {self.min_component}; neither can be negative.")
        if self.levels < 0:
            raise InputError(f"the levels of a pyramid are 0 or more, not {self.levels}.")
        if self.coarsening not in COARSENINGS:
            raise InputError(f"unknown coarsening {self.coarsening!r}; it can be {' or '.join(COARSENINGS)}.")

    @property
    def fewest_vertices(self) -> int:
        """The smallest component that is convolved: more than `min_component`, and at least 2**(levels + 1).

        A coarsening at best halves the vertices, so that this many leave two or more on the coarsest level, the fewest
        that an edge can join.
        """
        return max(self.min_component + 1, 1 << (self.levels + 1))


def build_pyramid(edges: pd.DataFrame, gene_ids: Sequence[str], spec: PyramidSpec) -> Pyramid:
    """Coarsen every component of a graph that is large enough.

    Args:
        edges: Columns gene_a, gene_b, weight, as `edges.landmark_edges` returns them.
        gene_ids: (n_genes,) the columns of X, in order.
        spec: How.

    Returns:
        The pyramid; genes of smaller components and isolated genes are raw. The same seed gives the same pyramid.

    Raises:
        InputError: If an edge is not among `gene_ids`, or no component is large enough.
    """
    A = adjacency(edges, gene_ids, spec.directed)
    members = _components(A)
    _log_small(members, spec)
    large = [genes for genes in members if len(genes) >= spec.fewest_vertices]
    if not large:
        raise InputError(
            f"no component of the graph has the {spec.fewest_vertices} genes that {spec.levels} level(s) of pooling "
            f"and min_component {spec.min_component} need, the largest has {len(members[0])}; "
            "use fewer levels, a lower cutoff or another graph."
        )
    rng = np.random.default_rng(spec.seed)
    components = tuple(_component(A[genes][:, genes], genes, spec, rng) for genes in large)
    raw = np.setdiff1d(np.arange(len(gene_ids)), np.concatenate(large))
    return Pyramid(tuple(gene_ids), components, raw, spec.levels)


def _components(A: Sparse) -> list[NDArray[np.intp]]:
    """Return the vertices of every component, ascending; the largest component first, then by its first vertex."""
    _, label = csgraph.connected_components(A, directed=False)
    by_label = np.argsort(label, kind="stable")
    members = np.split(by_label, np.cumsum(np.bincount(label))[:-1])
    return sorted(members, key=lambda vertices: (-len(vertices), vertices[0]))


def _log_small(members: list[NDArray[np.intp]], spec: PyramidSpec) -> None:
    for genes in members:
        if spec.min_component < len(genes) < spec.fewest_vertices:
            logger.warning(
                "A component of %d genes is too small for %d levels of pooling, which need %d: its genes go raw.",
                len(genes), spec.levels, spec.fewest_vertices,
            )  # fmt: skip


def _component(A: Sparse, genes: NDArray[np.intp], spec: PyramidSpec, rng: np.random.Generator) -> Component:
    """Coarsen one component.

    Args:
        A: (n, n) its adjacency.
        genes: (n,) position in the pyramid of each of its vertices.
        spec: How.
        rng: Draws the order of visits.
    """
    parents = coarsen(A.maximum(A.T).tocsr(), spec, rng)
    graphs = list(accumulate(parents, merged, initial=A))
    orders = balanced_orders(parents, graphs[-1].shape[0])
    levels = [laid_out(W, order) for W, order in zip(graphs, orders, strict=True)]
    inward = tuple(rescaled(laplacian(W.T.tocsr())) for W in levels)
    outward = tuple(rescaled(laplacian(W)) for W in levels) if spec.directed else None
    return Component(np.append(genes, -1)[orders[0]], inward, outward)


def coarsen(W: Sparse, spec: PyramidSpec, rng: np.random.Generator) -> list[NDArray[np.intp]]:
    """Match the vertices of a graph, then those of the coarser graph, and so on.

    Vertices choose in random order on level 0, then by ascending degree. On every level the degree is that of the graph
    without self-connections.

    Args:
        W: (n, n) symmetric adjacency.
        spec: Gives the levels and the coarsening.
        rng: Draws the order of visits.

    Returns:
        One array per coarsening: for every vertex the number of its parent on the next level.
    """
    visits = rng.permutation(W.shape[0])
    parents = []
    for _ in range(spec.levels):
        parent = match(W, visits)
        if spec.coarsening == "compact":
            parent = pair_singles(W, parent)
        parents.append(parent)
        W = merged(W, parent)
        visits = np.argsort(np.asarray(W.sum(axis=0)).ravel(), kind="stable")
    return parents
