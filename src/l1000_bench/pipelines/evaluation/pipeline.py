"""The evaluation pipeline: per benchmark, then over the whole grid."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import pandas as pd
from kedro.pipeline import Node, Pipeline

from l1000_bench import grid
from l1000_bench.experiments import Benchmark
from l1000_bench.pipelines.evaluation.benchmark_nodes import PREFIX, break_down, compare, describe_benchmark, score
from l1000_bench.pipelines.evaluation.nodes import (
    PICTURE,
    compare_levels,
    hash_data,
    make_report,
    rank,
    stack,
    stack_graphs,
    summarise_costs,
    summarise_trials,
)
from l1000_bench.report.figures import accuracy_figure
from l1000_bench.report.tables import summarise_scores

BENCHMARK_TABLES = (
    "scores", "reliability", "class_scores", "confusions", "breakdowns", "comparisons", "intervals", "class_counts",
    "table_one", "split_summary",
)  # fmt: skip
CELL_TABLES = ("trials", "costs")
BENCHMARK = [
    Node(break_down, ["pooled", "samples"], ["class_scores", "confusions", "breakdowns"], name="break_down"),
    Node(
        compare,
        ["scores", "pooled", "samples", "split", "params:dataset", "params:evaluation"],
        ["comparisons", "intervals"],
        name="compare",
    ),
    Node(
        describe_benchmark,
        ["samples", "profiles", "split", "params:dataset", "params:task", "params:scheme"],
        ["class_counts", "table_one", "split_summary"],
        name="describe_benchmark",
    ),
]
SCORED = {name: name for name in ("split", "samples", "external")} | {
    "dataset": "params:dataset",
    "task": "params:task",
}

# `all_scores` here is `grid.all_scores` in the catalog.
GRID_TABLES = (*BENCHMARK_TABLES, *CELL_TABLES, "audit", "settings", "cost_means", "ranks", "between", "hashes")
REPORT = [
    Node(summarise_trials, "all_trials", "all_settings", name="summarise_trials"),
    Node(summarise_costs, ["all_costs", "all_settings"], "all_cost_means", name="summarise_costs"),
    Node(rank, ["all_scores", "params:evaluation"], "all_ranks", name="rank"),
    Node(summarise_scores, "all_scores", "results", name="summarise_scores"),
    Node(accuracy_figure, ["all_scores", "params:names"], "accuracy_figure", name="draw_accuracies"),
]
SHOWN = {"evaluation": "params:evaluation", "run": "params:run", "layout": "params:paper_tables"} | {
    "splits": "all_split_summary",
    "costs": "all_cost_means",
    **{
        table: f"all_{table}"
        for table in (
            "table_one", "class_counts", "audit", "scores", "comparisons", "settings", "intervals", "class_scores",
            "confusions", "reliability", "breakdowns", "trials", "ranks", "between", "hashes",
        )
    },
}  # fmt: skip
GRAPH_TABLES = {"graphs": "graph_statistics", "coarsenings": "coarsenings"}


def create_pipeline() -> Pipeline:
    """Return the nodes of every benchmark and of the report, in namespaces under `evaluation`."""
    active = grid.active()
    benchmarks = [str(benchmark) for benchmark in active.benchmarks]
    cells = [str(cell) for cell in active.cells]
    named = [(BENCHMARK_TABLES, benchmarks), (CELL_TABLES, cells), (("audit",), list(active.datasets))]
    stacked = {table: names for tables, names in named for table in tables}
    graphs = GRAPH_TABLES if active.graphs else {}
    pictures = {f"{PICTURE}{graph}": f"{graph}.picture" for graph in active.graphs}
    shown = SHOWN | {name: f"all_{table}" for name, table in graphs.items()} | pictures
    data = {f"{kind}:{name}": f"{name}.{kind}" for name in active.datasets for kind in ("profiles", "samples")}
    report = Pipeline(
        [
            *[_stack(stack, table, names) for table, names in stacked.items()],
            *[_stack(stack_graphs, table, list(active.graphs)) for table in graphs.values()],
            Node(
                compare_levels, {"scores": "all_scores", **_level_pairs(active)}, "all_between", name="compare_levels"
            ),
            Node(hash_data, {"splits": "all_split_summary", **data}, "all_hashes", name="hash_data"),
            *REPORT,
            Node(make_report, shown, ["report", "paper_table_files"], name="make_report"),
        ],
        outputs={f"all_{table}": f"grid.all_{table}" for table in (*GRID_TABLES, *graphs.values())},
        parameters={"params:names": "params:run.names"},
        namespace="evaluation.report",
        prefix_datasets_with_namespace=False,
        tags="evaluation",
    )
    return Pipeline([*[_benchmark(benchmark, active) for benchmark in active.benchmarks], report])


def _level_pairs(active: grid.Grid) -> dict[str, str]:
    """Return the inputs of `compare_levels`: of datasets that view one corpus at different levels, per shared task."""
    levels = {name: spec.level_of(active.corpora[spec.corpus].level) for name, spec in active.datasets.items()}
    inputs = {}
    for low, high in permutations(active.datasets, 2):
        if active.datasets[low].corpus != active.datasets[high].corpus or levels[low] >= levels[high]:
            continue
        for task in (task for task in active.tasks[low] if task in active.tasks[high]):
            for end, dataset in (("low", low), ("high", high)):
                inputs[f"samples_{end}:{low}.{high}.{task}"] = f"{dataset}.samples"
                inputs[f"split_{end}:{low}.{high}.{task}"] = f"{dataset}.{task}.split"
    return inputs


def _benchmark(benchmark: Benchmark, active: grid.Grid) -> Pipeline:
    dataset, task = benchmark
    classifiers = active.chosen[benchmark]
    predictions = {f"{PREFIX}{name}": f"predictions_{name}" for name in classifiers}
    scores = Node(score, SCORED | predictions, ["scores", "reliability", "pooled"], name="score")
    return Pipeline(
        [scores, *BENCHMARK],
        inputs={
            "samples": f"{dataset}.samples",
            "profiles": f"{dataset}.profiles",
            "split": f"{benchmark}.split",
            "external": f"{benchmark}.external",
            **{f"predictions_{name}": f"{benchmark}.{name}.predictions" for name in classifiers},
        },
        outputs={table: f"{benchmark}.{table}" for table in (*BENCHMARK_TABLES, "pooled")},
        parameters={
            "params:evaluation": "params:evaluation",
            "params:dataset": f"params:datasets.{dataset}",
            "params:task": f"params:tasks.{task}",
            "params:scheme": f"params:splits.{active.task_specs[task].split}",
        },
        namespace=f"evaluation.{benchmark}",
        tags=["evaluation", dataset, task],
    )


def _stack(function: Callable[..., pd.DataFrame], table: str, names: list[str]) -> Node:
    return Node(function, {name: f"{name}.{table}" for name in names}, f"all_{table}", name=f"stack_{table}")
