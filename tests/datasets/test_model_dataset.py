from __future__ import annotations

import io
import json
import os
import platform
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import skops.io
from kedro.io import DatasetError
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.dummy import DummyClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from l1000_bench.config import BenchConfigLoader
from l1000_bench.datasets.model_dataset import ModelDataset
from l1000_bench.errors import InputError
from l1000_bench.graphs.choice import Pyramids
from l1000_bench.io.atomic import write_manifest
from l1000_bench.models.fit import fit
from l1000_bench.models.fitted import FittedModel
from l1000_bench.models.keras_classifier import KerasClassifier
from l1000_bench.models.spec import ClassifierSpec
from l1000_bench.models.storage import load_model, save_model
from l1000_bench.models.stored_network import StoredNetwork
from l1000_bench.settings import CONFIG_LOADER_ARGS

CONF = Path(__file__).parents[2] / "conf"
LOADER = BenchConfigLoader(conf_source=str(CONF), env="test", **CONFIG_LOADER_ARGS)
ENTRIES: dict[str, dict[str, Any]] = LOADER["parameters"]["classifiers"]
RING = pd.DataFrame([(str(n), str((n + 1) % 40), 1.0) for n in range(40)], columns=["gene_a", "gene_b", "weight"])
GRAPHS = dict.fromkeys(("regulatory", "rewired", "random"), RING)
PYRAMIDS = Pyramids([str(gene) for gene in range(978)], GRAPHS)
TRUSTED: list[str] = LOADER["globals"]["trusted_types"]

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


# Round trips


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_every_classifier_comes_back_and_predicts_the_same(tmp_path: Path, name: str) -> None:
    before = fitted(name)
    last = before.estimator[-1]
    back = saved(tmp_path / "model.zip", before).load()
    unseen = np.random.default_rng(9).normal(size=(40, 978)).astype(np.float32)
    assert back.predict(unseen).tolist() == before.predict(unseen).tolist()
    if hasattr(before.estimator, "predict_proba"):
        told, expected = (stored.estimator.predict_proba(unseen) for stored in (back, before))
        np.testing.assert_allclose(told, expected, rtol=0, atol=1e-6 if isinstance(last, KerasClassifier) else 0)
    assert (back.classes, back.gene_ids, back.about) == (before.classes, before.gene_ids, before.about)
    if isinstance(last, KerasClassifier):
        assert isinstance(back.estimator[-1], StoredNetwork)
    else:
        assert back.estimator.get_params().keys() == before.estimator.get_params().keys()


def test_preprocessing_comes_back_with_what_it_learned(tmp_path: Path) -> None:
    before = fitted("knn", ["standardize", {"clip": 2.5}])
    back = saved(tmp_path / "model.zip", before).load()
    assert [type(step).__name__ for _, step in back.estimator.steps] == [
        "StandardScaler",
        "Clip",
        "NeighboursClassifier",
    ]
    steps = [Pipeline(stored.estimator.steps[:2]).transform(PROFILES) for stored in (before, back)]
    np.testing.assert_array_equal(*steps)
    assert back.estimator.steps[1][1].limit == 2.5


def test_the_description_says_what_the_model_is(tmp_path: Path) -> None:
    saved(tmp_path / "model.zip")
    with zipfile.ZipFile(tmp_path / "model.zip") as archive:
        assert archive.namelist() == ["model.json", "model.skops"]
        description = json.loads(archive.read("model.json"))
    packages = {package: version(package) for package in ("l1000_bench", "numpy", "scikit-learn", "skops")}
    assert description == {
        "about": ABOUT,
        "classes": ["DMSO", "a|b", "é"],
        "gene_ids": list(GENES),
        "versions": {"python": platform.python_version(), **packages},
    }


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_there_is_no_pickle_inside(tmp_path: Path, name: str) -> None:
    saved(tmp_path / "model.zip", fitted(name, ["standardize"]))
    with zipfile.ZipFile(tmp_path / "model.zip") as archive:
        inner = zipfile.ZipFile(io.BytesIO(archive.read("model.skops")))
    members = {member: inner.read(member) for member in inner.namelist()}
    assert "schema.json" in members
    json.loads(members.pop("schema.json"))
    for member, data in members.items():
        assert member.endswith(".npy")
        np.load(io.BytesIO(data), allow_pickle=False)


