"""Heavy-edge matching: which vertices of a graph merge into one of the next, coarser graph."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from l1000_bench.graphs.laplacian import Sparse


def match(W: Sparse, visits: NDArray[np.intp]) -> NDArray[np.intp]:
    """Match every vertex with one unmatched neighbour where there is one (Graclus; Dhillon, Guan and Kulis 2007).

    Vertex i takes the free neighbour j with the largest W_ij (1/d_i + 1/d_j), the local normalised cut, where d is the
    degree (sum of weights); the first of equals. A vertex without a free neighbour stays single.

    Args:
        W: (n, n) symmetric adjacency without a diagonal.
        visits: (n,) the vertices in the order in which they choose.

    Returns:
        (n,) number of each vertex's cluster, counted from 0 in the order of their making.
    """
    neighbours = _preferences(W)
    cluster = [-1] * W.shape[0]
    n_clusters = 0
    for i in visits.tolist():
        if cluster[i] >= 0:
            continue
        cluster[i] = n_clusters
        partner = next((j for j in neighbours[i] if cluster[j] < 0), None)
        if partner is not None:
            cluster[partner] = n_clusters
        n_clusters += 1
    return np.array(cluster, dtype=np.intp)


def pair_singles(W: Sparse, cluster: NDArray[np.intp]) -> NDArray[np.intp]:
    """Pair the single vertices that a matching left; at most one stays.

    A hub leaves many: all its neighbours want it, one gets it. Singles that share their preferred neighbour stand
    together when they are paired in turn, being two steps apart (as in METIS's two-hop matching; LaSalle et al. 2015).

    Args:
        W: (n, n) as for `match`.
        cluster: (n,) what `match` returned.

    Returns:
        (n,) number of each vertex's cluster, counted from 0 without gaps.
    """
    single = np.flatnonzero(np.bincount(cluster)[cluster] == 1)  # vertices
    neighbours = _preferences(W)
    wanted = np.array([neighbours[i][0] if neighbours[i] else W.shape[0] for i in single.tolist()], dtype=np.intp)
    single = single[np.lexsort((cluster[single], wanted))]
    paired = cluster.copy()
    n_pairs = len(single) // 2
    paired[single[1 : 2 * n_pairs : 2]] = paired[single[0 : 2 * n_pairs : 2]]
    return np.unique(paired, return_inverse=True)[1]


def _preferences(W: Sparse) -> list[list[int]]:
    """Return every vertex's neighbours, the one with the largest W_ij (1/d_i + 1/d_j) first."""
    d = np.asarray(W.sum(axis=1)).ravel()
    entries = W.tocoo()
    i, j = entries.row, entries.col  # (n_entries,) each
    gain = entries.data * (1 / d[i] + 1 / d[j])  # an isolated vertex has no entry, so d > 0
    order = np.lexsort((j, -gain, i))
    ends = np.cumsum(np.bincount(i, minlength=len(d)))
    return [part.tolist() for part in np.split(j[order], ends[:-1])]
