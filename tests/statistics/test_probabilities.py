from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sklearn.metrics import log_loss, top_k_accuracy_score

from l1000_bench.statistics.probabilities import (
    calibration_error,
    class_probabilities,
    probability_scores,
    reliability,
    reliability_table,
    top_k_accuracy,
)

CLASSES = np.array(["a", "b", "c", "d", "e", "f"], dtype=object)


def drawn(n: int, n_classes: int, seed: int = 0) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """True codes, and probabilities that say something of them."""
    rng = np.random.default_rng(seed)
    true = rng.integers(0, n_classes, n)
    values = rng.dirichlet(np.full(n_classes, 0.4), n)
    values[np.arange(n), true] += 0.3
    return true, (values / values.sum(axis=1, keepdims=True)).astype(np.float32)


def test_top_k_and_log_loss_by_hand() -> None:
    probabilities = np.array([[0.4, 0.3, 0.2, 0.1], [0.4, 0.3, 0.2, 0.1], [0.125, 0.5, 0.25, 0.125]], dtype=np.float32)
    found = probability_scores(np.array([1, 3, 2]), np.array([0, 0, 1]), probabilities)
    assert found["top3_accuracy"] == pytest.approx(2 / 3)
    assert np.isnan(found["top5_accuracy"])  # there are four classes
    assert found["log_loss"] == pytest.approx(-np.log([0.3, 0.1, 0.25]).mean(), abs=1e-6)


@pytest.mark.parametrize("n_classes", [2, 3, 4, 5, 6, 49])
def test_scikit_learn_and_plain_sorting_agree(n_classes: int) -> None:
    true, probabilities = drawn(200, n_classes)
    found = probability_scores(true, probabilities.argmax(axis=1), probabilities)
    order = np.argsort(-probabilities, axis=1)
    for k in (3, 5):
        expected = (order[:, :k] == true[:, None]).any(axis=1).mean() if n_classes > k else np.nan
        assert found[f"top{k}_accuracy"] == pytest.approx(expected, nan_ok=True)
    chosen = probabilities[np.arange(200), true].astype(np.float64)
    assert found["log_loss"] == pytest.approx(-np.log(np.clip(chosen, 1.1920929e-07, None)).mean(), rel=1e-5)
    labels = np.arange(n_classes)
    assert found["log_loss"] == pytest.approx(log_loss(true, y_proba=probabilities, labels=labels))
    if n_classes > 3:
        assert found["top3_accuracy"] == top_k_accuracy_score(true, probabilities, k=3, labels=labels)


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_ties_are_broken_in_every_order(k: int) -> None:
    rng = np.random.default_rng(3)
    counts = rng.integers(0, 3, (40, 5)) + np.eye(5, dtype=np.intp)[rng.integers(0, 5, 40)]  # many are equal
    probabilities = (counts / counts.sum(axis=1, keepdims=True)).astype(np.float32)
    true = rng.integers(0, 5, 40)
    shares = []
    for order in permutations(range(5)):  # of the classes: a stable sort keeps it among ties
        turned = np.array(order)
        ranked = turned[np.argsort(-probabilities[:, turned], axis=1, kind="stable")]
        shares.append((ranked[:, :k] == true[:, None]).any(axis=1).mean())
    assert max(shares) - min(shares) > 0.1
    assert top_k_accuracy(true, probabilities, k) == pytest.approx(np.mean(shares))


def test_names_of_classes_do_not_matter_to_ties() -> None:
    uniform = np.full((6, 6), 1 / 6, dtype=np.float32)
    found = [probability_scores(np.full(6, code), np.zeros(6, dtype=np.intp), uniform) for code in range(6)]
    assert {scores["top3_accuracy"] for scores in found} == {0.5}
    assert [scores["top5_accuracy"] for scores in found] == pytest.approx([5 / 6] * 6)


def test_a_class_without_probability_costs_what_float32_resolves() -> None:
    probabilities = np.array([[1, 0, 0], [0.5, 0.5, 0]], dtype=np.float32)
    found = probability_scores(np.array([2, 0]), np.array([0, 0]), probabilities)
    assert found["log_loss"] == pytest.approx((-np.log(2.0**-23) + np.log(2)) / 2, rel=1e-6)
    assert found["log_loss"] == pytest.approx((15.942385 + 0.693147) / 2, abs=1e-5)


