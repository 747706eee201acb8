"""Matrices of a graph: adjacency, normalised and rescaled Laplacian."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import pandas as pd
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
    a, b = index.get_indexer(edges["gene_a"]), index.get_indexer(edges["gene_b"])
    w = edges["weight"].to_numpy(dtype=np.float64)
    for bad, fault in (((a < 0) | (b < 0), "joins a gene that is not in the matrix"), (a == b, "joins a gene with itself"),
                       (~(w > 0) | ~np.isfinite(w), "has a weight that is no positive number")):
        if bad.any():
            row = int(bad.argmax())
            raise InputError(f"edge {row} of the graph {fault}: {tuple(edges.iloc[row])}; make the edges with landmark_edges.")
    W = sp.csr_matrix((w, (a, b)), shape=(len(index), len(index)))
    return W if directed else W.maximum(W.T).tocsr()
