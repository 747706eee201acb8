from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial

import pytest
from kedro.framework.context import KedroContext
from kedro.framework.project import pipelines
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro.io import DataCatalog
from kedro.pipeline import Node, Pipeline

from conftest import ROOT
from l1000_bench import grid
from l1000_bench.lineage import kind_of, lineage_of
from l1000_bench.neighbours.lists import METRICS
from l1000_bench.pipeline_registry import DEFAULT
from l1000_bench.report.lineage_picture import Flow, Lineage, lineage_picture


@pytest.fixture(scope="module")
def context() -> Iterator[KedroContext]:
    bootstrap_project(ROOT)
    with KedroSession.create(ROOT, env="base") as session:
        yield session.load_context()  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def lineage(context: KedroContext) -> Lineage:
    catalog: DataCatalog = context.catalog  # type: ignore[assignment]
    return lineage_of({name: pipelines[name] for name in DEFAULT}, partial(kind_of, catalog=catalog))


def node(namespace: str, inputs: list[str], outputs: list[str]) -> Node:
    name = namespace.replace(".", "_") + "_".join(outputs).replace(".", "_")
    return Node(lambda *data: data, inputs, outputs, name=name, namespace=namespace)


@pytest.mark.filterwarnings("ignore:One or more dataset names contain")  # as in pipeline_registry.py
def test_what_a_small_run_hands_on() -> None:
    parts = {
        "modeling": Pipeline(
            [
                node(f"{dataset}.moa.{name}", [f"{dataset}.profiles", "params:x"], [f"{dataset}.moa.{name}.trials"])
                for dataset in ("full", "small")
                for name in ("knn", "gcnn")
            ]
        ),
        "curation": Pipeline(
            [
                node("curation.full", ["synthetic.raw"], ["full.rules"]),
                node("curation.full.moa", ["full.rules"], ["full.profiles", "full.audit"]),
                node("curation.small", ["synthetic.raw"], ["small.profiles"]),
            ]
        ),
    }
    found = lineage_of(parts, lambda name: name.replace("full", "*").replace("small", "*"))
    assert list(found.pipelines.items()) == [
        ("curation", ("full", "small", "full.moa")),
        ("modeling", ("full.moa", "small.moa")),
        ("results", ()),
    ]
    assert found.flows == (
        Flow("curation", "modeling", ("*.profiles",)),
        Flow("curation", "results", ("*.audit",)),
        Flow("modeling", "results", ("*.moa.gcnn.trials", "*.moa.knn.trials")),
    )


def test_kinds_stand_for_entries_of_the_grid(context: KedroContext) -> None:
    catalog: DataCatalog = context.catalog  # type: ignore[assignment]
    active = grid.active()
    entries: dict[str, Iterable[str]] = {
        "corpus": active.corpora, "dataset": active.datasets, "graph": active.graphs, "task": active.task_specs,
        "classifier": active.classifiers, "metric": METRICS, "table": [r"\w+"],
    }  # fmt: skip
    outputs = sorted(name for part in DEFAULT for name in pipelines[part].all_outputs())
    names = {name.rpartition(".")[2]: name for name in outputs}.values()  # one of each kind, for matching takes time
    kinds = {name: kind_of(name, catalog) for name in names}
    for name, kind in kinds.items():
        parts = re.split(r"\{(\w+)\}", kind)
        expected = "".join(f"({'|'.join(entries[part])})" if i % 2 else re.escape(part) for i, part in enumerate(parts))
        assert re.fullmatch(expected, name), (name, kind)
    assert {"{corpus}.regulatory_edges", "{graph}.edges", "{dataset}.{task}.{classifier}.model", "report"} <= set(
        kinds.values()
    )
    assert not [kind for kind in kinds.values() if re.search(r"synthetic|lincs|moa|knn|regulatory\.", kind)]


def test_every_pipeline_comes_before_those_that_it_feeds(lineage: Lineage) -> None:
    order = list(lineage.pipelines)
    assert order == [*DEFAULT, "results"]
    assert all(order.index(flow.source) < order.index(flow.target) for flow in lineage.flows)
    assert set(lineage.pipelines["modeling"]) == {str(benchmark) for benchmark in grid.active().benchmarks}


def test_the_picture_in_the_repository_is_of_these_pipelines(lineage: Lineage) -> None:
    stored = (ROOT / "docs" / "lineage.svg").read_text(encoding="utf-8")
    assert stored == lineage_picture(lineage), "docs/lineage.svg is of other pipelines; run `make lineage`"
