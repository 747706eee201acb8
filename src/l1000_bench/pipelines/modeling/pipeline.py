"""The modeling pipeline, once per cell of the grid."""

from __future__ import annotations

from kedro.pipeline import Node, Pipeline

from l1000_bench import grid
from l1000_bench.pipelines.modeling.nodes import fit_model, try_settings

MODELING = [
    Node(
        try_settings,
        ["profiles", "samples", "split", "params:cell"],
        ["trials", "costs", "predictions"],
        name="try_settings",
    ),
    Node(fit_model, ["profiles", "samples", "trials", "params:cell"], "model", name="fit_model"),
]


def create_pipeline() -> Pipeline:
    """Return the nodes of every cell, in the namespace `{dataset}.{task}.{classifier}`."""
    return Pipeline(
        [
            Pipeline(
                MODELING,
                inputs={
                    "profiles": f"{cell.dataset}.profiles",
                    "samples": f"{cell.dataset}.samples",
                    "split": f"{cell.dataset}.{cell.task}.split",
                },
                parameters={"params:cell": f"params:cells.{cell}"},
                namespace=str(cell),
                tags=["modeling", *cell],
            )
            for cell in grid.active().cells
        ]
    )
