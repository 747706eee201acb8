from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from published_network import GENES, PYRAMID, X, Y, classifier, convolved, named_weights, published, relu, shaken
from scipy.special import softmax
from sklearn.base import clone
from sklearn.utils.estimator_checks import parametrize_with_checks
from small_pyramids import component, random_weights, two_component_pyramid

from l1000_bench.errors import InputError
from l1000_bench.graphs.pyramid import Pyramid
from l1000_bench.models.chebnet import ChebNetClassifier

DIRECTED = two_component_pyramid(directed=True)


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"pooling": "average"},
        {"hidden": ()},
        {"hidden": (5, 4), "pool": (1, 4)},
        {"K": (1, 1)},
        {"filters": (2, 2), "K": (2, 12)},  # the second layer in the Fourier domain
        {"filters": (4,), "K": (9,), "pool": (4,)},
        {"layer": "sage"},
        {"layer": "gcn", "pooling": "average"},
        {"pyramid": DIRECTED},
        {"jit_compile": True},
    ],
)
def test_the_network_is_the_published_one_on_every_component(parameters: dict[str, Any]) -> None:
    model = shaken(classifier(**parameters).fit(X, Y))
    expected = published(model, X.astype(np.float64))
    assert expected.std() > 0.1  # it tells samples apart
    np.testing.assert_allclose(model.predict_proba(X), expected, atol=1e-5)
    np.testing.assert_allclose(softmax(model.keras_model_(X), axis=1), expected, atol=1e-5)
    assert model.predict(X).tolist() == np.array(["DMSO", "drug", "shRNA"])[expected.argmax(axis=1)].tolist()


def test_weights_are_shared_by_components_and_counted() -> None:
    shapes = {name: weight.shape for name, weight in named_weights(classifier().fit(X, Y)).items()}
    assert shapes == {
        "convolution_1/kernel": (4, 3),  # K, one channel, 3 filters
        "bias_1/bias": (3,),
        "convolution_2/kernel": (5, 3, 4),
        "bias_2/bias": (4,),
        "hidden_1/kernel": (6 * 4 + 4, 6),  # 24 vertices pooled by 4, 4 filters, and the four raw genes
        "hidden_1/bias": (6,),
        "logits/kernel": (6, 3),
        "logits/bias": (3,),
    }


def test_fake_vertices_carry_the_relu_of_the_bias_after_a_layer() -> None:
    model = shaken(classifier(pooling="average").fit(X, Y))
    body = model.keras_model_.get_layer("body")
    images = model.keras_model_.get_layer("gene_terms")(X)
    assert not np.asarray(images)[:, [3, *range(10, 16), 22, 23]].any()  # 0 in the input, in all terms
    after = keras.Model(body.inputs[0], body.get_layer("bias_1").output)(images).numpy()  # (vertices, batch, filters)
    bias = relu(named_weights(model)["bias_1/bias"])
    for fake in (3, 12, 23):
        np.testing.assert_allclose(after[fake], np.tile(bias, (len(X), 1)), atol=1e-6)
    assert np.abs(after[2] - bias).max() > 0.1
    first = convolved(model, PYRAMID.components[0], X.astype(np.float64))[0]
    np.testing.assert_allclose(after[:16].transpose(1, 0, 2), first, atol=1e-5)


def test_a_bias_for_every_vertex_may_differ_between_vertices() -> None:
    model = shaken(classifier(bias="b2relu", filters=(3,), K=(4,), pool=(4,)).fit(X, Y))
    weights = named_weights(model)
    assert weights["bias_1/bias"].shape == (24, 1, 3)
    body = model.keras_model_.get_layer("body")
    images = model.keras_model_.get_layer("gene_terms")(X)
    after = keras.Model(body.inputs[0], body.get_layer("bias_1").output)(images).numpy()
    pooled = keras.Model(body.inputs[0], body.get_layer("pool_1").output)(images).numpy()
    y = np.asarray(images).transpose(1, 0, 2) @ weights["convolution_1/kernel"]
    np.testing.assert_allclose(after, relu(y + weights["bias_1/bias"]), atol=1e-5)
    np.testing.assert_array_equal(pooled, after.reshape(6, 4, len(X), 3).max(axis=1))


@pytest.mark.parametrize("n", [1, 127, 128, 129, 150])
def test_every_sample_is_scored_whatever_their_number(n: int) -> None:
    model = classifier().fit(X[:57], Y[:57])  # 57 is no multiple of the batch either
    expected = published(model, X[:n].astype(np.float64))
    np.testing.assert_allclose(model.predict_proba(X[:n]), expected, atol=1e-5)
    assert len(model.predict(X[:n])) == n


