"""What Kedro-Viz shows of the last run: the seconds of every node, and rows, columns and bytes of what it saved.

Kedro-Viz has hooks for this, which `settings.py` switches off: they see nothing of a run in several processes, warn of
a run that is no whole one, and count the call of a node's function alone, while much of our work is done as its result
is saved. Here the process that runs a node keeps its statistics in a file, and the one that runs the pipeline gathers
them.
"""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from kedro.io import DataCatalog
from kedro.pipeline import Node, Pipeline
from kedro.utils import find_kedro_project
from kedro_viz.integrations.kedro.hooks_utils import (  # type: ignore[import-untyped]
    EVENTS_DIR,
    EVENTS_FILE,
    hash_node,
)

from l1000_bench.errors import InputError
from l1000_bench.io.atomic import replacing

STATISTICS_FILE, NODES_FOLDER = "stats.json", "nodes"

logger = logging.getLogger(__name__)


@dataclass
class NodeRun:
    """A node while it runs.

    Attributes:
        started: When it began to load, on the clock of `time.perf_counter`.
        saved: Rows and columns of every table that it has saved, None of what is no table.
    """

    started: float
    saved: dict[str, tuple[int, int] | None] = field(default_factory=dict)

    def add(self, dataset: str, data: Any) -> None:
        """Note what was saved."""
        self.saved[dataset] = data.shape if isinstance(data, pd.DataFrame) else None


def forget() -> None:
    """Remove what was kept of nodes of the run before."""
    shutil.rmtree(_folder() / NODES_FOLDER, ignore_errors=True)


def keep(node: str, statistics: Mapping[str, Any]) -> None:
    """Keep a node's statistics for `tell`: `seconds` and `saved` (see `NodeRun`), or its `error`."""
    with _harmless():
        _write(f"{NODES_FOLDER}/{node}.json", statistics)


def tell(pipeline: Pipeline, catalog: DataCatalog, started: datetime, error: str | None = None) -> None:
    """Write what was kept of a run's nodes in the two files that Kedro-Viz reads.

    Args:
        pipeline: All nodes of the run, those that were not reached too.
        catalog: Of the run.
        started: When the run began.
        error: What ended it, if it did not come to its end.
    """
    with _harmless():
        events: list[dict[str, Any]] = [{"event": "before_pipeline_run", "timestamp": started.isoformat()}]
        statistics: dict[str, dict[str, int]] = {}
        for node in pipeline.nodes:
            kept = _kept(node.name)
            events += _node_events(node, kept)
            for name, shape in kept.get("saved", {}).items():
                size = n_bytes(getattr(catalog[name], "filepath", None))
                statistics[name] = {**dict(zip(("rows", "columns"), shape or (), strict=False)), "file_size": size}
                events.append(
                    {"event": "after_dataset_saved", "dataset": name, "node_id": hash_node(name), "size": size}
                )
        end = {"event": "on_pipeline_error", "error": error} if error else {"event": "after_pipeline_run"}
        events.append(end | {"timestamp": datetime.now(UTC).isoformat()})
        _write(EVENTS_FILE, events)
        _write(STATISTICS_FILE, statistics)


def _node_events(node: Node, kept: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return how a node ended; nothing of one that was not reached."""
    named = {"node": node.name, "node_id": hash_node(node)}
    if "error" in kept:
        return [named | {"event": "on_node_error", "error": kept["error"]}]
    return [named | {"event": "after_node_run", "duration": kept["seconds"], "status": "success"}] if kept else []


def n_bytes(path: Path | None) -> int:
    """Return the bytes of a file, or of all files of a folder; 0 where there is none."""
    if path is None:
        return 0
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


def _kept(node: str) -> dict[str, Any]:
    path = _folder() / NODES_FOLDER / f"{node}.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def _write(name: str, content: Any) -> None:
    with replacing(_folder() / name) as temporary:
        temporary.write_text(json.dumps(content), encoding="utf-8")


def _folder() -> Path:
    """Return where Kedro-Viz looks, in the project that holds the working directory."""
    return Path(find_kedro_project(Path.cwd()) or Path.cwd(), EVENTS_DIR)


@contextmanager
def _harmless() -> Iterator[None]:
    """Say so where statistics cannot be written; no run fails for them."""
    try:
        yield
    except (OSError, InputError) as error:
        logger.warning("Kedro-Viz will not show this run's statistics: %s", error)
