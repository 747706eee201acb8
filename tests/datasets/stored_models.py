from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.pipeline import Pipeline

from l1000_bench.config import BenchConfigLoader
from l1000_bench.datasets.model_dataset import ModelDataset
from l1000_bench.graphs.choice import Pyramids
from l1000_bench.io.atomic import write_manifest
from l1000_bench.models.fit import fit
from l1000_bench.models.fitted import FittedModel
from l1000_bench.models.spec import ClassifierSpec
from l1000_bench.settings import CONFIG_LOADER_ARGS

CONF = Path(__file__).parents[2] / "conf"
LOADER = BenchConfigLoader(conf_source=str(CONF), env="test", **CONFIG_LOADER_ARGS)
ENTRIES: dict[str, dict[str, Any]] = LOADER["parameters"]["classifiers"]
TRUSTED: list[str] = LOADER["globals"]["trusted_types"]
RING = pd.DataFrame([(str(n), str((n + 1) % 40), 1.0) for n in range(40)], columns=["gene_a", "gene_b", "weight"])
GRAPHS = dict.fromkeys(("regulatory", "rewired", "random"), RING)
PYRAMIDS = Pyramids([str(gene) for gene in range(978)], GRAPHS)
RNG = np.random.default_rng(8)
PROFILES = RNG.normal(size=(60, 978)).astype(np.float32)
CODES = np.arange(60) % 3
GENES = tuple(str(number) for number in range(978))
ABOUT = {"dataset": "lincs_full", "task": "moa", "classifier": "x", "setting": {"alpha": 0.1, "layers": [3, 4]}}


class Foreign(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A class that nobody has said to trust."""

    def fit(self, X: NDArray[np.float32], y: NDArray[np.intp]) -> Foreign:
        self.classes_ = np.unique(y)
        return self

    def predict(self, X: NDArray[np.float32]) -> NDArray[np.intp]:
        return np.zeros(len(X), dtype=np.intp)


FOREIGN = f"{Foreign.__module__}.Foreign"


def model(estimator: Pipeline) -> FittedModel:
    return FittedModel(estimator, ("DMSO", "a|b", "é"), GENES, ABOUT)


def fitted(name: str, preprocess: list[Any] | None = None) -> FittedModel:
    spec = ClassifierSpec.from_config(ENTRIES[name] | {"preprocess": preprocess or []})
    return model(fit(spec.build({}, threads=1, pyramids=PYRAMIDS), PROFILES, CODES, threads=1))


def foreign() -> FittedModel:
    return model(Pipeline([("classifier", Foreign().fit(PROFILES, CODES))]))


def saved(path: Path, stored: FittedModel | None = None) -> ModelDataset:
    dataset = ModelDataset(str(path), TRUSTED)
    dataset.save(stored or fitted("decision_tree"))
    return dataset


def crafted(path: Path, **members: bytes) -> ModelDataset:
    """Write a zip with a manifest that fits, as an attacker would."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(f"model.{name}", data)
    write_manifest(path, [path])
    return ModelDataset(str(path))
