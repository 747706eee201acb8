"""The levels of a coarsening as balanced binary trees."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse as sp

from l1000_bench.graphs.laplacian import Sparse


def merged(W: Sparse, parent: NDArray[np.intp]) -> Sparse:
    """Return the coarser graph: weights between merged vertices are summed, weights within leave.

    Args:
        W: (n, n) adjacency.
        parent: (n,) vertex of the coarser graph, 0 to m - 1, that each vertex becomes a part of.

    Returns:
        (m, m) adjacency without self-connections.
    """
    entries = W.tocoo()
    rows, columns = parent[entries.row], parent[entries.col]
    between = rows != columns
    m = int(parent.max()) + 1
    return sp.csr_matrix((entries.data[between], (rows[between], columns[between])), shape=(m, m))


def balanced_orders(parents: list[NDArray[np.intp]], n_coarsest: int) -> list[NDArray[np.intp]]:
    """Lay out every level so that places 2 i and 2 i + 1 hold the children of the vertex at place i of the next.

    Args:
        parents: For each level but the coarsest the parent of every vertex; no parent has more than two children.
        n_coarsest: Number of vertices of the coarsest level.

    Returns:
        For every level the vertex at each place, -1 for a fake one; each is twice as long as the next. A parent with
        one child gets a fake one beside it, a fake parent has two.
    """
    orders = [np.arange(n_coarsest, dtype=np.intp)]
    for parent in reversed(parents):
        children = np.full((int(parent.max()) + 2, 2), -1, dtype=np.intp)  # the last row are those of fake parents
        by_parent = np.argsort(parent, kind="stable")
        is_second = np.append(False, np.diff(parent[by_parent]) == 0)
        children[parent[by_parent], is_second.astype(np.intp)] = by_parent
        orders.append(children[orders[-1]].ravel())  # (n_places,) -> (n_places, 2) -> (2 n_places,)
    return orders[::-1]


def laid_out(W: Sparse, order: NDArray[np.intp]) -> Sparse:
    """Return a graph on the places of its layout; fake vertices have no edges.

    Args:
        W: (n, n) adjacency.
        order: (n_places,) vertex at each place, -1 for a fake one.

    Returns:
        (n_places, n_places) adjacency.
    """
    place = np.empty(W.shape[0], dtype=np.intp)
    place[order[order >= 0]] = np.flatnonzero(order >= 0)
    entries = W.tocoo()
    return sp.csr_matrix((entries.data, (place[entries.row], place[entries.col])), shape=(len(order), len(order)))
