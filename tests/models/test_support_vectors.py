from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.svm import SVC, NuSVC
from sklearn.utils._param_validation import InvalidParameterError

from l1000_bench.models import support_vectors
from l1000_bench.models.support_vectors import NuSupportVectorClassifier, SupportVectorClassifier, most_nu

RNG = np.random.default_rng(7)
N_GENES = 30
CODES = np.repeat([1, 2, 4, 8], [40, 30, 20, 10])
PROFILES = (RNG.normal(size=(100, N_GENES)) + np.eye(9, N_GENES)[CODES] * 2).astype(np.float32)
UNSEEN = RNG.normal(size=(300, N_GENES)).astype(np.float32) * 1.5

KERNELS: list[dict[str, Any]] = [
    {"kernel": "linear"},
    {"kernel": "rbf"},
    {"kernel": "rbf", "gamma": 0.05},
    {"kernel": "poly", "degree": 2, "coef0": 1.0},
    {"kernel": "poly", "degree": 3, "gamma": "auto"},
    {"kernel": "sigmoid", "gamma": "auto", "coef0": 0.5},
]


@pytest.mark.parametrize("parameters", KERNELS, ids=str)
def test_predictions_are_scikit_learns(parameters: dict[str, Any]) -> None:
    mine = SupportVectorClassifier(C=3.0, **parameters).fit(PROFILES, CODES)
    peer = SVC(C=3.0, **parameters).fit(PROFILES, CODES)
    predicted = mine.predict(UNSEEN)
    assert len(set(predicted)) > 1
    assert (predicted == peer.predict(UNSEEN)).mean() > 0.995  # the optimisations end within tol of one another
    np.testing.assert_array_equal(mine.predict(PROFILES), peer.predict(PROFILES))
    assert mine.classes_.tolist() == [1, 2, 4, 8]
    assert not hasattr(mine, "predict_proba")


@pytest.mark.parametrize("parameters", KERNELS[:4], ids=str)
def test_nu_machines_predict_as_scikit_learns_with_the_nu_that_is_possible(parameters: dict[str, Any]) -> None:
    mine = NuSupportVectorClassifier(nu=0.9, **parameters).fit(PROFILES, CODES)
    assert mine.nu_ == pytest.approx(2 * 10 / (10 + 40), rel=1e-8)
    with pytest.raises(ValueError, match="infeasible"):
        NuSVC(nu=0.9, **parameters).fit(PROFILES, CODES)
    peer = NuSVC(nu=mine.nu_, **parameters).fit(PROFILES, CODES)
    assert (mine.predict(UNSEEN) == peer.predict(UNSEEN)).mean() > 0.995
    small = NuSupportVectorClassifier(nu=0.05, **parameters).fit(PROFILES, CODES)
    assert small.nu_ == small.get_params()["nu"] == 0.05
    assert mine.get_params()["nu"] == 0.9  # as it was given


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(st.integers(1, 25), min_size=2, max_size=5))
def test_the_largest_possible_nu_is_possible_and_a_larger_one_is_not(counts: list[int]) -> None:
    codes = np.repeat(np.arange(len(counts)), counts)
    profiles = np.random.default_rng(len(codes)).normal(size=(len(codes), 3))
    NuSVC(nu=most_nu(codes)).fit(profiles, codes)
    assert most_nu(codes) <= 1
    if most_nu(codes) < 0.98:
        with pytest.raises(ValueError, match="infeasible"):
            NuSVC(nu=most_nu(codes) * 1.01).fit(profiles, codes)


def test_blocks_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    classifier = SupportVectorClassifier().fit(PROFILES, CODES)
    whole = classifier.predict(UNSEEN)
    monkeypatch.setattr(support_vectors, "BLOCK_ROWS", 7)
    np.testing.assert_array_equal(classifier.predict(UNSEEN), whole)


def test_gamma_follows_the_training_profiles() -> None:
    assert SupportVectorClassifier(gamma="scale").fit(PROFILES, CODES).gamma_ == pytest.approx(
        1 / (N_GENES * PROFILES.astype(np.float64).var()), rel=1e-12
    )
    assert SupportVectorClassifier(gamma="auto").fit(PROFILES, CODES).gamma_ == pytest.approx(1 / N_GENES)
    assert SupportVectorClassifier(gamma=0.25).fit(PROFILES, CODES).gamma_ == 0.25
    flat = SupportVectorClassifier().fit(np.ones((4, 2)), np.array([0, 0, 1, 1]))  # of no variance, as in scikit-learn
    assert flat.gamma_ == 0.5


@pytest.mark.parametrize(
    ("machine", "name", "values"),
    [
        (SupportVectorClassifier, "C", (0, -1.0, "much")),
        (NuSupportVectorClassifier, "nu", (0, 1.5)),
        (SupportVectorClassifier, "kernel", ("precomputed", "cosine")),
        (SupportVectorClassifier, "degree", (0, 1.5)),
        (NuSupportVectorClassifier, "gamma", ("large", 0.0)),
        (SupportVectorClassifier, "max_iter", (-2,)),
    ],
)
def test_parameters_are_checked(machine: Any, name: str, values: tuple[Any, ...]) -> None:
    assert clone(machine()).get_params() == machine().get_params()
    for value in values:
        with pytest.raises(InvalidParameterError, match=name):
            machine(**{name: value}).fit(PROFILES, CODES)
