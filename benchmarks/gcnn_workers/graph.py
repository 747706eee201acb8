"""A gene graph like RegNetwork's, its pyramids, and their levels in a file for the peers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from l1000_bench.graphs.coarsening import PyramidSpec, build_pyramid
from l1000_bench.graphs.laplacian import adjacency
from l1000_bench.graphs.pyramid import Pyramid

# Of RegNetwork on the landmarks: one component, the other genes go raw to the dense head.
N_GENES, N_VERTICES, N_EDGES = 978, 839, 2748
N_REGULATORS, EXPONENT = 80, 0.6
LEVELS = 4  # for two poolings by 4
LAYER_LEVELS = (0, 2)


def gene_ids() -> list[str]:
    """Return the names of all genes; the first `N_VERTICES` have edges."""
    return [str(gene) for gene in range(N_GENES)]


def regulatory_edges() -> pd.DataFrame:
    """Draw a connected scale-free graph of few regulators with many targets.

    Every gene is first joined with one regulator, so that all are connected, then further pairs are drawn; a regulator
    of rank r is taken with a probability that falls as r^-0.6 (static model of Goh, Kahng and Kim 2001).

    Returns:
        Columns gene_a, gene_b, weight (1) of `N_EDGES` different edges.
    """
    rng = np.random.default_rng(0)
    popularity = np.arange(1, N_REGULATORS + 1) ** -EXPONENT
    popularity /= popularity.sum()
    later = rng.choice(N_REGULATORS, N_VERTICES - N_REGULATORS, p=popularity)
    hubs = [0, *(int(rng.integers(gene)) for gene in range(1, N_REGULATORS)), *later.tolist()]
    pairs = {(hub, gene) for gene, hub in enumerate(hubs) if gene}  # a tree; gene > hub
    while len(pairs) < N_EDGES:
        hub, gene = int(rng.choice(N_REGULATORS, p=popularity)), int(rng.integers(N_VERTICES))
        if hub != gene:
            pairs.add((min(hub, gene), max(hub, gene)))
    names = gene_ids()
    a, b = np.array(sorted(pairs)).T  # (n_edges,) each
    return pd.DataFrame({"gene_a": [names[i] for i in a], "gene_b": [names[i] for i in b], "weight": 1.0})


def pyramid(coarsening: str) -> Pyramid:
    """Return the pyramid of the graph, `compact` or `published`."""
    return build_pyramid(regulatory_edges(), gene_ids(), PyramidSpec(LEVELS, coarsening))


def save_levels(path: Path) -> None:
    """Write, for both graph layers on the compact pyramid, what the peers take.

    The file holds `laplacian_0` (n, n), the dense L~ in float32 (for Spektral), and `edges_0` (2, n_edges) with
    `weights_0` (n_edges,), every edge in both directions (for PyTorch Geometric, which normalises by itself); and the
    same of layer 1.
    """
    (component,) = pyramid("compact").components
    W = adjacency(regulatory_edges(), gene_ids())
    padded = np.pad(W.toarray(), (0, 1))[np.ix_(component.order, component.order)]  # -1 reads the last row, of zeros
    arrays: dict[str, Any] = {}
    for layer, level in enumerate(LAYER_LEVELS):
        n = len(padded) // 2**level
        coarse = padded.reshape(n, 2**level, n, 2**level).sum(axis=(1, 3))  # (n, n)
        np.fill_diagonal(coarse, 0)
        arrays[f"laplacian_{layer}"] = component.laplacians[level].toarray().astype(np.float32)
        arrays[f"edges_{layer}"] = np.stack(np.nonzero(coarse))
        arrays[f"weights_{layer}"] = coarse[np.nonzero(coarse)].astype(np.float32)
    np.savez(path, **arrays)
