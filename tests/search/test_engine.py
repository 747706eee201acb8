from __future__ import annotations

import subprocess
import threading
import time
from concurrent.futures import wait
from pathlib import Path
from typing import Any

import pytest
from planted import cell_data

from l1000_bench.search.cell_data import write_cell
from l1000_bench.search.child import Task
from l1000_bench.search.engine import LocalProcesses
from l1000_bench.search.records import LOST


@pytest.fixture
def endless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Task:
    """A task that ends with its process alone."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    data = cell_data(tmp_path)
    write_cell(data, tmp_path / "cell")
    setting = {"seconds": 600.0}
    return Task(str(tmp_path / "cell"), str(tmp_path / "records"), data.key(setting), setting, 0, 1)


def assert_closes(engine: LocalProcesses) -> None:
    closing = threading.Thread(target=engine.close, daemon=True)
    closing.start()
    closing.join(timeout=30)
    assert not closing.is_alive()
    assert all(one._process is None for one in engine._children)


def test_a_closed_engine_stops_what_is_running(endless: Task) -> None:
    engine = LocalProcesses(1)
    future = engine.submit(endless)
    while not engine._children or engine._children[0]._process is None:
        time.sleep(0.01)
    assert_closes(engine)
    assert wait([future], timeout=60).done
    assert str(future.result().error).startswith(LOST)


def test_an_engine_that_is_closed_while_a_process_starts_stops_it(
    endless: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    starting, start = threading.Event(), subprocess.Popen

    def start_slowly(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        starting.set()
        time.sleep(0.3)
        return start(*arguments, **options)

    monkeypatch.setattr(subprocess, "Popen", start_slowly)
    engine = LocalProcesses(1)
    future = engine.submit(endless)
    assert starting.wait(timeout=60)
    assert_closes(engine)
    assert str(future.result().error).startswith(LOST)


def test_an_engine_that_is_closed_at_once_starts_nothing(endless: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    engine, closed, run = LocalProcesses(1), threading.Event(), LocalProcesses._run

    def run_when_closed(self: LocalProcesses, task: Task) -> Any:
        closed.wait(timeout=60)
        return run(self, task)

    monkeypatch.setattr(LocalProcesses, "_run", run_when_closed)
    future = engine.submit(endless)
    threading.Timer(0.2, closed.set).start()
    assert_closes(engine)
    assert str(future.result().error).startswith(LOST)
