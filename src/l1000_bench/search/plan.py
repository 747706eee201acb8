"""Which probes a grid needs: one for all settings that cost the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from l1000_bench.graphs.rewire import random_graph, rewired
from l1000_bench.graphs.spec import GraphSpec
from l1000_bench.graphs.stand_in import stand_in_edges
from l1000_bench.search.cell import CellSpec
from l1000_bench.search.estimate import EstimateOptions, distinct_settings, probe_key
from l1000_bench.search.probe import Probe
from l1000_bench.search.workload import AtHand, Subsample


class Planned(NamedTuple):
    """A probe, the profiles that it measures with, and the number of their classes."""

    probe: Probe
    subsample: Subsample
    n_classes: int


@dataclass(frozen=True)
class Graphs:
    """The graphs to measure with.

    Attributes:
        entries: Every graph of the grid.
        made: The edges table of every graph that was made already.
        options: Size of a stand-in, and its seed.
    """

    entries: Mapping[str, GraphSpec]
    made: Mapping[str, pd.DataFrame]
    options: EstimateOptions

    def edges(self, name: str, gene_ids: Sequence[str]) -> pd.DataFrame:
        """Return a graph's edges, or a stand-in's, or a control made from a stand-in.

        Args:
            name: Of the graph.
            gene_ids: The genes that can be vertices.
        """
        if name in self.made:
            return self.made[name]
        spec = self.entries[name]
        if spec.of is None:
            size = self.options.graph
            return stand_in_edges(gene_ids, size["n_vertices"], size["n_edges"], self.options.seed)
        original = self.edges(spec.of, gene_ids)
        if spec.source == "rewired":
            return rewired(original, spec.seed, spec.directed)
        return random_graph(original, gene_ids, spec.seed, spec.directed)


def plan_probes(cells: Sequence[tuple[CellSpec, AtHand]], graphs: Graphs) -> dict[str, Planned]:
    """Plan a probe for every setting of the cells that costs otherwise than another's.

    Args:
        cells: Every cell with what is at hand of its benchmark.
        graphs: The graphs to measure with.

    Returns:
        The probes by their key (see `estimate.probe_key`), each on the benchmark with the most classes of those that
        share it, as for the one with the most profiles.
    """
    options = graphs.options
    edges: dict[tuple[str, tuple[str, ...]], pd.DataFrame] = {}
    planned: dict[str, Planned] = {}
    for cell, at_hand in sorted(cells, key=lambda pair: (-pair[1].size.n_classes, -pair[1].size.n_samples)):
        spec, subsample = cell.classifier_spec(), at_hand.subsample
        for setting in distinct_settings(cell):
            key = probe_key(spec, setting, at_hand.size.n_classes, options)
            if key in planned:
                continue
            named = (setting.get("pyramid") or {}).get("graph")
            if named and (named, subsample.gene_ids) not in edges:
                edges[named, subsample.gene_ids] = graphs.edges(named, subsample.gene_ids)
            table = edges[named, subsample.gene_ids].to_dict("list") if named else {}
            probe = Probe(
                classifier=cell.classifier,
                setting=setting,
                threads=cell.threads,
                gene_ids=list(subsample.gene_ids),
                edges={named: {str(name): column for name, column in table.items()}} if named else {},
                directed_graphs=cell.directed_graphs,
                sizes=[n for n in options.sizes_of(at_hand.size) if n <= len(subsample.codes)],
                n_samples=max(other.size.n_samples for _, other in cells),
                predicted=options.predicted,
                passes=options.passes,
                seconds=options.seconds,
            )
            planned[key] = Planned(probe, subsample, at_hand.size.n_classes)
    return planned
