"""The project's pipelines, found in the folder `pipelines`."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

from kedro.framework.project import find_pipelines, settings
from kedro.pipeline import Pipeline

from l1000_bench import grid

DEFAULT = ("ingestion", "curation", "graph_prep", "modeling", "evaluation")


def register_pipelines() -> dict[str, Pipeline]:
    """Return every pipeline by name; `__default__` is the whole benchmark.

    The grid comes from the session's environment; without a session (`kedro registry list`) from KEDRO_ENV.
    """
    try:
        grid.active()
    except LookupError:
        loader = settings.CONFIG_LOADER_CLASS(
            conf_source=str(Path.cwd() / settings.CONF_SOURCE),
            env=os.environ.get("KEDRO_ENV"),
            **settings.CONFIG_LOADER_ARGS,
        )
        grid.activate(grid.read_grid(loader["experiments"], loader["parameters"]))
    with warnings.catch_warnings():
        # Kedro wants a node's datasets to carry the node's namespace; ours carry corpus, dataset and task throughout.
        warnings.filterwarnings("ignore", message="One or more dataset names contain '.'", category=UserWarning)
        pipelines = find_pipelines(raise_errors=True)
    if "__default__" in pipelines:
        pipelines["__default__"] = Pipeline([pipelines[name] for name in DEFAULT])
    return pipelines
