from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from scipy.special import softmax
from sklearn.datasets import make_classification
from sklearn.neural_network import MLPClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks
from small_pyramids import Floats

from l1000_bench.models.mlp import KerasMLPClassifier, SelfNormalizingClassifier

X, Y = make_classification(700, 20, n_informative=10, n_classes=3, class_sep=1.5, random_state=1)
X = X.astype(np.float32)
QUICK: dict[str, Any] = {"hidden": (12, 7), "epochs": 2, "batch_size": 50, "jit_compile": False}


def relu(z: Floats) -> Floats:
    return np.maximum(z, 0)


def selu(z: Floats) -> Floats:
    """Klambauer et al. 2017, equation 2, with the constants of its equation 14."""
    return 1.0507009873554805 * np.where(z > 0, z, 1.6732632423543772 * np.expm1(z))


@pytest.mark.parametrize(("cls", "activation"), [(KerasMLPClassifier, relu), (SelfNormalizingClassifier, selu)])
def test_the_network_is_its_formula(cls: type[KerasMLPClassifier], activation: Callable[[Floats], Floats]) -> None:
    model = cls(**QUICK, dropout=0.5).fit(X, Y)
    x: Floats = X.astype(np.float64)
    weights = [weight.astype(np.float64) for weight in model.weights_]
    for W, b in zip(weights[:-2:2], weights[1:-2:2], strict=True):
        x = activation(x @ W + b)
    expected = softmax(x @ weights[-2] + weights[-1], axis=1)  # no dropout in prediction
    np.testing.assert_allclose(model.predict_proba(X), expected, atol=1e-5)
    assert [weight.shape for weight in model.weights_] == [(20, 12), (12,), (12, 7), (7,), (7, 3), (3,)]


def test_dropout_is_the_probability_to_drop() -> None:
    model = KerasMLPClassifier(**QUICK, dropout=0.8).fit(X, Y)
    dropout = model.keras_model_.get_layer("dropout_1")
    kept = np.asarray(dropout(np.ones((200, 500), dtype=np.float32), training=True))
    assert (kept == 0).mean() == pytest.approx(0.8, abs=0.01)
    assert kept.max() == pytest.approx(5.0)
    assert isinstance(SelfNormalizingClassifier(**QUICK).fit(X, Y).keras_model_.layers[3], keras.layers.AlphaDropout)


def test_every_step_drops_other_values() -> None:
    """Weights that hardly move give one loss for ever without dropout, and another one with every step with it."""
    options = QUICK | {"batch_size": len(X), "epochs": 3, "optimizer": "momentum", "learning_rate": 1e-9}
    without, with_dropout = (KerasMLPClassifier(**options, dropout=d).fit(X, Y).loss_curve_ for d in (0.0, 0.5))
    assert np.ptp(without) < 1e-6
    assert len({round(loss, 6) for loss in with_dropout}) == 3


def test_activations_keep_their_variance_through_many_layers() -> None:
    profiles = np.random.default_rng(5).normal(size=(400, 100)).astype(np.float32)
    options: dict[str, Any] = QUICK | {"hidden": (100,) * 8, "epochs": 1, "learning_rate": 1e-9}
    means, deviations = [], []
    for cls in (SelfNormalizingClassifier, KerasMLPClassifier):
        model = cls(**options).fit(profiles, np.arange(400) % 2).keras_model_
        name = f"{cls.activation}_8"
        deepest = keras.Model(model.inputs[0], model.get_layer(name).output)(profiles).numpy()
        means.append(float(deepest.mean()))
        deviations.append(float(deepest.std()))
    assert means[0] == pytest.approx(0, abs=0.15)
    assert deviations[0] == pytest.approx(1, abs=0.15)
    assert deviations[1] < 0.5  # ReLU's dwindle


@pytest.mark.parametrize("cls", [KerasMLPClassifier, SelfNormalizingClassifier])
def test_it_learns_as_well_as_the_network_of_scikit_learn(cls: type[KerasMLPClassifier]) -> None:
    ours = cls(hidden=(50,), epochs=30, batch_size=50, l2=1e-4, dropout=0.05).fit(X[:500], Y[:500])
    theirs = MLPClassifier((50,), max_iter=30, batch_size=50, random_state=0, tol=0.0, n_iter_no_change=30)
    with pytest.warns(match="Maximum iterations"):
        theirs.fit(X[:500], Y[:500])
    assert ours.score(X[500:], Y[500:]) > theirs.score(X[500:], Y[500:]) - 0.06 > 0.6


CHECKED: dict[str, Any] = {
    "hidden": (16,), "dropout": 0.0, "learning_rate": 0.01, "batch_size": 20, "epochs": 30, "jit_compile": False
}  # fmt: skip


@parametrize_with_checks(  # type: ignore[untyped-decorator]  # scikit-learn is untyped
    [KerasMLPClassifier(**CHECKED), SelfNormalizingClassifier(**CHECKED)],
    expected_failed_checks=lambda estimator: {},  # none: every check passes
)
def test_it_is_an_estimator_of_scikit_learn(estimator: Any, check: Callable[[Any], None]) -> None:
    check(estimator)
