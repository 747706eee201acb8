"""Storage of fitted models: a zip of JSON with skops, or with Keras's own archive for a network; never pickle.

What stands for a model that was not fitted is stored as a zip of JSON alone, which says why.
"""

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
from l1000_bench.models.fitted import FittedModel, NoModel
from l1000_bench.models.keras_classifier import KerasClassifier
from l1000_bench.models.stored_network import StoredNetwork

# Types that skops does not trust by itself and that our estimators are made of, by exact name.
TRUSTED_TYPES = (
    "l1000_bench.models.boosted_trees.BoostedTreesClassifier",
    "l1000_bench.models.centroids.CentroidClassifier",
    "l1000_bench.models.gaussian_process.ProcessClassifier",
    "l1000_bench.models.neighbours.NeighboursClassifier",
    "l1000_bench.models.preprocessing.Clip",
    "l1000_bench.models.preprocessing.Rank",
    "l1000_bench.models.preprocessing.Sign",
    "l1000_bench.models.quadratic.QuadraticClassifier",
    "l1000_bench.models.support_vectors.NuSupportVectorClassifier",
    "l1000_bench.models.support_vectors.SupportVectorClassifier",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.gaussian_process.kernels.ConstantKernel",
    "sklearn.gaussian_process.kernels.DotProduct",
    "sklearn.gaussian_process.kernels.ExpSineSquared",
    "sklearn.gaussian_process.kernels.Matern",
    "sklearn.gaussian_process.kernels.Product",
    "sklearn.gaussian_process.kernels.RBF",
    "sklearn.gaussian_process.kernels.RationalQuadratic",
    "sklearn.gaussian_process.kernels.Sum",
    "sklearn.gaussian_process.kernels.WhiteKernel",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    "sklearn.tree._tree.Tree",
)
PACKAGES = ("l1000_bench", "numpy", "scikit-learn", "skops")
NETWORK_PACKAGES = ("keras", "tensorflow")

JSON, SKOPS, KERAS = "model.json", "model.skops", "model.keras"
REASON = "reason"


def save_model(model: FittedModel | NoModel, path: Path, trusted: tuple[str, ...] = ()) -> None:
    """Write a model as a zip.

    `model.json` describes it. `model.skops` holds the estimator with its preprocessing; of a Keras network it holds the
    preprocessing alone, and is left out where there is none, for the network stands in `model.keras`.

    Args:
        model: What to write; of a `NoModel`, a `model.json` with the reason.
        path: The zip file.
        trusted: Further types, by exact name, that the estimator may hold.

    Raises:
        InputError: If the estimator holds a type that loading would refuse.
    """
    if isinstance(model, NoModel):
        _write(path, {"about": model.about, REASON: model.reason, "versions": _versions(PACKAGES)}, {})
        return
    last = model.estimator[-1]
    network = isinstance(last, KerasClassifier | StoredNetwork)
    description: dict[str, Any] = {
        "about": model.about,
        "classes": model.classes,
        "gene_ids": model.gene_ids,
        "versions": _versions((*PACKAGES, *NETWORK_PACKAGES) if network else PACKAGES),
    }
    members: dict[str, bytes] = {}
    if network:
        description["codes"] = [int(code) for code in last.classes_]
        members[KERAS] = last.content if isinstance(last, StoredNetwork) else last.to_keras()
    steps = model.estimator[:-1] if network else model.estimator
    if len(steps):
        members[SKOPS] = skops.io.dumps(steps)
        _refuse_untrusted(members[SKOPS], trusted, path)
    _write(path, description, members)


def _versions(packages: tuple[str, ...]) -> dict[str, str]:
    return {"python": platform.python_version(), **{package: version(package) for package in packages}}


def _write(path: Path, description: dict[str, Any], members: dict[str, bytes]) -> None:
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        archive.writestr(zipfile.ZipInfo(JSON), json.dumps(description, indent=1))
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data)


def load_model(path: Path, trusted: tuple[str, ...] = ()) -> FittedModel:
    """Read a model that `save_model` wrote; a network comes back as a `StoredNetwork`.

    Raises:
        InputError: If the file is no such zip, or holds a type that is not trusted, or says why there is no model.
    """
    description = describe_model(path)
    if REASON in description:
        raise InputError(f"{path} holds no model: {description[REASON]}.")
    try:
        with zipfile.ZipFile(path) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        if KERAS not in members:
            estimator = _skops(members[SKOPS], trusted, path)
        else:
            steps = _skops(members[SKOPS], trusted, path).steps if SKOPS in members else []
            estimator = Pipeline([*steps, ("classifier", StoredNetwork(members[KERAS], description["codes"]))])
        classes, gene_ids = tuple(description["classes"]), tuple(description["gene_ids"])
        return FittedModel(estimator, classes, gene_ids, dict(description["about"]))
    except (zipfile.BadZipFile, KeyError) as error:
        raise _no_zip_of_ours(path, error) from error


def describe_model(path: Path) -> dict[str, Any]:
    """Read what a stored model says of itself, and nothing of its estimator.

    Returns:
        `about`, `versions`, and either `classes` and `gene_ids` or, where there is no model, the `reason`.

    Raises:
        InputError: If the file is no zip of `save_model`.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return dict(json.loads(archive.read(JSON)))
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError) as error:
        raise _no_zip_of_ours(path, error) from error


def _no_zip_of_ours(path: Path, error: Exception) -> InputError:
    return InputError(f"{path} is no model of this project ({error}); run the modeling pipeline again.")


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
