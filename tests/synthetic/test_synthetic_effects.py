from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse

from l1000_bench.synthetic.effects import dose_factors, moa_effects
from l1000_bench.synthetic.graph import PlantedGraph, plant_graph, spread
from l1000_bench.synthetic.spec import SyntheticSpec

SPEC = SyntheticSpec(seed=3)
IS_LANDMARK = np.arange(1200) % 5 != 0


def dirichlet_energy(graph: PlantedGraph, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """x^T L x / x^T x with L = I - D^-1/2 A D^-1/2, from dense loops-free definitions of A and D."""
    A = np.zeros((graph.n_genes, graph.n_genes))
    for regulator, target in graph.edges.tolist():
        A[regulator, target] = A[target, regulator] = 1.0
    d = A.sum(axis=1)
    L = np.diag((d > 0).astype(float)) - A / np.sqrt(np.outer(np.maximum(d, 1), np.maximum(d, 1)))
    return np.asarray(np.sum((x @ L) * x, axis=-1) / np.sum(x * x, axis=-1))


def test_effects_are_smooth_on_the_graph_as_far_as_graph_signal_says() -> None:
    graph = plant_graph(SPEC)
    by_g = [moa_effects(replace(SPEC, graph_signal=g), graph, IS_LANDMARK).reshape(-1, 1200) for g in (0.0, 0.5, 1.0)]
    none, half, all_of_it = (dirichlet_energy(graph, e) for e in by_g)
    assert (all_of_it < none).all()
    assert (half.mean() < none.mean() - 0.05) and (half.mean() > all_of_it.mean() + 0.05)
    # Values on shuffled genes have energy 1 on average at linked genes (P has no diagonal) and 0 at isolated ones.
    linked = len(np.unique(graph.edges)) / graph.n_genes
    assert none.mean() == pytest.approx(linked, abs=0.05)
    assert all_of_it.mean() < linked - 0.2


def test_effects_have_norm_one_and_differ_between_cell_lines_within_an_moa() -> None:
    e = moa_effects(replace(SPEC, graph_signal=0.7), plant_graph(SPEC), IS_LANDMARK)
    assert e.shape == (12, 12, 1200)
    assert np.linalg.norm(e, axis=-1) == pytest.approx(1.0)
    cosines = np.einsum("mcg,nkg->mcnk", e, e)  # (n_moas, n_cell_lines, n_moas, n_cell_lines)
    moas, cells = np.arange(12), np.arange(12)
    same_moa = moas[:, None, None, None] == moas[None, None, :, None]
    same_cell = cells[None, :, None, None] == cells[None, None, None, :]
    across_cells = cosines[np.broadcast_to(same_moa & ~same_cell, cosines.shape)].mean()
    across_moas = np.abs(cosines[np.broadcast_to(~same_moa, cosines.shape)]).mean()
    assert across_moas < 0.2 < across_cells < 0.8


def test_without_graph_signal_effects_resemble_one_another_as_much_as_with_it() -> None:
    graph = plant_graph(SPEC)
    with_graph, without = (
        moa_effects(replace(SPEC, graph_signal=g), graph, IS_LANDMARK).reshape(144, 1200) for g in (1.0, 0.0)
    )
    assert without @ without.T == pytest.approx(with_graph @ with_graph.T)
    landmarks, landmarks_without = with_graph[:, IS_LANDMARK], without[:, IS_LANDMARK]
    assert landmarks_without @ landmarks_without.T == pytest.approx(landmarks @ landmarks.T)
    assert not np.allclose(with_graph, without)


def test_spread_on_a_path_of_three() -> None:
    # a - b - c with the seed at a: P = [[0, r, 0], [r, 0, r], [0, r, 0]], r = 1 / sqrt(2); the degrees are 1, 2, 1
    graph = PlantedGraph(3, np.array([0, 1]), np.array([[0, 1], [1, 2]]))
    P = graph.normalised_adjacency()
    r = 1 / np.sqrt(2)
    assert P.toarray() == pytest.approx(np.array([[0, r, 0], [r, 0, r], [0, r, 0]]))
    e = spread(P, np.array([[1.0], [0.0], [0.0]]), a=0.5, n_steps=2)
    # 0.5 P s = (0, r/2, 0); 0.25 P^2 s = (1/8, 0, 1/8)
    assert e[:, 0] == pytest.approx([0.125, r / 2, 0.125])


def test_planted_graph_is_simple_and_has_hubs() -> None:
    graph = plant_graph(SPEC)
    assert len(np.unique(graph.edges, axis=0)) == len(graph.edges) == 3000
    assert (graph.edges[:, 0] != graph.edges[:, 1]).all()
    assert set(graph.edges[:, 0]) <= set(graph.regulators)
    degrees = np.bincount(graph.edges[:, 0])[graph.regulators]
    assert degrees.max() > 5 * np.median(degrees)
    ones = np.ones(len(graph.edges))
    A = sparse.coo_array((ones, graph.edges.T), shape=(1200, 1200))
    _, component = sparse.csgraph.connected_components(A, directed=False)
    assert np.bincount(component).max() > 1000


def test_dose_factors() -> None:
    assert dose_factors(np.array([1.0, 3.0, np.nan])) == pytest.approx([0.5, 0.75, 1.0])
