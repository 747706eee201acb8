from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import psutil
import pytest
from planted import CODES, FOLDS, K, cell_data

from l1000_bench.search.cell_data import CellData, open_cell, write_cell
from l1000_bench.search.child import Child, Task
from l1000_bench.search.engine import LocalProcesses
from l1000_bench.search.outcome import Outcome
from l1000_bench.search.records import LOST, MEMORY, TIME, Record, RecordStore
from l1000_bench.search.schedule import Rules
from l1000_bench.search.trials import Budget, Trials

PLANTED = str(Path(__file__).parent)


@pytest.fixture(autouse=True)
def planted_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", PLANTED)


@pytest.fixture(scope="module")
def two_processes() -> Iterator[LocalProcesses]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", PLANTED)
        engine = LocalProcesses(2)
        yield engine
        engine.close()


@pytest.fixture
def child() -> Iterator[Child]:
    child = Child()
    yield child
    child.kill()


def task(folder: Path, setting: Mapping[str, Any], rotation: int = 0, **limits: float) -> Task:
    data = cell_data(folder)
    if not (folder / "cell").exists():
        write_cell(data, folder / "cell")
    return Task(str(folder / "cell"), str(folder / "records"), data.key(setting), setting, rotation, 1, **limits)


def stored(folder: Path, task: Task) -> Record | None:
    return RecordStore(folder / "records").read(task.key, task.rotation)


def run(folder: Path, settings: list[dict[str, Any]], engine: LocalProcesses, rules: Rules | None = None) -> Outcome:
    budget = Budget(rules or Rules())
    return Trials(cell_data(folder), settings, RecordStore(folder / "records"), budget).run(engine)


def kept(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_ino for path in (folder / "records").glob("[!.]*.json")}


def test_a_cell_comes_back_from_its_files(tmp_path: Path) -> None:
    data = cell_data(tmp_path, params={"dev": 0.5}, preprocess=["standardize"])
    edges = pd.DataFrame({"gene_a": ["0"], "gene_b": ["1"], "weight": [0.1]})
    data = CellData(**{**vars(data), "edges": {"links": edges}})
    write_cell(data, tmp_path / "cell")
    back = open_cell(tmp_path / "cell")
    assert back.cell == data.cell
    assert back.digest == data.digest
    assert back.key({"pyramid": {"graph": "links"}}) == data.key({"pyramid": {"graph": "links"}})
    assert back.key({"pyramid": {"graph": "links"}}) != back.key({"pyramid": {"graph": "other"}})
    assert back.benchmark.sample_ids.tolist() == data.benchmark.sample_ids.tolist()
    assert back.benchmark.profiles.tolist() == data.benchmark.profiles.tolist()
    assert not back.benchmark.profiles.flags.writeable


def test_a_process_gives_what_this_one_gives(tmp_path: Path, child: Child) -> None:
    asked = task(tmp_path, {"dev": 0.5, "test": 1.0})
    record = child.run(asked)
    assert record.error is None
    assert record.scores["dev_accuracy"] == 0.5
    assert record.scores["test_accuracy"] == 1.0
    assert record == stored(tmp_path, asked)
    assert RecordStore(tmp_path / "records").predictions(asked.key, 0) is not None
    assert 10 < record.peak_rss_mib < 10_000


def test_a_failure_is_an_answer(tmp_path: Path, child: Child) -> None:
    failing = task(tmp_path, {"fails_in": [0]})
    assert child.run(failing).error == "RuntimeError: broken in rotation 0"
    assert child.run(task(tmp_path, {})).error is None


def test_a_task_that_takes_too_long_is_stopped_and_the_next_one_is_run(tmp_path: Path, child: Child) -> None:
    slow = task(tmp_path, {"seconds": 60.0}, seconds=0.5, trial_seconds=20.0)
    record = child.run(slow)
    assert record.error == f"{TIME}: the trial took more than the 0.5 s that were left to it"
    assert record.limit == 20.0
    assert stored(tmp_path, slow) == record
    assert child.run(task(tmp_path, {}, seconds=30.0)).error is None


