from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from l1000_bench.models.layers.dropout import PhiloxAlphaDropout, PhiloxDropout

ONES = tf.ones((400, 500))
NORMAL = tf.constant(np.random.default_rng(0).normal(size=(400, 500)).astype(np.float32))
both = pytest.mark.parametrize("layer", [PhiloxDropout, PhiloxAlphaDropout])


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.8])
def test_dropout_keeps_its_share_and_the_mean(rate: float) -> None:
    out = PhiloxDropout(rate, seed=3)(ONES, training=True).numpy()
    kept = out != 0
    assert kept.mean() == pytest.approx(1 - rate, abs=0.005)  # 200,000 draws: 4.5 standard errors and more
    np.testing.assert_allclose(out[kept], 1 / (1 - rate), rtol=1e-6)


@pytest.mark.parametrize("rate", [0.05, 0.1, 0.3])
def test_alpha_dropout_keeps_mean_and_variance(rate: float) -> None:
    out = PhiloxAlphaDropout(rate, seed=3)(NORMAL, training=True).numpy()
    assert out.mean() == pytest.approx(0, abs=0.02)
    assert out.std() == pytest.approx(1, abs=0.02)
    # Where Keras drops a value, it puts the same one there.
    theirs = keras.layers.AlphaDropout(rate, seed=3)(tf.zeros((100, 100)), training=True).numpy()
    ours = PhiloxAlphaDropout(rate, seed=3)(tf.zeros((100, 100)), training=True).numpy()
    np.testing.assert_allclose(np.unique(ours), np.unique(theirs), rtol=1e-5)


@both
def test_nothing_is_dropped_when_predicting_or_at_rate_zero(layer: Any) -> None:
    np.testing.assert_array_equal(layer(0.5, seed=1)(NORMAL, training=False), NORMAL)
    np.testing.assert_array_equal(layer(0.0, seed=1)(NORMAL, training=True), NORMAL)


@both
def test_every_step_draws_anew_and_the_seed_decides(layer: Any) -> None:
    one, same, other = layer(0.5, seed=1), layer(0.5, seed=1), layer(0.5, seed=2)
    first = one(ONES, training=True).numpy()
    np.testing.assert_array_equal(same(ONES, training=True), first)
    assert (one(ONES, training=True).numpy() != first).mean() > 0.4
    assert (other(ONES, training=True).numpy() != first).mean() > 0.4


@both
def test_compiled_by_xla_it_drops_its_share_and_draws_anew(layer: Any) -> None:
    compiled = layer(0.3, seed=7)
    compiled.build(ONES.shape)
    run = tf.function(lambda x: compiled(x, training=True), jit_compile=True)
    first, second = run(ONES).numpy(), run(ONES).numpy()
    high = first == first.max()
    assert high.mean() == pytest.approx(0.7, abs=0.005)
    assert (high != (second == second.max())).mean() == pytest.approx(2 * 0.3 * 0.7, abs=0.005)
