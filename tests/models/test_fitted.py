import warnings
from typing import Any

import numpy as np
import pytest
import threadpoolctl
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline

from l1000_bench.errors import InputError
from l1000_bench.models.fit import fit
from l1000_bench.models.fitted import FittedModel

CORNERS = np.array([[0, 0], [9, 0], [0, 9]], dtype=np.float32)


def nearest(codes: list[int]) -> FittedModel:
    pipeline = Pipeline([("classifier", KNeighborsClassifier(n_neighbors=1))]).fit(CORNERS, np.array(codes))
    return FittedModel(pipeline, ("skin", "lung", "prostate"), ("780", "9"), {})


def test_codes_become_labels() -> None:
    profiles = np.array([[1, 8], [8, 1], [1, 1], [9, 1]], dtype=np.float32)
    assert nearest([2, 0, 1]).predict(profiles).tolist() == ["lung", "skin", "prostate", "skin"]
    assert nearest([2, 2, 0]).predict(profiles).tolist() == ["skin", "prostate", "prostate", "prostate"]
    assert nearest([2, 0, 1]).predict(profiles.astype(np.float64)).tolist() == ["lung", "skin", "prostate", "skin"]


@pytest.mark.parametrize("n_genes", [1, 3])
def test_another_number_of_genes_is_refused(n_genes: int) -> None:
    message = f"the model takes 2 genes, the profiles have {n_genes}; select the model's gene_ids, in their order"
    with pytest.raises(InputError, match=message):
        nearest([0, 1, 2]).predict(np.zeros((1, n_genes), dtype=np.float32))


def test_a_budget_that_ends_early_warns_of_nothing_and_other_warnings_pass() -> None:
    class Warner(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
        def fit(self, X: Any, y: Any) -> "Warner":
            warnings.warn("odd data", UserWarning, stacklevel=1)
            return self

    codes = np.arange(3)
    network = MLPClassifier((3,), max_iter=1, random_state=1)
    with pytest.warns(ConvergenceWarning):
        network.fit(CORNERS, codes)
    fit(Pipeline([("classifier", network)]), CORNERS, codes, 1)
    with pytest.warns(UserWarning, match="odd data"):
        fit(Pipeline([("classifier", Warner())]), CORNERS, codes, 1)


@pytest.mark.parametrize("threads", [1, 2])
def test_the_number_of_threads_holds_during_the_fit_alone(threads: int) -> None:
    seen: list[set[int]] = []

    class Observer(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
        def fit(self, X: Any, y: Any) -> "Observer":
            seen.append({pool["num_threads"] for pool in threadpoolctl.threadpool_info()})
            return self

    before = [pool["num_threads"] for pool in threadpoolctl.threadpool_info()]
    fit(Pipeline([("classifier", Observer())]), CORNERS, np.arange(3), threads)
    assert [pool["num_threads"] for pool in threadpoolctl.threadpool_info()] == before
    assert seen == [{threads}]