def test_without_probabilities_all_is_open() -> None:
    found = probability_scores(np.array([0, 1]), np.array([0, 1]), None)
    assert list(found) == ["top3_accuracy", "top5_accuracy", "log_loss", "calibration_error"]
    assert np.isnan(list(found.values())).all()


def test_probabilities_are_taken_in_the_order_of_the_classes() -> None:
    table = pd.DataFrame({"probability:b": [0.25, 0.0], "y_true": ["a", "b"], "probability:a": [0.75, 0.5]})
    found = class_probabilities(table.astype({"probability:a": "float32", "probability:b": "float32"}), CLASSES[:3])
    assert found is not None
    assert found.dtype == np.float32
    assert found.tolist() == [[0.75, 0.25, 0], [1, 0, 0]]  # c has no column; the second row summed to one half
    assert class_probabilities(table[["y_true"]], CLASSES[:3]) is None


# Calibration


def test_a_worked_example_of_the_calibration_error() -> None:
    # Two samples at 0.9 of which one is right, two at 0.3 of which both are.
    probabilities = np.array([[0.9, 0.1, 0, 0], [0.9, 0.1, 0, 0], [0.3, 0.3, 0.2, 0.2], [0.3, 0.3, 0.2, 0.2]])
    table = reliability(np.array([0, 1, 1, 1]), np.array([0, 0, 1, 1]), probabilities.astype(np.float32))
    assert table["bin"].tolist() == [4, 13]  # 4/15 < 0.3 <= 5/15 and 13/15 < 0.9 <= 14/15
    assert table["low"].tolist() == pytest.approx([4 / 15, 13 / 15])
    assert table["high"].tolist() == pytest.approx([5 / 15, 14 / 15])
    assert table["n_samples"].tolist() == [2, 2]
    assert table["confidence"].tolist() == pytest.approx([0.3, 0.9])
    assert table["accuracy"].tolist() == [1.0, 0.5]
    assert calibration_error(table) == pytest.approx(0.5 * 0.7 + 0.5 * 0.4)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_equation_3_of_guo_et_al(seed: int) -> None:
    true, probabilities = drawn(500, 6, seed)
    predicted = probabilities.argmax(axis=1)
    confidence = probabilities.max(axis=1).astype(np.float64)
    expected = 0.0
    for m in range(1, 16):
        inside = (confidence > (m - 1) / 15) & (confidence <= m / 15)
        if inside.any():
            gap = abs((predicted == true)[inside].mean() - confidence[inside].mean())
            expected += inside.sum() / 500 * gap
    table = reliability(true, predicted, probabilities)
    assert calibration_error(table) == pytest.approx(expected)
    assert probability_scores(true, predicted, probabilities)["calibration_error"] == pytest.approx(expected)
    assert table["n_samples"].sum() == 500
    assert np.average(table["accuracy"], weights=table["n_samples"]) == pytest.approx((predicted == true).mean())


def test_the_extremes_have_their_bins() -> None:
    probabilities = np.array([[1, 0], [0, 1]], dtype=np.float32)
    assert reliability(np.array([0, 1]), np.array([0, 0]), probabilities)["bin"].tolist() == [0, 14]


def test_the_truth_is_calibrated() -> None:
    true = np.arange(6).repeat(3)
    found = probability_scores(true, true, np.eye(6, dtype=np.float32)[true])
    assert found["top3_accuracy"] == found["top5_accuracy"] == 1
    assert found["calibration_error"] == 0
    assert found["log_loss"] == pytest.approx(0, abs=2e-7)


def test_the_table_is_of_the_test_predictions_of_all_rotations() -> None:
    true, probabilities = drawn(40, 3)
    columns = {f"probability:{label}": probabilities[:, i] for i, label in enumerate(CLASSES[:3])}
    table = pd.DataFrame(
        {
            "rotation": np.arange(40) % 2, "role": np.where(np.arange(40) < 30, "test", "dev"),
            "y_true": CLASSES[true], "y_pred": CLASSES[probabilities.argmax(axis=1)], **columns,
        }
    )  # fmt: skip
    found = reliability_table(table, CLASSES[:3])
    pd.testing.assert_frame_equal(found, reliability(true[:30], probabilities[:30].argmax(axis=1), probabilities[:30]))
    without = reliability_table(table.drop(columns=list(columns)), CLASSES[:3])
    assert len(without) == 0
    assert without.dtypes.tolist() == found.dtypes.tolist()
