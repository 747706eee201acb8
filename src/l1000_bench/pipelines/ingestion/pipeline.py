"""The ingestion pipeline, once per corpus of the grid."""

from __future__ import annotations

from kedro.pipeline import Node, Pipeline

from l1000_bench import grid
from l1000_bench.io.corpus import COMPOUND_INFO, DESIGNS, HUB_ROLES, CorpusSpec
from l1000_bench.io.moa import annotate, annotate_by_compound_info, no_annotations
from l1000_bench.io.samples import matrix_genes
from l1000_bench.pipelines.ingestion.nodes import (
    describe_samples,
    make_synthetic_corpus,
    make_synthetic_subjects,
    stream_landmarks,
)

MAKERS = {"cell_lines": make_synthetic_corpus, "subjects": make_synthetic_subjects}
GENERATION = {
    design: Node(maker, "params:corpus", list(DESIGNS[design].roles), name=maker.__name__)
    for design, maker in MAKERS.items()
}
GENES = Node(matrix_genes, "gctx", "gene_info", name="take_genes_of_matrix")
STREAM = ["gctx", "gene_info", "raw_samples", "params:corpus"]
PROFILES = Node(stream_landmarks, STREAM, "raw_profiles", name="stream_landmarks")

HUB = Node(annotate, list(HUB_ROLES), "annotations", name="annotate")
COMPOUNDS = Node(annotate_by_compound_info, COMPOUND_INFO, "annotations", name="annotate")
NO_MOA = Node(no_annotations, "params:corpus", "annotations", name="annotate")


def _nodes(corpus: CorpusSpec) -> list[Node]:
    tables = ["gctx", "params:corpus", *corpus.sample_tables]
    return [
        *([GENERATION[corpus.design]] if corpus.design else []),
        *([] if "gene_info" in corpus.files else [GENES]),
        Node(describe_samples, tables, "raw_samples", name="describe_samples"),
        PROFILES,
        HUB if HUB_ROLES[0] in corpus.files else COMPOUNDS if COMPOUND_INFO in corpus.files else NO_MOA,
    ]


def create_pipeline() -> Pipeline:
    """Return the nodes of every corpus, in the namespace `ingestion.{corpus}`."""
    pipelines = []
    for name, spec in grid.active().corpora.items():
        template = Pipeline(_nodes(spec))
        datasets = {dataset: f"{name}.{dataset}" for dataset in template.datasets() if "params:" not in dataset}
        pipelines.append(
            Pipeline(
                template,
                inputs={dataset: datasets[dataset] for dataset in template.inputs() if dataset in datasets},
                outputs={dataset: datasets[dataset] for dataset in template.all_outputs()},
                parameters={"params:corpus": f"params:corpora.{name}"},
                namespace=f"ingestion.{name}",
                tags=["ingestion", name],
            )
        )
    return Pipeline(pipelines)
