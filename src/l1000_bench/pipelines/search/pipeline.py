"""The search pipeline, once per cell that it covers; it runs by name only and makes the tables that modeling makes."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from kedro.pipeline import Node, Pipeline

from l1000_bench import grid
from l1000_bench.experiments import Benchmark
from l1000_bench.pipelines.neighbour_nodes import neighbour_nodes
from l1000_bench.pipelines.search.nodes import (
    OTHER,
    TRIALS,
    run_chosen,
    search_best_of_others,
    search_settings,
    tabulate,
)
from l1000_bench.search.cell_data import EDGES, NEIGHBOURS

OWN = {name: name for name in ("profiles", "samples", "split", "records")}
OWN |= {"cell": "params:cell", "search": "params:search"}


def create_pipeline() -> Pipeline:
    """Return the nodes of every cell, in the namespace `{dataset}.{task}.{classifier}`, and those that sum up."""
    active = grid.active()
    cells = active.searched_cells
    benchmarks = defaultdict(list)
    for cell in cells:
        benchmarks[cell.classifier].append(Benchmark(cell.dataset, cell.task))
    summary = Node(
        tabulate,
        {
            "names": "params:run.names",
            "classifiers": "params:classifiers",
            **{f"{TRIALS}{cell}": f"{cell}.trials" for cell in cells},
        },
        ["search_results", "best_settings", "known_settings"],
        name="tabulate",
        namespace="search_summary",
        tags="search",
    )
    # A setting of one benchmark may be tried on any other, so all of them have all metrics.
    metrics = {classifier: active.searched_metrics(classifier) for classifier in benchmarks}
    searched = [_cell(cell, metrics[cell.classifier], benchmarks[cell.classifier]) for cell in cells]
    sources = {cell: source for cell in active.cells if (source := active.source_of(cell)) in cells}
    chosen = [_chosen(cell, source, metrics[cell.classifier]) for cell, source in sources.items()]
    return Pipeline([*neighbour_nodes("search"), *searched, *chosen, summary])


def _cell(cell: grid.Cell, metrics: tuple[str, ...], benchmarks: list[Benchmark]) -> Pipeline:
    others = {f"{OTHER}{name}": f"searched_{number}" for number, name in enumerate(benchmarks)}
    given = _given(cell, metrics)
    own = benchmarks.index(Benchmark(cell.dataset, cell.task))
    made = {f"searched_{number}": f"{name}.{cell.classifier}.searched" for number, name in enumerate(benchmarks)}
    return Pipeline(
        [
            Node(search_settings, given, f"searched_{own}", name="search_settings"),
            Node(
                search_best_of_others,
                given | others,
                ["trials", "costs", "predictions"],
                name="search_best_of_others",
            ),
        ],
        inputs=_inputs(cell, metrics) | {name: stored for name, stored in made.items() if name != f"searched_{own}"},
        outputs={f"searched_{own}": made[f"searched_{own}"]},
        **_place(cell),
    )


def _chosen(cell: grid.Cell, source: grid.Cell, metrics: tuple[str, ...]) -> Pipeline:
    given = _given(cell, metrics) | {"source": "source"}
    return Pipeline(
        [Node(run_chosen, given, ["trials", "costs", "predictions"], name="run_chosen")],
        inputs=_inputs(cell, metrics) | {"source": f"{source}.trials"},
        **_place(cell),
    )


def _given(cell: grid.Cell, metrics: tuple[str, ...]) -> dict[str, str]:
    """Return what every node of a cell is given, with its name inside the namespace."""
    graphs = grid.active().classifiers[cell.classifier].searched_graphs
    edges = {f"{EDGES}{graph}": f"edges_{graph}" for graph in graphs}
    return OWN | edges | {f"{NEIGHBOURS}{metric}": f"neighbours_{metric}" for metric in metrics}


def _inputs(cell: grid.Cell, metrics: tuple[str, ...]) -> dict[str, str]:
    """Return what comes from other pipelines, with its name in the catalog."""
    return {
        "profiles": f"{cell.dataset}.profiles",
        "samples": f"{cell.dataset}.samples",
        "split": f"{cell.dataset}.{cell.task}.split",
        **{f"edges_{graph}": f"{graph}.edges" for graph in grid.active().classifiers[cell.classifier].searched_graphs},
        **{f"neighbours_{metric}": f"{cell.dataset}.neighbours.{metric}" for metric in metrics},
    }


def _place(cell: grid.Cell) -> dict[str, Any]:
    """Return the parameters, the namespace and the tags of a cell."""
    return {
        "parameters": {"params:cell": f"params:cells.{cell}", "params:search": "params:search"},
        "namespace": str(cell),
        "tags": ["search", *cell],
    }
