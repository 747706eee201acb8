from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, clone
from sklearn.pipeline import Pipeline

from l1000_bench.config import BenchConfigLoader
from l1000_bench.graphs.choice import Pyramids
from l1000_bench.graphs.pyramid import Pyramid
from l1000_bench.models.fit import fit
from l1000_bench.models.spec import ClassifierSpec
from l1000_bench.search.search_spec import SPACES, draw_settings
from l1000_bench.settings import CONFIG_LOADER_ARGS

CONF = Path(__file__).parents[1] / "conf"


def entries(environment: str) -> dict[str, ClassifierSpec]:
    loader = BenchConfigLoader(conf_source=str(CONF), env=environment, **CONFIG_LOADER_ARGS)
    return {name: ClassifierSpec.from_config(entry) for name, entry in loader["parameters"]["classifiers"].items()}


SPECS = entries("test")
every = pytest.mark.parametrize("name", sorted(SPECS))

N_GENES, N_CLASSES = 978, 4
CODES = np.arange(80) % N_CLASSES
PROFILES = np.random.default_rng(5).normal(size=(len(CODES), N_GENES)).astype(np.float32)
PROFILES[np.arange(len(CODES)), CODES] += 40  # each class has a gene of its own


RING = pd.DataFrame(
    [(str(gene), str((gene + 1) % 60), 1.0) for gene in range(60)], columns=["gene_a", "gene_b", "weight"]
)
GRAPHS = dict.fromkeys([graph for spec in SPECS.values() for graph in spec.graphs], RING)
PYRAMIDS = Pyramids([str(gene) for gene in range(N_GENES)], GRAPHS)


def build(name: str) -> Pipeline:
    enough = {"epochs": 20} if "epochs" in SPECS[name].params else {}
    return SPECS[name].build(enough, threads=1, pyramids=PYRAMIDS)


def plain(parameters: dict[str, Any]) -> dict[str, Any]:
    """Parameters that can be compared: a pyramid is described in the file, and preprocessing is not the estimator's."""
    return {name: value for name, value in parameters.items() if name not in ("pyramid", "epochs", "preprocess")}


def inner(pipeline: Pipeline) -> BaseEstimator:
    return pipeline.named_steps["classifier"]


def fitted(name: str, codes: NDArray[np.intp] = CODES, profiles: NDArray[np.float32] = PROFILES) -> Pipeline:
    return fit(build(name), profiles, codes, threads=1)


def told(pipeline: Pipeline) -> list[Any]:
    probabilities = pipeline.predict_proba(PROFILES).tolist() if hasattr(pipeline, "predict_proba") else None
    return [pipeline.predict(PROFILES).tolist(), probabilities]


def test_every_file_of_the_configuration_is_under_test() -> None:
    files = {path.stem for path in (CONF / "base" / "parameters" / "classifiers").glob("*.yml")}
    assert files == set(SPECS)
    assert {"majority", "linear", "decision_tree", "random_forest", "knn", "ffann"} <= files
    assert {"gcnn", "gcnn_rewired", "gcnn_random", "gcnn_k1", "ffann_keras", "snn", "sage", "gcn"} <= files
    assert {"naive_bayes", "gaussian_process", "qda", "adaboost", "svc", "nu_svc"} <= files  # dropped in the paper
    assert {"logistic", "lda", "ridge", "centroid", "gradient_boosting"} <= files
    assert {"linear_sign", "linear_rank", "knn_sign", "knn_rank"} <= files


@every
def test_it_learns_float32_and_tells_integer_codes_of_its_classes(name: str) -> None:
    before = PROFILES.copy()
    pipeline = fitted(name)
    predicted = pipeline.predict(PROFILES)
    assert pipeline.classes_.tolist() == [0, 1, 2, 3]
    assert predicted.shape == CODES.shape
    assert predicted.dtype.kind == "i"
    assert set(predicted) <= {0, 1, 2, 3}
    # The majority baseline says 0 always; the others see the classes' genes.
    assert (predicted == CODES).mean() == 0.25 if name == "majority" else (predicted == CODES).mean() > 0.5
    np.testing.assert_array_equal(PROFILES, before)


@every
def test_probabilities_are_in_the_order_of_the_classes(name: str) -> None:
    pipeline = fitted(name)
    if not hasattr(pipeline, "predict_proba"):
        with pytest.raises(AttributeError):
            pipeline.predict_proba(PROFILES)
        return
    probabilities = pipeline.predict_proba(PROFILES)
    assert probabilities.shape == (len(CODES), N_CLASSES)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    assert (probabilities >= 0).all()
    chosen = probabilities[np.arange(len(CODES)), pipeline.predict(PROFILES)]
    np.testing.assert_allclose(chosen, probabilities.max(axis=1))


