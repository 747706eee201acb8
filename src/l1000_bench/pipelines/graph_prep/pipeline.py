"""The graph_prep pipeline, once per graph of genes that the grid uses, and per graph of profiles."""

from __future__ import annotations

from kedro.pipeline import Node, Pipeline

from l1000_bench import grid
from l1000_bench.graphs.spec import CONTROLS, GraphSpec
from l1000_bench.pipelines.graph_prep.nodes import (
    coarsen,
    describe_graph,
    link_by_correlation,
    link_from_corpus,
    link_from_file,
    make_control,
)
from l1000_bench.pipelines.neighbour_nodes import neighbour_nodes

FILE = Node(link_from_file, ["links", "gene_info", "params:graph"], "edges", name="link_from_file")
CORPUS = Node(link_from_corpus, ["regulatory_edges", "gene_info", "params:graph"], "edges", name="link_from_corpus")
CONTROL = Node(make_control, ["original", "gene_info", "params:graph"], "edges", name="make_control")
GRAPH = [
    Node(coarsen, ["edges", "gene_info", "params:graph"], "pyramid", name="coarsen"),
    Node(
        describe_graph,
        ["edges", "gene_info", "params:graph"],
        ["graph_statistics", "coarsenings", "picture"],
        name="describe_graph",
    ),
]
MADE = ("edges", "pyramid", "graph_statistics", "coarsenings", "picture")


def create_pipeline() -> Pipeline:
    """Return the nodes of every graph and every dataset, in the namespaces `graph_prep.{graph or dataset}`."""
    graphs = [_graph(spec) for spec in grid.active().graphs.values()]
    return Pipeline([*graphs, *neighbour_nodes("graph_prep")])


def _graph(spec: GraphSpec) -> Pipeline:
    source, inputs = _source(spec)
    return Pipeline(
        [source, *GRAPH],
        inputs={"gene_info": f"{spec.corpus}.gene_info", **inputs},
        outputs={name: f"{spec.name}.{name}" for name in MADE},
        parameters={"params:graph": f"params:graphs.{spec.name}"},
        namespace=f"graph_prep.{spec.name}",
        tags=["graph_prep", spec.name],
    )


def _source(spec: GraphSpec) -> tuple[Node, dict[str, str]]:
    """Return the node that makes the edges, and what its inputs are called in the catalog."""
    if spec.source in CONTROLS:
        return CONTROL, {"original": f"{spec.of}.edges"}
    if spec.source == "corpus":
        return CORPUS, {"regulatory_edges": f"{spec.corpus}.regulatory_edges"}
    if spec.source != "correlation":
        return FILE, {"links": f"{spec.name}.links"}
    active = grid.active().datasets.items()
    samples = {f"samples_{name}": f"{name}.samples" for name, dataset in active if dataset.corpus == spec.corpus}
    raw = {name: f"{spec.corpus}.{name}" for name in ("raw_profiles", "raw_samples")}
    inputs = {name: name for name in (*raw, *samples)} | {"graph": "params:graph"}
    return Node(link_by_correlation, inputs, "edges", name="link_by_correlation"), raw | samples
