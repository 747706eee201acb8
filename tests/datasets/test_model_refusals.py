from __future__ import annotations

import io
import json
import os
import zipfile
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
import skops.io
from kedro.io import DatasetError
from sklearn.dummy import DummyClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer
from stored_models import CODES, FOREIGN, PROFILES, crafted, fitted, foreign, saved

from l1000_bench.datasets.model_dataset import ModelDataset
from l1000_bench.errors import InputError
from l1000_bench.io.atomic import write_manifest
from l1000_bench.models.storage import load_model, save_model


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
