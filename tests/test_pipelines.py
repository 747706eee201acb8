from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from kedro.framework.context import KedroContext
from kedro.framework.project import pipelines
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import Pipeline

from conftest import ROOT
from l1000_bench import grid
from l1000_bench.datasets.report_datasets import FigureDataset


@pytest.fixture(scope="module", params=["base", "mini", "lincs", "neurobank", "test"])
def context(request: pytest.FixtureRequest) -> Iterator[KedroContext]:
    bootstrap_project(ROOT)
    with KedroSession.create(ROOT, env=request.param) as session:
        yield session.load_context()  # type: ignore[attr-defined]


def data_names(pipeline: Pipeline) -> list[str]:
    return sorted(name for name in pipeline.datasets() if not name.startswith("params:"))


def raw_files() -> set[str]:
    """Files as their publishers write them, which their readers check."""
    active = grid.active()
    files = {f"{corpus}.{role}" for corpus, spec in active.corpora.items() for role in spec.files}
    return files | {f"{graph}.links" for graph in active.graphs}


def test_every_dataset_has_a_file_of_its_own_in_its_environment(context: KedroContext) -> None:
    catalog: DataCatalog = context.catalog  # type: ignore[assignment]
    names = data_names(pipelines["__default__"])
    datasets = {name: catalog.get(name) for name in names}
    assert not [name for name, dataset in datasets.items() if dataset is None or isinstance(dataset, MemoryDataset)]
    paths = {name: str(dataset._describe()["filepath"]) for name, dataset in datasets.items() if dataset}
    assert not [path for path, count in Counter(paths.values()).items() if count > 1]
    for name in set(paths) - raw_files():
        assert f"/{context.env}/" in paths[name]


def test_tables_that_cross_a_pipeline_have_a_validator(context: KedroContext) -> None:
    catalog: DataCatalog = context.catalog  # type: ignore[assignment]
    parts = {name: pipelines[name] for name in ("ingestion", "curation", "graph_prep", "modeling", "evaluation")}
    crossing = {
        dataset
        for name, pipeline in parts.items()
        for dataset in pipeline.inputs() & {d for other in parts if other != name for d in parts[other].all_outputs()}
    }
    crossing -= raw_files()
    figures = {name for name in crossing if isinstance(catalog.get(name), FigureDataset)}
    assert {name.rpartition(".")[2] for name in figures} == {"picture"}
    crossing -= figures
    assert {name.rpartition(".")[2] for name in crossing} >= {"profiles", "samples", "split", "edges", "predictions"}
    assert crossing <= set(catalog.validators)


def test_namespaces_and_tags_follow_the_grid(context: KedroContext) -> None:
    active = grid.active()
    modeling = pipelines["modeling"]
    assert {node.namespace for node in modeling.nodes} == {str(cell) for cell in active.cells}
    for node in modeling.nodes:
        own = {"fit_model"} if node.name.endswith("fit_model") else set()
        assert node.tags == {"modeling", *str(node.namespace).split("."), *own}
    for name in ("ingestion", "curation", "graph_prep", "evaluation"):
        assert {str(node.namespace).split(".")[0] for node in pipelines[name].nodes} == {name}
    assert len(modeling.nodes) == 2 * len(active.cells)
    default = pipelines["__default__"]
    by_name_only = {"__default__", "download", "estimate", "export", "search", "submission"}
    assert len(default.nodes) == sum(len(pipelines[n].nodes) for n in pipelines if n not in by_name_only)


def test_parameters_of_every_cell_are_its_own(context: KedroContext) -> None:
    for cell in grid.active().cells:
        spec = context.params["cells"][cell.dataset][cell.task][cell.classifier]
        assert (spec.dataset, spec.task, spec.classifier["name"]) == tuple(cell)


def test_every_graph_that_a_classifier_can_ask_for_is_made_and_handed_in(context: KedroContext) -> None:
    active = grid.active()
    graph = {"mini": "collectri", "lincs": "regnetwork"}.get(str(context.env), "regulatory")
    assert active.classifiers["gcnn"].graphs == (graph,)
    assert active.classifiers["gcnn_rewired"].graphs == ("rewired",)
    made = {name for name in pipelines["graph_prep"].all_outputs() if name.endswith(".edges")}
    assert made == {f"{name}.edges" for name in active.graphs}
    assert pipelines["graph_prep"].only_nodes_with_namespaces(["graph_prep.rewired"]).inputs() >= {f"{graph}.edges"}
    for node in pipelines["modeling"].nodes:
        handed = {name.removesuffix(".edges") for name in node.inputs if name.endswith(".edges")}
        assert handed == set(active.classifiers[str(node.namespace).split(".")[2]].graphs)


def test_the_papers_settings_run_in_lincs(context: KedroContext) -> None:
    knn = {cell: context.params["cells"][cell.dataset][cell.task]["knn"].settings() for cell in grid.active().cells}
    settings = {f"{cell.dataset}.{cell.task}": setting for cell, setting in knn.items()}
    if context.env == "lincs":
        assert settings["lincs_full.subtype"][0]["n_neighbors"] == 1
        assert settings["lincs_prostate.moa"][0]["n_neighbors"] == 13
    else:
        assert all(len(setting) == 1 and setting[0]["n_neighbors"] == 12 for setting in settings.values())


@pytest.mark.parametrize("arguments", [["--help"], ["registry", "list"]])
def test_commands_that_train_nothing_do_not_import_tensorflow(arguments: list[str], tmp_path: Path) -> None:
    code = (
        "import atexit, sys\n"
        f"log = sys.argv[-1]\nsys.argv = ['kedro', *{arguments!r}]\n"
        "atexit.register(lambda: open(log, 'w').write(' '.join(sys.modules)))\n"
        "from kedro.framework.cli.cli import main\nmain()\n"
    )
    log = tmp_path / "modules"
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        [sys.executable, "-c", code, str(log)], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    modules = log.read_text().split()
    assert "kedro.framework.cli.cli" in modules
    assert "tensorflow" not in modules


def test_everything_that_can_be_fetched_has_a_node_and_none_runs_by_default(context: KedroContext) -> None:
    nodes = pipelines["download"].nodes
    assert {str(node.namespace) for node in nodes} >= {
        f"download.{name}"
        for name in ("gse92742", "gse70138", "huri", "regnetwork", "regnetwork_directions", "humanbase_neuron")
    }
    assert all(node.tags == {"download", str(node.namespace).partition(".")[2]} for node in nodes)
    assert not pipelines["download"].datasets() - {f"params:{kind}" for kind in download_parameters()}
    assert not set(nodes) & set(pipelines["__default__"].nodes)


def download_parameters() -> set[str]:
    return {f"{kind}.{name}" for name, kind in grid.active().downloads.items()}
