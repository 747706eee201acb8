from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations

import pytest
from kedro.framework.project import pipelines
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro.pipeline import Pipeline

from conftest import ROOT
from l1000_bench import grid
from l1000_bench.errors import InputError
from l1000_bench.pipelines.search.nodes import tabulate


@pytest.fixture(scope="module", params=["base", "lincs"])
def registered(request: pytest.FixtureRequest) -> Iterator[dict[str, Pipeline]]:
    bootstrap_project(ROOT)
    with KedroSession.create(ROOT, env=request.param) as session:
        session.load_context()  # type: ignore[attr-defined]
        yield dict(pipelines)


def test_any_two_pipelines_can_run_together_but_those_that_make_the_same_tables(
    registered: dict[str, Pipeline],
) -> None:
    def clash(one: str, other: str) -> bool:
        outputs = Counter(name for node in {*registered[one].nodes, *registered[other].nodes} for name in node.outputs)
        return max(outputs.values(), default=0) > 1

    clashes = {pair for pair in combinations(sorted(registered), 2) if clash(*pair)}
    assert clashes == {("__default__", "search"), ("modeling", "search")}
    assert registered["graph_prep"] + registered["search"]


def test_what_finds_neighbours_is_the_same_node_in_every_pipeline(registered: dict[str, Pipeline]) -> None:
    found: dict[str, set[tuple[str | None, frozenset[str]]]] = {}
    for name in ("graph_prep", "search"):
        for node in registered[name].nodes:
            if ".neighbours." in node.outputs[0]:
                assert name in node.tags
                found.setdefault(node.name, set()).add((node.namespace, frozenset(node.tags)))
    assert found
    assert all(len(kinds) == 1 for kinds in found.values())
    served = {
        f"{cell.dataset}.neighbours.{metric}"
        for cell in grid.active().searched_cells
        for metric in grid.active().searched_metrics(cell.classifier)
    }
    assert served <= registered["search"].all_outputs()
    known = {f"{cell.dataset}.neighbours.{m}" for cell in grid.active().cells for m in grid.active().metrics(cell)}
    assert known == {name for name in registered["graph_prep"].all_outputs() if ".neighbours." in name}


def test_a_search_of_nothing_is_refused() -> None:
    with pytest.raises(InputError, match=r"the search covers no cell: what search\.benchmarks and search\.classifiers"):
        tabulate({}, {})