def test_it_learns_a_signal_that_lives_on_the_graph() -> None:
    rng = np.random.default_rng(2)
    codes = np.arange(600) % 2
    profiles = rng.normal(size=(600, GENES)).astype(np.float32)
    neighbours = PYRAMID.components[0].order[[0, 4, 5, 8]]
    profiles[:, neighbours] += np.where(codes, 1.2, -1.2)[:, np.newaxis]
    model = classifier(epochs=15, learning_rate=0.01, dropout=0.2, jit_compile=True).fit(profiles[:400], codes[:400])
    assert model.score(profiles[400:], codes[400:]) > 0.9
    shuffled = clone(model).fit(profiles[:400], rng.permutation(codes[:400]))
    assert shuffled.score(profiles[400:], codes[400:]) < 0.7
    assert len(model.loss_curve_) == model.n_iter_ == 15
    assert model.loss_curve_[-1] < model.loss_curve_[0]


def test_bfloat16_is_near_and_its_logits_are_float32() -> None:
    model = shaken(classifier(mixed_precision=True).fit(X, Y))
    assert model.keras_model_.get_layer("body").get_layer("hidden_1").compute_dtype == "bfloat16"
    assert model.predict_proba(X).dtype == np.float32
    difference = np.abs(model.predict_proba(X) - published(model, X.astype(np.float64)))
    assert 0 < difference.max() < 0.1


def test_a_pyramid_without_components_leaves_all_genes_raw() -> None:
    nothing = Pyramid(PYRAMID.gene_ids, (), np.arange(GENES), 2)
    alone = classifier(pyramid=nothing).fit(X, Y)
    np.testing.assert_array_equal(alone.predict_proba(X), classifier(pyramid=None).fit(X, Y).predict_proba(X))
    assert set(named_weights(alone)) == {"hidden_1/kernel", "hidden_1/bias", "logits/kernel", "logits/bias"}


def test_a_pyramid_without_raw_genes_needs_no_second_input() -> None:
    whole = Pyramid(("1", "2", "3", "4"), (component(random_weights(4, 1, density=0.9), [2, 0, 3, 1], 1),), EMPTY, 1)
    model = shaken(classifier(pyramid=whole, filters=(3,), K=(3,), pool=(2,)).fit(X[:, :4], Y))
    expected = published(model, X[:, :4].astype(np.float64))
    np.testing.assert_allclose(model.predict_proba(X[:, :4]), expected, atol=1e-5)


EMPTY = np.empty(0, dtype=np.intp)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"K": (0, 3)}, r"K is \(0, 3\); a Chebyshev filter has at least the term T_0, K = 1"),
        ({"K": (3,)}, r"filters \(3, 4\), K \(3,\) and pool \(2, 2\) must name the same layers"),
        ({"filters": (), "K": (), "pool": ()}, "must name the same layers, at least one"),
        ({"filters": (3, 0)}, r"filters is \(3, 0\); every layer needs at least 1"),
        ({"pool": (4, 4)}, r"pool \(4, 4\) needs 4 coarsenings, the pyramid has 2; make the pyramid with more levels"),
        ({"pool": (3, 1)}, r"pool is \(3, 1\); a pyramid halves, so every size is a power of two"),
        ({"pooling": "median"}, "pooling is 'median'; it can be max or average"),
        ({"bias": "b3relu"}, "bias is 'b3relu'; it can be b1relu or b2relu"),
        ({"layer": "cayley"}, "layer is 'cayley'; it can be one of chebyshev, sage, gcn"),
        ({"hidden": (0,)}, r"hidden is \(0,\); every layer needs at least 1 unit"),
        ({"dropout": 1.0}, r"dropout is 1\.0; the probability of dropping a value lies from 0 to below 1"),
        ({"initializer": "zeros"}, "initializer is 'zeros'; it can be one of truncated_normal, glorot, lecun"),
        ({"pyramid": Pyramid(("1",), (), np.arange(1), 0)}, "the pyramid has 1 genes, the profiles have 19"),
    ],
)
def test_impossible_networks_are_refused_in_one_sentence(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        classifier(**parameters).fit(X, Y)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_profiles_with_missing_values_are_refused(bad: float) -> None:
    spoiled = X.copy()
    spoiled[3, 4] = bad
    with pytest.raises(ValueError, match="Input X contains"):
        classifier().fit(spoiled, Y)
    with pytest.raises(ValueError, match="Input X contains"):
        classifier().fit(X, Y).predict(spoiled)


@parametrize_with_checks(  # type: ignore[untyped-decorator]  # scikit-learn is untyped
    [
        ChebNetClassifier(
            hidden=(16,),
            dropout=0.0,
            initializer="glorot",
            learning_rate=0.01,
            batch_size=20,
            epochs=30,
            jit_compile=False,
        )
    ],
    expected_failed_checks=lambda estimator: {},  # none: every check passes
)
def test_it_is_an_estimator_of_scikit_learn(estimator: Any, check: Callable[[Any], None]) -> None:
    check(estimator)