@every
def test_a_class_that_training_lacks_is_never_told(name: str) -> None:
    kept = CODES != 2
    pipeline = fitted(name, CODES[kept], PROFILES[kept])
    assert pipeline.classes_.tolist() == [0, 1, 3]
    assert set(pipeline.predict(PROFILES)) <= {0, 1, 3}
    if hasattr(pipeline, "predict_proba"):
        assert pipeline.predict_proba(PROFILES).shape == (len(CODES), 3)


@every
def test_two_classes_are_enough(name: str) -> None:
    kept = CODES < 2
    pipeline = fitted(name, CODES[kept], PROFILES[kept])
    assert set(pipeline.predict(PROFILES[kept])) <= {0, 1}
    if hasattr(pipeline, "predict_proba"):
        assert pipeline.predict_proba(PROFILES).shape == (len(CODES), 2)


@every
def test_the_same_seed_makes_the_same_predictions(name: str) -> None:
    assert told(fitted(name)) == told(fitted(name))


@every
def test_a_seed_is_given_where_the_class_takes_one(name: str) -> None:
    estimator = inner(build(name))
    if "random_state" in inspect.signature(type(estimator)).parameters:
        assert isinstance(estimator.get_params()["random_state"], int)


@every
def test_parameters_survive_a_clone_and_are_those_of_the_file(name: str) -> None:
    estimator = inner(build(name))
    parameters = estimator.get_params()
    assert plain(clone(estimator).get_params()) == plain(parameters)
    assert plain(SPECS[name].params).items() <= parameters.items()
    assert ("pyramid" in SPECS[name].params) == isinstance(parameters.get("pyramid"), Pyramid)
    assert parameters.get("n_jobs", 1) == 1 or name == "logistic"  # which has it without effect, and warns of it


@every
def test_fitting_again_forgets_the_first_fit(name: str) -> None:
    pipeline = fitted(name, (CODES + 1) % N_CLASSES)
    again = fit(pipeline, PROFILES, CODES, threads=1)
    assert told(again) == told(fitted(name))


@every
def test_one_profile_is_predicted_as_among_many(name: str) -> None:
    pipeline = fitted(name)
    alone = [int(pipeline.predict(PROFILES[row : row + 1])[0]) for row in range(8)]
    assert alone == pipeline.predict(PROFILES)[:8].tolist()


def test_the_papers_settings_are_known_and_fit_their_classes() -> None:
    specs = entries("lincs").values()
    pyramids = Pyramids(
        [str(gene) for gene in range(N_GENES)], {graph: RING for spec in specs for graph in spec.graphs}
    )
    known = [
        (spec, setting)
        for spec in specs
        for tasks in spec.known.values()
        for settings in tasks.values()
        for setting in settings
    ]
    assert len(known) >= 6 * 4  # six classifiers, four benchmarks
    for spec, setting in known:
        pipeline = spec.build(setting, threads=1, pyramids=pyramids)
        parameters = inner(pipeline).get_params()
        assert plain(spec.in_full(setting)).items() <= parameters.items(), spec.name
        few = {budget: 2 for budget in ("n_estimators", "max_iter", "epochs") if budget in parameters}
        inner(pipeline).set_params(**few, **({"jit_compile": False} if "jit_compile" in parameters else {}))
        assert set(fit(pipeline, PROFILES, CODES, threads=1).predict(PROFILES)) <= set(CODES)


@pytest.mark.parametrize("space", ["paper", "modern"])
@every
def test_what_the_spaces_give_is_accepted(name: str, space: str) -> None:
    spec = SPECS[name]
    settings = draw_settings(spec, space, 30, seed=4)
    assert len(settings) == (30 if getattr(spec, SPACES[space]) else 0)
    for setting in settings:
        expected = plain(setting | spec.fixed)
        assert expected.items() <= inner(spec.build(setting, threads=1)).get_params().items()


def test_every_classifier_of_the_paper_has_both_spaces() -> None:
    for name in ("linear", "decision_tree", "random_forest", "knn", "ffann", "gcnn", "gcnn_rewired", "gcnn_k1"):
        assert SPECS[name].space
        assert SPECS[name].modern_space


def test_a_control_stays_a_control_in_every_setting() -> None:
    for space in ("paper", "modern"):
        drawn = {name: draw_settings(SPECS[name], space, 20, seed=1) for name in ("gcnn_k1", "gcnn_rewired", "sage")}
        assert {SPECS["gcnn_k1"].in_full(setting)["K"] for setting in drawn["gcnn_k1"]} == {1}
        assert len({len(setting["filters"]) for setting in drawn["gcnn_k1"]}) > 1
        rewired = [SPECS["gcnn_rewired"].in_full(setting)["pyramid"]["graph"] for setting in drawn["gcnn_rewired"]]
        assert set(rewired) == {"rewired"}
        assert {SPECS["sage"].in_full(setting)["layer"] for setting in drawn["sage"]} == {"sage"}
    lincs = entries("lincs")["gcnn_k1"]
    known = [lincs.in_full(setting) for setting in lincs.known["lincs_full"]["moa"]]
    assert [(setting["K"], setting["filters"]) for setting in known] == [(1, [9])]
