from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.neighbors import NearestCentroid

from l1000_bench.models.centroids import CentroidClassifier

RNG = np.random.default_rng(8)
CODES = np.repeat([0, 1, 3], [8, 12, 10])
PROFILES = RNG.normal(size=(30, 6)) * [5, 1, 1, 0.1, 1, 1] + CODES[:, None] * [0.1, 0.5, 0, 0.05, 0, 0]
UNSEEN = RNG.normal(size=(200, 6)) * [5, 1, 1, 0.1, 1, 1] + 0.3


@pytest.mark.parametrize("parameters", [{}, {"shrink_threshold": 0.3}, {"priors": "empirical"}], ids=str)
def test_it_predicts_the_class_of_the_largest_probability(parameters: dict[str, Any]) -> None:
    classifier = CentroidClassifier(**parameters).fit(PROFILES, CODES)
    probabilities = classifier.predict_proba(UNSEEN)
    np.testing.assert_array_equal(classifier.predict(UNSEEN), np.array([0, 1, 3])[probabilities.argmax(axis=1)])
    peer = NearestCentroid(**parameters).fit(PROFILES, CODES)
    np.testing.assert_array_equal(probabilities, peer.predict_proba(UNSEEN))
    differs = bool((peer.predict(UNSEEN) != classifier.predict(UNSEEN)).any())
    assert differs == ("priors" not in parameters)  # with unequal priors scikit-learn does the same


def test_genes_are_divided_by_their_deviation_within_the_classes() -> None:
    means = np.array([PROFILES[CODES == code].mean(axis=0) for code in (0, 1, 3)])
    within = PROFILES - means[np.searchsorted([0, 1, 3], CODES)]
    deviations = np.sqrt((within**2).sum(axis=0) / (30 - 3))
    distances = (((UNSEEN[:, None] - means) / deviations) ** 2).sum(axis=2)
    classifier = CentroidClassifier().fit(PROFILES, CODES)
    np.testing.assert_array_equal(classifier.predict(UNSEEN), np.array([0, 1, 3])[distances.argmin(axis=1)])
    # scikit-learn's score is minus the squared distance, with no half, and twice the prior's logarithm.
    np.testing.assert_allclose(classifier.predict_proba(UNSEEN), softmax(-distances, axis=1), rtol=1e-7, atol=1e-12)


def test_two_classes_and_another_metric() -> None:
    two = CODES < 3
    classifier = CentroidClassifier().fit(PROFILES[two], CODES[two])
    np.testing.assert_array_equal(classifier.predict(UNSEEN), classifier.predict_proba(UNSEEN).argmax(axis=1))
    medians = CentroidClassifier(metric="manhattan").fit(PROFILES, CODES)
    assert not hasattr(medians, "predict_proba")
    peer = NearestCentroid(metric="manhattan").fit(PROFILES, CODES)
    np.testing.assert_array_equal(medians.predict(UNSEEN), peer.predict(UNSEEN))


def test_one_profile_of_every_class_is_its_own_centroid() -> None:
    classifier = CentroidClassifier().fit(PROFILES[:5], np.arange(5))
    distances = ((UNSEEN[:, None, :] - PROFILES[None, :5, :]) ** 2).sum(axis=2)  # (200, 5)
    np.testing.assert_array_equal(classifier.predict(UNSEEN), distances.argmin(axis=1))
    assert np.isfinite(classifier.predict_proba(UNSEEN)).all()
    with pytest.raises(ValueError, match="every class has one profile"):
        CentroidClassifier(shrink_threshold=0.5).fit(PROFILES[:5], np.arange(5))
