"""The fixed images of a signal that a graph layer weighs: y = sum_k S_k x W_k, where no S_k has a parameter.

- `chebyshev`: S_k = T_k(L~) with T_0 x = x, T_1 x = L~ x, T_k x = 2 L~ T_{k-1} x - T_{k-2} x, K terms (Defferrard et
  al. 2016, equation 4);
- `sage`: S_0 x = x and S_1 x = the mean of the neighbours (Hamilton et al. 2017, algorithm 1, mean aggregator);
- `gcn`: the one term D~^-1/2 (A + I) D~^-1/2 x (Kipf and Welling 2017, equation 2).

A rescaled Laplacian no longer tells the scale of the edges' weights, which A + I would need: the last two take every
edge as 1, as their authors do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse as sp

from l1000_bench.models.layers.matrices import Sparse

KINDS = ("chebyshev", "sage", "gcn")


def n_terms(kind: str, K: int) -> int:
    """Return the number of terms: K for `chebyshev`, which alone reads it."""
    return {"chebyshev": K, "sage": 2, "gcn": 1}[kind]


def operator(kind: str, laplacian: Sparse) -> Sparse:
    """Return the matrix that a kind multiplies signals with.

    Args:
        kind: One of `KINDS`.
        laplacian: (n, n) L~; an entry that is not zero is an edge, a row without one an isolated vertex.

    Returns:
        (n, n), float64: L~; the mean of the neighbours (zero for an isolated vertex); or the normalised adjacency
        with self-loops, where the left D~ sums rows and the right D~ columns should the graph be directed.
    """
    if kind == "chebyshev":
        return laplacian
    A = abs(laplacian.sign())
    if kind == "sage":
        degree = np.asarray(A.sum(axis=1)).ravel()
        return sp.csr_matrix(sp.diags_array(1 / np.maximum(degree, 1)) @ A)
    A = sp.csr_matrix(A + sp.eye_array(A.shape[0]))
    left, right = (sp.diags_array(np.asarray(A.sum(axis=axis)).ravel() ** -0.5) for axis in (1, 0))
    return sp.csr_matrix(left @ A @ right)


def terms(kind: str, multiply: Callable[[Any], Any], x: Any, K: int) -> list[Any]:
    """Return the terms of a signal.

    Args:
        kind: One of `KINDS`.
        multiply: Multiplies a signal with the kind's `operator`, in numpy or in a tensor library.
        x: The signal, vertices first.
        K: Number of Chebyshev terms.

    Returns:
        `n_terms(kind, K)` signals of the shape of x.
    """
    if kind == "gcn":
        return [multiply(x)]
    images = [x] if n_terms(kind, K) == 1 else [x, multiply(x)]
    while len(images) < n_terms(kind, K):  # never for `sage`, whose two terms are there
        images.append(2 * multiply(images[-1]) - images[-2])
    return images


def chebyshev_values(eigenvalues: NDArray[np.float64], K: int) -> NDArray[np.float64]:
    """Return T_k at every eigenvalue, (n, K): the columns of the terms in the Fourier domain."""
    return np.stack(terms("chebyshev", lambda values: eigenvalues * values, np.ones_like(eigenvalues), K), axis=1)


@dataclass(frozen=True)
class GraphTerms:
    """The terms of expression profiles on the vertices of a graph: all that a first layer needs, without a parameter.

    Attributes:
        order: (n_vertices,) the gene at each vertex; -1 is a fake vertex, whose value is 0.
        operators: (n_vertices, n_vertices) each; one, or two when the edges' directions are kept.
        kind: One of `KINDS`.
        K: Number of Chebyshev terms.
    """

    order: NDArray[np.intp]
    operators: tuple[Sparse, ...]
    kind: str
    K: int

    @property
    def shape(self) -> tuple[int, int]:
        """Vertices, and terms of all operators together."""
        return len(self.order), len(self.operators) * n_terms(self.kind, self.K)

    def __call__(self, X: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the terms (n_terms, n_vertices, n_samples) of profiles (n_samples, n_genes), float32.

        Sparse products in scipy: ten terms of 100 profiles take about a millisecond.
        """
        genes = np.concatenate([X, np.zeros((len(X), 1), dtype=np.float32)], axis=1)  # order -1 reads the last column
        x = np.ascontiguousarray(genes[:, self.order].T)  # (n_vertices, n_samples)
        matrices = [matrix.astype(np.float32) for matrix in self.operators]
        images = [image for matrix in matrices for image in terms(self.kind, matrix.__matmul__, x, self.K)]
        return np.stack(images)
