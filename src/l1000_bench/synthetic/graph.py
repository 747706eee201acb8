"""The planted regulatory graph: regulators, their targets, and how an effect spreads over it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from l1000_bench.synthetic.spec import GeneSpec, Stream

EDGES_PER_GENE = 2.5
REGULATOR_SHARE = 0.1
OUT_EXPONENT = 0.6  # a regulator's weight falls as rank^-0.6, which gives degrees with a power-law tail
IN_EXPONENT = 0.4


@dataclass(frozen=True)
class PlantedGraph:
    """Regulator-target links among the genes, as positions in the matrix's gene order.

    Attributes:
        n_genes: Number of vertices.
        regulators: (n_regulators,) positions of the regulators.
        edges: (n_edges, 2) regulator and target of each link; no link twice, none to itself.
    """

    n_genes: int
    regulators: NDArray[np.int64]
    edges: NDArray[np.int64]

    def normalised_adjacency(self) -> sparse.csr_array:
        """Return P = D^-1/2 A D^-1/2 of the undirected graph, (n_genes, n_genes); isolated genes have empty rows."""
        rows, columns = self.edges.T
        ones = np.ones(len(rows))
        directed = sparse.coo_array((ones, (rows, columns)), shape=(self.n_genes, self.n_genes)).tocsr()
        A = ((directed + directed.T) > 0).astype(np.float64).tocsr()
        d = np.maximum(A.sum(axis=1), 1.0)
        scale = sparse.diags_array(1 / np.sqrt(d))
        return sparse.csr_array(scale @ A @ scale)


def plant_graph(spec: GeneSpec) -> PlantedGraph:
    """Draw a scale-free graph: few regulators with many targets, and targets of unequal popularity.

    Both ends of a link are drawn with weights rank^-exponent, a static scale-free model (Goh, Kahng and Kim 2001).

    Args:
        spec: Gives the seed and the number of genes.

    Returns:
        The graph, with 2.5 links per gene.
    """
    rng = spec.stream(Stream.GRAPH)
    n_regulators = int(REGULATOR_SHARE * spec.n_genes)
    n_edges = int(EDGES_PER_GENE * spec.n_genes)
    regulators = rng.permutation(spec.n_genes)[:n_regulators]
    targets = rng.permutation(spec.n_genes)
    n_draws = 3 * n_edges  # enough that doubles and self-links can be dropped
    pairs = np.column_stack(
        [
            rng.choice(regulators, n_draws, p=_falling_weights(n_regulators, OUT_EXPONENT)),
            rng.choice(targets, n_draws, p=_falling_weights(spec.n_genes, IN_EXPONENT)),
        ]
    )  # (n_draws, 2)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    _, first = np.unique(pairs, axis=0, return_index=True)
    return PlantedGraph(spec.n_genes, regulators, pairs[np.sort(first)[:n_edges]])


def _falling_weights(n: int, exponent: float) -> NDArray[np.float64]:
    weights = np.arange(1, n + 1) ** -exponent
    return np.asarray(weights / weights.sum())


def spread(P: sparse.csr_array, s: NDArray[np.float64], a: float, n_steps: int) -> NDArray[np.float64]:
    """Spread seeds over a graph by diffusion: e = sum over k = 1..n_steps of a^k P^k s.

    The sum leaves out k = 0: what changes is the expression of the neighbourhood, not the seeds themselves.

    Args:
        P: (n_genes, n_genes) normalised adjacency.
        s: (n_genes, n_effects) seeds, one effect per column.
        a: Weight of a further step.
        n_steps: Length of the longest path.

    Returns:
        (n_genes, n_effects) effects.
    """
    e = np.zeros_like(s)
    for _ in range(n_steps):
        s = a * (P @ s)
        e += s
    return e
