"""Which pyramid a network asks for, and the pyramids that were made so far."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from l1000_bench.configured import check_field_types, make_from
from l1000_bench.errors import InputError
from l1000_bench.graphs.coarsening import PyramidSpec, build_pyramid
from l1000_bench.graphs.edges import strong_edges
from l1000_bench.graphs.pyramid import Pyramid


@dataclass(frozen=True)
class PyramidChoice:
    """A pyramid as a hyper-parameter: the value of `pyramid` in a classifier's settings.

    Attributes:
        graph: Name of the graph.
        cutoff: Smallest weight of an edge; None keeps all.
        levels: Coarsenings; None for as many as the network pools.
        coarsening: `published` or `compact`.
        seed: Of the coarsening.
        min_component: A component needs more vertices than this to be convolved.

    Raises:
        InputError: If a value is of another type, or out of range.
    """

    graph: str
    cutoff: float | None = None
    levels: int | None = None
    coarsening: str = "published"
    seed: int = 0
    min_component: int = 10

    def __post_init__(self) -> None:
        check_field_types(self)
        if self.cutoff is not None and not 0 <= self.cutoff < math.inf:
            raise InputError(f"cutoff is {self.cutoff}; it takes a number that is not negative.")
        self.spec(pooled=0, directed=False)

    @classmethod
    def from_config(cls, value: Any) -> PyramidChoice:
        """Read a choice from keys and values.

        Raises:
            InputError: If it is no such thing, a key is unknown or missing, or a value cannot be.
        """
        return make_from(cls, value, "pyramid")

    def spec(self, pooled: int, directed: bool) -> PyramidSpec:
        """Return how to coarsen.

        Args:
            pooled: Coarsenings that the network's pooling needs.
            directed: Whether the graph's edges have a direction.
        """
        levels = pooled if self.levels is None else self.levels
        return PyramidSpec(levels, self.coarsening, self.seed, self.min_component, directed)


def overlaid(lower: Mapping[str, Any], upper: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings with others over them; what both say of a pyramid is merged key by key."""
    made = {**lower, **upper}
    if isinstance(lower.get("pyramid"), Mapping) and isinstance(upper.get("pyramid"), Mapping):
        made["pyramid"] = {**lower["pyramid"], **upper["pyramid"]}
    return made


class Pyramids:
    """The pyramids of a few graphs over one list of genes; each is made when it is first asked for, and kept.

    Args:
        gene_ids: (n_genes,) the columns of X, in order.
        edges: The edges table of every graph, by its name.
        directed: Names of the graphs whose edges have a direction.
        controls: Names of the graphs that are controls of others.
    """

    def __init__(
        self,
        gene_ids: Sequence[str],
        edges: Mapping[str, pd.DataFrame],
        directed: Collection[str] = (),
        controls: Collection[str] = (),
    ) -> None:
        self._gene_ids = tuple(gene_ids)
        self._edges = edges
        self._directed = frozenset(directed)
        self._controls = frozenset(controls)
        self._made: dict[tuple[str, float | None, PyramidSpec], Pyramid] = {}

    def __call__(self, choice: PyramidChoice, pooled: int) -> Pyramid:
        """Return the pyramid of a choice.

        Args:
            choice: Which.
            pooled: Coarsenings that the network's pooling needs.

        Raises:
            InputError: If there is no such graph, its cutoff leaves no edge, or no component is large enough.
        """
        if choice.graph not in self._edges:
            there = ", ".join(self._edges) or "none"
            raise InputError(f"a setting asks for the graph {choice.graph!r}; the graphs at hand are {there}.")
        if choice.cutoff is not None and choice.graph in self._controls:
            raise InputError(
                f"a setting cuts the graph {choice.graph!r} at {choice.cutoff}; a control that is cut is none, for its "
                "degrees are no longer its original's: give the cutoff to the original graph's file."
            )
        spec = choice.spec(pooled, choice.graph in self._directed)
        key = (choice.graph, choice.cutoff, spec)
        if key not in self._made:
            edges = strong_edges(self._edges[choice.graph], choice.cutoff)
            self._made[key] = build_pyramid(edges, self._gene_ids, spec)
        return self._made[key]
