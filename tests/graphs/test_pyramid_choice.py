from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from graph_makers import dense_laplacian, edges_of, frame, names

from l1000_bench.errors import InputError
from l1000_bench.graphs.choice import PyramidChoice, Pyramids
from l1000_bench.graphs.coarsening import PyramidSpec
from l1000_bench.graphs.edges import strong_edges

# Two paths of 12 genes, the second with weights of 0.5, and a gene without an edge.
GENES = names(25)
W = np.zeros((25, 25))
for start, weight in ((0, 1.0), (12, 0.5)):
    for gene in range(start, start + 11):
        W[gene, gene + 1] = W[gene + 1, gene] = weight
EDGES = edges_of(W)


def pyramids() -> Pyramids:
    return Pyramids(GENES, {"paths": EDGES, "arrows": EDGES}, directed=["arrows"])


def test_a_choice_is_read_with_its_defaults() -> None:
    assert PyramidChoice.from_config({"graph": "paths"}) == PyramidChoice("paths", None, None, "published", 0, 10)
    full = {"graph": "a", "cutoff": 0.5, "levels": 2, "coarsening": "compact", "seed": 3, "min_component": 4}
    assert PyramidChoice.from_config(full).spec(pooled=7, directed=True) == PyramidSpec(2, "compact", 3, 4, True)


@pytest.mark.parametrize(("levels", "expected"), [(None, 3), (0, 0), (2, 2), (5, 5)])
def test_without_levels_the_pooling_says_how_many(levels: int | None, expected: int) -> None:
    assert PyramidChoice("paths", levels=levels).spec(pooled=3, directed=False) == PyramidSpec(expected)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("paths", "pyramid holds 'paths'; it takes the keys graph, cutoff, levels, coarsening, seed, min_component"),
        (["paths"], r"pyramid holds \['paths'\]; it takes the keys graph"),
        ({}, "pyramid: .*'graph' is missing; its keys are graph, cutoff"),
        ({"graph": "a", "level": 2}, "pyramid: .*'level' is not known here .*; its keys are graph, cutoff, levels"),
        ({"graph": 3}, "pyramid: graph is 3; it takes text"),
        ({"graph": ""}, "graph is ''; it takes text"),
        ({"graph": "a", "seed": "x"}, "pyramid: seed is 'x'; it takes a whole number"),
        ({"graph": "a", "levels": -1}, "pyramid: the levels of a pyramid are 0 or more, not -1"),
        ({"graph": "a", "coarsening": "tight"}, "pyramid: unknown coarsening 'tight'"),
    ],
)
def test_what_is_no_choice_is_refused(value: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        PyramidChoice.from_config(value)


def test_a_pyramid_is_that_of_its_graph() -> None:
    made = pyramids()(PyramidChoice("paths"), pooled=2)
    assert made.gene_ids == tuple(GENES)
    assert made.raw.tolist() == [24]
    assert made.levels == 2
    assert [sorted(c.order[c.order >= 0].tolist()) for c in made.components] == [[*range(12)], [*range(12, 24)]]
    for component in made.components:
        for level, laplacian in enumerate(component.laplacians):
            np.testing.assert_allclose(laplacian.toarray(), dense_laplacian(W, component.order, level), atol=1e-12)
        assert component.laplacians_out is None


@pytest.mark.parametrize(("cutoff", "raw"), [(0.5, [24]), (0.51, [*range(12, 25)])])
def test_weaker_edges_leave_with_the_cutoff(cutoff: float, raw: list[int]) -> None:
    assert pyramids()(PyramidChoice("paths", cutoff=cutoff), pooled=1).raw.tolist() == raw


def test_graphs_with_directions_have_a_filter_for_each() -> None:
    (first, _) = pyramids()(PyramidChoice("arrows"), pooled=0).components
    assert first.laplacians_out is not None
    # The arrow from gene 0 to gene 1, the first of the path: 1 has it from 0, and 0 gives it to 1.
    zero, one = (first.order.tolist().index(gene) for gene in (0, 1))
    inward, outward = first.laplacians[0].toarray(), first.laplacians_out[0].toarray()
    assert (inward[one, zero], inward[zero, one]) == (-1, 0)
    assert (outward[one, zero], outward[zero, one]) == (0, -1)


def test_a_pyramid_is_made_once_and_shared_by_equal_choices() -> None:
    kept = pyramids()
    first = kept(PyramidChoice("paths"), pooled=2)
    assert kept(PyramidChoice.from_config({"graph": "paths"}), pooled=2) is first
    assert kept(PyramidChoice("paths", levels=2), pooled=1) is first
    others = [
        kept(PyramidChoice("paths"), pooled=1),
        kept(PyramidChoice("arrows"), pooled=2),
        kept(PyramidChoice("paths", cutoff=0.6), pooled=2),
        kept(PyramidChoice("paths", seed=1), pooled=2),
        kept(PyramidChoice("paths", coarsening="compact"), pooled=2),
    ]
    assert len({id(pyramid) for pyramid in [first, *others]}) == 6


@pytest.mark.parametrize(
    ("choice", "pooled", "message"),
    [
        (PyramidChoice("roads"), 1, "a setting asks for the graph 'roads'; the graphs at hand are paths, arrows"),
        (PyramidChoice("paths", cutoff=2), 1, "the cutoff 2 leaves none of the graph's 22 edges, whose largest .* 1;"),
        (PyramidChoice("paths", min_component=12), 1, "no component of the graph has the 13 genes .* largest has 12"),
        (PyramidChoice("paths"), 3, "no component of the graph has the 16 genes that 3 level"),
    ],
)
def test_what_cannot_be_made_is_refused(choice: PyramidChoice, pooled: int, message: str) -> None:
    with pytest.raises(InputError, match=message):
        pyramids()(choice, pooled)


def test_a_control_is_not_cut() -> None:
    made = Pyramids(GENES, {"paths": EDGES, "rewired": EDGES}, controls=["rewired"])
    assert made(PyramidChoice("rewired"), 0).raw.tolist() == [24]
    assert made(PyramidChoice("paths", cutoff=0.7), 0).raw.tolist() == list(range(12, 25))
    with pytest.raises(InputError, match=r"cuts the graph 'rewired' at 0\.7; a control that is cut is none"):
        made(PyramidChoice("rewired", cutoff=0.7), 0)


def test_without_graphs_there_is_none_at_hand() -> None:
    with pytest.raises(InputError, match="the graphs at hand are none"):
        Pyramids(GENES, {})(PyramidChoice("paths"), 1)


def test_edges_that_reach_the_cutoff_are_kept() -> None:
    edges = frame(("a", "b", 0.2), ("a", "c", 0.5), ("b", "c", 0.7))
    assert strong_edges(edges, None) is edges
    pd.testing.assert_frame_equal(strong_edges(edges, 0.5), frame(("a", "c", 0.5), ("b", "c", 0.7)))
    with pytest.raises(
        InputError, match=r"the cutoff 0\.71 leaves none of the graph's 3 edges, whose largest .* 0\.7;"
    ):
        strong_edges(edges, 0.71)
