"""The submission pipeline, for the benchmark that `--params` names; evaluation then ranks what was handed in."""

from __future__ import annotations

from kedro.pipeline import Node, Pipeline

from l1000_bench import grid
from l1000_bench.pipelines.submission.nodes import ask, submit

ASK = Node(ask, "params:submission", None, name="ask")
SUBMIT = Node(submit, ["params:submission", "params:task", "split", "samples", "scores"], "external", name="submit")


def create_pipeline() -> Pipeline:
    """Return the node of the benchmark, in the namespace `submission.{dataset}.{task}`."""
    submission = grid.active().submission
    if submission is None:
        return Pipeline([ASK], parameters={"params:submission"}, namespace="submission", tags="submission")
    dataset, task = submission.dataset, submission.task
    return Pipeline(
        [SUBMIT],
        inputs={
            "split": f"{dataset}.{task}.split",
            "samples": f"{dataset}.samples",
            "scores": f"{dataset}.{task}.scores_if_made",
        },
        outputs={"external": f"{dataset}.{task}.external"},
        parameters={"params:submission": "params:submission", "params:task": f"params:tasks.{task}"},
        namespace=f"submission.{dataset}.{task}",
        tags=["submission", dataset, task],
    )
