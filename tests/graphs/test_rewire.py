from collections import Counter

import numpy as np
import pandas as pd
import pytest
from graph_makers import GRAPHS, connected, edges_of, frame, names, scale_free
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from l1000_bench.graphs.rewire import random_graph, rewired

few = settings(max_examples=25, deadline=None, derandomize=True)


def pairs(edges: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(edges["gene_a"].tolist(), edges["gene_b"].tolist(), strict=True))


def require_simple(edges: pd.DataFrame, directed: bool = False) -> None:
    assert len(set(pairs(edges))) == len(edges)
    assert all(a != b if directed else a < b for a, b in pairs(edges))
    assert pairs(edges) == sorted(pairs(edges))


@few
@given(GRAPHS, st.integers(0, 100))
def test_every_gene_keeps_its_degree(W: NDArray[np.float64], seed: int) -> None:
    edges = edges_of(W)
    made = rewired(edges, seed)
    require_simple(made)
    assert Counter([*made["gene_a"], *made["gene_b"]]) == Counter([*edges["gene_a"], *edges["gene_b"]])
    assert sorted(made["weight"]) == sorted(edges["weight"])


@few
@given(GRAPHS, st.integers(0, 100))
def test_directed_every_gene_keeps_its_degree_in_and_out(W: NDArray[np.float64], seed: int) -> None:
    edges = edges_of(np.triu(W), directed=True)
    made = rewired(edges, seed, directed=True)
    require_simple(made, directed=True)
    assert Counter(made["gene_a"]) == Counter(edges["gene_a"])
    assert Counter(made["gene_b"]) == Counter(edges["gene_b"])


def test_few_edges_stay_and_the_seed_decides() -> None:
    edges = edges_of(connected(300, 700, 0))
    before = set(pairs(edges))
    made = rewired(edges, 1)
    assert len(before & set(pairs(made))) / len(before) < 0.05
    pd.testing.assert_frame_equal(made, rewired(edges, 1))
    assert pairs(made) != pairs(rewired(edges, 2))
    assert pairs(edges) == sorted(before)  # the graph given is left alone


def test_all_graphs_of_the_degrees_are_equally_likely() -> None:
    # Degrees 1, 1, 2, 2, 2 are those of 6 paths from a to b and of 1 edge beside a triangle.
    edges = frame(("a", "c", 1), ("c", "d", 1), ("d", "e", 1), ("b", "e", 1))
    counts = Counter(tuple(pairs(rewired(edges, seed))) for seed in range(420))
    assert len(counts) == 7
    assert stats.chisquare(list(counts.values())).pvalue > 0.01


@pytest.mark.parametrize("n", [3, 8])
def test_a_star_cannot_be_rewired_and_stays(n: int) -> None:
    star = frame(*(("a", gene, float(k)) for k, gene in enumerate(names(n))))
    pd.testing.assert_frame_equal(rewired(star, 0), star)


@few
@given(GRAPHS, st.integers(0, 100), st.booleans())
def test_a_random_graph_has_as_many_vertices_and_edges(W: NDArray[np.float64], seed: int, directed: bool) -> None:
    edges = edges_of(np.triu(W), directed=True)
    genes = names(len(W) + 20)
    made = random_graph(edges, genes, seed, directed=directed)
    require_simple(made, directed)
    assert len(made) == len(edges)
    vertices = {*made["gene_a"], *made["gene_b"]}
    assert len(vertices) == len(W)
    assert vertices <= set(genes)
    assert sorted(made["weight"]) == sorted(edges["weight"])


def test_a_random_graph_has_no_hubs_and_the_seed_decides() -> None:
    edges = edges_of(scale_free(200, 600, 20))
    made = random_graph(edges, names(250), 1)
    most = max(Counter([*made["gene_a"], *made["gene_b"]]).values())
    assert most < 20 < max(Counter([*edges["gene_a"], *edges["gene_b"]]).values())
    pd.testing.assert_frame_equal(made, random_graph(edges, names(250), 1))
    assert pairs(made) != pairs(random_graph(edges, names(250), 2))


def test_a_random_graph_of_as_few_edges_as_can_be() -> None:
    edges = frame(("a", "b", 1.0), ("b", "c", 2.0))  # three vertices: the odd one joins another
    assert {*random_graph(edges, ["a", "b", "c"], 0)[["gene_a", "gene_b"]].to_numpy().ravel()} == {"a", "b", "c"}
    full = edges_of(np.ones((4, 4)) - np.eye(4))
    assert pairs(random_graph(full, names(4), 0)) == pairs(full)
