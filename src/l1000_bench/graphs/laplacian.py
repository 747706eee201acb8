"""Matrices of a graph: adjacency, normalised and rescaled Laplacian."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse as sp

from l1000_bench.errors import InputError

Sparse: TypeAlias = "sp.csr_matrix[np.float64]"


def adjacency(edges: pd.DataFrame, gene_ids: Sequence[str], directed: bool = False) -> Sparse:
    """Return the weighted adjacency W of a graph.

    Args:
        edges: Columns gene_a, gene_b, weight (positive); each pair once, no gene with itself.
        gene_ids: (n,) the vertices, in order.
        directed: Whether an edge stands in one direction alone.

    Returns:
        (n, n) W; W[i, j] is the weight of the edge from i to j, and W is symmetric when undirected (where both
        directions are given, with the larger weight).

    Raises:
        InputError: If an edge names a gene that is none of `gene_ids`, joins a gene with itself or has a weight that
            is not positive.
    """
    index = pd.Index(gene_ids)
    a, b = (index.get_indexer(pd.Index(edges[end])) for end in ("gene_a", "gene_b"))
    w = edges["weight"].to_numpy(dtype=np.float64)
    _refuse((a < 0) | (b < 0), edges, "joins a gene that is not among the graph's")
    _refuse(a == b, edges, "joins a gene with itself")
    _refuse(~(np.isfinite(w) & (w > 0)), edges, "has a weight that is no positive number")
    W = sp.csr_matrix((w, (a, b)), shape=(len(index), len(index)))
    return W if directed else W.maximum(W.T).tocsr()


def _refuse(bad: NDArray[np.bool_], edges: pd.DataFrame, fault: str) -> None:
    if bad.any():
        row = int(bad.argmax())
        a, b, weight = edges[["gene_a", "gene_b", "weight"]].iloc[row]
        raise InputError(f"row {row} of the edges, {a}, {b}, {weight}, {fault}; make the edges with landmark_edges.")


def laplacian(W: Sparse) -> Sparse:
    """Return the normalised Laplacian L = I - D^-1/2 W D^-1/2 (Defferrard et al. 2016, section 2.1).

    For a directed W the left D holds the sums of its rows and the right D those of its columns, so that no singular
    value of the product is above 1, as no eigenvalue of a symmetric one is.

    Args:
        W: (n, n) adjacency, not negative.

    Returns:
        (n, n) L; the row of an isolated vertex is that of the identity.
    """
    left, right = (_inverse_root(np.asarray(W.sum(axis=axis)).ravel()) for axis in (1, 0))
    return sp.csr_matrix(sp.eye_array(W.shape[0]) - sp.diags_array(left) @ W @ sp.diags_array(right))


def _inverse_root(d: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return d^-1/2, and 0 where d is 0."""
    linked = d > 0
    root = np.zeros(len(d))
    root[linked] = d[linked] ** -0.5
    return root


def rescaled(L: Sparse, lmax: float = 2.0) -> Sparse:
    """Return L~ = 2 L / lmax - I, whose eigenvalues lie in [-1, 1] when those of L lie in [0, lmax].

    With lmax = 2, the bound that holds for every graph, L~ = -D^-1/2 W D^-1/2, without any diagonal: the row of an
    isolated vertex is zero.
    """
    scaled = sp.csr_matrix(L * (2 / lmax) - sp.eye_array(L.shape[0]))
    scaled.eliminate_zeros()
    return scaled
