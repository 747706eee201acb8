"""The curation pipeline, once per dataset of the grid, with a split per task."""

from __future__ import annotations

from kedro.pipeline import Node, Pipeline

from l1000_bench import grid
from l1000_bench.pipelines.curation.nodes import curate, split

CURATION = [
    Node(
        curate,
        ["raw_profiles", "raw_samples", "annotations", "params:dataset", "params:corpus"],
        ["profiles", "samples", "audit"],
        name="curate",
    )
]

SPLIT = [Node(split, ["samples", "params:dataset", "params:task", "params:scheme"], "split", name="split")]


def create_pipeline() -> Pipeline:
    """Return the nodes of every dataset and benchmark, in the namespaces `curation.{dataset}[.{task}]`."""
    active = grid.active()
    datasets = [
        Pipeline(
            CURATION,
            inputs={name: f"{spec.corpus}.{name}" for name in ("raw_profiles", "raw_samples", "annotations")},
            outputs={name: f"{dataset}.{name}" for name in ("profiles", "samples", "audit")},
            parameters={
                "params:dataset": f"params:datasets.{dataset}",
                "params:corpus": f"params:corpora.{spec.corpus}",
            },
            namespace=f"curation.{dataset}",
            tags=["curation", dataset],
        )
        for dataset, spec in active.datasets.items()
    ]
    splits = [
        Pipeline(
            SPLIT,
            inputs={"samples": f"{dataset}.samples"},
            outputs={"split": f"{dataset}.{task}.split"},
            parameters={
                "params:dataset": f"params:datasets.{dataset}",
                "params:task": f"params:tasks.{task}",
                "params:scheme": f"params:splits.{active.task_specs[task].split}",
            },
            namespace=f"curation.{dataset}.{task}",
            tags=["curation", dataset, task],
        )
        for dataset, task in active.benchmarks
    ]
    return Pipeline([*datasets, *splits])
