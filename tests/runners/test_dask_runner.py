from __future__ import annotations

import hashlib
import logging
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest
from cluster_tasks import refuse, where
from clusters import Cluster, cluster, wait_until
from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import Node, Pipeline

from conftest import KEDRO, Project
from l1000_bench.errors import InputError
from l1000_bench.runners import DaskRunner
from test_run import tables

RUNNER = "--runner=l1000_bench.runners.DaskRunner"
TABLE = {"type": "l1000_bench.datasets.table_dataset.TableDataset"}
SEARCH = """
search:
  trials: 24
  benchmarks: {lincs_full: [moa]}
  classifiers: [decision_tree]
"""


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("cluster"), 2) as made:
        yield made


def catalog(folder: Path, *names: str, **more: object) -> DataCatalog:
    entries = {name: {**TABLE, "filepath": str(folder / f"{name}.csv"), **more} for name in names}
    made = DataCatalog.from_config(entries)
    made["params:name"] = "here"
    return made


@pytest.mark.parametrize("is_async", [False, True])
def test_nodes_run_on_workers_where_the_run_was_started(
    two_workers: Cluster,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    is_async: bool,
) -> None:
    monkeypatch.chdir(tmp_path)
    nodes = [Node(where, "params:name", name, name=f"say.{name}") for name in ("one", "two", "three")]
    with caplog.at_level(logging.INFO, "l1000_bench"):
        runner = DaskRunner(two_workers.address, is_async=is_async)
        runner.run(Pipeline(nodes), catalog(tmp_path, "one", "two", "three"))
    said = pd.concat([pd.read_csv(tmp_path / f"{name}.csv") for name in ("one", "two", "three")])
    assert set(said["folder"]) == {str(tmp_path)}
    assert set(said["process"]) <= {worker.pid for worker in two_workers.workers}
    lines = [record.getMessage() for record in caplog.records]
    assert lines[0].startswith("The cluster's dashboard is http://127.0.0.1:")
    assert [line[:7] for line in lines[1:]] == ["  1/3  ", "  2/3  ", "  3/3  "]
    assert sorted(line.rpartition(" s  ")[2] for line in lines[1:]) == ["say.one", "say.three", "say.two"]


def test_what_is_not_stored_is_named_before_anything_runs(tmp_path: Path) -> None:
    stored = catalog(tmp_path, "one")
    stored["two"] = MemoryDataset()
    first = Node(where, "params:name", "one")
    pipeline = Pipeline([first, Node(refuse, "one", "two"), Node(refuse, "two", "three")])
    with pytest.raises(InputError, match=r"^three, two would be kept in memory alone, .* an entry with a file in"):
        DaskRunner("tcp://127.0.0.1:1").run(pipeline, stored)
    assert not (tmp_path / "one.csv").exists()


def test_what_a_user_can_mend_arrives_as_a_sentence(two_workers: Cluster, tmp_path: Path) -> None:
    pipeline = Pipeline([Node(where, "params:name", "one"), Node(refuse, "one", "two")])
    with pytest.raises(InputError, match=r"^a table of 1 rows is refused: make another\.$"):
        DaskRunner(two_workers.address).run(pipeline, catalog(tmp_path, "one", "two"))
    checked = catalog(tmp_path, "one", validator="l1000_bench.schemas.AUDIT")
    with pytest.raises(InputError, match=r"(?s)one.*before") as caught:
        DaskRunner(two_workers.address).run(Pipeline([Node(where, "params:name", "one")]), checked)
    assert type(caught.value) is InputError


def test_a_worker_that_would_run_several_nodes_in_one_python_is_refused(tmp_path: Path) -> None:
    pipeline = Pipeline([Node(where, "params:name", "one")])
    with cluster(tmp_path / "cluster", 0) as made:
        worker = made.add("--nthreads=2")
        with pytest.raises(InputError) as caught:
            DaskRunner(made.address).run(pipeline, catalog(tmp_path, "one"))
        assert str(caught.value) == (
            f"the worker {worker} has 2 threads, and would run nodes beside one another in one Python, whose numerical "
            "libraries have one number of threads, on which results depend; start workers with `--nthreads 1`, as many "
            "on a machine as it has cores (`--nworkers`)."
        )
    assert not (tmp_path / "one.csv").exists()


