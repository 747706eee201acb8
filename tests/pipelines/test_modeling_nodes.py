from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.neighbors import KNeighborsClassifier

from l1000_bench.errors import InputError
from l1000_bench.io.part_writer import write_profiles
from l1000_bench.io.parts import Block, Profiles, ProfileStream
from l1000_bench.models.fitted import FittedModel, NoModel
from l1000_bench.pipelines.modeling.nodes import fit_model, try_chosen, try_settings
from l1000_bench.search.cell import CellSpec
from l1000_bench.search.identity import trial_id

# Labels alternate, so that a sample's nearest other one always has another label.
LABELS = ["b", "a", None, "b", "a", "b", None, "a", "b", "a", "b", "a"]
IDS = [f"s{number}" for number in range(len(LABELS))]
SAMPLES = pd.DataFrame({"sample_id": IDS, "site": LABELS}, dtype="str")
VALUES = np.array([[number, 0.5 * number, -number] for number in range(len(LABELS))], dtype=np.float32)
LABELLED = [number for number, label in enumerate(LABELS) if label is not None]
ALL = pd.DataFrame(
    {"rotation": 0, "sample_id": IDS, "role": ["unused" if label is None else "train" for label in LABELS]}
)
ONE, THREE = {"n_neighbors": 1}, {"n_neighbors": 3}


@pytest.fixture
def profiles(tmp_path: Path) -> Profiles:
    genes = np.array(["780", "9", "1001"], dtype=object)
    write_profiles(ProfileStream(genes, [Block(np.array(IDS, dtype=object), VALUES)]), tmp_path / "p")
    return Profiles(tmp_path / "p")


def cell(**changes: Any) -> CellSpec:
    known = {"known": {"mine": {"site": [ONE, THREE]}}}
    knn = {"name": "knn", "class": "sklearn.neighbors.KNeighborsClassifier", "label": "KNN", **known}
    fields = {"dataset": "mine", "task": "site", "label_column": "site", "classifier": knn, "threads": 1}
    return CellSpec(**{**fields, "directed_graphs": [], "control_graphs": [], **changes})


def trials(**dev: float) -> pd.DataFrame:
    """The trials of one and of three neighbours with their dev accuracies."""
    settings = {"one": ONE, "three": THREE}
    rows = [
        {"trial_id": trial_id(settings[name]), "params": json.dumps(settings[name]), "dev_accuracy": value}
        for name, value in dev.items()
    ]
    return pd.DataFrame(rows).assign(rotation=0, error=pd.Series(None, index=range(len(rows)), dtype="str"))


def test_the_model_is_fitted_on_every_labelled_sample_and_no_other(profiles: Profiles) -> None:
    model = fit_model(profiles, SAMPLES, ALL, trials(one=0.9, three=0.4), cell())
    assert isinstance(model, FittedModel)
    assert model.predict(VALUES[LABELLED]).tolist() == [LABELS[number] for number in LABELLED]
    knn = model.estimator[-1]
    assert isinstance(knn, KNeighborsClassifier)
    assert knn.n_samples_fit_ == 10
    np.testing.assert_array_equal(np.sort(knn._fit_X[:, 0]), LABELLED)
    assert knn.classes_.tolist() == [0, 1]
    assert model.classes == ("a", "b")
    assert model.gene_ids == ("780", "9", "1001")
    assert model.about == {"dataset": "mine", "task": "site", "classifier": "knn", "setting": ONE}


def test_the_setting_with_the_best_dev_accuracy_is_fitted(profiles: Profiles) -> None:
    model = fit_model(profiles, SAMPLES, ALL, trials(one=0.4, three=0.9), cell())
    assert isinstance(model, FittedModel)
    assert model.estimator[-1].n_neighbors == 3
    assert model.about["setting"] == THREE
    # the neighbours 0, 1 and 3 of sample 1 are b, a, b: three neighbours do not recover its own label
    assert model.predict(VALUES[[1]]).tolist() == ["b"]


def test_nothing_is_fitted_when_every_trial_failed(profiles: Profiles) -> None:
    failed = trials(one=0.4).assign(error="ValueError: no")
    with pytest.raises(InputError, match=r"mine\.site\.knn: no trial came to its end, so there is nothing to fit"):
        fit_model(profiles, SAMPLES, ALL, failed, cell())


def test_a_classifier_that_steps_aside_has_no_model_and_says_why(profiles: Profiles) -> None:
    few = cell(classifier={**cell().classifier, "limits": {"samples": 9}})  # 10 are labelled
    made = fit_model(profiles, SAMPLES, ALL, trials(one=0.9), few)
    assert isinstance(made, NoModel)
    assert "10" in made.reason
    assert "9" in made.reason
    assert made.about == {"dataset": "mine", "task": "site", "classifier": "knn"}
    aside = trials(one=0.9).assign(error="StepsAside: too many")
    in_the_trials = fit_model(profiles, SAMPLES, ALL, aside, cell())
    assert isinstance(in_the_trials, NoModel)
    assert in_the_trials.reason == "too many"


