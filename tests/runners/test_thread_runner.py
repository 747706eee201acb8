from __future__ import annotations

from conftest import Project


def test_kedros_runner_of_threads_is_refused_before_anything_else(project: Project) -> None:
    assert project.refusal("--pipelines=modeling", "--runner=ThreadRunner") == (
        "ThreadRunner runs nodes beside one another in one Python, whose numerical libraries have one number of "
        "threads, on which results depend; take SequentialRunner (the default), ParallelRunner or "
        "l1000_bench.runners.DaskRunner."
    )
