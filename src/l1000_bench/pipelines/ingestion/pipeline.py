"""The ingestion pipeline, once per corpus of the grid."""

from __future__ import annotations

from kedro.pipeline import Node, Pipeline

from l1000_bench import grid
from l1000_bench.io.corpus import FILE_ROLES
from l1000_bench.io.moa import annotate
from l1000_bench.pipelines.ingestion.nodes import describe_samples, make_synthetic_corpus, stream_landmarks

MADE = [*FILE_ROLES, "regulatory_edges"]

GENERATION = [Node(make_synthetic_corpus, "params:corpus", MADE, name="make_synthetic_corpus")]

INGESTION = [
    Node(describe_samples, ["gctx", "inst_info", "pert_info", "cell_info"], "raw_samples", name="describe_samples"),
    Node(stream_landmarks, ["gctx", "gene_info", "raw_samples"], "raw_profiles", name="stream_landmarks"),
    Node(annotate, ["repurposing_drugs", "repurposing_samples"], "annotations", name="annotate"),
]


def create_pipeline() -> Pipeline:
    """Return the nodes of every corpus, in the namespace `ingestion.{corpus}`."""
    pipelines = []
    for name, spec in grid.active().corpora.items():
        template = Pipeline([*GENERATION, *INGESTION] if spec.generator else INGESTION)
        datasets = {dataset: f"{name}.{dataset}" for dataset in template.datasets() if "params:" not in dataset}
        pipelines.append(
            Pipeline(
                template,
                inputs={dataset: datasets[dataset] for dataset in template.inputs() if dataset in datasets},
                outputs={dataset: datasets[dataset] for dataset in template.all_outputs()},
                parameters={"params:corpus": f"params:corpora.{name}"} if spec.generator else {},
                namespace=f"ingestion.{name}",
                tags=["ingestion", name],
            )
        )
    return Pipeline(pipelines)
