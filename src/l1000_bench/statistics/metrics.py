"""Metrics of predicted labels, and their table per rotation."""

from __future__ import annotations

from typing import Any

import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, f1_score


def accuracy(true: NDArray[Any], predicted: NDArray[Any]) -> float:
    """Return the share of samples whose predicted label is the true one; labels are (n_samples,) text or codes."""
    return float(accuracy_score(true, predicted))


def macro_f1(true: NDArray[Any], predicted: NDArray[Any]) -> float:
    """Return the unweighted mean of the classes' F1 scores.

    The classes are those that occur among the true or the predicted labels; a class never predicted counts as zero.

    Args:
        true: (n_samples,) text or codes.
        predicted: (n_samples,) text or codes.
    """
    return float(f1_score(true, predicted, average="macro", zero_division=0))


def score_predictions(predictions: pd.DataFrame) -> pd.DataFrame:
    """Score a prediction table.

    Args:
        predictions: Columns rotation, role, y_true, y_pred.

    Returns:
        Columns rotation, role, n_samples, accuracy, macro_f1 (fractions), one row per rotation and role.
    """
    rows = []
    for (rotation, role), group in predictions.groupby(["rotation", "role"], sort=True, observed=True):
        true, predicted = group["y_true"].to_numpy(dtype=object), group["y_pred"].to_numpy(dtype=object)
        scores = {"accuracy": accuracy(true, predicted), "macro_f1": macro_f1(true, predicted)}
        rows.append({"rotation": rotation, "role": role, "n_samples": len(group), **scores})
    return pd.DataFrame(rows)
