"""Kedro's config loader with what this project adds to it.

- `${environment:}` is the run's environment, so that the data of two environments never share a file;
  `${oc.env:NAME, default}` reads an environment variable.
- A name given twice under one kind of parameters, in two files of one environment, is refused: Kedro would merge the
  two without a word. So is a name that an environment sets and the base lacks: it would change nothing.
- Every entry of a kind (`corpora`, `datasets`, `tasks`, `splits`, `graphs`, `classifiers`) is given its own name as
  `name`; a classifier that is `like` another takes over what it does not say itself, and so does a control graph.
- Parameters, entries and the catalog stand in the order of their names: Kedro merges files in an order that changes
  from process to process. The grid keeps the order of its file.
- An environment with an `experiments.yml` of its own does not take over the base's `classifiers_of`.
- Every cell of the grid has its own parameter `cells.{dataset}.{task}.{classifier}`; `run` describes the whole run.
- The raw files of every corpus and graph become catalog entries `{corpus}.gctx`, `{corpus}.inst_info`, …,
  `{graph}.links`, so that a corpus or a graph is one YAML file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kedro.config import OmegaConfigLoader
from omegaconf import OmegaConf
from omegaconf.resolvers import oc
from yaml import YAMLError
from yaml.parser import ParserError

from l1000_bench.derived import cell_entries, corpus_entries, graph_entries, run_entry
from l1000_bench.errors import InputError
from l1000_bench.experiments import check_experiments
from l1000_bench.inherited import complete_classifiers, complete_graphs

KINDS = ("corpora", "datasets", "tasks", "splits", "graphs", "classifiers")


class BenchConfigLoader(OmegaConfigLoader):
    """Loads configuration as Kedro does; see the module for what is added."""

    def __init__(self, conf_source: str, env: str | None = None, **options: Any) -> None:
        super().__init__(conf_source, env, custom_resolvers={"oc.env": oc.env}, **options)

    def __getitem__(self, key: str) -> dict[str, Any]:
        """Return a configuration type; parameters are checked for doubles, the catalog gets the corpora's files."""
        if not Path(self._get_conf_env_path(self.env or self.base_env)).is_dir():
            there = ", ".join(sorted(path.name for path in Path(self.conf_source).iterdir() if path.is_dir()))
            raise InputError(f"there is no environment {self.env!r} in {self.conf_source}; there are {there}.")
        # Resolvers are global to the process, so every loader sets its own environment before it resolves anything.
        OmegaConf.register_new_resolver("environment", lambda: self.env or self.base_env, replace=True)
        if key == "parameters":
            self._check_names()
        try:
            configuration: dict[str, Any] = super().__getitem__(key)
        except (ParserError, YAMLError) as error:
            raise InputError(f"the {key} of {self.conf_source} cannot be read as YAML: {error}") from error
        if key == "experiments":
            return self._experiments(configuration)
        configuration = dict(sorted(configuration.items()))
        if key == "parameters":
            named = {kind: _named(value) if kind in KINDS else value for kind, value in configuration.items()}
            named["classifiers"] = complete_classifiers(named.get("classifiers", {}))
            named["graphs"] = complete_graphs(named.get("graphs", {}))
            experiments = self["experiments"]
            check_experiments(experiments)
            return named | {
                "cells": cell_entries(experiments, named),
                "run": run_entry(experiments, named) | {"environment": self.env or self.base_env},
            }
        if key == "catalog":
            parameters = self["parameters"]
            raw = corpus_entries(parameters.get("corpora", {}), Path(self.conf_source).parent) | graph_entries(
                parameters["graphs"]
            )
            return dict(sorted((configuration | raw).items()))
        return configuration

    def _experiments(self, merged: dict[str, Any]) -> dict[str, Any]:
        """Leave out the base's `classifiers_of` where the environment has a grid of its own: it was not made for it."""
        own = Path(self.conf_source) / (self.env or self.default_run_env) / "experiments.yml"
        if own.exists() and "classifiers_of" not in (OmegaConf.load(own) or {}):
            return {key: value for key, value in merged.items() if key != "classifiers_of"}
        return merged

    def _check_names(self) -> None:
        base, environment = (
            Path(self.conf_source) / name for name in (self.base_env, self.env or self.default_run_env)
        )
        known, changed = _entry_names(base), _entry_names(environment)
        new = [entry for entry in changed if entry not in known] if environment != base else []
        new += [("globals", name) for name in _globals(environment) if name not in _globals(base)]
        if new:
            kind, name = new[0]
            place = changed.get(new[0], environment / "globals.yml")
            alike = ", ".join(sorted(n for k, n in known if k == kind) if kind != "globals" else sorted(_globals(base)))
            raise InputError(
                f"{place} sets {kind}.{name}, which {base} does not have ({kind} there: {alike}); an environment only "
                "changes values: correct the name, or define it in the base configuration."
            )


def _globals(folder: Path) -> list[str]:
    path = folder / "globals.yml"
    return [str(name) for name in OmegaConf.load(path)] if path.exists() else []


def _named(entries: dict[str, Any]) -> dict[str, Any]:
    return {
        name: entry | {"name": name} if isinstance(entry, dict) else entry
        for name, entry in sorted(entries.items(), key=lambda named: str(named[0]))
    }


def _entry_names(folder: Path) -> dict[tuple[str, str], Path]:
    """Find every entry of every kind in the parameter files of one environment.

    Returns:
        (kind, name) and the file that defines it; for kinds whose entries are files of their own.

    Raises:
        InputError: If two files define the same entry; names both.
    """
    seen: dict[tuple[str, str], Path] = {}
    for path in sorted([*folder.glob("parameters*.y*ml"), *folder.glob("parameters*/**/*.y*ml")]):
        try:
            content = OmegaConf.to_container(OmegaConf.load(path))
        except (ParserError, YAMLError) as error:
            raise InputError(f"{path} cannot be read as YAML: {error}") from error
        for kind, entries in content.items() if isinstance(content, dict) else ():
            for name in entries if kind in KINDS and isinstance(entries, dict) else ():
                entry = (str(kind), str(name))
                if entry in seen:
                    raise InputError(
                        f"{kind!s}.{name!s} is defined in {seen[entry]} and again in {path}; a name stands in one "
                        "file: rename or remove one of them."
                    )
                seen[entry] = path
    return seen
