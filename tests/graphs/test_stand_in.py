from __future__ import annotations

import networkx as nx  # type: ignore[import-untyped]
import numpy as np
import pytest

from l1000_bench.errors import InputError
from l1000_bench.graphs.stand_in import stand_in_edges

GENES = [str(gene) for gene in range(978)]


def test_a_stand_in_of_regnetworks_size_is_connected_and_has_hubs() -> None:
    edges = stand_in_edges(GENES, 839, 2748, seed=0)
    graph = nx.from_pandas_edgelist(edges, "gene_a", "gene_b")
    assert (graph.number_of_nodes(), graph.number_of_edges()) == (839, 2748)
    assert nx.is_connected(graph)
    degrees = np.array([degree for _, degree in graph.degree()])
    assert np.median(degrees) <= 4
    assert degrees.max() > 100


def test_the_seed_makes_the_stand_in() -> None:
    first, again, other = (stand_in_edges(GENES, 100, 200, seed) for seed in (1, 1, 2))
    assert first.equals(again)
    assert not first.equals(other)


@pytest.mark.parametrize(("n_vertices", "n_edges"), [(979, 2748), (10, 20), (100, 98), (100, 300)])
def test_impossible_sizes_are_refused(n_vertices: int, n_edges: int) -> None:
    with pytest.raises(InputError, match=f"{n_vertices} vertices and {n_edges} edges"):
        stand_in_edges(GENES, n_vertices, n_edges, seed=0)
