from __future__ import annotations

import io
import json
import platform
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kedro.io import DatasetError
from sklearn.pipeline import Pipeline
from stored_models import ABOUT, CODES, ENTRIES, GENES, PROFILES, fitted, model, saved

from l1000_bench.models.fit import fit
from l1000_bench.models.keras_classifier import KerasClassifier
from l1000_bench.models.spec import ClassifierSpec
from l1000_bench.models.stored_network import StoredNetwork

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
