"""The estimate pipeline; it runs by name only and needs no data, but measures with what the others have made."""

from __future__ import annotations

from kedro.pipeline import Node, Pipeline

from l1000_bench import grid
from l1000_bench.experiments import Benchmark
from l1000_bench.pipelines.estimate.nodes import BENCHMARK, CELL, EDGES, GRAPH, estimate_cells, gather, propose

PROPOSE = {"run": "params:run", "estimates": "estimates"}


def create_pipeline() -> Pipeline:
    """Return the nodes of every benchmark and of the whole grid, in the namespace `estimate`."""
    active = grid.active()
    benchmarks = active.benchmarks
    cells = {f"{CELL}{cell}": f"params:cell_{number}" for number, cell in enumerate(active.cells)}
    graphs = {f"{GRAPH}{name}": f"params:graph_{name}" for name in active.graphs}
    edges = {f"{EDGES}{name}": f"edges_{name}" for name in active.graphs}
    at_hand = {f"{BENCHMARK}{b}": f"benchmark_{number}" for number, b in enumerate(benchmarks)}
    options = {"estimate": "params:estimate"}
    return Pipeline(
        [
            *[_gather(number, benchmark, options | edges) for number, benchmark in enumerate(benchmarks)],
            Node(estimate_cells, options | cells | graphs | edges | at_hand, "estimates", name="estimate_cells"),
            Node(
                propose,
                options | cells | PROPOSE,
                "first_selection",
                name="propose",
            ),
        ],
        inputs={
            f"{made}_{name}": f"{name}.{made}_if_made"
            for made, names in (("profiles", active.datasets), ("samples", active.datasets), ("edges", active.graphs))
            for name in names
        }
        | {f"split_{number}": f"{benchmark}.split_if_made" for number, benchmark in enumerate(benchmarks)},
        parameters={
            **{f"params:cell_{number}": f"params:cells.{cell}" for number, cell in enumerate(active.cells)},
            **{f"params:graph_{name}": f"params:graphs.{name}" for name in active.graphs},
            **{
                f"params:scheme_{number}": f"params:splits.{active.task_specs[task].split}"
                for number, (_, task) in enumerate(benchmarks)
            },
            **{f"params:dataset_{name}": f"params:datasets.{name}" for name in active.datasets},
            "params:paper": "params:evaluation.paper",
        },
        namespace="estimate",
        prefix_datasets_with_namespace=False,
        tags="estimate",
    )


def _gather(number: int, benchmark: Benchmark, inputs: dict[str, str]) -> Node:
    first = next(n for n, cell in enumerate(grid.active().cells) if cell[:2] == benchmark)
    own = {
        "cell": f"params:cell_{first}",
        "dataset": f"params:dataset_{benchmark.dataset}",
        "scheme": f"params:scheme_{number}",
        "split": f"split_{number}",
        "paper": "params:paper",
        "profiles": f"profiles_{benchmark.dataset}",
        "samples": f"samples_{benchmark.dataset}",
    }
    return Node(gather, inputs | own, f"benchmark_{number}", name=f"gather_{benchmark.dataset}_{benchmark.task}")
