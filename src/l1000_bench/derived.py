"""Configuration that follows from other configuration, so that a user writes everything once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from l1000_bench.experiments import Benchmark, chosen_classifiers, used_classifiers
from l1000_bench.graphs.spec import CONTROLS
from l1000_bench.io.corpus import as_stored


def run_entry(experiments: dict[str, Any], parameters: dict[str, Any]) -> dict[str, Any]:
    """Make the parameter `run`, which tells the report what the run is.

    Args:
        experiments: `experiments.yml`.
        parameters: Kinds of entries by name.

    Returns:
        The display names of what the grid uses, its corpora and its split schemes, in the grid's order; names that are
        not there are left out, for the grid to refuse.
    """
    datasets = {name: parameters["datasets"].get(name) or {} for name in experiments["benchmarks"]}
    tasks = {
        name: parameters["tasks"].get(name) or {} for names in experiments["benchmarks"].values() for name in names
    }
    classifiers = {name: parameters["classifiers"].get(name) or {} for name in used_classifiers(experiments)}
    entries = datasets | tasks | classifiers
    used = dict.fromkeys(entry.get("corpus") for entry in datasets.values())
    corpora = [parameters["corpora"][name] for name in used if name in parameters["corpora"]]
    schemes = dict.fromkeys(entry.get("split") for entry in tasks.values())
    return {
        "names": {name: entry["label"] for name, entry in entries.items() if "label" in entry},
        "corpora": [{key: entry.get(key) for key in ("label", "kind", "remark", "generator")} for entry in corpora],
        "splits": [parameters["splits"][name] for name in schemes if parameters["splits"].get(name)],
        "generalisation": {
            name: {
                "against": entry.get("against") or [],
                "unseen": (parameters["splits"].get(entry.get("split")) or {}).get("unseen"),
            }
            for name, entry in tasks.items()
        },
        "threads": parameters["modeling"]["threads"],
        "graphs": {
            name: entry["label"]
            for name, entry in parameters["graphs"].items()
            if isinstance(entry, dict) and "label" in entry
        },
        "budgets": {words: given for key, words in BUDGETS.items() if (given := _values(key, classifiers)) != NONE},
        "seeds": {
            "Fits of classifiers": _values("random_state", classifiers),
            "Settings that a search draws": parameters["search"]["seed"],
        },
    }


NONE = "none given"
BUDGETS = {"epochs": "epochs", "max_iter": "iterations", "n_estimators": "trees"}  # parameter of a classifier -> words


def _values(key: str, classifiers: dict[str, dict[str, Any]]) -> str:
    """Return the values that the classifiers' files give a parameter, such as "6 or 20"."""
    values = {str(entry["params"][key]) for entry in classifiers.values() if key in (entry.get("params") or {})}
    return " or ".join(sorted(values, key=lambda value: (len(value), value))) or NONE


def cell_entries(experiments: dict[str, Any], parameters: dict[str, Any]) -> dict[str, Any]:
    """Make the parameter of every cell of the grid (see `l1000_bench.search.cell.CellSpec`).

    Args:
        experiments: `experiments.yml`, which the grid has checked or will check.
        parameters: Kinds of entries by name; names that are not there are left out, for the grid to refuse.
    """
    tasks, classifiers = parameters.get("tasks", {}), parameters.get("classifiers", {})
    chosen = chosen_classifiers(experiments)
    graphs = {name: graph for name, graph in parameters["graphs"].items() if isinstance(graph, dict)}
    directed = [name for name, graph in graphs.items() if graph.get("directed")]
    controls = [name for name, graph in graphs.items() if graph.get("source") in CONTROLS]
    return {
        dataset: {
            task: {
                classifier: {
                    "dataset": dataset,
                    "task": task,
                    "label_column": (tasks[task] or {}).get("label_column"),
                    "classifier": classifiers[classifier],
                    "directed_graphs": directed,
                    "control_graphs": controls,
                    "threads": parameters["modeling"]["threads"],
                    "settings_from": (tasks[task] or {}).get("settings_from"),
                }
                for classifier in chosen[Benchmark(dataset, task)]
                if classifiers.get(classifier)
            }
            for task in names
            if task in tasks
        }
        for dataset, names in experiments["benchmarks"].items()
    }


def corpus_entries(corpora: dict[str, dict[str, Any]], project: Path) -> dict[str, dict[str, Any]]:
    """Make the catalog entries of the corpora's raw files.

    Args:
        corpora: The kind `corpora` of the parameters, which the grid has checked or will check.
        project: The folder that relative paths start from.

    Returns:
        `{corpus}.{role}` for every file that a corpus names, on Kedro-Viz's layer `raw`; with or without `.gz`,
        whichever is there.
    """
    return {
        f"{corpus}.{role}": {
            **_raw_file(entry, role),
            "filepath": _stored_path(Path(entry.get("folder", "")) / name, project),
            "metadata": {"kedro-viz": {"layer": "raw"}},
        }
        for corpus, entry in corpora.items()
        for role, name in ((entry or {}).get("files") or {}).items()
    }


def _stored_path(path: Path, project: Path) -> str:
    return str(path.with_name(as_stored(project / path).name))


def _raw_file(entry: dict[str, Any], role: str) -> dict[str, Any]:
    if role == "gctx":
        return {"type": "l1000_bench.datasets.gctx_dataset.GCTXDataset", "lazy": True}
    kind: dict[str, Any] = {"type": "l1000_bench.datasets.info_dataset.InfoDataset", "table": role}
    kind |= {"layout": entry["layout"]} if "layout" in entry else {}
    if role == "samples":
        kind |= {"columns": {**(entry.get("columns") or {}), **{name: name for name in entry.get("keep") or []}}}
    return kind


def graph_entries(graphs: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Make the catalog entries of the graphs' link files.

    Args:
        graphs: The kind `graphs` of the parameters.

    Returns:
        `{graph}.links` for every graph that reads a file, on Kedro-Viz's layer `raw`.
    """
    return {
        f"{name}.links": {
            "type": "l1000_bench.datasets.links_dataset.LinksDataset",
            "filepath": entry["file"],
            "format": entry.get("source"),
            "names": entry.get("names"),
            "metadata": {"kedro-viz": {"layer": "raw"}},
        }
        for name, entry in graphs.items()
        if isinstance(entry, dict) and entry.get("file")
    }
