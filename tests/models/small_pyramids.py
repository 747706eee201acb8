"""Small graphs and pyramids, made by hand: siblings are neighbours in the order, whatever the edges."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse as sp

from l1000_bench.graphs.laplacian import Sparse
from l1000_bench.graphs.pyramid import Component, Pyramid

Floats = NDArray[np.float64]


def random_weights(n: int, seed: int, isolated: Sequence[int] = (), density: float = 0.3) -> Floats:
    """Symmetric weights of a random graph, without edges at some vertices."""
    rng = np.random.default_rng(seed)
    upper = np.triu(rng.uniform(0.1, 2, (n, n)) * (rng.random((n, n)) < density), 1)
    W: Floats = upper + upper.T
    W[isolated, :] = W[:, isolated] = 0
    return W


def rescaled_laplacian(W: Floats) -> Floats:
    """-D^-1/2 W D^-1/2, entry by entry."""
    d_row, d_column = W.sum(axis=1), W.sum(axis=0)
    L = np.zeros_like(W)
    for i, j in zip(*np.nonzero(W), strict=True):
        L[i, j] = -W[i, j] / (d_row[i] * d_column[j]) ** 0.5
    return L


def halved(W: Floats) -> Floats:
    """Merge vertices 2 i and 2 i + 1."""
    n = len(W) // 2
    merged: Floats = W.reshape(n, 2, n, 2).sum(axis=(1, 3))
    np.fill_diagonal(merged, 0)
    return merged


def component(W: Floats, order: list[int], levels: int, directed: bool = False) -> Component:
    laplacians: list[Sparse] = []
    for _ in range(levels + 1):
        laplacians.append(sp.csr_matrix(rescaled_laplacian(W)))
        W = halved(W)
    out = tuple(sp.csr_matrix(L.T) for L in laplacians) if directed else None
    return Component(np.array(order, dtype=np.intp), tuple(laplacians), out)


def two_component_pyramid(levels: int = 2, directed: bool = False) -> Pyramid:
    """Sixteen vertices with nine genes, eight with six; four of the nineteen genes are in neither component."""
    fake = [3, *range(10, 16)]
    first, second = random_weights(16, 1, fake), random_weights(8, 2, [6, 7])
    if directed:
        first, second = np.triu(first), np.triu(second)
    a = component(first, [4, 0, 9, -1, 7, 5, 11, 13, 1, 15, -1, -1, -1, -1, -1, -1], levels, directed)
    b = component(second, [3, 6, 8, 10, 12, 14, -1, -1], levels, directed)
    return Pyramid(tuple(str(gene) for gene in range(19)), (a, b), np.array([2, 16, 17, 18]), levels)
