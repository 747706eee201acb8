"""Graphs for tests, and the pyramid's matrices worked out densely from its definition."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import sparse as sp

from l1000_bench.graphs.laplacian import Sparse


def frame(*rows: tuple[str, str, float]) -> pd.DataFrame:
    columns = {"gene_a": [a for a, _, _ in rows], "gene_b": [b for _, b, _ in rows]}
    return pd.DataFrame(columns, dtype="str").assign(weight=np.array([w for _, _, w in rows], dtype=np.float64))


def names(n: int) -> list[str]:
    return [f"g{number:04d}" for number in range(n)]


def connected(n: int, n_more: int, seed: int) -> NDArray[np.float64]:
    """A dense symmetric adjacency, (n, n): a random tree and up to n_more further edges, weights in (0, 1]."""
    rng = np.random.default_rng(seed)
    W = np.zeros((n, n))
    for child in range(1, n):
        W[child, rng.integers(child)] = 1 - rng.random()
    a, b = rng.integers(n, size=(2, n_more))
    W[a, b] = 1 - rng.random(n_more)
    np.fill_diagonal(W, 0)
    return np.asarray(np.maximum(W, W.T))


def scale_free(n: int, n_edges: int, n_hubs: int, seed: int = 0) -> NDArray[np.float64]:
    """A connected graph like RegNetwork's, (n, n) of 0 and 1: every gene is a target of few regulators of many."""
    rng = np.random.default_rng(seed)
    popularity = np.arange(1, n_hubs + 1) ** -0.6
    popularity /= popularity.sum()
    W = np.zeros((n, n))
    for gene in range(1, n):
        hub = rng.choice(n_hubs, p=popularity) if gene >= n_hubs else rng.integers(gene)
        W[gene, hub] = W[hub, gene] = 1
    free = np.flatnonzero(np.triu(W == 0, k=1)[:n_hubs])  # pairs of a hub and a gene of a higher number
    chances = np.repeat(popularity, n)[free]
    hubs, genes = np.divmod(rng.choice(free, n_edges - n + 1, replace=False, p=chances / chances.sum()), n)
    W[hubs, genes] = W[genes, hubs] = 1
    return W


def block_diagonal(*blocks: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(sp.block_diag([sp.coo_array(block) for block in blocks]).toarray())


def edges_of(W: NDArray[np.float64], directed: bool = False) -> pd.DataFrame:
    a, b = np.nonzero(W if directed else np.triu(W))
    genes = names(len(W))
    return frame(*((genes[i], genes[j], float(W[i, j])) for i, j in zip(a, b, strict=True)))


def sparse(W: NDArray[np.float64]) -> Sparse:
    return sp.csr_matrix(W)


def dense_laplacian(W: NDArray[np.float64], order: NDArray[np.intp], level: int) -> NDArray[np.float64]:
    """-D^-1/2 W D^-1/2 of the graph in which the genes of 2**level neighbouring places are one vertex."""
    n = len(order) // 2**level
    member = np.zeros((n, len(W)))
    for place, gene in enumerate(order):
        if gene >= 0:
            member[place // 2**level, gene] = 1
    coarse = member @ W @ member.T
    np.fill_diagonal(coarse, 0)
    rows, columns = coarse.sum(axis=1), coarse.sum(axis=0)
    scale = np.sqrt(np.outer(rows, columns))
    return -np.divide(coarse, scale, out=np.zeros_like(coarse), where=scale > 0)


GRAPHS = st.builds(connected, n=st.integers(16, 60), n_more=st.integers(0, 150), seed=st.integers(0, 10**6))
