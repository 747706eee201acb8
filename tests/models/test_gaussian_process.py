from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import norm
from sklearn.base import clone
from sklearn.gaussian_process import GaussianProcessClassifier, kernels
from sklearn.pipeline import Pipeline
from sklearn.utils._param_validation import InvalidParameterError

from l1000_bench.errors import InputError
from l1000_bench.models import gaussian_process
from l1000_bench.models.fitted import FittedModel
from l1000_bench.models.gaussian_process import KERNELS, ProcessClassifier
from l1000_bench.models.storage import load_model, save_model

RNG = np.random.default_rng(9)
CODES = np.repeat([0, 2, 3], [20, 15, 10])
PROFILES = RNG.normal(size=(45, 5)) + CODES[:, None] * [0.8, 0, 0.3, 0, 0]
UNSEEN = RNG.normal(size=(40, 5)) * 1.5 + 1
TWO = CODES != 3

SAME: list[tuple[dict[str, Any], Any]] = [
    ({"kernel": "dot_product"}, kernels.DotProduct()),
    ({"kernel": "rbf", "variance": 4.0, "length_scale": 2.0}, 4.0 * kernels.RBF(2.0)),
    ({"kernel": "white+matern", "length_scale": 3.0}, kernels.WhiteKernel() + kernels.Matern(3.0)),
]


@pytest.mark.parametrize(("parameters", "kernel"), SAME, ids=str)
def test_latent_functions_are_scikit_learns(parameters: dict[str, Any], kernel: Any) -> None:
    peer = GaussianProcessClassifier(kernel, optimizer=None).fit(PROFILES, CODES)
    mine = ProcessClassifier(**parameters).fit(PROFILES, CODES)
    means, variances = mine.latent(UNSEEN)
    for k, one in enumerate(peer.base_estimator_.estimators_):
        expected = one.latent_mean_and_variance(UNSEEN)
        np.testing.assert_allclose(means[:, k], expected[0], rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(variances[:, k], expected[1], rtol=1e-5, atol=1e-6)
    # The same integral in two approximations.
    np.testing.assert_allclose(mine.predict_proba(UNSEEN), peer.predict_proba(UNSEEN), atol=0.02)
    assert (mine.predict(UNSEEN) == peer.predict(UNSEEN)).mean() > 0.9


def test_a_probability_is_the_mean_of_the_logistic_function() -> None:
    mine = ProcessClassifier(kernel="rbf", variance=9.0, length_scale=2.0).fit(PROFILES[TWO], CODES[TWO])
    means, variances = mine.latent(UNSEEN)
    exact = [
        quad(lambda x, m=m, s=s: expit(x) * norm.pdf(x, m, s), m - 9 * s, m + 9 * s)[0]
        for m, s in zip(means[:, 0], np.sqrt(variances[:, 0]), strict=True)
    ]
    told = mine.predict_both(UNSEEN)
    np.testing.assert_allclose(told.probabilities[:, 1], exact, atol=0.02)
    np.testing.assert_array_equal(told.labels, np.where(means[:, 0] > 0, 2, 0))
    np.testing.assert_allclose(told.probabilities.sum(axis=1), 1)


def test_the_optimizer_fits_a_kernel_for_every_class() -> None:
    parameters: dict[str, Any] = {
        "kernel": "rbf",
        "variance": 4.0,
        "optimizer": "fmin_l_bfgs_b",
        "n_restarts_optimizer": 1,
    }
    mine = ProcessClassifier(**parameters, random_state=3).fit(PROFILES, CODES)
    peer = GaussianProcessClassifier(4.0 * kernels.RBF(), n_restarts_optimizer=1, random_state=3).fit(PROFILES, CODES)
    assert [kernel.theta.tolist() for kernel in mine.kernels_] == [
        kernel.theta.tolist() for kernel in peer.kernel_.kernels
    ]
    expected = [one.latent_mean_and_variance(UNSEEN)[0] for one in peer.base_estimator_.estimators_]
    np.testing.assert_allclose(mine.latent(UNSEEN).means, np.array(expected).T, rtol=1e-4, atol=1e-5)
    two = ProcessClassifier(**parameters, random_state=3).fit(PROFILES[TWO], CODES[TWO])
    assert len(two.kernels_) == 1
    assert two.kernels_[0].theta.tolist() != (4.0 * kernels.RBF()).theta.tolist()


def test_single_precision_and_blocks_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    single, unseen = PROFILES.astype(np.float32), UNSEEN.astype(np.float32)
    mine = ProcessClassifier(kernel="rbf", length_scale=2.0).fit(single, CODES)
    whole = mine.predict_proba(unseen)
    double = ProcessClassifier(kernel="rbf", length_scale=2.0).fit(single.astype(np.float64), CODES)
    np.testing.assert_allclose(whole, double.predict_proba(unseen), rtol=1e-12)
    monkeypatch.setattr(gaussian_process, "BLOCK_ROWS", 7)
    np.testing.assert_allclose(mine.predict_proba(unseen), whole, rtol=1e-9)


@pytest.mark.parametrize("kernel", [*KERNELS, "white+rational_quadratic+constant"])
def test_every_kernel_can_be_stored(kernel: str, tmp_path: Path) -> None:
    mine = ProcessClassifier(kernel=kernel, variance=2.0, length_scale=3.0).fit(PROFILES, CODES)
    model = FittedModel(Pipeline([("classifier", mine)]), ("a", "b", "c", "d"), tuple("12345"), {})
    save_model(model, tmp_path / "model.zip")
    back = load_model(tmp_path / "model.zip").estimator
    np.testing.assert_array_equal(back.predict_proba(UNSEEN), mine.predict_proba(UNSEEN))


def test_parameters_are_checked() -> None:
    assert clone(ProcessClassifier(kernel="rbf", variance=3.0)).get_params()["variance"] == 3.0
    for kernel in ("gauss", "rbf+", "", "rbf white"):
        with pytest.raises(InputError, match=r"kernel is '.*'; it takes one of constant, dot_product, .* joined by \+"):
            ProcessClassifier(kernel=kernel).fit(PROFILES, CODES)
    for name, value in {"variance": 0.0, "length_scale": -1.0, "optimizer": "adam", "max_iter": 0}.items():
        with pytest.raises(InvalidParameterError, match=name):
            ProcessClassifier(**{name: value}).fit(PROFILES, CODES)  # type: ignore[arg-type]
