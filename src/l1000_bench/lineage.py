"""The lineage of a run, drawn from its pipelines: `python -m l1000_bench.lineage FILE.svg` in the project's folder."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import partial
from graphlib import TopologicalSorter
from pathlib import Path

from kedro.framework.project import pipelines
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro.io import DataCatalog
from kedro.pipeline import Pipeline

from l1000_bench import grid
from l1000_bench.io.atomic import replacing
from l1000_bench.pipeline_registry import DEFAULT
from l1000_bench.report.lineage_picture import Flow, Lineage, lineage_picture

RESULTS = "results"


def lineage_of(parts: Mapping[str, Pipeline], kind: Callable[[str], str]) -> Lineage:
    """Return what passes between pipelines, as Kedro-Viz's collapsed view has it.

    Args:
        parts: Pipelines by name.
        kind: What a dataset is an example of, such as `{dataset}.{task}.split`.

    Returns:
        The pipelines, each before those that it feeds, and kinds of datasets that one hands to another; what none of
        them reads goes to `results`.
    """
    makers = {dataset: name for name, part in parts.items() for dataset in part.all_outputs()}
    kinds: dict[tuple[str, str], set[str]] = {}
    for dataset, maker in makers.items():
        readers = [name for name, part in parts.items() if any(dataset in node.inputs for node in part.nodes)]
        for reader in readers or [RESULTS]:
            if reader != maker:
                kinds.setdefault((maker, reader), set()).add(kind(dataset))
    order = TopologicalSorter({name: sorted(maker for maker, reader in kinds if reader == name) for name in parts})
    boxes = {name: _boxes(name, parts[name]) for name in order.static_order()} | {RESULTS: ()}
    places = list(boxes)
    ordered = sorted(kinds, key=lambda ends: (places.index(ends[0]), places.index(ends[1])))
    return Lineage(boxes, tuple(Flow(*ends, tuple(sorted(kinds[ends]))) for ends in ordered))


def kind_of(dataset: str, catalog: DataCatalog) -> str:
    """Return the catalog's pattern that a dataset follows; of a raw file, which has an entry, its corpus in general."""
    corpus, _, role = dataset.partition(".")
    if corpus in grid.active().corpora and role in grid.active().corpora[corpus].files:
        return f"{{corpus}}.{role}"
    pattern = catalog.config_resolver.match_dataset_pattern(dataset)
    return str(pattern) if pattern else dataset


def _boxes(name: str, part: Pipeline) -> tuple[str, ...]:
    """Return a pipeline's namespaces, as `{dataset}.{task}` or shorter, without its own name in front."""
    paths = [str(node.namespace).removeprefix(f"{name}.").split(".")[:2] for node in part.nodes]
    return tuple(dict.fromkeys(".".join(path) for path in paths))


def main() -> None:
    """Draw the lineage of the environment `base` into the file that the command line names."""
    bootstrap_project(Path.cwd())
    with KedroSession.create(Path.cwd(), env="base") as session:
        catalog = session.load_context().catalog  # type: ignore[attr-defined]
        parts = {name: pipelines[name] for name in DEFAULT}
        picture = lineage_picture(lineage_of(parts, partial(kind_of, catalog=catalog)))
    with replacing(Path(sys.argv[1])) as temporary:
        temporary.write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()
