"""The modeling pipeline, once per cell of the grid."""

from __future__ import annotations

from kedro.pipeline import Node, Pipeline

from l1000_bench import grid
from l1000_bench.pipelines.modeling.nodes import fit_model, try_chosen, try_settings
from l1000_bench.search.cell_data import EDGES, NEIGHBOURS

TRY = {name: name for name in ("profiles", "samples", "split", "records")} | {"cell": "params:cell"}
FIT = {name: name for name in ("profiles", "samples", "split", "trials")} | {"cell": "params:cell"}


def create_pipeline() -> Pipeline:
    """Return the nodes of every cell, in the namespace `{dataset}.{task}.{classifier}`."""
    return Pipeline([_cell(cell) for cell in grid.active().cells])


def _cell(cell: grid.Cell) -> Pipeline:
    spec = grid.active().classifiers[cell.classifier]
    edges = {f"{EDGES}{graph}": f"edges_{graph}" for graph in spec.graphs}
    metrics = grid.active().metrics(cell)
    neighbours = {f"{NEIGHBOURS}{metric}": f"neighbours_{metric}" for metric in metrics}
    source = grid.active().source_of(cell)
    taken, function = ({"source": "source"}, try_chosen) if source else ({}, try_settings)
    given = TRY | edges | neighbours | taken
    return Pipeline(
        [
            Node(function, given, ["trials", "costs", "predictions"], name=function.__name__),
            Node(fit_model, FIT | edges, "model", name="fit_model", tags="fit_model"),
        ],
        inputs={
            "profiles": f"{cell.dataset}.profiles",
            "samples": f"{cell.dataset}.samples",
            "split": f"{cell.dataset}.{cell.task}.split",
            **{f"edges_{graph}": f"{graph}.edges" for graph in spec.graphs},
            **{f"neighbours_{metric}": f"{cell.dataset}.neighbours.{metric}" for metric in metrics},
            **({"source": f"{source}.trials"} if source else {}),
        },
        parameters={"params:cell": f"params:cells.{cell}"},
        namespace=str(cell),
        tags=["modeling", *cell],
    )
