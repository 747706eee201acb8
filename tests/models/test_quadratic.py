from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import softmax
from scipy.stats import multivariate_normal
from sklearn.base import clone
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis
from sklearn.utils._param_validation import InvalidParameterError

from l1000_bench.models import quadratic
from l1000_bench.models.quadratic import QuadraticClassifier, principal_directions

RNG = np.random.default_rng(3)
N_GENES = 12
SCALES = np.linspace(0.3, 2, N_GENES)
CODES = np.repeat([2, 5, 7], [40, 30, 6])  # the last has fewer profiles than genes
MIXES = RNG.normal(size=(3, N_GENES, N_GENES)) / 3
PROFILES = np.einsum("ni,nij->nj", RNG.normal(size=(76, N_GENES)), MIXES[np.searchsorted([2, 5, 7], CODES)])
PROFILES += 0.4 * CODES[:, None] * SCALES
UNSEEN = RNG.normal(size=(50, N_GENES)) + 2 * SCALES


def by_density(profiles: NDArray[np.float64], codes: NDArray[np.intp], r: float) -> NDArray[np.float64]:
    """Probabilities of the unseen profiles from scipy's normal densities."""
    scores = []
    for code in np.unique(codes):
        own = profiles[codes == code]
        covariance = (1 - r) * np.cov(own.T, bias=True) + r * np.eye(N_GENES)
        density = multivariate_normal(own.mean(axis=0), covariance).logpdf(UNSEEN)
        scores.append(np.log(len(own) / len(profiles)) + density)
    return np.array(softmax(np.array(scores).T, axis=1))


@pytest.mark.parametrize("r", [0.01, 0.4, 1.0])
def test_probabilities_are_those_of_the_classes_normal_densities(r: float) -> None:
    told = QuadraticClassifier(reg_param=r).fit(PROFILES, CODES).predict_both(UNSEEN)
    expected = by_density(PROFILES, CODES, r)
    np.testing.assert_allclose(told.probabilities, expected, rtol=1e-8, atol=1e-12)
    np.testing.assert_array_equal(told.labels, np.array([2, 5, 7])[expected.argmax(axis=1)])


@pytest.mark.parametrize("r", [0.0003, 0.3])
def test_it_is_scikit_learns_where_every_class_has_more_profiles_than_genes(r: float) -> None:
    large = CODES != 7
    peer = QuadraticDiscriminantAnalysis(reg_param=r).fit(PROFILES[large], CODES[large])
    mine = QuadraticClassifier(reg_param=r).fit(PROFILES[large], CODES[large])
    np.testing.assert_allclose(mine.predict_proba(UNSEEN), peer.predict_proba(UNSEEN), rtol=1e-7, atol=1e-12)
    np.testing.assert_array_equal(mine.predict(UNSEEN), peer.predict(UNSEEN))


def test_scikit_learn_refuses_a_class_with_few_profiles() -> None:
    with pytest.raises(np.linalg.LinAlgError, match="class 7 is not full rank"):  # what this class is for
        QuadraticDiscriminantAnalysis(reg_param=0.3).fit(PROFILES, CODES)


def test_single_precision_and_blocks_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    single, unseen = PROFILES.astype(np.float32), UNSEEN.astype(np.float32)
    classifier = QuadraticClassifier(0.2).fit(single, CODES)
    whole = classifier.predict_proba(unseen)
    expected = QuadraticClassifier(0.2).fit(single.astype(np.float64), CODES).predict_proba(unseen.astype(np.float64))
    np.testing.assert_allclose(whole, expected, rtol=1e-12)
    monkeypatch.setattr(quadratic, "BLOCK_ROWS", 7)
    np.testing.assert_allclose(classifier.predict_proba(unseen), whole, rtol=1e-9)


@pytest.mark.parametrize(("n", "p", "rank"), [(5, 9, 4), (20, 9, 9), (9, 9, 8), (1, 4, 0)])
def test_directions_make_up_the_covariance(n: int, p: int, rank: int) -> None:
    profiles = RNG.normal(size=(n, p))
    centred = profiles - profiles.mean(axis=0)
    directions, variances = principal_directions(centred)
    assert directions.shape == (p, rank)
    np.testing.assert_allclose(directions.T @ directions, np.eye(rank), atol=1e-8)
    np.testing.assert_allclose((directions * variances) @ directions.T, centred.T @ centred / n, atol=1e-10)


def test_profiles_of_a_class_that_are_all_the_same_have_no_directions() -> None:
    profiles = np.array([[1.0, 2], [1, 2], [1, 2], [4, 0], [5, 1], [6, 1]])
    classifier = QuadraticClassifier(0.5).fit(profiles, np.arange(6) // 3)
    assert classifier.directions_[0].shape == (2, 0)
    assert classifier.predict(profiles).tolist() == [0, 0, 0, 1, 1, 1]


def test_reg_param_is_a_number_above_0() -> None:
    for wrong in (0, -0.1, 1.1, "auto"):
        with pytest.raises(InvalidParameterError, match="reg_param"):
            QuadraticClassifier(wrong).fit(PROFILES, CODES)  # type: ignore[arg-type]
    assert clone(QuadraticClassifier(0.3)).get_params() == {"reg_param": 0.3}
