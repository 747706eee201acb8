"""Kedro's config loader with what this project adds to it.

- `${environment:}` is the run's environment, so that the data of two environments never share a file;
  `${oc.env:NAME, default}` reads an environment variable.
- A name given twice under one kind of parameters, in two files of one environment, is refused: Kedro would merge the
  two without a word.
- Every entry of a kind (`corpora`, `datasets`, `tasks`, `splits`, `classifiers`) is given its own name as `name`.
- Every cell of the grid has its own parameter `cells.{dataset}.{task}.{classifier}`; `run` describes the whole run.
- The raw files of every corpus become catalog entries `{corpus}.gctx`, `{corpus}.inst_info`, …, so that a corpus is
  one YAML file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kedro.config import OmegaConfigLoader
from omegaconf import OmegaConf
from omegaconf.resolvers import oc

from l1000_bench.derived import cell_entries, corpus_entries, run_entry
from l1000_bench.errors import InputError
from l1000_bench.grid import check_experiments

KINDS = ("corpora", "datasets", "tasks", "splits", "classifiers")


class BenchConfigLoader(OmegaConfigLoader):
    """Loads configuration as Kedro does; see the module for what is added."""

    def __init__(self, conf_source: str, env: str | None = None, **options: Any) -> None:
        super().__init__(conf_source, env, custom_resolvers={"oc.env": oc.env}, **options)
        # Resolvers are global to the process: the newest loader's environment holds.
        OmegaConf.register_new_resolver("environment", lambda: env or self.base_env, replace=True)

    def __getitem__(self, key: str) -> dict[str, Any]:
        """Return a configuration type; parameters are checked for doubles, the catalog gets the corpora's files."""
        if key == "parameters":
            for environment in (self.base_env, self.env or self.default_run_env):
                _refuse_doubles(Path(self.conf_source) / environment)
        configuration: dict[str, Any] = super().__getitem__(key)
        if key == "parameters":
            named = {kind: _named(value) if kind in KINDS else value for kind, value in configuration.items()}
            experiments = self["experiments"]
            check_experiments(experiments)
            return named | {
                "cells": cell_entries(experiments, named),
                "run": run_entry(experiments, named) | {"environment": self.env or self.base_env},
            }
        if key == "catalog":
            return configuration | corpus_entries(self["parameters"].get("corpora", {}))
        return configuration


def _named(entries: dict[str, Any]) -> dict[str, Any]:
    return {name: entry | {"name": name} if isinstance(entry, dict) else entry for name, entry in entries.items()}


def _refuse_doubles(folder: Path) -> None:
    """Refuse a name that two files of one environment define under the same kind.

    Raises:
        InputError: Names the kind, the name and both files.
    """
    seen: dict[tuple[Any, Any], Path] = {}
    for path in sorted((folder / "parameters").rglob("*.yml")):
        for kind, entries in OmegaConf.to_container(OmegaConf.load(path)).items():  # type: ignore[union-attr]
            for name in entries if isinstance(entries, dict) else ():
                if (kind, name) in seen:
                    raise InputError(
                        f"{kind!s}.{name!s} is defined in {seen[kind, name]} and again in {path}; "
                        "a name stands in one file: rename or remove one of them."
                    )
                seen[kind, name] = path
