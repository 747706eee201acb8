"""The nodes that find nearest neighbours, which more than one pipeline has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import partial, update_wrapper

import pandas as pd
from kedro.pipeline import Node, Pipeline

from l1000_bench import grid
from l1000_bench.io.parts import Profiles
from l1000_bench.neighbours.lists import NeighbourWork
from l1000_bench.search.cell_data import named
from l1000_bench.search.shared_neighbours import neighbour_work

SPLIT = "split:"


def find_neighbours(metric: str, profiles: Profiles, **splits: pd.DataFrame) -> NeighbourWork:
    """Find the nearest neighbours of the samples that a dataset's tasks predict; what is stored is not found again.

    Args:
        metric: See `l1000_bench.neighbours`.
        profiles: Stored profiles of the dataset.
        splits: The split table of every task, keyed `split:TASK`.
    """
    return neighbour_work(profiles, named(splits, SPLIT), metric)


def neighbour_nodes(pipeline: str) -> list[Pipeline]:
    """Return a node for every dataset and metric that serve a pipeline, in the namespace `graph_prep.{dataset}`.

    A node is the same in every pipeline that has it, its tags too, so that a run of two pipelines has it once.

    Args:
        pipeline: `graph_prep`, for the known settings of all cells, or `search`, for all that a search tries.
    """
    active = grid.active()
    searched = {name: active.searched_metrics(name) for name in active.classifiers}
    uses = [("graph_prep", cell, active.metrics(cell)) for cell in active.cells]
    uses += [("search", cell, searched[cell.classifier]) for cell in active.searched_cells]
    users: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for user, cell, metrics in uses:
        for metric in metrics:
            users[cell.dataset, metric][user].add(cell.classifier)
    return [_node(dataset, metric, used) for (dataset, metric), used in users.items() if pipeline in used]


def _node(dataset: str, metric: str, used: Mapping[str, set[str]]) -> Pipeline:
    tasks = grid.active().tasks[dataset]
    inputs = {"profiles": "profiles", **{f"{SPLIT}{task}": f"split_{task}" for task in tasks}}
    function = update_wrapper(partial(find_neighbours, metric), find_neighbours)
    return Pipeline(
        [Node(function, inputs, "neighbours", name=f"find_neighbours_{metric}")],
        inputs={"profiles": f"{dataset}.profiles", **{f"split_{task}": f"{dataset}.{task}.split" for task in tasks}},
        outputs={"neighbours": f"{dataset}.neighbours.{metric}"},
        namespace=f"graph_prep.{dataset}",
        tags=[*used, dataset, *set().union(*used.values())],
    )
