from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline

from l1000_bench.errors import InputError
from l1000_bench.models.fitted import FittedModel
from l1000_bench.models.neighbours import NeighboursClassifier, metric_of
from l1000_bench.models.predicted import Predicted
from l1000_bench.models.storage import load_model, save_model
from l1000_bench.neighbours.cross_validation import cross_validation_neighbours
from l1000_bench.neighbours.lists import METRICS, NeighbourLists, Rotation

N, N_GENES, N_FOLDS = 240, 12, 4
RNG = np.random.default_rng(0)
FOLDS = RNG.integers(0, N_FOLDS, N)
CODES = RNG.integers(0, 5, N) * 3  # classes are codes with gaps
RANDOM = RNG.normal(size=(N, N_GENES)).astype(np.float32)
CLUSTERED = (RANDOM / 2 + 2 * RNG.normal(size=(5, N_GENES))[CODES // 3]).astype(np.float32)
ROTATIONS = [
    Rotation(np.flatnonzero(FOLDS != fold), RNG.permutation(np.flatnonzero(FOLDS == fold))) for fold in range(N_FOLDS)
]


def lists_of(profiles: NDArray[np.float32], metric: str) -> NeighbourLists:
    return cross_validation_neighbours(profiles, ROTATIONS, metric, 2)


def told(lists: NeighbourLists, rotation: Rotation, **parameters: Any) -> Predicted:
    """What the lists say; there is no profile to look at."""
    classifier = NeighboursClassifier(metric=lists.metric, neighbours=lists, **parameters)
    return classifier.fit(None, CODES[rotation.training], rows=rotation.training).predict_both(None, rotation.queries)


def at_ties(lists: NeighbourLists, rotation: Rotation) -> NDArray[np.bool_]:
    """Of every query, behind which of the 50 neighbours the next one is as far; (n, 49)."""
    distances, _ = lists.of(*rotation, 50)
    return np.diff(distances, axis=1) <= 1e-9 * distances[:, 1:]


@pytest.mark.parametrize("weights", ["uniform", "distance"])
@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("profiles", [RANDOM, CLUSTERED], ids=["random", "clustered"])
def test_votes_are_scikit_learns(profiles: NDArray[np.float32], metric: str, weights: str) -> None:
    lists = lists_of(profiles, metric)
    values = profiles.astype(np.float64)
    exempt = 0
    for rotation in ROTATIONS:
        ties = at_ties(lists, rotation)
        peer = KNeighborsClassifier(weights=weights, metric=metric, algorithm="brute")
        peer.fit(values[rotation.training], CODES[rotation.training])
        for k in (*range(1, 16), *range(16, 51, 5), 49, 50):
            votes = told(lists, rotation, n_neighbors=k, weights=weights)
            peer.set_params(n_neighbors=k)
            sure = ~ties[:, k - 1] if k < 50 else np.ones(len(ties), dtype=np.bool_)
            exempt += int((~sure).sum())
            np.testing.assert_array_equal(votes.labels[sure], peer.predict(values[rotation.queries])[sure])
            expected = peer.predict_proba(values[rotation.queries])
            np.testing.assert_allclose(votes.probabilities[sure], expected[sure], rtol=1e-6, atol=1e-12)
    assert exempt == 0


def test_rows_may_come_in_any_order() -> None:
    rotation, lists = ROTATIONS[0], lists_of(RANDOM, "canberra")
    expected = told(lists, rotation, n_neighbors=7, weights="distance")
    order, asked = RNG.permutation(len(rotation.training)), RNG.permutation(len(rotation.queries))
    training = rotation.training[order]
    classifier = NeighboursClassifier(7, weights="distance", metric="canberra", neighbours=lists)
    classifier.fit(None, CODES[training], rows=training)
    votes = classifier.predict_both(None, rows=rotation.queries[asked])
    np.testing.assert_array_equal(votes.labels, expected.labels[asked])
    np.testing.assert_array_equal(votes.probabilities, expected.probabilities[asked])


@pytest.mark.parametrize(
    "parameters",
    [
        {"metric": "minkowski", "p": 3, "n_neighbors": 7},
        {"metric": "minkowski", "p": 2, "n_neighbors": 8},
        {"metric": "canberra", "n_neighbors": 60},
        {"metric": "canberra", "n_neighbors": 60, "weights": "distance"},
        {"metric": "correlation", "n_neighbors": 4},
        {"metric": "cosine", "n_neighbors": 4, "weights": "distance"},
        {"metric": "manhattan", "n_neighbors": 4, "weights": None},
        {"metric": "manhattan", "n_neighbors": 4, "weights": np.exp},
        {"metric": "canberra", "n_neighbors": 6, "algorithm": "ball_tree"},
    ],
    ids=str,
)
def test_what_the_lists_do_not_hold_is_scikit_learns_own(parameters: dict[str, Any]) -> None:
    lists = lists_of(RANDOM, "euclidean")  # of another metric, or too short
    rotation = ROTATIONS[1]
    peer = KNeighborsClassifier(**{"algorithm": "brute", **parameters})
    peer.fit(RANDOM[rotation.training], CODES[rotation.training])
    given = lists if parameters["metric"] != "minkowski" or parameters["p"] != 2 else None
    classifier = NeighboursClassifier(**parameters, neighbours=given)
    classifier.fit(RANDOM[rotation.training], CODES[rotation.training], rows=rotation.training)
    queries = RANDOM[rotation.queries]
    np.testing.assert_array_equal(classifier.predict(queries, rows=rotation.queries), peer.predict(queries))
    single = 1e-5 if parameters["metric"] == "cosine" else 0  # which scikit-learn computes in single precision
    np.testing.assert_allclose(classifier.predict_proba(queries), peer.predict_proba(queries), rtol=single)
    np.testing.assert_array_equal(classifier.predict(queries), peer.predict(queries))


def test_several_outputs_are_scikit_learns_own() -> None:
    targets = np.stack([CODES, CODES[::-1]], axis=1)
    peer = KNeighborsClassifier(3, algorithm="brute").fit(RANDOM, targets)
    classifier = NeighboursClassifier(3).fit(RANDOM, targets)
    np.testing.assert_array_equal(classifier.predict(CLUSTERED), peer.predict(CLUSTERED))
    np.testing.assert_array_equal(classifier.predict_proba(CLUSTERED), peer.predict_proba(CLUSTERED))


def test_distances_are_computed_once_for_labels_and_probabilities(monkeypatch: pytest.MonkeyPatch) -> None:
    searches: list[int] = []
    search = KNeighborsClassifier.kneighbors

    def counted(self: KNeighborsClassifier, *arguments: Any, **more: Any) -> Any:
        searches.append(1)
        return search(self, *arguments, **more)

    monkeypatch.setattr(KNeighborsClassifier, "kneighbors", counted)
    for weights in ("uniform", "distance"):
        searches.clear()
        votes = (
            NeighboursClassifier(5, weights=weights, metric="correlation").fit(RANDOM, CODES).predict_both(CLUSTERED)
        )
        assert len(searches) == 1
        peer = KNeighborsClassifier(5, weights=weights, metric="correlation", algorithm="brute").fit(RANDOM, CODES)
        np.testing.assert_array_equal(votes.labels, peer.predict(CLUSTERED))
        np.testing.assert_array_equal(votes.probabilities, peer.predict_proba(CLUSTERED))


def test_an_undefined_distance_votes_as_in_scikit_learn() -> None:
    profiles = RANDOM.copy()
    profiles[5] = 1
    rotation = Rotation(np.arange(10, 40), np.arange(10))
    lists = cross_validation_neighbours(profiles, [rotation], "correlation", 1)
    for weights in ("uniform", "distance"):
        peer = KNeighborsClassifier(30, weights=weights, metric="correlation", algorithm="brute")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            peer.fit(profiles[10:40], CODES[10:40])
            votes = told(lists, rotation, n_neighbors=30, weights=weights)
            np.testing.assert_array_equal(votes.labels, peer.predict(profiles[:10]))
            np.testing.assert_allclose(votes.probabilities, peer.predict_proba(profiles[:10]), rtol=1e-6)


@pytest.mark.parametrize(
    ("parameters", "metric"),
    [
        ({}, "euclidean"),
        ({"p": 1}, "manhattan"),
        ({"p": 2.0, "metric": "minkowski"}, "euclidean"),
        ({"p": np.inf}, "chebyshev"),
        ({"p": 3}, None),
        ({"p": 1, "metric": "canberra", "n_neighbors": 3}, "canberra"),
        ({"metric": "l1"}, "manhattan"),
        ({"metric": "cityblock"}, "manhattan"),
        ({"metric": "l2"}, "euclidean"),
        ({"metric": "sqeuclidean"}, None),
        ({"metric": "cosine", "metric_params": {}}, "cosine"),
        ({"p": 2, "metric_params": {"w": [1, 2]}}, None),
        ({"metric": max}, None),
        *(({"metric": metric}, metric) for metric in METRICS),
    ],
)
def test_parameters_come_to_a_metric(parameters: dict[str, Any], metric: str | None) -> None:
    assert metric_of(parameters) == metric


def test_the_power_of_minkowski_finds_the_lists_of_its_metric() -> None:
    rotation = ROTATIONS[2]
    for power, metric in ((1, "manhattan"), (2, "euclidean")):
        lists = lists_of(RANDOM, metric)
        classifier = NeighboursClassifier(9, p=power, neighbours=lists)
        labels = classifier.fit(None, CODES[rotation.training], rows=rotation.training).predict(None, rotation.queries)
        np.testing.assert_array_equal(labels, told(lists, rotation, n_neighbors=9).labels)


def test_too_many_neighbours_are_refused_in_scikit_learns_words() -> None:
    rotation = Rotation(np.arange(10), np.arange(10, 30))
    lists = cross_validation_neighbours(RANDOM, [rotation], "euclidean", 1)
    peer = KNeighborsClassifier(11, algorithm="brute").fit(RANDOM[:10], CODES[:10])
    with pytest.raises(ValueError, match="Expected n_neighbors <= n_samples_fit") as expected:
        peer.predict(RANDOM[10:30])
    for neighbours in (lists, None):
        classifier = NeighboursClassifier(11, neighbours=neighbours)
        classifier.fit(RANDOM[:10], CODES[:10], rows=rotation.training)
        with pytest.raises(ValueError, match="Expected n_neighbors") as caught:
            classifier.predict(RANDOM[10:30], rows=rotation.queries)
        assert str(caught.value) == str(expected.value)
    # Of this metric scikit-learn would count the first sample for every one that is missing.
    with pytest.raises(ValueError, match="Expected n_neighbors"):
        NeighboursClassifier(11, metric="canberra").fit(RANDOM[:10], CODES[:10]).predict_proba(RANDOM)


def test_what_is_missing_is_said() -> None:
    rotation, lists = ROTATIONS[0], lists_of(RANDOM, "canberra")
    classifier = NeighboursClassifier(metric="canberra", neighbours=lists)
    with pytest.raises(NotFittedError):
        classifier.predict(RANDOM)
    with pytest.raises(InputError, match=r"labels of shape \(3,\) were given for rows of shape \(4,\)"):
        classifier.fit(None, CODES[:3], rows=np.arange(4))
    classifier.fit(None, CODES[rotation.training], rows=rotation.training)
    with pytest.raises(InputError, match="fitted on rows of stored neighbours; give the rows to predict, too"):
        classifier.predict(RANDOM)
    with pytest.raises(InputError, match=r"lack profile .* another split"):
        classifier.predict(None, rows=rotation.training[:1])
    classifier.fit(None, CODES[:50], rows=np.arange(50))
    with pytest.raises(InputError, match="know no training set of these 50 profiles"):
        classifier.predict(None, rows=rotation.queries)
    with pytest.raises(ValueError, match="neighbours"):
        NeighboursClassifier(neighbours={}).fit(RANDOM, CODES)  # type: ignore[arg-type]


def test_the_kinds_of_fit_forget_each_other() -> None:
    rotation, lists = ROTATIONS[0], lists_of(RANDOM, "canberra")
    classifier = NeighboursClassifier(metric="canberra", neighbours=lists)
    expected = NeighboursClassifier(metric="canberra").fit(RANDOM, CODES).predict(CLUSTERED)
    classifier.fit(None, CODES[rotation.training], rows=rotation.training)
    np.testing.assert_array_equal(classifier.fit(RANDOM, CODES).predict(CLUSTERED), expected)
    classifier.fit(None, CODES[rotation.training], rows=rotation.training)
    np.testing.assert_array_equal(classifier.predict(None, rotation.queries), told(lists, rotation).labels)


def test_a_clone_shares_the_lists_and_a_pipeline_hands_rows_on() -> None:
    rotation, lists = ROTATIONS[0], lists_of(RANDOM, "canberra")
    pipeline = clone(Pipeline([("classifier", NeighboursClassifier(metric="canberra", neighbours=lists))]))
    assert pipeline[-1].neighbours is lists
    assert pipeline[-1].uses_rows
    pipeline.fit(None, CODES[rotation.training], classifier__rows=rotation.training)
    votes = told(lists, rotation)
    np.testing.assert_array_equal(pipeline.predict(None, rows=rotation.queries), votes.labels)
    np.testing.assert_array_equal(pipeline.predict_proba(None, rows=rotation.queries), votes.probabilities)


def test_a_stored_model_is_whole_without_the_lists(tmp_path: Path) -> None:
    lists = lists_of(RANDOM, "canberra")
    pipeline = Pipeline([("classifier", NeighboursClassifier(weights="distance", metric="canberra", neighbours=lists))])
    pipeline.fit(RANDOM, CODES)
    genes = tuple(str(gene) for gene in range(N_GENES))
    save_model(FittedModel(pipeline, ("a",) * 13, genes, {}), tmp_path / "model.zip")
    assert pipeline[-1].neighbours is lists
    back = load_model(tmp_path / "model.zip").estimator
    assert type(back[-1]) is NeighboursClassifier
    assert back[-1].neighbours is None
    np.testing.assert_array_equal(back.predict_proba(CLUSTERED), pipeline.predict_proba(CLUSTERED))
    assert skops.io.get_untrusted_types(data=skops.io.dumps(back)) == [
        "l1000_bench.models.neighbours.NeighboursClassifier"
    ]