# Networks


def test_a_network_predicts_the_same_in_a_fresh_process(tmp_path: Path) -> None:
    before = fitted("gcnn", ["standardize"])
    dataset = saved(tmp_path / "model.zip", before)
    with zipfile.ZipFile(tmp_path / "model.zip") as archive:
        assert archive.namelist() == ["model.json", "model.keras", "model.skops"]
        keras_members = zipfile.ZipFile(io.BytesIO(archive.read("model.keras"))).namelist()
    assert sorted(keras_members) == ["config.json", "metadata.json", "model.weights.h5"]
    unseen = np.random.default_rng(3).normal(size=(30, 978)).astype(np.float32)
    np.save(tmp_path / "unseen.npy", unseen)
    code = (
        "import sys, numpy as np\n"
        "from l1000_bench.datasets.model_dataset import ModelDataset\n"
        "folder = sys.argv[1]\n"
        "model = ModelDataset(folder + '/model.zip').load()\n"
        "np.save(folder + '/told.npy', model.estimator.predict_proba(np.load(folder + '/unseen.npy')))\n"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", code, str(tmp_path)], check=True)
    expected = before.estimator.predict_proba(unseen)
    np.testing.assert_allclose(np.load(tmp_path / "told.npy"), expected, rtol=0, atol=1e-6)
    assert dataset.load().predict(unseen).tolist() == before.predict(unseen).tolist()


def test_a_stored_network_can_be_stored_again(tmp_path: Path) -> None:
    back = saved(tmp_path / "first.zip", fitted("ffann_keras", ["standardize"])).load()
    saved(tmp_path / "second.zip", back)
    with zipfile.ZipFile(tmp_path / "first.zip") as first, zipfile.ZipFile(tmp_path / "second.zip") as second:
        for member in ("model.json", "model.keras"):
            assert first.read(member) == second.read(member)
    assert saved(tmp_path / "third.zip", back).load().predict(PROFILES).tolist() == back.predict(PROFILES).tolist()


def test_a_network_keeps_the_codes_that_it_was_fitted_on(tmp_path: Path) -> None:
    spec = ClassifierSpec.from_config(ENTRIES["ffann_keras"])
    kept = CODES != 1
    before = model(fit(spec.build({}, threads=1), PROFILES[kept], CODES[kept], threads=1))
    back = saved(tmp_path / "model.zip", before).load()
    assert back.estimator.classes_.tolist() == [0, 2]
    assert set(back.predict(PROFILES)) <= {"DMSO", "é"}


def test_a_network_file_that_is_none_is_refused_in_one_sentence(tmp_path: Path) -> None:
    described = json.dumps({"classes": ["a"], "gene_ids": ["9"], "about": {}, "codes": [0]}).encode()
    loaded = crafted(tmp_path / "model.zip", json=described, keras=b"no archive").load()
    with pytest.raises(InputError, match=r"model\.keras holds no network of this project .* fit the model again"):
        loaded.predict(np.zeros((1, 1), dtype=np.float32))


def test_code_inside_a_network_file_is_never_run(tmp_path: Path) -> None:
    layer = {"module": "keras.layers", "class_name": "Lambda", "registered_name": None}
    function = {"class_name": "__lambda__", "config": {"code": "4wEAAAA=", "defaults": None, "closure": None}}
    config = {
        "module": "keras", "class_name": "Sequential", "registered_name": None,
        "config": {"name": "s", "layers": [layer | {"config": {"name": "l", "function": function}}]},
    }  # fmt: skip
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("metadata.json", json.dumps({"keras_version": version("keras")}))
        archive.writestr("model.weights.h5", b"")
    described = json.dumps({"classes": ["a"], "gene_ids": ["9"], "about": {}, "codes": [0]}).encode()
    loaded = crafted(tmp_path / "model.zip", json=described, keras=content.getvalue()).load()
    with pytest.raises(InputError, match="holds no network of this project"):
        loaded.predict(np.zeros((1, 1), dtype=np.float32))


# Trust


def test_a_type_that_nobody_trusts_is_refused_when_it_is_saved(tmp_path: Path) -> None:
    dataset = ModelDataset(str(tmp_path / "model.zip"))
    with pytest.raises(DatasetError, match=rf"model\.zip holds the type\(s\) {FOREIGN}, which are not trusted"):
        dataset.save(foreign())
    assert list(tmp_path.iterdir()) == []


def test_a_type_that_nobody_trusts_is_refused_when_it_is_loaded(tmp_path: Path) -> None:
    save_model(foreign(), tmp_path / "model.zip", (FOREIGN,))
    write_manifest(tmp_path / "model.zip", [tmp_path / "model.zip"])
    with pytest.raises(DatasetError, match=rf"model\.zip holds the type\(s\) {FOREIGN}, which are not trusted"):
        ModelDataset(str(tmp_path / "model.zip")).load()
    trusting = ModelDataset(str(tmp_path / "model.zip"), [FOREIGN])
    assert trusting.load().predict(PROFILES[:2]).tolist() == ["DMSO", "DMSO"]


def test_a_function_smuggled_in_is_refused_and_never_called(tmp_path: Path) -> None:
    step = FunctionTransformer(os.makedirs)  # its argument would be the profiles
    skops_ = skops.io.dumps(Pipeline([("step", step), ("classifier", DummyClassifier().fit(PROFILES, CODES))]))
    described = json.dumps({"classes": ["a"], "gene_ids": ["9"], "about": {}}).encode()
    dataset = crafted(tmp_path / "model.zip", json=described, skops=skops_)
    with pytest.raises(DatasetError, match=r"holds the type\(s\) os\.makedirs, which are not trusted"):
        dataset.load()


# Damage


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.zip"
    skops_ = skops.io.dumps(fitted("decision_tree").estimator)
    described = json.dumps({"classes": ["a"], "gene_ids": ["9"], "about": {}}).encode()
    assert crafted(path, json=described, skops=skops_).load().classes == ("a",)
    for members in (
        {},
        {"json": described},
        {"skops": skops_},
        {"json": b"{no json", "skops": skops_},
        {"json": b"{}", "skops": skops_},
        {"json": described, "skops": b"no zip"},
        {"json": described, "skops": skops_[:-30]},
    ):
        with pytest.raises(DatasetError, match=r"model\.zip is no model of this project .* run the modeling pipeline"):
            crafted(path, **members).load()
    path.write_bytes(b"no zip at all")
    with pytest.raises(InputError, match=r"model\.zip is no model of this project"):
        load_model(path)


def test_a_model_that_was_changed_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    dataset = saved(tmp_path / "model.zip")
    with zipfile.ZipFile(tmp_path / "model.zip", "a") as archive:
        archive.writestr("more", b"")
    with pytest.raises(DatasetError, match=r"model\.zip has SHA-256 .* its manifest says"):
        dataset.load()
    (tmp_path / "model.zip.sha256").unlink()
    with pytest.raises(DatasetError, match=r"model\.zip has no manifest"):
        dataset.load()


def test_an_interrupted_save_leaves_the_old_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = saved(tmp_path / "model.zip")
    expected = dataset.load().predict(PROFILES).tolist()
    plain = zipfile.ZipFile.writestr

    def full(archive: zipfile.ZipFile, member: zipfile.ZipInfo | str, *data: Any, **options: Any) -> None:
        if getattr(member, "filename", member) == "model.skops":
            raise OSError("No space left on device")
        plain(archive, member, *data, **options)

    with monkeypatch.context() as patch, pytest.raises(DatasetError, match="No space left"):
        patch.setattr(zipfile.ZipFile, "writestr", full)
        dataset.save(fitted("majority"))
    assert dataset.load().predict(PROFILES).tolist() == expected
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.zip", "model.zip.sha256"]


def test_the_preview_says_what_the_model_was_made_from(tmp_path: Path) -> None:
    preview = saved(tmp_path / "model.zip").preview()
    assert json.loads(str(preview)) == ABOUT | {"classes": ["DMSO", "a|b", "é"], "genes": 978}
