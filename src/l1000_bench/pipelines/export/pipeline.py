"""The export pipeline, once per benchmark; it runs by name only."""

from __future__ import annotations

from kedro.pipeline import Node, Pipeline

from l1000_bench import grid
from l1000_bench.experiments import Benchmark
from l1000_bench.pipelines.export.nodes import export

DATA = {name: name for name in ("profiles", "samples", "split", "gene_info")}
ENTRIES = {name: f"params:{name}" for name in ("dataset", "task", "scheme", "corpus", "environment")}
EXPORT = Node(export, DATA | ENTRIES, "export", name="export")


def create_pipeline() -> Pipeline:
    """Return the node of every benchmark, in the namespace `export.{dataset}.{task}`."""
    return Pipeline([_benchmark(benchmark, grid.active()) for benchmark in grid.active().benchmarks])


def _benchmark(benchmark: Benchmark, active: grid.Grid) -> Pipeline:
    dataset, task = benchmark
    corpus = active.datasets[dataset].corpus
    return Pipeline(
        [EXPORT],
        inputs={
            "profiles": f"{dataset}.profiles",
            "samples": f"{dataset}.samples",
            "split": f"{benchmark}.split",
            "gene_info": f"{corpus}.gene_info",
        },
        outputs={"export": f"{benchmark}.export"},
        parameters={
            "params:dataset": f"params:datasets.{dataset}",
            "params:task": f"params:tasks.{task}",
            "params:scheme": f"params:splits.{active.task_specs[task].split}",
            "params:corpus": f"params:corpora.{corpus}",
            "params:environment": "params:run.environment",
        },
        namespace=f"export.{benchmark}",
        tags=["export", dataset, task],
    )
