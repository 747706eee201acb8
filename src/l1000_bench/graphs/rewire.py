"""Control graphs: the same degrees with other neighbours, and nothing but the same size."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import TypeAlias

import numpy as np
import pandas as pd

from l1000_bench.graphs.edges import landmark_edges

logger = logging.getLogger(__name__)

TRIES_PER_EDGE = 100  # more than enough for all graphs of the degrees to be equally likely (Milo et al. 2003)

Pair: TypeAlias = tuple[str, str]


def rewired(edges: pd.DataFrame, seed: int, directed: bool = False) -> pd.DataFrame:
    """Exchange the ends of edges at random, so that every gene keeps its degree (Maslov and Sneppen 2002).

    Edges a-b and c-d become a-d and c-b where neither is there yet and neither joins a gene with itself. A weight stays
    with the row of its edge, so that the graph's weights are the same, and a gene's are those of other pairs.

    Args:
        edges: Columns gene_a, gene_b, weight, as `edges.landmark_edges` returns them.
        seed: Of the draws.
        directed: Whether edges have a direction; then every gene keeps its in-degree and its out-degree.

    Returns:
        As many edges, in the form of `edges`.
    """
    rng = np.random.default_rng(seed)
    pairs: list[Pair] = list(zip(edges["gene_a"].tolist(), edges["gene_b"].tolist(), strict=True))
    present = set(pairs)
    n_swaps = 0
    for first, second, turned in _draws(rng, len(pairs)):
        (a, b), (c, d) = pairs[first], pairs[second]
        if turned and not directed:  # an undirected edge has no first end
            c, d = d, c
        new = [_pair(a, d, directed), _pair(c, b, directed)]
        if a == d or b == c or not present.isdisjoint(new):
            continue
        present -= {pairs[first], pairs[second]}
        present.update(new)
        pairs[first], pairs[second] = new
        n_swaps += 1
    logger.info("Rewired %d edges with %d swaps.", len(pairs), n_swaps)
    made = pd.DataFrame(pairs, columns=["gene_a", "gene_b"], dtype="str").assign(weight=edges["weight"].to_numpy())
    return made.sort_values(["gene_a", "gene_b"], ignore_index=True)


def _draws(rng: np.random.Generator, n_edges: int) -> Iterator[tuple[int, int, int]]:
    """Yield two edges and whether to turn the second, so many times: to count swaps instead of tries would bias."""
    for _ in range(TRIES_PER_EDGE):
        first, second = rng.integers(n_edges, size=(2, n_edges)).tolist()
        turned = rng.integers(2, size=n_edges).tolist()
        yield from zip(first, second, turned, strict=True)


def _pair(a: str, b: str, directed: bool) -> Pair:
    return (a, b) if directed or a < b else (b, a)


def random_graph(edges: pd.DataFrame, gene_ids: Sequence[str], seed: int, directed: bool = False) -> pd.DataFrame:
    """Draw a graph with as many vertices and edges, uniformly but for one thing: no vertex is isolated.

    Which genes are its vertices is drawn too. They are joined two by two first; the other edges are drawn from all
    pairs that are left (Erdős and Rényi's G(n, m)). The weights are those of `edges` in random order.

    Args:
        edges: Columns gene_a, gene_b, weight, as `edges.landmark_edges` returns them.
        gene_ids: The genes that can be vertices.
        seed: Of the draws.
        directed: Whether edges have a direction.

    Returns:
        As many edges, in the form of `edges`.
    """
    rng = np.random.default_rng(seed)
    n_vertices = len(set(edges["gene_a"]) | set(edges["gene_b"]))
    vertices = np.array(gene_ids, dtype=object)[rng.permutation(len(gene_ids))[:n_vertices]]
    free = ~np.eye(n_vertices, dtype=bool)  # (n_vertices, n_vertices) pairs that can become edges
    if not directed:
        free = np.triu(free)
    rows = np.arange(0, n_vertices, 2)
    columns = (rows + 1) % n_vertices  # the last of an odd number joins the first
    if not directed:
        rows, columns = np.minimum(rows, columns), np.maximum(rows, columns)
    free[rows, columns] = False
    others = rng.choice(np.flatnonzero(free), len(edges) - len(rows), replace=False)
    ends = {
        "gene_a": vertices[np.append(rows, others // n_vertices)],
        "gene_b": vertices[np.append(columns, others % n_vertices)],
    }
    made = pd.DataFrame(ends, dtype="str").assign(weight=rng.permutation(edges["weight"]))
    return landmark_edges(made, gene_ids, directed=directed)
