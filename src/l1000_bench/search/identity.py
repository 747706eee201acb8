"""What determines a trial: two trials with the same key have the same scores and predictions."""

from __future__ import annotations

import hashlib
import importlib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import distribution, packages_distributions, version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import l1000_bench
from l1000_bench.models.spec import ClassifierSpec
from l1000_bench.search.benchmark_data import BenchmarkData

LIBRARIES = ("numpy", "scipy", "scikit-learn")
NETWORK_LIBRARIES = ("keras", "tensorflow")
PROTOCOL = ("models/fit.py", "models/preprocessing.py", "models/spec.py", "search/rotation.py", "statistics/metrics.py")
OWN = ("models", "graphs", "neighbours")  # of the package: what its own estimators are made of


def as_json(setting: Mapping[str, Any]) -> str:
    """Return a setting as text that does not depend on the order of its keys."""
    return json.dumps(setting, sort_keys=True, default=str)


def trial_id(setting: Mapping[str, Any]) -> str:
    """Return twelve hexadecimal digits that depend on the setting alone."""
    return hashlib.sha256(as_json(setting).encode("utf-8")).hexdigest()[:12]


def trial_key(setting: Mapping[str, Any], cell: str, graphs: Mapping[str, str]) -> str:
    """Return the name of a trial's records.

    Args:
        setting: Hyper-parameters, in full.
        cell: Digest of everything that the trials of a cell share.
        graphs: Digest of every graph by name; that of the one that the setting names counts.
    """
    named = (setting.get("pyramid") or {}).get("graph", "")
    return _digest([trial_id(setting), cell, graphs.get(named, "")])[:24]


def cell_digest(data: BenchmarkData, profiles: str, spec: ClassifierSpec, threads: int) -> str:
    """Return the digest of what the trials of a cell share: data, folds, classifier, threads and code.

    Args:
        data: The benchmark.
        profiles: Digest of its profiles.
        spec: The classifier.
        threads: Threads of one fit, on which sums depend.
    """
    arrays = [data.codes.astype(np.int64).tobytes(), json.dumps(data.classes.tolist()).encode("utf-8")]
    for rotation, roles in data.rotations.items():
        arrays += [f"{rotation}".encode(), *(roles[role].astype(np.int64).tobytes() for role in sorted(roles))]
    entry = json.dumps([spec.class_path, spec.preprocess], sort_keys=True, default=str)
    labels = hashlib.sha256(b"\0".join(arrays)).hexdigest()
    return _digest([profiles, labels, entry, str(threads), code_version(spec.class_path)])


def table_digest(table: pd.DataFrame) -> str:
    """Return the SHA-256 of a table's values, in their order."""
    return hashlib.sha256(table.to_csv(index=False, lineterminator="\n").encode("utf-8")).hexdigest()


@cache
def code_version(class_path: str) -> str:
    """Return a text that changes with the code of an estimator, and with that of the protocol around it.

    For an estimator of this package it holds the SHA-256 of its sources; for one of an installed package that package's
    version; for any other, such as one of a package that is installed as editable, the SHA-256 of all sources of its
    top package or module.

    Args:
        class_path: Import path of the class.
    """
    parts = [f"{name} {version(name)}" for name in LIBRARIES]
    package = Path(l1000_bench.__file__).parent
    parts.append(_digest_of_files(package / name for name in PROTOCOL))
    top = class_path.partition(".")[0].partition(":")[0]
    if top == l1000_bench.__name__:
        parts += [f"{name} {version(name)}" for name in NETWORK_LIBRARIES]
        parts += [sources_digest(folder) for folder in OWN]
    else:
        module = importlib.import_module(top)
        places = [Path(place) for place in getattr(module, "__path__", [module.__file__])]
        files = [file for place in places for file in ([place] if place.is_file() else place.rglob("*.py"))]
        parts += _versions(top, {place.parent for place in places}) or [_digest_of_files(files)]
    return "; ".join(parts)


def _versions(top: str, folders: set[Path]) -> list[str]:
    """Return the versions of the distributions that have put a package there; an editable one lies elsewhere."""
    found = [distribution(name) for name in sorted(set(packages_distributions().get(top, [])))]
    return [
        f"{one.name} {one.version}"
        for one in found
        if one.read_text("RECORD") is not None and folders == {Path(str(one.locate_file("")))}
    ]


@cache
def sources_digest(folder: str) -> str:
    """Return the SHA-256 of the sources in a folder of this package."""
    return _digest_of_files((Path(l1000_bench.__file__).parent / folder).rglob("*.py"))


def _digest_of_files(files: Iterable[Path]) -> str:
    return _digest([hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(files)])


def _digest(parts: list[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8")).hexdigest()
