from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import psutil
import pytest
from cluster_tasks import rotation_of, search, search_in_a_task
from clusters import Cluster, cluster, wait_until
from distributed import Client

from l1000_bench.errors import InputError
from l1000_bench.runners import telling
from l1000_bench.runners.cluster import connect
from l1000_bench.runners.dask_trials import DaskTrials
from l1000_bench.runners.remote_calls import checked_call, explained
from l1000_bench.runners.telling import trouble_of
from l1000_bench.search.outcome import Outcome
from l1000_bench.search.records import LOST


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """The second has a GPU, or says so."""
    with cluster(tmp_path_factory.mktemp("cluster"), 1) as made:
        made.add("--resources=GPU=1")
        yield made


@pytest.fixture
def client(two_workers: Cluster) -> Iterator[Client]:
    with connect(two_workers.address, 10) as client:
        yield client


@pytest.fixture
def seen(tmp_path: Path) -> Path:
    """A folder in which every worker that ran something leaves its number."""
    folder = tmp_path / "seen"
    folder.mkdir()
    return folder


def processes(folder: Path) -> set[int]:
    return {int(path.name) for path in folder.iterdir()}


def assert_same(one: Outcome, other: Outcome) -> None:
    pd.testing.assert_frame_equal(one.trials, other.trials, check_exact=True)
    pd.testing.assert_frame_equal(one.predictions, other.predictions, check_exact=True)


def test_a_search_that_waits_on_a_worker_leaves_it_to_its_rotations(
    two_workers: Cluster, client: Client, tmp_path: Path, seen: Path
) -> None:
    settings: list[dict[str, object]] = [{"folder": str(seen), "together": 2}, {"seconds": 0.01}]
    asked = client.submit(pickle.loads, checked_call(search_in_a_task, str(tmp_path / "cluster"), settings), pure=False)
    found: Outcome = asked.result()
    assert processes(seen) == {worker.pid for worker in two_workers.workers}
    assert found.trials["error"].isna().all()
    assert_same(found, search(str(tmp_path / "here"), settings))


def test_trials_run_where_a_worker_has_what_they_need(
    two_workers: Cluster, client: Client, tmp_path: Path, seen: Path
) -> None:
    engine = DaskTrials(client, "a.site.fickle")
    assert engine.slots == 2
    with_gpu = engine.with_resources({"GPU": 1})
    assert with_gpu.slots == 1
    search(str(tmp_path), [{"folder": str(seen)}], with_gpu)
    assert processes(seen) == {two_workers.workers[1].pid}


def test_what_no_worker_has_is_refused(client: Client) -> None:
    engine = DaskTrials(client, "a.site.fickle")
    message = r'asks for GPU=2, which none of the cluster\'s 2 workers has; start one .* --resources "GPU=2"`'
    with pytest.raises(InputError, match=message):
        engine.with_resources({"GPU": 2})


def test_what_nobody_waits_for_is_stopped(two_workers: Cluster, tmp_path: Path, seen: Path) -> None:
    settings = [{"folder": str(seen), "together": 2, "seconds": 50.0}]
    call = checked_call(search_in_a_task, str(tmp_path), settings)
    with connect(two_workers.address, 10) as gone:
        asked = gone.submit(pickle.loads, call, pure=False)
        wait_until(lambda: len(processes(seen)) == 2, "rotations on both workers")
        started = [child for worker in two_workers.workers for child in psutil.Process(worker.pid).children()]
        assert len(started) == 2
        del asked
    wait_until(lambda: not any(child.is_running() for child in started), "the end of both")
    assert not list((tmp_path / "records").glob("[!.]*.json"))


def test_what_kills_its_workers_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
    with cluster(tmp_path / "cluster", 2, **limits) as doomed, connect(doomed.address, 10) as client:
        assert trouble_of(client) is None
        engine = DaskTrials(client, "a.site.fickle")
        asked = client.submit(pickle.loads, checked_call(os._exit, 1), pure=False)
        with pytest.raises(Exception, match="died while running") as caught:
            asked.result()
        said = str(explained(caught.value, "the node a"))
        assert said.startswith(
            "the node a was given up, since workers die of it, most often for lack of memory: so far 1,"
        )
        assert engine.slots == 1
        record = engine.submit(rotation_of(tmp_path, {"deadly": True})).result()
        assert (record.error or "").startswith(f"{LOST}: the rotation was given up, since workers die of it")
        wait_until(lambda: trouble_of(client) == "The cluster has no worker left; waiting for one.", "the notice")
        monkeypatch.setattr(telling, "ANSWER_SECONDS", 0.3)
        doomed.scheduler.send_signal(signal.SIGSTOP)
        assert trouble_of(client) == "The cluster's scheduler has not answered for 0.3 s; waiting for it."
        doomed.scheduler.send_signal(signal.SIGCONT)
    assert not (tmp_path / "records").exists()
