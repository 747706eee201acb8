"""The nodes that find nearest neighbours, which more than one pipeline has."""

from __future__ import annotations

from collections.abc import Iterable
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


def neighbour_nodes(cells: Iterable[tuple[grid.Cell, tuple[str, ...]]], pipeline: str) -> list[Pipeline]:
    """Return a node for every dataset and metric, in the namespace `{pipeline}.{dataset}`.

    Args:
        cells: Cells, and the metrics that they use.
        pipeline: The pipeline's name.
    """
    users: dict[tuple[str, str], list[str]] = {}
    for cell, metrics in cells:
        for metric in metrics:
            users.setdefault((cell.dataset, metric), []).append(cell.classifier)
    return [_node(dataset, metric, sorted(set(names)), pipeline) for (dataset, metric), names in users.items()]


def _node(dataset: str, metric: str, classifiers: list[str], pipeline: str) -> Pipeline:
    tasks = grid.active().tasks[dataset]
    inputs = {"profiles": "profiles", **{f"{SPLIT}{task}": f"split_{task}" for task in tasks}}
    function = update_wrapper(partial(find_neighbours, metric), find_neighbours)
    return Pipeline(
        [Node(function, inputs, "neighbours", name=f"find_neighbours_{metric}")],
        inputs={"profiles": f"{dataset}.profiles", **{f"split_{task}": f"{dataset}.{task}.split" for task in tasks}},
        outputs={"neighbours": f"{dataset}.neighbours.{metric}"},
        namespace=f"{pipeline}.{dataset}",
        tags=[pipeline, dataset, *classifiers],
    )