def test_a_class_that_fell_out_of_the_split_is_none_of_the_model(profiles: Profiles) -> None:
    labels = [*LABELS[:-2], "c", "c"]
    samples = pd.DataFrame({"sample_id": IDS, "site": labels}, dtype="str")
    roles = ["unused" if label in (None, "c") else "train" for label in labels]
    model = fit_model(profiles, samples, ALL.assign(role=roles), trials(one=0.9), cell())
    assert isinstance(model, FittedModel)
    assert model.classes == ("a", "b")
    assert model.estimator[-1].n_samples_fit_ == 8


def split_of_two() -> tuple[dict[int, list[str]], pd.DataFrame]:
    roles = {
        0: ["unused" if label is None else ("dev", "test", "train")[n % 3] for n, label in enumerate(LABELS)],
        1: ["unused" if label is None else ("train", "dev", "test")[n % 3] for n, label in enumerate(LABELS)],
    }
    split = pd.concat([pd.DataFrame({"rotation": r, "sample_id": IDS, "role": names}) for r, names in roles.items()])
    return roles, split


def test_a_benchmark_with_unlabelled_samples_is_trained_and_scored(profiles: Profiles, tmp_path: Path) -> None:
    roles, split = split_of_two()
    one = cell(classifier={**cell().classifier, "known": {}, "params": ONE})
    outcome = try_settings(one, tmp_path / "records", profiles=profiles, samples=SAMPLES, split=split)
    assert outcome.trials["error"].isna().all()
    found = outcome.predictions
    for rotation, names in roles.items():
        train = [n for n, name in enumerate(names) if name == "train"]
        rows = found[found["rotation"] == rotation].set_index("sample_id")
        assert sorted(rows.index) == sorted(i for i, name in zip(IDS, names, strict=True) if name in ("dev", "test"))
        for sample_id, row in rows.iterrows():
            number = IDS.index(str(sample_id))
            # the nearest training sample by hand; of two as near, either
            nearest = min(abs(number - other) for other in train)
            assert row["y_pred"] in {LABELS[other] for other in train if abs(number - other) == nearest}
            assert row["y_true"] == LABELS[number]


def test_when_every_setting_fails_the_first_error_is_quoted(profiles: Profiles, tmp_path: Path) -> None:
    _, split = split_of_two()
    many = cell(classifier={**cell().classifier, "known": {}, "params": {"n_neighbors": 40}})
    with pytest.raises(InputError, match=r"mine\.site\.knn: no trial came to its end; the first error was: ValueError"):
        try_settings(many, tmp_path / "records", profiles=profiles, samples=SAMPLES, split=split)


def test_where_all_settings_step_aside_the_run_goes_on_without_predictions(profiles: Profiles, tmp_path: Path) -> None:
    _, split = split_of_two()
    few = cell(classifier={**cell().classifier, "limits": {"samples": 1}})
    outcome = try_settings(few, tmp_path / "records", profiles=profiles, samples=SAMPLES, split=split)
    assert outcome.predictions.empty
    assert outcome.trials["error"].str.startswith("StepsAside: ").all()


def test_the_setting_of_another_task_is_run(profiles: Profiles, tmp_path: Path) -> None:
    _, split = split_of_two()
    alone = split.assign(role=split["role"].replace("dev", "unused"))
    given = {"profiles": profiles, "samples": SAMPLES, "split": alone}
    for best, setting in (("one", ONE), ("three", THREE)):
        source = trials(**{"one": 0.5, "three": 0.5, best: 0.9})
        outcome = try_chosen(cell(), tmp_path / best, source, **given)
        assert outcome.trials["trial_id"].unique().tolist() == [trial_id(setting)]
        assert set(outcome.predictions["role"]) == {"test"}
    with pytest.raises(InputError, match="2 settings are to be tried on a split without a dev part"):
        try_settings(cell(), tmp_path / "records", **given)


@pytest.mark.parametrize("threads", [0, -1])
def test_a_fit_has_at_least_one_thread(threads: int) -> None:
    with pytest.raises(InputError, match=rf"modeling\.threads is {threads}; a fit needs at least 1"):
        cell(threads=threads)


@pytest.mark.parametrize("threads", ["2", 1.5, True])
def test_threads_are_a_whole_number(threads: object) -> None:
    with pytest.raises(InputError, match=r"threads is .*; it takes a whole number"):
        cell(threads=threads)


def test_the_threads_reach_the_estimator() -> None:
    assert cell(threads=1).threads == 1
    spec = cell(threads=2)
    assert spec.classifier_spec().build({}, spec.threads)[-1].n_jobs == 2
