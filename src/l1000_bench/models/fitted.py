"""A fitted model that knows its classes and genes, and its storage without pickle."""

from __future__ import annotations

import json
import platform
import zipfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import skops.io
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from l1000_bench.errors import InputError
from l1000_bench.io.atomic import replacing

# Types that skops does not trust by itself and that our estimators are made of, by exact name.
TRUSTED_TYPES = (
    "l1000_bench.models.preprocessing.Clip",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    "sklearn.tree._tree.Tree",
)
PACKAGES = ("l1000_bench", "numpy", "scikit-learn", "skops")


@dataclass(frozen=True)
class FittedModel:
    """A classifier fitted on a whole dataset.

    Attributes:
        estimator: The fitted preprocessing and classifier; its own classes are integer codes.
        classes: The label of every code.
        gene_ids: Entrez ids in the order of the profiles' columns.
        about: What it was made from: dataset, task, classifier, setting.
    """

    estimator: Pipeline
    classes: tuple[str, ...]
    gene_ids: tuple[str, ...]
    about: dict[str, Any]

    def predict(self, profiles: NDArray[np.float32]) -> NDArray[np.object_]:
        """Label profiles.

        Args:
            profiles: (n_samples, n_genes), genes in the order of `gene_ids`.

        Returns:
            (n_samples,) labels.

        Raises:
            InputError: If the number of genes differs.
        """
        if profiles.shape[1] != len(self.gene_ids):
            raise InputError(
                f"the model takes {len(self.gene_ids)} genes, the profiles have {profiles.shape[1]}; "
                "select the model's gene_ids, in their order."
            )
        codes = self.estimator.predict(np.asarray(profiles, dtype=np.float32))
        labels: NDArray[np.object_] = np.array(self.classes, dtype=object)[codes]
        return labels


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
