"""The modeling pipeline, once per cell of the grid."""

from __future__ import annotations

from kedro.pipeline import Node, Pipeline

from l1000_bench import grid
from l1000_bench.pipelines.modeling.nodes import PREFIX, fit_model, try_settings

TRY = {"profiles": "profiles", "samples": "samples", "split": "split", "cell": "params:cell"}
FIT = {"profiles": "profiles", "samples": "samples", "trials": "trials", "cell": "params:cell"}


def create_pipeline() -> Pipeline:
    """Return the nodes of every cell, in the namespace `{dataset}.{task}.{classifier}`."""
    return Pipeline([_cell(cell, grid.active().classifiers[cell.classifier].graphs) for cell in grid.active().cells])


def _cell(cell: grid.Cell, graphs: tuple[str, ...]) -> Pipeline:
    edges = {f"{PREFIX}{graph}": f"edges_{graph}" for graph in graphs}
    return Pipeline(
        [
            Node(try_settings, TRY | edges, ["trials", "costs", "predictions"], name="try_settings"),
            Node(fit_model, FIT | edges, "model", name="fit_model"),
        ],
        inputs={
            "profiles": f"{cell.dataset}.profiles",
            "samples": f"{cell.dataset}.samples",
            "split": f"{cell.dataset}.{cell.task}.split",
            **{f"edges_{graph}": f"{graph}.edges" for graph in graphs},
        },
        parameters={"params:cell": f"params:cells.{cell}"},
        namespace=str(cell),
        tags=["modeling", *cell],
    )