def test_both_lines_of_an_answer_may_be_there_before_it_is_looked_for(
    tmp_path: Path, child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, send = task(tmp_path, {}, seconds=5.0, trial_seconds=5.0), Child._send

    def send_and_sleep(process: subprocess.Popen[bytes], message: Mapping[str, Any]) -> None:
        send(process, message)
        while stored(tmp_path, asked) is None:
            time.sleep(0.01)
        time.sleep(0.2)

    monkeypatch.setattr(Child, "_send", staticmethod(send_and_sleep))
    record = child.run(asked)
    assert record.error is None
    assert stored(tmp_path, asked) == record


def test_a_task_that_holds_too_much_is_stopped(tmp_path: Path, child: Child) -> None:
    hungry = task(tmp_path, {"mib": 900, "seconds": 60.0}, memory_mib=700.0)
    record = child.run(hungry)
    assert record.error == f"{MEMORY}: the process held more than 700 MiB for itself"
    assert record.peak_rss_mib > 700
    assert stored(tmp_path, hungry) == record
    assert child.run(task(tmp_path, {"seconds": 0.5}, memory_mib=700.0)).error is None


def test_a_task_whose_process_was_killed_is_run_again(tmp_path: Path, child: Child) -> None:
    killer = task(tmp_path, {"kills_once": str(tmp_path / "killed")}, rotation=1)
    assert child.run(killer).error is None
    assert (tmp_path / "killed").exists()


def test_a_task_whose_process_is_lost_every_time_is_an_error_that_is_not_kept(tmp_path: Path, child: Child) -> None:
    asked = task(tmp_path, {})
    (tmp_path / "cell" / "cell.json").write_text("{}")
    record = child.run(asked)
    assert record.error is not None
    assert record.error.startswith(f"{LOST}: the process that ran it ended twice without an answer; the last time it")
    assert "KeyError: 'cell'" in record.error
    assert stored(tmp_path, asked) is None


def test_another_number_of_threads_is_another_process(tmp_path: Path, child: Child) -> None:
    asked = task(tmp_path, {})
    child.run(asked)
    first = child._process
    child.run(task(tmp_path, {"dev": 0.5}))
    assert child._process is first
    child.run(Task(**{**vars(asked), "threads": 2}))
    assert child._process is not first


def test_a_process_ends_with_the_one_that_started_it(tmp_path: Path) -> None:
    script = (
        "import sys, json; from l1000_bench.search.child import Child, Task; child = Child(); "
        "task = Task(**json.load(sys.stdin)); child._send(child._started(1), vars(task)); "
        "child._answer(child._process, None, None); print(child._process.pid, flush=True); "
        "child._answer(child._process, None, None)"
    )
    asked = task(tmp_path, {"seconds": 600.0})
    parent = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert parent.stdin is not None
    assert parent.stdout is not None
    with parent.stdin, parent.stdout:
        parent.stdin.write(json.dumps(vars(asked)))
        parent.stdin.close()
        grandchild = psutil.Process(int(parent.stdout.readline()))
        assert grandchild.is_running()
        parent.kill()
        parent.wait()
        psutil.wait_procs([grandchild], timeout=60)
    assert not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE


# Many


def test_two_processes_give_the_tables_of_one(tmp_path: Path, two_processes: LocalProcesses) -> None:
    settings: list[dict[str, Any]] = [{"dev": 1.0, "test": test} for test in (0.1, 0.2, 0.3, 0.4, 0.5)]
    settings += [
        {"dev": 0.5}, {"dev": 1.0, "fails_in": [0]}, {"dev": 1.0, "fails_in": [3]}, {"dev": 1.0, "test": 0.9}
    ]  # fmt: skip
    rules = Rules(early_stop=True)
    many = run(tmp_path / "two", settings, two_processes, rules)
    alone = Trials(cell_data(tmp_path / "one"), settings, RecordStore(tmp_path / "one/records"), Budget(rules)).run()
    for table, other in ((many.trials, alone.trials), (many.predictions, alone.predictions)):
        pd.testing.assert_frame_equal(table, other, check_exact=True)
    assert many.trials["error"].notna().any()


def test_a_trial_beyond_its_seconds_is_a_row_and_not_the_end(tmp_path: Path, two_processes: LocalProcesses) -> None:
    settings = [{"seconds": 30.0}, {"dev": 0.5}]
    outcome = run(tmp_path, settings, two_processes, Rules(trial_seconds=3.0))
    slow = outcome.trials.iloc[:K]
    assert slow["error"].str.startswith(TIME).all()
    assert outcome.trials.iloc[K:]["error"].isna().all()
    before = kept(tmp_path)
    again = run(tmp_path, settings, two_processes, Rules(trial_seconds=3.0))
    assert kept(tmp_path) == before
    assert again.trials["error"].iloc[K:].isna().all()


def test_more_seconds_run_what_had_too_few(tmp_path: Path, two_processes: LocalProcesses) -> None:
    settings = [{"seconds": 0.4}]
    short = run(tmp_path, settings, two_processes, Rules(trial_seconds=0.3))
    assert short.trials["error"].notna().any()
    enough = run(tmp_path, settings, two_processes, Rules(trial_seconds=60.0))
    assert enough.trials["error"].isna().all()


def test_killed_processes_change_no_table(tmp_path: Path, two_processes: LocalProcesses) -> None:
    settings = [{"kills_once": str(tmp_path / name)} for name in "ab"] + [{"dev": 0.5}]
    outcome = run(tmp_path / "cell", settings, two_processes)
    assert outcome.trials["error"].isna().all()
    assert {path.name for path in tmp_path.iterdir()} == {"a", "b", "cell"}


def test_a_search_that_is_killed_is_gone_on_with(tmp_path: Path) -> None:
    """The main process is killed in the middle; the next run repeats no rotation that has ended."""
    settings: list[dict[str, Any]] = [{"dev": dev / 10, "seconds": 0.15} for dev in range(6)]
    script = (
        "import json, sys; from pathlib import Path; from planted import cell_data; "
        "from l1000_bench.search.trials import *; from l1000_bench.search.engine import LocalProcesses; "
        "from l1000_bench.search.records import RecordStore; folder = Path(sys.argv[1]); "
        "Trials(cell_data(folder), json.loads(sys.argv[2]), RecordStore(folder / 'records')).run(LocalProcesses(2))"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "killed"), json.dumps(settings)]
    search = subprocess.Popen(command)
    while len(list((tmp_path / "killed" / "records").glob("[!.]*.json"))) < 7:
        assert search.poll() is None
        time.sleep(0.02)
    os.kill(search.pid, signal.SIGKILL)
    search.wait()
    before = kept(tmp_path / "killed")
    assert 7 <= len(before) < 6 * K
    subprocess.run(command, check=True)
    after = kept(tmp_path / "killed")
    assert {name: after[name] for name in before} == before
    assert len(after) == 6 * K
    resumed = Trials(cell_data(tmp_path / "killed"), settings, RecordStore(tmp_path / "killed" / "records")).run()
    alone = Trials(cell_data(tmp_path / "alone"), settings, RecordStore(tmp_path / "alone" / "records")).run()
    pd.testing.assert_frame_equal(resumed.trials, alone.trials, check_exact=True)
    pd.testing.assert_frame_equal(resumed.predictions, alone.predictions, check_exact=True)


def test_profiles_are_mapped_and_not_copied(tmp_path: Path) -> None:
    data = cell_data(tmp_path)
    write_cell(data, tmp_path / "cell")
    profiles = open_cell(tmp_path / "cell").benchmark.profiles
    base = profiles.base
    assert base is not None
    assert type(base).__name__ == "memmap"
    assert profiles[:, 0].tolist() == [float(code) for code in CODES]
    assert profiles[:, 1].tolist() == [float(fold) for fold in FOLDS]
