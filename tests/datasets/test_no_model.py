from __future__ import annotations

import json
import platform
import zipfile
from pathlib import Path

import numpy as np
import pytest
from kedro.io import DatasetError
from sklearn.dummy import DummyClassifier
from sklearn.pipeline import Pipeline

from l1000_bench.datasets.model_dataset import ModelDataset
from l1000_bench.errors import InputError
from l1000_bench.models.fitted import FittedModel, NoModel
from l1000_bench.models.storage import load_model

ABOUT = {"dataset": "lincs_full", "task": "moa", "classifier": "gaussian_process"}


def model() -> FittedModel:
    dummy = DummyClassifier().fit(np.zeros((2, 1)), [0, 1])
    return FittedModel(Pipeline([("classifier", dummy)]), ("a", "b"), ("780",), ABOUT)


def test_why_there_is_no_model_comes_back_in_its_place(tmp_path: Path) -> None:
    dataset = ModelDataset(str(tmp_path / "model.zip"))
    dataset.save(NoModel("it is run on at most 9 training profiles, and there are 12", ABOUT))
    assert dataset.exists()
    with pytest.raises(DatasetError, match=r"model\.zip holds no model: it is run on at most 9 .* there are 12\.$"):
        dataset.load()
    with pytest.raises(InputError, match=r"^\S+model\.zip holds no model: it is run on at most 9 .* there are 12\.$"):
        load_model(tmp_path / "model.zip")
    with zipfile.ZipFile(tmp_path / "model.zip") as archive:
        assert archive.namelist() == ["model.json"]
        assert json.loads(archive.read("model.json"))["versions"]["python"] == platform.python_version()
    preview = json.loads(str(dataset.preview()))
    assert preview == ABOUT | {"reason": "it is run on at most 9 training profiles, and there are 12"}


def test_a_model_takes_the_place_of_its_absence_and_the_reverse(tmp_path: Path) -> None:
    dataset = ModelDataset(str(tmp_path / "model.zip"))
    dataset.save(model())
    dataset.save(NoModel("none", ABOUT))
    with pytest.raises(DatasetError, match="holds no model: none"):
        dataset.load()
    dataset.save(model())
    assert dataset.load().classes == ("a", "b")
    with zipfile.ZipFile(tmp_path / "model.zip", "w") as archive:
        archive.writestr("model.json", '["no description"]')
    with pytest.raises(InputError, match=r"model\.zip is no model of this project"):
        load_model(tmp_path / "model.zip")