def test_parameters_of_the_runner_are_checked() -> None:
    with pytest.raises(InputError, match="needs the address of the cluster's scheduler: --runner-params=address=tcp:"):
        DaskRunner()
    with pytest.raises(InputError, match="names 'adress'; DaskRunner takes address, wait_seconds and is_async"):
        DaskRunner(adress="tcp://127.0.0.1:1")
    with pytest.raises(InputError, match="wait_seconds is 'long'; it takes a number of seconds"):
        DaskRunner("tcp://127.0.0.1:1", wait_seconds="long")  # type: ignore[arg-type]


def params(made: Cluster) -> str:
    return f"--runner-params=address={made.address}"


def test_a_cluster_gives_the_same_tables(finished: Project, copied: Project, two_workers: Cluster) -> None:
    for layer in ("06_models", "07_model_output"):
        shutil.rmtree(copied.data(layer, "lincs_prostate", "moa", "ffann_keras"))  # one cell, since all take minutes
    shutil.rmtree(copied.data("08_reporting"))
    slices = "--namespaces=lincs_prostate.moa.ffann_keras,evaluation.lincs_prostate.moa,evaluation.report"
    log = copied.run("--pipelines=modeling,evaluation", slices, RUNNER, params(two_workers))
    assert f"The report is {copied.data('08_reporting', 'report.html')}" in log
    assert tables(copied) == tables(finished)


# Of a search


def searching(finished: Project, folder: Path) -> Project:
    project = Project(folder / "project")
    (project.folder / "conf" / "test" / "parameters" / "search.yml").write_text(SEARCH)
    for layer in ("03_primary", "05_model_input"):
        shutil.copytree(finished.data(layer), project.data(layer))
    return project


@pytest.fixture(scope="module")
def searched(finished: Project, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The tables of a search on this machine."""
    project = searching(finished, tmp_path_factory.mktemp("searched"))
    project.run("--pipelines=search")
    return search_tables(project)


def search_tables(project: Project) -> dict[str, str]:
    files = [*project.data("06_models").rglob("*.parquet"), *project.data("07_model_output").rglob("*.parquet")]
    files += [project.data("08_reporting", name) for name in ("best_settings.md", "known_settings.yml")]
    return {
        str(file.relative_to(project.folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in files
        if "cost" not in file.name and "records" not in file.parts
    }


def records(project: Project) -> dict[str, int]:
    """Of every record the inode, which changes when a rotation is run again."""
    return {path.name: path.stat().st_ino for path in project.data("06_models").rglob("records/*.json")}


@contextmanager
def searching_on(project: Project, made: Cluster) -> Iterator[subprocess.Popen[str]]:
    """Start a search, and wait until some of it is done."""
    environment = {**os.environ, "KEDRO_ENV": "test", "PYTHONWARNINGS": "ignore"}
    command = [*KEDRO, "run", "--pipelines=search", RUNNER, params(made)]
    with subprocess.Popen(command, cwd=project.folder, env=environment, stderr=subprocess.PIPE, text=True) as run:
        try:
            wait_until(lambda: len(records(project)) > 5 or run.poll() is not None, "the search")
            assert run.poll() is None, run.communicate()[1]
            yield run
        finally:
            run.kill()


def test_a_search_outlives_a_worker_and_goes_on_after_its_scheduler(
    finished: Project, searched: dict[str, str], two_workers: Cluster, tmp_path: Path
) -> None:
    project = searching(finished, tmp_path)
    with cluster(tmp_path / "cluster", 1) as made, searching_on(project, made) as run:
        made.add()
        made.workers[0].kill()  # on which the node waits
        before = records(project)
        wait_until(lambda: len(records(project)) > len(before) + 5 or run.poll() is not None, "the search's going on")
        assert run.poll() is None, run.communicate()[1]
        made.scheduler.kill()
        said = run.communicate(timeout=60)[1]
    assert run.returncode == 1
    assert "Traceback" not in said
    assert said.partition("\nError: ")[2] == (
        "the cluster's scheduler is gone: start it and its workers again; what was finished is stored, and the same "
        "command goes on from there.\n"
    )
    before_again = records(project)
    assert before.items() < before_again.items()
    project.run("--pipelines=search", RUNNER, params(two_workers))
    assert before_again.items() < records(project).items()
    assert search_tables(project) == searched
