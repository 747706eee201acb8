import logging
import time

import numpy as np
import pytest
from graph_makers import GRAPHS, block_diagonal, connected, dense_laplacian, edges_of, names, scale_free, sparse
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from l1000_bench.errors import InputError
from l1000_bench.graphs.coarsening import PyramidSpec, build_pyramid, coarsen
from l1000_bench.graphs.pyramid import Pyramid
from l1000_bench.graphs.tree import merged

LEVELS = st.integers(0, 3)
METHODS = st.sampled_from(["published", "compact"])
many = settings(max_examples=60, deadline=None, derandomize=True)


def build(W: NDArray[np.float64], spec: PyramidSpec) -> Pyramid:
    return build_pyramid(edges_of(W, spec.directed), names(len(W)), spec)


def same(one: Pyramid, other: Pyramid) -> bool:
    return len(one.components) == len(other.components) and all(
        np.array_equal(a.order, b.order)
        and all(np.array_equal(p.toarray(), q.toarray()) for p, q in zip(a.laplacians, b.laplacians, strict=True))
        for a, b in zip(one.components, other.components, strict=True)
    )


# Matching, level by level


@many
@given(GRAPHS, LEVELS, st.integers(0, 5))
def test_published_parents_are_matched_neighbours_or_singles(W: NDArray[np.float64], levels: int, seed: int) -> None:
    graph = sparse(W)
    for parent in coarsen(graph, PyramidSpec(levels), np.random.default_rng(seed)):
        for number in range(int(parent.max()) + 1):
            children = np.flatnonzero(parent == number)
            assert len(children) in (1, 2)
            assert len(children) == 1 or graph[children[0], children[1]] > 0
        graph = merged(graph, parent)


@many
@given(GRAPHS, LEVELS, METHODS)
def test_weight_is_conserved_but_for_that_of_merged_edges(W: NDArray[np.float64], levels: int, method: str) -> None:
    graph = sparse(W)
    for parent in coarsen(graph, PyramidSpec(levels, method), np.random.default_rng(0)):
        within = graph.toarray()[parent[:, None] == parent].sum()
        coarse = merged(graph, parent)
        assert coarse.sum() == pytest.approx(graph.sum() - within, rel=1e-12)
        assert not coarse.diagonal().any()
        graph = coarse


def test_vertices_choose_by_ascending_degree_after_the_first_level() -> None:
    # Four pairs that merge on level 0 whatever the order, into a path A - B - C - D of weights 4, 40, 5.
    W = np.zeros((8, 8))
    for a, b, weight in [(0, 1, 100), (2, 3, 100), (4, 5, 100), (6, 7, 100), (1, 2, 4), (3, 4, 40), (5, 6, 5)]:
        W[a, b] = W[b, a] = weight
    for seed in range(20):
        pairs, quads = coarsen(sparse(W), PyramidSpec(2), np.random.default_rng(seed))
        top = quads[pairs]
        # A (degree 4) and D (5) choose before B (44) and C (45), which would take each other.
        assert np.array_equal(top[:, None] == top, np.kron(np.eye(2), np.ones((4, 4))) > 0)


# The pyramid


