"""A made-up graph of a given size, to measure with where the real one is not at hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from l1000_bench.errors import require
from l1000_bench.graphs.edges import landmark_edges

HUB_SHARE = 0.1
EXPONENT = 0.6  # a hub's popularity falls as rank^-0.6


def stand_in_edges(gene_ids: Sequence[str], n_vertices: int, n_edges: int, seed: int) -> pd.DataFrame:
    """Draw a connected graph with hubs, as regulatory graphs have them.

    Every gene is first joined with one hub, so that all are connected, then further pairs of a hub and a gene are drawn
    (static model of Goh, Kahng and Kim 2001). Hubs matter: the published coarsening pads graphs with hubs most.

    Args:
        gene_ids: The first `n_vertices` of them are the vertices.
        n_vertices: At least 20, and no more than there are genes.
        n_edges: At least `n_vertices` - 1, and at most a twentieth of all pairs.
        seed: Of the draws.

    Returns:
        Columns gene_a, gene_b, weight (1), as `edges.landmark_edges` returns them.

    Raises:
        InputError: If a number is out of its range.
    """
    require(
        20 <= n_vertices <= len(gene_ids) and n_vertices <= n_edges + 1 <= n_vertices * (n_vertices - 1) // 40,
        f"a stand-in graph of {n_vertices} vertices and {n_edges} edges on {len(gene_ids)} genes cannot be drawn; it "
        "takes 20 vertices or more, no more than genes, and edges enough to join them but no more than a twentieth of "
        "all pairs.",
    )
    rng = np.random.default_rng(seed)
    n_hubs = max(2, int(HUB_SHARE * n_vertices))
    popularity = np.arange(1, n_hubs + 1) ** -EXPONENT
    popularity /= popularity.sum()
    pairs = {(int(rng.integers(gene)), gene) for gene in range(1, n_hubs)}
    pairs |= {(int(rng.choice(n_hubs, p=popularity)), gene) for gene in range(n_hubs, n_vertices)}
    while len(pairs) < n_edges:
        hub, gene = int(rng.choice(n_hubs, p=popularity)), int(rng.integers(n_vertices))
        if hub != gene:
            pairs.add((min(hub, gene), max(hub, gene)))
    a, b = np.array(sorted(pairs)).T  # (n_edges,) each
    names = np.array(gene_ids, dtype=object)
    links = pd.DataFrame({"gene_a": names[a], "gene_b": names[b]}, dtype="str").assign(weight=1.0)
    return landmark_edges(links, gene_ids)
