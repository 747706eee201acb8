from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.ensemble import AdaBoostClassifier
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils._param_validation import InvalidParameterError

from l1000_bench.models.boosted_trees import BoostedTreesClassifier

RNG = np.random.default_rng(2)
CODES = np.arange(90) % 3
PROFILES = (RNG.normal(size=(90, 8)) + np.eye(3, 8)[CODES]).astype(np.float32)


@pytest.mark.parametrize(("max_depth", "max_features"), [(1, None), (3, "sqrt"), (2, 0.5)])
def test_it_is_scikit_learns_with_such_trees(max_depth: int, max_features: float | str | None) -> None:
    tree = DecisionTreeClassifier(max_depth=max_depth, max_features=max_features)
    peer = AdaBoostClassifier(tree, n_estimators=9, learning_rate=0.5, random_state=4).fit(PROFILES, CODES)
    mine = BoostedTreesClassifier(
        max_depth=max_depth, max_features=max_features, n_estimators=9, learning_rate=0.5, random_state=4
    ).fit(PROFILES, CODES)
    assert len(mine.estimators_) == 9
    np.testing.assert_array_equal(mine.predict_proba(PROFILES), peer.predict_proba(PROFILES))


def test_a_tree_without_errors_ends_the_boosting() -> None:
    mine = BoostedTreesClassifier(max_depth=None, n_estimators=9, random_state=1).fit(PROFILES, CODES)
    assert len(mine.estimators_) == 1


def test_a_change_of_parameters_reaches_the_next_fit() -> None:
    mine = BoostedTreesClassifier(n_estimators=3, random_state=1).fit(PROFILES, CODES)
    assert {tree.get_depth() for tree in mine.estimators_} == {1}
    mine.set_params(max_depth=2).fit(PROFILES, CODES)
    assert {tree.get_depth() for tree in mine.estimators_} == {2}
    assert clone(mine).get_params() == {
        "max_depth": 2, "max_features": None, "n_estimators": 3, "learning_rate": 1.0, "random_state": 1,
    }  # fmt: skip


def test_parameters_are_checked() -> None:
    for name, value in {"max_depth": 0, "max_features": "many", "n_estimators": 0}.items():
        with pytest.raises(InvalidParameterError, match=name):
            BoostedTreesClassifier(**{name: value}).fit(PROFILES, CODES)  # type: ignore[arg-type]
