"""The graph part of a network as plain values, cut from a pyramid."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import sparse as sp

from l1000_bench.errors import is_whole, require
from l1000_bench.graphs.pyramid import Pyramid
from l1000_bench.models.layers.matrices import Sparse
from l1000_bench.models.layers.terms import KINDS


@dataclass(frozen=True)
class Convolutions:
    """The graph layers, first to last.

    Attributes:
        kind: `chebyshev`, `sage` or `gcn`.
        filters: Output channels of every layer.
        K: Chebyshev terms of every layer; other kinds do not read it.
        pool: Vertices pooled into one after every layer: powers of two, 1 for none.
        pooling: `max` or `average`.
        bias: `b1relu` (one per filter, shared by all components) or `b2relu` (one per vertex and filter).

    Raises:
        InputError: If a value is out of its range.
    """

    kind: str
    filters: tuple[int, ...]
    K: tuple[int, ...]
    pool: tuple[int, ...]
    pooling: str
    bias: str

    def __post_init__(self) -> None:
        require(self.kind in KINDS, f"layer is {self.kind!r}; it can be one of {', '.join(KINDS)}.")
        require(
            1 <= len(self.filters) == len(self.K) == len(self.pool),
            f"filters {self.filters}, K {self.K} and pool {self.pool} must name the same layers, at least one.",
        )
        whole = all(is_whole(size) for size in (*self.filters, *self.K, *self.pool))
        require(whole, f"filters {self.filters}, K {self.K} and pool {self.pool} must be whole numbers.")
        require(min(self.filters) >= 1, f"filters is {self.filters}; every layer needs at least 1.")
        require(min(self.K) >= 1, f"K is {self.K}; a Chebyshev filter has at least the term T_0, K = 1.")
        powers = all(size >= 1 and size & (size - 1) == 0 for size in self.pool)
        require(powers, f"pool is {self.pool}; a pyramid halves, so every size is a power of two.")
        require(self.pooling in ("max", "average"), f"pooling is {self.pooling!r}; it can be max or average.")
        require(self.bias in ("b1relu", "b2relu"), f"bias is {self.bias!r}; it can be b1relu or b2relu.")

    @property
    def levels(self) -> tuple[int, ...]:
        """The level of the pyramid before every layer, and the one after the last."""
        return tuple(int(level) for level in np.cumsum([0, *(size.bit_length() - 1 for size in self.pool)]))


@dataclass(frozen=True)
class GraphPlan:
    """What the network needs of a pyramid; equal when the digest and the layers are.

    Components stand side by side as one graph in blocks: their vertices never meet, and every weight and b1relu bias
    is shared by all of them, as published (Defferrard et al. 2016 with McDermott et al. 2020, several components).

    Attributes:
        convolutions: The graph layers.
        digest: SHA-256 of what follows.
        order: (n_vertices,) the gene at each vertex of level 0; -1 is a fake vertex.
        raw: Positions of the genes that stand on no graph.
        laplacians: For every layer the L~ of its level; two (in, out) in a directed pyramid.
    """

    convolutions: Convolutions
    digest: str
    order: NDArray[np.intp] = field(compare=False, repr=False)
    raw: NDArray[np.intp] = field(compare=False, repr=False)
    laplacians: tuple[tuple[Sparse, ...], ...] = field(compare=False, repr=False)


def plan_graph(pyramid: Pyramid, convolutions: Convolutions) -> GraphPlan | None:
    """Cut from a pyramid what the layers need.

    Returns:
        The plan; None when no component is large enough, so that all genes go raw.

    Raises:
        InputError: If the layers pool more often than the pyramid was coarsened.
    """
    levels = convolutions.levels
    require(
        levels[-1] <= pyramid.levels,
        f"pool {convolutions.pool} needs {levels[-1]} coarsenings, the pyramid has {pyramid.levels}; make the pyramid "
        "with more levels or pool less.",
    )
    if not pyramid.components:
        return None
    order = np.concatenate([component.order for component in pyramid.components])
    laplacians = tuple(_laplacians(pyramid, level) for level in levels[:-1])
    csr = [part for level in laplacians for L in level for part in (L.data, L.indices, L.indptr)]
    digest = hashlib.sha256(b"".join(np.ascontiguousarray(part).tobytes() for part in [order, pyramid.raw, *csr]))
    return GraphPlan(convolutions, digest.hexdigest(), order, pyramid.raw, laplacians)


def _laplacians(pyramid: Pyramid, level: int) -> tuple[Sparse, ...]:
    sides = [[component.laplacians[level] for component in pyramid.components]]
    if all(component.laplacians_out is not None for component in pyramid.components):
        sides.append([(component.laplacians_out or ())[level] for component in pyramid.components])
    return tuple(sp.csr_matrix(sp.block_diag(blocks)) for blocks in sides)
