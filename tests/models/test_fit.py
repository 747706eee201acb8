from __future__ import annotations

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import Pipeline

from l1000_bench.models.fit import fit, predict


def test_a_forest_with_impure_leaves_predicts_the_same_every_time() -> None:
    generator = np.random.default_rng(5)
    profiles = generator.normal(size=(300, 20)).astype(np.float32)
    codes = generator.integers(3, size=300)
    forest = RandomForestClassifier(n_estimators=60, min_samples_leaf=2, random_state=1, n_jobs=2)
    estimator = fit(Pipeline([("classifier", forest)]), profiles, codes, threads=2)
    unseen = generator.normal(size=(2000, 20)).astype(np.float32)
    # The mean of the trees' votes, added up one tree after the other.
    total = np.zeros((2000, 3))
    for tree in forest.estimators_:
        total += tree.predict_proba(unseen)
    assert len(np.unique(total)) > 60 * 3  # leaves are impure: votes are fractions, whose sums depend on their order
    for _ in range(20):
        found = predict(estimator, unseen, threads=2)
        np.testing.assert_array_equal(found.probabilities, total / 60)
        np.testing.assert_array_equal(found.codes, (total / 60).argmax(axis=1))
