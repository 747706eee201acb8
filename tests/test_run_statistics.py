from __future__ import annotations

import importlib
import json
import logging
import sys
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from kedro.framework.hooks.manager import _create_hook_manager
from kedro.io import DataCatalog
from kedro.pipeline import Node, Pipeline
from kedro.runner import SequentialRunner
from kedro_viz.integrations.kedro.hooks_utils import hash_node  # type: ignore[import-untyped]

from l1000_bench import run_statistics
from l1000_bench.errors import InputError
from l1000_bench.hooks import ProjectHooks


def make(number: int) -> tuple[pd.DataFrame, str]:
    return pd.DataFrame({"a": range(number), "b": 0}), "text"


def refuse(text: str) -> str:
    raise InputError(f"{text} is refused.")


MAKE = Node(make, "number", ["table", "page"], name="make")
REFUSE = Node(refuse, "page", "nothing", name="refuse")
AFTER = Node(refuse, "nothing", "end", name="after")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a Kedro project, with the working directory below it."""
    (tmp_path / "pyproject.toml").write_text('[tool.kedro]\npackage_name = "x"\nproject_name = "x"\n')
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)  # which the hooks replace
    yield tmp_path


def catalog(folder: Path) -> DataCatalog:
    entries = {
        "table": {"type": "table_dataset.TableDataset", "filepath": str(folder / "table.parquet")},
        "page": {"type": "report_datasets.PageDataset", "filepath": str(folder / "page.md")},
    }
    found = DataCatalog.from_config(
        {name: entry | {"type": f"l1000_bench.datasets.{entry['type']}"} for name, entry in entries.items()}
    )
    found["number"] = 3
    return found


def run(pipeline: Pipeline, data: DataCatalog, hooks: ProjectHooks) -> None:
    manager = _create_hook_manager()
    manager.register(hooks)
    SequentialRunner().run(pipeline, data, hook_manager=manager)


def shown(folder: Path) -> tuple[Any, dict[str, Any]]:
    """What Kedro-Viz itself makes of the two files."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Kedro-Viz uses what FastAPI wants no longer used
        run_events = importlib.import_module("kedro_viz.api.rest.responses.run_events")
    events = json.loads((folder / ".viz" / "kedro_pipeline_events.json").read_text())
    statistics = json.loads((folder / ".viz" / "stats.json").read_text())
    return run_events.transform_events_to_structured_format(events), statistics


def test_kedro_viz_understands_a_run(project: Path) -> None:
    data, hooks, pipeline = catalog(project), ProjectHooks(), Pipeline([MAKE])
    run(pipeline, data, hooks)
    hooks.after_pipeline_run(pipeline, data)
    status, statistics = shown(project)
    sizes = {name: (project / name).stat().st_size for name in ("table.parquet", "page.md")}
    assert statistics == {
        "table": {"rows": 3, "columns": 2, "file_size": sizes["table.parquet"]},
        "page": {"file_size": sizes["page.md"]},
    }
    assert status.nodes[hash_node(MAKE)].status.value == "success"
    assert 0 < status.nodes[hash_node(MAKE)].duration <= status.pipeline.duration
    assert status.datasets[hash_node("page")].size == 4
    assert status.pipeline.status.value == "success"


def test_what_another_process_ran_counts(project: Path) -> None:
    data, pipeline = catalog(project), Pipeline([MAKE])
    run(pipeline, data, ProjectHooks())  # as a worker, whose hooks know nothing of the run
    run(pipeline, data, ProjectHooks())
    ProjectHooks().after_pipeline_run(pipeline, data)
    assert set(shown(project)[0].nodes) == {hash_node(MAKE)}


def test_a_run_that_failed_says_where_and_of_what(project: Path) -> None:
    data, hooks, pipeline = catalog(project), ProjectHooks(), Pipeline([MAKE, REFUSE, AFTER])
    with pytest.raises(InputError) as caught:
        run(pipeline, data, hooks)
    hooks.on_pipeline_error(caught.value, pipeline, data)
    status, statistics = shown(project)
    assert set(status.nodes) == {hash_node(MAKE), hash_node(REFUSE)}
    failed = status.nodes[hash_node(REFUSE)]
    assert (failed.status.value, failed.error.message) == ("failed", "text is refused.")
    assert (status.pipeline.status.value, status.pipeline.error.message) == ("failed", "text is refused.")
    assert set(statistics) == {"table", "page"}


def test_the_run_before_is_forgotten(project: Path) -> None:
    data, hooks = catalog(project), ProjectHooks()
    run(Pipeline([MAKE]), data, hooks)
    run_statistics.forget()
    run_statistics.tell(Pipeline([MAKE]), data, datetime.now(UTC))
    assert shown(project)[0].nodes == {}


def test_a_worker_that_runs_a_node_again_counts_from_its_new_start(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = iter([0.0, 5.0, 100.0, 101.5])
    monkeypatch.setattr("time.perf_counter", lambda: next(seconds))
    hooks = ProjectHooks()
    for expected in (5.0, 1.5):
        hooks.before_dataset_loaded("number", MAKE)
        for name, made in zip(MAKE.outputs, make(3), strict=True):
            hooks.after_dataset_saved(name, made, MAKE)
        kept = json.loads((project / ".viz" / "nodes" / "make.json").read_text())
        assert kept == {"seconds": expected, "saved": {"table": [3, 2], "page": None}}


def test_a_folder_counts_with_all_that_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "a").write_bytes(b"12345")
    (tmp_path / "deep" / "b").write_bytes(b"123")
    assert [run_statistics.n_bytes(path) for path in (tmp_path, tmp_path / "a", tmp_path / "none", None)] == [
        8,
        5,
        0,
        0,
    ]


def test_no_run_fails_for_its_statistics(project: Path, caplog: pytest.LogCaptureFixture) -> None:
    (project / ".viz").write_text("a file where the folder should be")
    data, hooks, pipeline = catalog(project), ProjectHooks(), Pipeline([MAKE])
    with caplog.at_level(logging.WARNING, "l1000_bench"):
        run(pipeline, data, hooks)
        hooks.after_pipeline_run(pipeline, data)
    assert caplog.text.count("Kedro-Viz will not show this run's statistics") == 2
    assert data.load("page") == "text"
