from __future__ import annotations

import pickle
import shutil
import socket
from pathlib import Path

import pytest
from clusters import BARE, SITE_PACKAGES, cluster
from distributed import Client

import l1000_bench
from l1000_bench.errors import InputError
from l1000_bench.runners import cluster as cluster_module
from l1000_bench.runners.cluster import check_storage, connect
from l1000_bench.runners.installed import difference, installed
from l1000_bench.runners.remote_calls import checked_call, explained

SAME = "install what runs this command on every machine, and start the workers anew"


def refused_call(client: Client, worker: str) -> str:
    """What a task says that comes to a worker."""
    asked = client.submit(pickle.loads, checked_call(installed), workers=[worker], pure=False)
    with pytest.raises((InputError, ImportError)) as caught:
        asked.result()
    return str(explained(caught.value, "the node a"))


def other_sources(folder: Path) -> str:
    """A copy of this project's package in which one file is another."""
    package = Path(l1000_bench.__file__).parent
    copy = shutil.copytree(package, folder / package.name, ignore=shutil.ignore_patterns("__pycache__"))
    with (copy / "report" / "__init__.py").open("a") as file:
        file.write("# changed\n")
    return str(folder)


def test_workers_that_lack_something_are_named_whenever_they_come(tmp_path: Path) -> None:
    with cluster(tmp_path / "cluster", 0) as mixed:
        with pytest.raises(
            InputError, match=rf"{mixed.address} has no worker, 0.1 s after it was asked; start one with"
        ):
            connect(mixed.address, 0.1)
        good = mixed.add()
        with connect(mixed.address, 10) as client:
            assert client.submit(pickle.loads, checked_call(installed), pure=False).result() == installed()
            bare, other = mixed.add(python=BARE, path=SITE_PACKAGES), mixed.add(path=other_sources(tmp_path / "other"))
            said = refused_call(client, bare)
            assert said.startswith(
                "the node a came to a worker that lacks l1000_bench, or a part of it (No module named "
            )
            assert said.endswith(f"{SAME}; what was finished is stored, and the same command goes on from there.")
            changed = (
                f"the worker {other} was started with other sources of l1000_bench 0.1.0 than this command: {SAME}."
            )
            assert refused_call(client, other) == changed
            client.retire_workers([good, bare])
        with pytest.raises(InputError) as caught:
            connect(mixed.address, 10)
        assert str(caught.value) == changed


def test_a_worker_without_the_package_is_named(tmp_path: Path) -> None:
    with cluster(tmp_path / "cluster", 0) as made:
        bare = made.add(python=BARE, path=SITE_PACKAGES)
        with pytest.raises(InputError, match=f"the worker {bare} lacks l1000_bench, or a part of it .*: {SAME}"):
            connect(made.address, 10)
        with pytest.raises(InputError, match=rf"no Dask scheduler answers at {bare} \(that is a worker\)"):
            connect(bare, 10)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("tcp://127.0.0.1:{port}", "no answer within 0.3 s"),
        ("nowhere", "missing port number in address 'nowhere'"),
        ("http://127.0.0.1:{port}", "unknown address scheme 'http'"),
    ],
)
def test_an_address_without_a_scheduler_is_refused(address: str, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "CONNECT_SECONDS", 0.3)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        named = address.format(port=taken.getsockname()[1])
        with pytest.raises(InputError) as caught:
            connect(named, 10)
    said = str(caught.value)
    assert said.startswith(f"no Dask scheduler answers at {named} ({reason}")
    assert "as in --runner-params=address=tcp://HOST:8786." in said


def test_a_worker_that_does_not_see_the_results_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answers(client: object, function: object, path: str) -> dict[str, bool]:
        asked.append(path)
        return {"tcp://near:1": Path(path).exists(), "tcp://far:2": False}

    monkeypatch.setattr(cluster_module, "on_every_worker", answers)
    with pytest.raises(InputError, match=f"tcp://far:2 does not see a file that was just written to {tmp_path}; all"):
        check_storage(client=None, folder=tmp_path / "not" / "yet")
    assert Path(asked[0]).parent == tmp_path
    assert not list(tmp_path.iterdir())


def test_every_difference_is_told() -> None:
    wanted = installed()
    assert difference(wanted, wanted) is None
    other = f"has numpy 1.0, and this command {wanted['numpy']}"
    assert difference({**wanted, "numpy": "1.0"}, wanted) == other
    without = {name: value for name, value in wanted.items() if name != "kedro"}
    assert difference(without, wanted) == f"has kedro missing, and this command {wanted['kedro']}"
