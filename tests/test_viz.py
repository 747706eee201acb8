from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pytest

from conftest import Project

PIPELINES = {"ingestion", "curation", "graph_prep", "evaluation"}
BENCHMARKS = {
    "lincs_full.primary_site", "lincs_full.moa", "lincs_prostate.moa", "neurobank_l5.perturbagen",
    "neurobank_l4.perturbagen", "neurobank_l4.perturbagen_unseen_subject",
}  # fmt: skip
LAYERS = ["raw", "intermediate", "primary", "model_input", "feature", "models", "model_output", "reporting"]


class Site(NamedTuple):
    """The static site that Kedro-Viz builds of a finished project."""

    project: Project
    folder: Path
    main: dict[str, Any]

    def named(self) -> dict[str, dict[str, Any]]:
        return {node["name"]: node for node in self.main["nodes"] if node["type"] == "data"}

    def metadata(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "api" / "nodes" / self.named()[name]["id"]).read_text())
        return found

    def inside(self, box: str) -> set[str]:
        children = self.main["modular_pipelines"][box]["children"]
        return {child["id"] for child in children if child["type"] == "modularPipeline"}


@pytest.fixture(scope="module")
def site(finished: Project, tmp_path_factory: pytest.TempPathFactory) -> Site:
    project = Project(tmp_path_factory.mktemp("viz") / "project")
    for name in ("data", ".viz"):
        shutil.copytree(finished.folder / name, project.folder / name)
    done = project.kedro("viz", "build", "--include-previews")
    assert "Success" in done.stdout, done.stdout + done.stderr
    assert "could not be previewed" not in done.stdout + done.stderr
    folder = project.folder / "build"
    return Site(project, folder, json.loads((folder / "api" / "main").read_text()))


def test_the_collapsed_view_is_a_few_boxes(site: Site) -> None:
    datasets = {benchmark.split(".")[0] for benchmark in BENCHMARKS}
    assert site.inside("__root__") == PIPELINES | datasets
    assert {benchmark for dataset in datasets for benchmark in site.inside(dataset)} == BENCHMARKS
    loose = {child["type"] for child in site.main["modular_pipelines"]["__root__"]["children"]}
    assert "task" not in loose


def test_every_dataset_has_a_layer(site: Site) -> None:
    assert site.main["layers"] == LAYERS
    assert not [name for name, node in site.named().items() if node["layer"] is None]


def test_every_dataset_that_was_made_has_a_preview(site: Site) -> None:
    names = site.named()
    shown = {name: site.metadata(name) for name in names}
    assert not [name for name, metadata in shown.items() if not metadata.get("preview")]
    kinds = {name.rpartition(".")[2]: metadata["preview_type"] for name, metadata in shown.items()}
    assert set(kinds.values()) == {"TablePreview", "PlotlyPreview", "JSONPreview"}
    assert (kinds["gctx"], kinds["pyramid"], kinds["canberra"], kinds["picture"], kinds["report"]) == (
        "TablePreview", "TablePreview", "TablePreview", "PlotlyPreview", "JSONPreview",
    )  # fmt: skip


def test_a_preview_is_the_beginning_of_the_table(site: Site) -> None:
    preview = site.metadata("lincs_full.samples")["preview"]
    table = pd.read_parquet(site.project.data("03_primary", "lincs_full", "samples.parquet"))
    assert preview["columns"] == list(table.columns)
    assert [row[0] for row in preview["data"]] == table["sample_id"][:20].tolist()


def test_a_dataset_shows_its_rows_columns_and_bytes(site: Site) -> None:
    path = site.project.data("03_primary", "lincs_full", "samples.parquet")
    rows, columns = pd.read_parquet(path).shape
    expected = {"rows": rows, "columns": columns, "file_size": path.stat().st_size}
    assert site.metadata("lincs_full.samples")["stats"] == expected
    folder = site.project.data("03_primary", "lincs_full", "profiles")
    stored = sum(part.stat().st_size for part in [*folder.glob("*.parquet"), folder / "SHA256SUMS"])
    # What the trials keep beside the parts, to be mapped into memory, counts too.
    assert site.metadata("lincs_full.profiles")["stats"]["file_size"] > stored


def test_every_node_shows_the_seconds_that_it_took_in_the_run(site: Site) -> None:
    status = json.loads((site.folder / "api" / "run-status").read_text())
    nodes = {node["id"] for node in site.main["nodes"] if node["type"] == "task"}
    assert set(status["nodes"]) == nodes
    seconds = [node["duration"] for node in status["nodes"].values()]
    assert all(second > 0 for second in seconds)
    assert sum(seconds) <= status["pipeline"]["duration"]
    assert {node["status"] for node in status["nodes"].values()} == {"success"}


def test_the_site_tells_nobody_of_its_visitors(site: Site) -> None:
    page = (site.folder / "index.html").read_text()
    assert "heap" not in page
    assert page.count("<head>") == 1  # behind which `make viz-static` says how the site opens
