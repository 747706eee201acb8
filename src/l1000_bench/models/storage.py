"""Storage of fitted models: a zip of JSON and skops, never pickle."""

from __future__ import annotations

import json
import platform
import zipfile
from importlib.metadata import version
from pathlib import Path

import skops.io

from l1000_bench.errors import InputError
from l1000_bench.io.atomic import replacing
from l1000_bench.models.fitted import FittedModel

# Types that skops does not trust by itself and that our estimators are made of, by exact name.
TRUSTED_TYPES = (
    "l1000_bench.models.preprocessing.Clip",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    "sklearn.tree._tree.Tree",
)
PACKAGES = ("l1000_bench", "numpy", "scikit-learn", "skops")


def save_model(model: FittedModel, path: Path, trusted: tuple[str, ...] = ()) -> None:
    """Write a model as a zip of `model.json` and `model.skops`.

    Args:
        model: What to write.
        path: The zip file.
        trusted: Further types, by exact name, that the estimator may hold.

    Raises:
        InputError: If the estimator holds a type that loading would refuse.
    """
    data = skops.io.dumps(model.estimator)
    _refuse_untrusted(data, trusted, path)
    versions = {"python": platform.python_version(), **{package: version(package) for package in PACKAGES}}
    description = {
        "about": model.about, "classes": model.classes, "gene_ids": model.gene_ids, "versions": versions
    }  # fmt: skip
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        archive.writestr(zipfile.ZipInfo("model.json"), json.dumps(description, indent=1))
        archive.writestr(zipfile.ZipInfo("model.skops"), data)


def load_model(path: Path, trusted: tuple[str, ...] = ()) -> FittedModel:
    """Read a model that `save_model` wrote.

    Raises:
        InputError: If the file is no such zip, or holds a type that is not trusted.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            description = json.loads(archive.read("model.json"))
            data = archive.read("model.skops")
        _refuse_untrusted(data, trusted, path)
        estimator = skops.io.loads(data, trusted=[*TRUSTED_TYPES, *trusted])
        classes, gene_ids = tuple(description["classes"]), tuple(description["gene_ids"])
        return FittedModel(estimator, classes, gene_ids, dict(description["about"]))
    except (zipfile.BadZipFile, KeyError, json.JSONDecodeError) as error:
        raise InputError(f"{path} is no model of this project ({error}); run the modeling pipeline again.") from error


def _refuse_untrusted(data: bytes, trusted: tuple[str, ...], path: Path) -> None:
    unknown = sorted(set(skops.io.get_untrusted_types(data=data)) - {*TRUSTED_TYPES, *trusted})
    if unknown:
        raise InputError(
            f"{path} holds the type(s) {', '.join(unknown)}, which are not trusted; if you know them, add them to "
            "trusted_types in globals.yml."
        )
