from pathlib import Path
from typing import Any

import numpy as np
import pytest

from l1000_bench.errors import InputError
from l1000_bench.models.spec import ClassifierSpec

FOREST: dict[str, Any] = {
    "name": "forest",
    "class": "sklearn.ensemble.RandomForestClassifier",
    "label": "Forest",
    "params": {"n_estimators": 7, "random_state": 3},
}


def test_an_entry_builds_its_estimator() -> None:
    spec = ClassifierSpec.from_config(FOREST | {"preprocess": ["standardize", {"clip": 5}]})
    pipeline = spec.build({}, threads=2)
    assert [type(step).__name__ for _, step in pipeline.steps] == ["StandardScaler", "Clip", "RandomForestClassifier"]
    parameters = pipeline.named_steps["classifier"].get_params()
    assert {name: parameters[name] for name in ("n_estimators", "random_state", "n_jobs")} == {
        "n_estimators": 7,
        "random_state": 3,
        "n_jobs": 2,
    }
    assert pipeline.steps[1][1].limit == 5.0


def test_a_setting_comes_over_the_parameters_and_changes_no_other_trial() -> None:
    spec = ClassifierSpec.from_config(FOREST)
    built = [spec.build(setting, threads=1).named_steps["classifier"] for setting in ({"n_estimators": 9}, {})]
    assert [forest.n_estimators for forest in built] == [9, 7]
    assert [forest.random_state for forest in built] == [3, 3]
    assert spec.params == {"n_estimators": 7, "random_state": 3}


def test_the_defaults_of_an_entry_and_of_keys_left_empty() -> None:
    entry = {"name": "nb", "class": "sklearn.naive_bayes.GaussianNB", "label": "NB"}
    for more in ({}, {"params": None, "preprocess": None, "known": None}):
        spec = ClassifierSpec.from_config(entry | more)
        assert (spec.params, spec.preprocess, spec.known) == ({}, [], {})
        assert [name for name, _ in spec.build({}, threads=1).steps] == ["classifier"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"colour": "red"}, r"classifiers\.forest: .*'colour' is not known here; its keys are class, label, params"),
        ({"label": None}, r"classifiers\.forest: .*'label' is missing; its keys are"),
        ({"class": None}, r"classifiers\.forest: .*'class' is missing"),
        ({"class": "sklearn.ensemble.NoForest"}, r"classifiers\.forest: cannot import 'sklearn\.ensemble\.NoForest'"),
        ({"class": "no_such_package.Forest"}, "cannot import 'no_such_package.Forest'"),
        ({"class": "not a path"}, "cannot import 'not a path'"),
        ({"class": "sklearn.ensemble"}, r"classifiers\.forest: sklearn\.ensemble refuses"),
        ({"params": {"trees": 3}}, r"classifiers\.forest: sklearn\.\S+ refuses {'trees': 3}: .*'trees'"),
        ({"class": "sklearn.preprocessing.StandardScaler", "params": {}}, "is no scikit-learn classifier"),
        ({"class": "sklearn.linear_model.LinearRegression", "params": {}}, "is no scikit-learn classifier"),
        ({"class": "sklearn.cluster.KMeans", "params": {}}, "is no scikit-learn classifier"),
        ({"class": "collections.Counter", "params": {}}, "is no scikit-learn classifier"),
        ({"preprocess": ["normalize"]}, r"classifiers\.forest: unknown preprocessing step 'normalize'"),
        ({"known": {"lincs_full": {"moa": [{}, {"trees": 3}]}}}, r"classifiers\.forest: .* refuses .*'trees': 3"),
    ],
)
def test_a_wrong_entry_is_refused_by_name(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        ClassifierSpec.from_config(FOREST | change)


def test_a_class_of_ones_own_is_found_by_its_import_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_classifier.py").write_text(
        "import numpy as np\n"
        "from sklearn.base import BaseEstimator, ClassifierMixin\n"
        "class First(ClassifierMixin, BaseEstimator):\n"
        "    def __init__(self, shift=0):\n"
        "        self.shift = shift\n"
        "    def fit(self, X, y):\n"
        "        self.classes_ = np.unique(y)\n"
        "        return self\n"
        "    def predict(self, X):\n"
        "        return np.full(len(X), self.classes_[self.shift])\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    spec = ClassifierSpec.from_config({"name": "first", "class": "my_classifier.First", "label": "First"})
    profiles = np.zeros((3, 2), dtype=np.float32)
    built = spec.build({"shift": 1}, threads=1).fit(profiles, np.array([4, 6, 6]))
    assert built.predict(profiles).tolist() == [6, 6, 6]
