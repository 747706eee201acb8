"""Storage of fitted models: a zip of JSON with skops, or with Keras's own archive for a network; never pickle."""

from __future__ import annotations

import json
import platform
import zipfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import skops.io
from sklearn.pipeline import Pipeline

from l1000_bench.errors import InputError
from l1000_bench.io.atomic import replacing
from l1000_bench.models.fitted import FittedModel
from l1000_bench.models.keras_classifier import KerasClassifier
from l1000_bench.models.stored_network import StoredNetwork

# Types that skops does not trust by itself and that our estimators are made of, by exact name.
TRUSTED_TYPES = (
    "l1000_bench.models.neighbours.NeighboursClassifier",
    "l1000_bench.models.preprocessing.Clip",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    "sklearn.tree._tree.Tree",
)
PACKAGES = ("l1000_bench", "numpy", "scikit-learn", "skops")
NETWORK_PACKAGES = ("keras", "tensorflow")

JSON, SKOPS, KERAS = "model.json", "model.skops", "model.keras"


def save_model(model: FittedModel, path: Path, trusted: tuple[str, ...] = ()) -> None:
    """Write a model as a zip.

    `model.json` describes it. `model.skops` holds the estimator with its preprocessing; of a Keras network it holds the
    preprocessing alone, and is left out where there is none, for the network stands in `model.keras`.

    Args:
        model: What to write.
        path: The zip file.
        trusted: Further types, by exact name, that the estimator may hold.

    Raises:
        InputError: If the estimator holds a type that loading would refuse.
    """
    last = model.estimator[-1]
    network = isinstance(last, KerasClassifier | StoredNetwork)
    packages = (*PACKAGES, *NETWORK_PACKAGES) if network else PACKAGES
    description: dict[str, Any] = {
        "about": model.about,
        "classes": model.classes,
        "gene_ids": model.gene_ids,
        "versions": {"python": platform.python_version(), **{package: version(package) for package in packages}},
    }
    members: dict[str, bytes] = {}
    if network:
        description["codes"] = [int(code) for code in last.classes_]
        members[KERAS] = last.content if isinstance(last, StoredNetwork) else last.to_keras()
    steps = model.estimator[:-1] if network else model.estimator
    if len(steps):
        members[SKOPS] = skops.io.dumps(steps)
        _refuse_untrusted(members[SKOPS], trusted, path)
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        archive.writestr(zipfile.ZipInfo(JSON), json.dumps(description, indent=1))
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data)


def load_model(path: Path, trusted: tuple[str, ...] = ()) -> FittedModel:
    """Read a model that `save_model` wrote; a network comes back as a `StoredNetwork`.

    Raises:
        InputError: If the file is no such zip, or holds a type that is not trusted.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            description = json.loads(archive.read(JSON))
            members = {name: archive.read(name) for name in archive.namelist()}
        if KERAS not in members:
            estimator = _skops(members[SKOPS], trusted, path)
        else:
            steps = _skops(members[SKOPS], trusted, path).steps if SKOPS in members else []
            estimator = Pipeline([*steps, ("classifier", StoredNetwork(members[KERAS], description["codes"]))])
        classes, gene_ids = tuple(description["classes"]), tuple(description["gene_ids"])
        return FittedModel(estimator, classes, gene_ids, dict(description["about"]))
    except (zipfile.BadZipFile, KeyError, json.JSONDecodeError) as error:
        raise InputError(f"{path} is no model of this project ({error}); run the modeling pipeline again.") from error


def _skops(data: bytes, trusted: tuple[str, ...], path: Path) -> Pipeline:
    _refuse_untrusted(data, trusted, path)
    return skops.io.loads(data, trusted=[*TRUSTED_TYPES, *trusted])


def _refuse_untrusted(data: bytes, trusted: tuple[str, ...], path: Path) -> None:
    unknown = sorted(set(skops.io.get_untrusted_types(data=data)) - {*TRUSTED_TYPES, *trusted})
    if unknown:
        raise InputError(
            f"{path} holds the type(s) {', '.join(unknown)}, which are not trusted; if you know them, add them to "
            "trusted_types in globals.yml."
        )
