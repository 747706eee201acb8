"""The evaluation pipeline: per benchmark, then over the whole grid."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
from kedro.pipeline import Node, Pipeline

from l1000_bench import grid
from l1000_bench.pipelines.evaluation.nodes import (
    PREFIX,
    describe_benchmark,
    make_report,
    score,
    stack,
    stack_graphs,
    summarise_costs,
    summarise_trials,
)
from l1000_bench.report.figures import accuracy_figure
from l1000_bench.report.tables import summarise_scores
from l1000_bench.statistics.tests import compare_classifiers

BENCHMARK_TABLES = ("scores", "comparisons", "class_counts", "table_one", "split_summary")
CELL_TABLES = ("trials", "costs")

# `all_scores` here is `grid.all_scores` in the catalog.
GRID_TABLES = (*BENCHMARK_TABLES, *CELL_TABLES, "audit", "settings", "cost_means")
REPORT = [
    Node(summarise_trials, "all_trials", "all_settings", name="summarise_trials"),
    Node(summarise_costs, "all_costs", "all_cost_means", name="summarise_costs"),
    Node(summarise_scores, "all_scores", "results", name="summarise_scores"),
    Node(accuracy_figure, ["all_scores", "params:names"], "accuracy_figure", name="draw_accuracies"),
]
SHOWN = {
    "evaluation": "params:evaluation",
    "run": "params:run",
    "table_one": "all_table_one",
    "class_counts": "all_class_counts",
    "audit": "all_audit",
    "splits": "all_split_summary",
    "scores": "all_scores",
    "comparisons": "all_comparisons",
    "settings": "all_settings",
    "costs": "all_cost_means",
}
GRAPH_TABLES = {"graphs": "graph_statistics", "coarsenings": "coarsenings"}


def create_pipeline() -> Pipeline:
    """Return the nodes of every benchmark and of the report, in namespaces under `evaluation`."""
    active = grid.active()
    benchmarks = [str(benchmark) for benchmark in active.benchmarks]
    cells = [str(cell) for cell in active.cells]
    named = [(BENCHMARK_TABLES, benchmarks), (CELL_TABLES, cells), (("audit",), list(active.datasets))]
    stacked = {table: names for tables, names in named for table in tables}
    graphs = GRAPH_TABLES if active.graphs else {}
    shown = SHOWN | {name: f"all_{table}" for name, table in graphs.items()}
    report = Pipeline(
        [
            *[_stack(stack, table, names) for table, names in stacked.items()],
            *[_stack(stack_graphs, table, list(active.graphs)) for table in graphs.values()],
            *REPORT,
            Node(make_report, shown, "report", name="make_report"),
        ],
        outputs={f"all_{table}": f"grid.all_{table}" for table in (*GRID_TABLES, *graphs.values())},
        parameters={"params:names": "params:run.names"},
        namespace="evaluation.report",
        prefix_datasets_with_namespace=False,
        tags="evaluation",
    )
    return Pipeline([*[_benchmark(benchmark, active) for benchmark in active.benchmarks], report])


def _benchmark(benchmark: grid.Benchmark, active: grid.Grid) -> Pipeline:
    dataset, task = benchmark
    predictions = {f"{PREFIX}{name}": f"predictions_{name}" for name in active.classifiers}
    nodes = [
        Node(
            score,
            {"split": "split", "samples": "samples", "task": "params:task", **predictions},
            "scores",
            name="score",
        ),
        Node(compare_classifiers, "scores", "comparisons", name="compare"),
        Node(
            describe_benchmark,
            ["samples", "profiles", "split", "params:task", "params:scheme"],
            ["class_counts", "table_one", "split_summary"],
            name="describe_benchmark",
        ),
    ]
    return Pipeline(
        nodes,
        inputs={
            "samples": f"{dataset}.samples",
            "profiles": f"{dataset}.profiles",
            "split": f"{benchmark}.split",
            **{f"predictions_{name}": f"{benchmark}.{name}.predictions" for name in active.classifiers},
        },
        outputs={table: f"{benchmark}.{table}" for table in BENCHMARK_TABLES},
        parameters={
            "params:task": f"params:tasks.{task}",
            "params:scheme": f"params:splits.{active.task_specs[task].split}",
        },
        namespace=f"evaluation.{benchmark}",
        tags=["evaluation", dataset, task],
    )


def _stack(function: Callable[..., pd.DataFrame], table: str, names: list[str]) -> Node:
    return Node(function, {name: f"{name}.{table}" for name in names}, f"all_{table}", name=f"stack_{table}")
