"""The training of all Keras classifiers against numpy: steps, rates, weights of samples, epochs, stopping."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from published_network import PYRAMID, X, Y, classifier
from scipy.special import softmax
from sklearn.utils import check_random_state
from small_pyramids import Floats

from l1000_bench.errors import InputError
from l1000_bench.models.epochs import EarlyStopping, batches
from l1000_bench.models.initial_weights import initial_bias, initial_kernel
from l1000_bench.models.mlp import KerasMLPClassifier

CODES = np.arange(len(X)) % 3
STEPS = 7


def logistic(**parameters: Any) -> KerasMLPClassifier:
    """A network without hidden layers, every epoch of which is one step over all samples."""
    settings: dict[str, Any] = {"hidden": (), "batch_size": len(X), "epochs": STEPS, "jit_compile": False, "l2": 0.0}
    return KerasMLPClassifier(**(settings | parameters))


def first_weights(random_state: int) -> list[Floats]:
    rng = np.random.default_rng(check_random_state(random_state).randint(2**31))
    shape = (X.shape[1], 3)
    return [initial_kernel("glorot", shape, rng).astype(float), initial_bias("glorot", shape[1:]).astype(float)]


def gradients(parameters: Sequence[Floats], l2: float, sample_weights: Floats) -> list[Floats]:
    W, b = parameters
    error = (softmax(X @ W + b, axis=1) - np.eye(3)[CODES]) * sample_weights[:, np.newaxis] / len(X)
    return [X.T @ error + l2 * W, error.sum(axis=0) + l2 * b]


def assert_trained(model: KerasMLPClassifier, expected: Sequence[Floats]) -> None:
    for weights, reference in zip(model.weights_, expected, strict=True):
        np.testing.assert_allclose(weights, reference, atol=2e-5)


@pytest.mark.parametrize(("decay_rate", "class_weight"), [(1.0, None), (0.5, None), (0.5, {0: 3.0, 1: 1.0, 2: 0.5})])
def test_momentum_without_nesterov_and_a_staircase(decay_rate: float, class_weight: dict[int, float] | None) -> None:
    model = logistic(
        optimizer="momentum", learning_rate=0.2, momentum=0.8, decay_rate=decay_rate, decay_steps=3, l2=0.1,
        class_weight=class_weight, random_state=4,
    ).fit(X, CODES)  # fmt: skip
    weights = np.array([(class_weight or {}).get(int(code), 1.0) for code in CODES])
    parameters = first_weights(4)
    velocities = [0 * parameter for parameter in parameters]
    for step in range(STEPS):
        rate = 0.2 * decay_rate ** (step // 3)
        found = gradients(parameters, 0.1, weights)
        velocities = [0.8 * v + g for v, g in zip(velocities, found, strict=True)]
        parameters = [p - rate * v for p, v in zip(parameters, velocities, strict=True)]
    assert_trained(model, parameters)
    moved = np.abs(model.weights_[0] - first_weights(4)[0]).max()
    assert moved > 0.1


def test_adam() -> None:
    model = logistic(optimizer="adam", learning_rate=0.05, random_state=4).fit(X, CODES)
    parameters = first_weights(4)
    m, v = ([0 * parameter for parameter in parameters] for _ in range(2))
    for step in range(1, STEPS + 1):
        found = gradients(parameters, 0.0, np.ones(len(X)))
        m = [0.9 * old + 0.1 * g for old, g in zip(m, found, strict=True)]
        v = [0.999 * old + 0.001 * g**2 for old, g in zip(v, found, strict=True)]
        parameters = [
            p - 0.05 * (a / (1 - 0.9**step)) / (np.sqrt(b / (1 - 0.999**step)) + 1e-8)
            for p, a, b in zip(parameters, m, v, strict=True)
        ]
    assert_trained(model, parameters)


def test_the_first_loss_is_entropy_and_penalty() -> None:
    model = logistic(l2=0.3, epochs=1, random_state=4).fit(X, CODES)
    W, b = first_weights(4)
    entropy = -np.log(softmax(X @ W + b, axis=1)[np.arange(len(X)), CODES]).mean()
    assert model.loss_curve_ == [pytest.approx(entropy + 0.3 * (W**2).sum() / 2, rel=1e-5)]


def test_l2_shrinks_dense_layers_and_their_biases_but_no_filter() -> None:
    options = {"epochs": 1, "batch_size": len(X), "momentum": 0.0, "learning_rate": 0.1, "dropout": 0.0}
    free, shrunk = (classifier(l2=l2, **options).fit(X, Y) for l2 in (0.0, 2.0))
    rng = np.random.default_rng(check_random_state(0).randint(2**31))
    shapes = [weight.shape for weight in free.weights_]
    first = [
        initial_kernel("truncated_normal", shape, rng) if len(shape) > 1 else initial_bias("truncated_normal", shape)
        for shape in shapes
    ]
    for number, (without, with_l2, start) in enumerate(zip(free.weights_, shrunk.weights_, first, strict=True)):
        is_head = number >= len(first) - 4  # of the hidden layer and the logits
        np.testing.assert_allclose(without - with_l2, 0.1 * 2.0 * start if is_head else 0 * start, atol=1e-6)
        assert np.abs(without - start).max() > 1e-5


def test_balanced_classes_weigh_alike() -> None:
    rare = np.where(np.arange(len(X)) % 10 == 0, "rare", "common")
    noise = np.random.default_rng(0).normal(size=X.shape).astype(np.float32)
    noise[rare == "rare", 0] += 1.0
    plain, balanced = (
        logistic(epochs=300, class_weight=w, learning_rate=0.01).fit(noise, rare) for w in (None, "balanced")
    )
    recall = [float((m.predict(noise)[rare == "rare"] == "rare").mean()) for m in (plain, balanced)]
    assert recall[1] > recall[0] + 0.3


@pytest.mark.parametrize(("n", "batch_size", "n_epochs"), [(10, 3, 4), (7, 7, 2), (5, 2, 3)])
def test_batches_are_full_and_see_every_sample_alike(n: int, batch_size: int, n_epochs: int) -> None:
    rows = list(batches(n, batch_size, n_epochs, np.random.default_rng(1)))
    assert len(rows) == n_epochs
    assert sum(len(order) for order in rows) == n * n_epochs // batch_size
    seen = np.concatenate([order.ravel() for order in rows])
    for start in range(0, len(seen) - n + 1, n):
        assert sorted(seen[start : start + n].tolist()) == list(range(n))
    if n > batch_size:
        assert seen[:n].tolist() != seen[n : 2 * n].tolist()


def test_early_stopping_keeps_the_best_weights_and_waits_with_patience() -> None:
    stopping = EarlyStopping(patience=2)
    weights = [[np.array([float(epoch)], dtype=np.float32)] for epoch in range(6)]
    stops = [stopping.should_stop(s, w) for s, w in zip([0.2, 0.5, 0.5, 0.4], weights, strict=False)]
    assert stops == [False, False, False, True]
    assert stopping.best[0].tolist() == [1.0]  # the first of equals


def test_early_stopping_holds_out_samples_of_every_class() -> None:
    rng = np.random.default_rng(1)
    codes = np.arange(400) % 2
    profiles = rng.normal(size=(400, 5)).astype(np.float32)
    profiles[:, 0] += codes
    model = KerasMLPClassifier(
        hidden=(30,), epochs=200, batch_size=20, learning_rate=0.02, patience=3, early_stopping=True,
        validation_fraction=0.25, jit_compile=False, random_state=2,
    ).fit(profiles, codes)  # fmt: skip
    scores = model.validation_scores_
    assert model.n_iter_ == len(scores) == len(model.loss_curve_) < 200
    assert int(np.argmax(scores)) == len(scores) - 4
    assert all(score * 100 == pytest.approx(round(score * 100)) for score in scores)  # of 100 held-out samples
    stopped_there = KerasMLPClassifier(**(model.get_params() | {"epochs": len(scores) - 3})).fit(profiles, codes)
    np.testing.assert_array_equal(model.predict_proba(profiles), stopped_there.predict_proba(profiles))
    assert logistic().fit(X, Y).validation_scores_ == []


def test_early_stopping_takes_classes_of_one_profile_and_more_classes_than_it_holds_out() -> None:
    codes = np.array([0] * 12 + [1] * 2 + [2] + [3] * 3)
    profiles = np.random.default_rng(4).normal(size=(18, 5)).astype(np.float32)
    model = KerasMLPClassifier(
        hidden=(4,), epochs=3, batch_size=6, early_stopping=True, validation_fraction=0.1, jit_compile=False
    ).fit(profiles, codes)
    assert model.classes_.tolist() == [0, 1, 2, 3]
    assert {round(score * 2, 9) for score in model.validation_scores_} <= {0.0, 1.0, 2.0}  # of two held-out profiles


def test_weights_begin_as_their_authors_say() -> None:
    rng = np.random.default_rng(3)
    published: NDArray[np.float32] = initial_kernel("truncated_normal", (300, 200), rng)
    # A normal cut at two deviations has 0.8796 of its deviation.
    assert (published.std(), np.abs(published).max()) == (
        pytest.approx(0.08796, rel=0.01),
        pytest.approx(0.2, abs=1e-3),
    )
    glorot = initial_kernel("glorot", (3, 100, 200), rng)  # three terms of 100 channels
    assert np.abs(glorot).max() == pytest.approx((6 / 500) ** 0.5, rel=1e-3)
    assert initial_kernel("lecun", (400, 300), rng).std() == pytest.approx(1 / 20, rel=0.01)
    assert published.dtype == glorot.dtype == np.float32
    assert initial_bias("truncated_normal", (2,)).tolist() == pytest.approx([0.1, 0.1])
    assert initial_bias("lecun", (2,)).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"optimizer": "lbfgs"}, "optimizer is 'lbfgs'; it can be one of momentum, adam"),
        ({"learning_rate": 0}, "learning_rate is 0; it must be above 0"),
        ({"decay_rate": 1.5}, r"decay_rate is 1\.5; it must be above 0 and at most 1"),
        ({"decay_steps": 0}, "decay_steps is 0; it must be at least 1"),
        ({"momentum": 1}, "momentum is 1; it lies from 0 to below 1"),
        ({"l2": -1}, "l2 is -1; it must not be negative"),
        ({"batch_size": 0}, "batch_size is 0; it must be at least 1"),
        ({"epochs": 0}, "epochs is 0; it must be at least 1"),
        ({"patience": 0}, "patience is 0; it must be at least 1"),
        ({"validation_fraction": 1.0}, r"validation_fraction is 1\.0; it must lie between 0 and 1"),
    ],
)
def test_impossible_training_is_refused_in_one_sentence(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        classifier(**parameters).fit(X, Y)


def test_a_diverging_training_says_so() -> None:
    with pytest.raises(InputError, match=r"the loss is (nan|inf) in epoch \d+: the training diverged; take a smaller"):
        classifier(pyramid=PYRAMID, learning_rate=1e12, epochs=30).fit(X, Y)
