import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l1000_bench.statistics.metrics import accuracy, macro_f1, score_predictions


def text(labels: str | list[str]) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    return np.array(list(labels), dtype=object)


# By hand: of a, 2 are found, 1 is missed and 1 too many is found; of b, 1, 2 and 1; c is never predicted; d never true.
TRUE, PREDICTED = text("aaabbbc"), text("aabbaad")
F1 = {"a": 2 * 2 / (2 * 2 + 2 + 1), "b": 2 * 1 / (2 * 1 + 1 + 2), "c": 0.0, "d": 0.0}


def test_a_worked_example() -> None:
    assert accuracy(TRUE, PREDICTED) == 3 / 7
    assert macro_f1(TRUE, PREDICTED) == pytest.approx((4 / 7 + 2 / 5) / 4)
    assert sum(F1.values()) / 4 == pytest.approx(17 / 70)


@pytest.mark.parametrize(
    ("true", "predicted", "expected"),
    [("ab", "ab", (1.0, 1.0)), ("ab", "ba", (0.0, 0.0)), ("a", "a", (1.0, 1.0)), ("aab", "aaa", (2 / 3, 0.4))],
)
def test_small_examples(true: str, predicted: str, expected: tuple[float, float]) -> None:
    assert (accuracy(text(true), text(predicted)), macro_f1(text(true), text(predicted))) == pytest.approx(expected)


def plain_scores(true: list[str], predicted: list[str]) -> tuple[float, float]:
    """Precision and recall from a confusion matrix, as a second implementation."""
    classes = sorted(set(true) | set(predicted))
    confusion = np.zeros((len(classes), len(classes)))
    for t, p in zip(true, predicted, strict=True):
        confusion[classes.index(t), classes.index(p)] += 1
    scores = []
    for k in range(len(classes)):
        found, asked, right = confusion[:, k].sum(), confusion[k].sum(), confusion[k, k]
        precision, recall = right / found if found else 0.0, right / asked if asked else 0.0
        scores.append(2 * precision * recall / (precision + recall) if precision + recall else 0.0)
    return float(np.trace(confusion) / len(true)), float(np.mean(scores))


LABELS = st.sampled_from(["a", "b", "A", "long label|with bar", "é"])


@settings(deadline=None, derandomize=True)
@given(st.lists(st.tuples(LABELS, LABELS), min_size=1, max_size=30))
def test_a_second_implementation_agrees(pairs: list[tuple[str, str]]) -> None:
    true, predicted = [t for t, _ in pairs], [p for _, p in pairs]
    found = accuracy(text(true), text(predicted)), macro_f1(text(true), text(predicted))
    assert found == pytest.approx(plain_scores(true, predicted), abs=1e-12)


@pytest.mark.parametrize("kind", ["str", "category", "object"])
def test_a_table_is_scored_by_rotation_and_role(kind: str) -> None:
    predictions = pd.DataFrame(
        {
            "rotation": [1] * 7 + [0, 0, 0],
            "role": ["test"] * 7 + ["test", "dev", "dev"],
            "y_true": [*TRUE, "a", "a", "b"],
            "y_pred": [*PREDICTED, "b", "a", "b"],
        }
    ).astype({"role": kind, "y_true": kind, "y_pred": kind})
    scores = score_predictions(predictions)
    assert scores.columns.tolist() == ["rotation", "role", "n_samples", "accuracy", "macro_f1"]
    assert scores[["rotation", "role", "n_samples"]].to_numpy().tolist() == [
        [0, "dev", 2],
        [0, "test", 1],
        [1, "test", 7],
    ]
    assert scores["accuracy"].tolist() == [1.0, 0.0, 3 / 7]
    assert scores["macro_f1"].tolist() == pytest.approx([1.0, 0.0, 17 / 70])