@many
@given(GRAPHS, LEVELS, METHODS, st.booleans())
def test_the_pyramid_is_what_a_dense_computation_from_its_order_gives(
    W: NDArray[np.float64], levels: int, method: str, directed: bool
) -> None:
    A = np.triu(W) if directed else W
    pyramid = build(A, PyramidSpec(levels, method, seed=3, directed=directed))
    (component,) = pyramid.components
    n_0 = len(component.order)
    assert n_0 % 2**levels == 0
    for level, L in enumerate(component.laplacians):
        assert L.shape == (n_0 // 2**level, n_0 // 2**level)
        assert L.dtype == np.float64
        np.testing.assert_allclose(L.toarray(), dense_laplacian(A.T, component.order, level), rtol=0, atol=1e-12)
    if not directed:
        assert component.laplacians_out is None
        return
    assert component.laplacians_out is not None
    for level, L in enumerate(component.laplacians_out):
        np.testing.assert_allclose(L.toarray(), dense_laplacian(A, component.order, level), rtol=0, atol=1e-12)


@many
@given(GRAPHS, LEVELS, METHODS)
def test_every_level_is_a_balanced_binary_tree_of_all_genes(W: NDArray[np.float64], levels: int, method: str) -> None:
    (component,) = build(W, PyramidSpec(levels, method)).components
    real = component.order >= 0
    assert sorted(component.order[real]) == list(range(len(W)))
    for level in range(levels):
        below, above = component.real(level), component.real(level + 1)
        assert len(below) == 2 * len(above)  # the published sizes double from level to level
        np.testing.assert_array_equal(below[0::2] | below[1::2], above)
        # a lone parent's fake child stands second
        assert not (below[1::2] & ~below[0::2]).any()
    assert component.real(levels).all()


@many
@given(GRAPHS, LEVELS, METHODS)
def test_fake_vertices_have_no_edges_on_any_level(W: NDArray[np.float64], levels: int, method: str) -> None:
    (component,) = build(W, PyramidSpec(levels, method)).components
    for level, L in enumerate(component.laplacians):
        fake = ~component.real(level)
        assert not L.toarray()[fake].any()
        assert not L.toarray()[:, fake].any()


@many
@given(GRAPHS, LEVELS, METHODS)
def test_permuting_and_back_is_the_identity_on_genes(W: NDArray[np.float64], levels: int, method: str) -> None:
    (component,) = build(W, PyramidSpec(levels, method)).components
    x = np.random.default_rng(1).normal(size=len(W))
    placed = np.append(x, 0.0)[component.order]  # -1 takes the zero
    assert not placed[component.order < 0].any()
    back = np.empty_like(x)
    back[component.order[component.order >= 0]] = placed[component.order >= 0]
    np.testing.assert_array_equal(back, x)


@many
@given(GRAPHS, st.integers(1, 3), METHODS)
def test_the_seed_decides(W: NDArray[np.float64], levels: int, method: str) -> None:
    first = build(W, PyramidSpec(levels, method, seed=5))
    assert same(first, build(W, PyramidSpec(levels, method, seed=5)))
    assert any(not same(first, build(W, PyramidSpec(levels, method, seed=seed))) for seed in range(6, 12))


@many
@given(GRAPHS, LEVELS)
def test_compact_pads_to_the_next_multiple_and_no_further(W: NDArray[np.float64], levels: int) -> None:
    pyramid = build(W, PyramidSpec(levels, "compact"))
    assert pyramid.sizes[0] == -(-len(W) // 2**levels) * 2**levels
    assert pyramid.sizes[0] <= build(W, PyramidSpec(levels, "published")).sizes[0]


def test_the_papers_graph_is_padded_threefold_and_compactly_hardly() -> None:
    # RegNetwork on the landmarks has 839 vertices and 2,748 edges; two coarsenings gave 2732, 1366 and 683 vertices.
    W = scale_free(839, 2748, 80)
    published, compact = (build(W, PyramidSpec(2, method)) for method in ("published", "compact"))
    assert published.sizes == (2716, 1358, 679)
    assert compact.sizes == (840, 420, 210)


@pytest.mark.parametrize("method", ["published", "compact"])
def test_978_genes_take_under_a_second(method: str) -> None:
    edges = edges_of(scale_free(978, 4500, 100))
    start = time.perf_counter()
    build_pyramid(edges, names(978), PyramidSpec(4, method))
    assert time.perf_counter() - start < 1


# Components


def test_components_are_coarsened_apart_and_the_small_go_raw() -> None:
    # 10 genes (too few), 30, 1 (isolated), 11 (enough), 30
    blocks = [connected(10, 5, 0), connected(30, 20, 1), np.zeros((1, 1)), connected(11, 5, 2), connected(30, 9, 3)]
    W = block_diagonal(*blocks)
    pyramid = build(W, PyramidSpec(2))
    genes = [set(component.order[component.order >= 0].tolist()) for component in pyramid.components]
    assert genes == [set(range(10, 40)), set(range(52, 82)), set(range(41, 52))]
    assert pyramid.raw.tolist() == [*range(10), 40]
    assert pyramid.gene_ids == tuple(names(82))
    assert len(pyramid) == 82
    for component in pyramid.components:
        for level, L in enumerate(component.laplacians):
            np.testing.assert_allclose(L.toarray(), dense_laplacian(W, component.order, level), rtol=0, atol=1e-12)


def test_a_component_too_small_for_the_pooling_goes_raw_and_the_log_says_so(caplog: pytest.LogCaptureFixture) -> None:
    W = block_diagonal(connected(32, 10, 0), connected(15, 10, 1), connected(5, 2, 2))
    with caplog.at_level(logging.WARNING):
        assert [len(build(W, PyramidSpec(levels)).components) for levels in (0, 1, 2)] == [2, 2, 2]
    assert not caplog.messages
    with caplog.at_level(logging.WARNING):
        pyramid = build(W, PyramidSpec(3))
    assert len(pyramid.components) == 1
    assert pyramid.raw.tolist() == list(range(32, 52))
    (message,) = caplog.messages
    assert message.startswith("A component of 15 genes is too small for 3 levels of pooling, which need 16")
    assert len(build(W, PyramidSpec(4)).components) == 1  # 32 is enough


def test_the_smallest_component_can_be_any() -> None:
    W = block_diagonal(connected(20, 9, 0), connected(4, 1, 1), np.zeros((1, 1)))
    pyramid = build(W, PyramidSpec(1, min_component=3))
    assert [int(component.real(0).sum()) for component in pyramid.components] == [20, 4]
    everything = build(W, PyramidSpec(0, min_component=0))
    assert [len(component.order) for component in everything.components] == [20, 4]
    assert everything.raw.tolist() == [24]


def test_the_table_counts_every_level() -> None:
    W = block_diagonal(connected(20, 9, 0), np.zeros((3, 3)))
    pyramid = build(W, PyramidSpec(1, "compact"))
    table = pyramid.table()
    n_top = np.count_nonzero(dense_laplacian(W, pyramid.components[0].order, 1)) // 2
    assert table.to_numpy().tolist() == [
        ["0", 0, 20, 0, np.count_nonzero(W) // 2],
        ["0", 1, 10, 0, n_top],
        ["raw", 0, 3, 0, 0],
    ]
    one_way = build(np.triu(W), PyramidSpec(1, "compact", directed=True)).table()
    assert one_way["edges"].iloc[0] == np.count_nonzero(W) // 2


# Bad input


@pytest.mark.parametrize(("levels", "need"), [(0, 11), (2, 11), (3, 16), (5, 64)])
def test_more_pooling_than_any_component_allows_is_refused(levels: int, need: int) -> None:
    W = block_diagonal(connected(10, 5, 0), connected(4, 0, 1))
    message = (
        rf"no component of the graph has the {need} genes that {levels} level\(s\) .* the largest has 10; use fewer"
    )
    with pytest.raises(InputError, match=message):
        build(W, PyramidSpec(levels))


def test_a_wrong_spec_is_refused() -> None:
    with pytest.raises(InputError, match="the levels of a pyramid are 0 or more, not -1"):
        PyramidSpec(-1)
    with pytest.raises(InputError, match="unknown coarsening 'tight'; it can be published or compact"):
        PyramidSpec(2, "tight")


def test_an_edge_of_an_unknown_gene_is_refused() -> None:
    with pytest.raises(InputError, match=r"row 0 of the edges, g0000, g0001, .* joins a gene that is not among"):
        build_pyramid(edges_of(connected(20, 0, 0)), names(20)[1:], PyramidSpec(1))
