"""The download pipeline, once per corpus and graph that the configuration says how to fetch."""

from __future__ import annotations

from kedro.pipeline import Node, Pipeline

from l1000_bench import grid
from l1000_bench.pipelines.download.nodes import download_corpus, download_graph

CORPUS = Node(download_corpus, "params:corpus", None, name="download_corpus")
GRAPH = Node(download_graph, "params:graph", None, name="download_graph")


def create_pipeline() -> Pipeline:
    """Return a node for everything that can be fetched, in the namespace `download.{name}`."""
    return Pipeline([_download(name, kind) for name, kind in grid.active().downloads.items()])


def _download(name: str, kind: str) -> Pipeline:
    node, parameter = (CORPUS, "params:corpus") if kind == "corpora" else (GRAPH, "params:graph")
    return Pipeline(
        [node],
        parameters={parameter: f"params:{kind}.{name}"},
        namespace=f"download.{name}",
        tags=["download", name],
    )
