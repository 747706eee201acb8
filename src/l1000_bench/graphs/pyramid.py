"""The pyramid: a gene graph with its coarser versions, laid out so that pooling is one-dimensional."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l1000_bench.graphs.laplacian import Sparse


@dataclass(frozen=True, eq=False)
class Component:
    """A connected component of the graph with its own coarsening.

    The vertices of level l stand so that 2 i and 2 i + 1 are the children of vertex i of level l + 1: pooling by
    p = 2**k is one-dimensional pooling of size and stride p. A vertex whose genes are all fake is fake.

    Attributes:
        order: (n_0,) position in `Pyramid.gene_ids` of the gene at each vertex of level 0; -1 is a fake vertex.
        laplacians: One per level l, float64 (n_0 / 2**l, n_0 / 2**l), the rescaled Laplacian with lmax = 2, that is
            -D^-1/2 W D^-1/2; rows of fake and of isolated vertices are zero. In a directed pyramid a row gathers what
            comes in: W[i, j] is the weight of the edge from j to i.
        laplacians_out: In a directed pyramid the same for what goes out, each the transpose of the other; else None.
            Directed ones are not symmetric and have no orthonormal eigenvectors: only the recurrence convolves with
            them, and its terms grow with K.
    """

    order: NDArray[np.intp]
    laplacians: tuple[Sparse, ...]
    laplacians_out: tuple[Sparse, ...] | None = None

    def real(self, level: int) -> NDArray[np.bool_]:
        """Return which vertices of a level stand for at least one gene, (n_0 / 2**level,)."""
        return np.asarray((self.order.reshape(-1, 2**level) >= 0).any(axis=1))


@dataclass(frozen=True, eq=False)
class Pyramid:
    """All that a graph network needs to know of a graph.

    Attributes:
        gene_ids: Entrez ids, the columns of X in order.
        components: The components that are convolved, the largest first.
        raw: Positions of the genes that go raw to the dense head, ascending.
        levels: Number of coarsenings; every n_0 is divisible by 2**levels.
    """

    gene_ids: tuple[str, ...]
    components: tuple[Component, ...]
    raw: NDArray[np.intp]
    levels: int

    def __len__(self) -> int:
        return len(self.gene_ids)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Vertices of every level, fake ones too, over all components."""
        n_0 = sum(len(component.order) for component in self.components)
        return tuple(n_0 // 2**level for level in range(self.levels + 1))

    def table(self) -> pd.DataFrame:
        """Return what every level of every component holds.

        Returns:
            Columns component (from 0), level, vertices (fake ones too), fake, edges (directed ones are counted once
            per direction); the last row holds the number of raw genes as the vertices of component "raw".
        """
        rows: list[tuple[str, int, int, int, int]] = []
        for number, component in enumerate(self.components):
            for level, laplacian in enumerate(component.laplacians):
                real = component.real(level)
                n_edges = laplacian.nnz if component.laplacians_out else laplacian.nnz // 2
                rows.append((str(number), level, len(real), int((~real).sum()), n_edges))
        rows.append(("raw", 0, len(self.raw), 0, 0))
        return pd.DataFrame(rows, columns=["component", "level", "vertices", "fake", "edges"])
