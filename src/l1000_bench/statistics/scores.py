"""Scores of a prediction table per rotation and role."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import matthews_corrcoef, recall_score

from l1000_bench.statistics.metrics import score_predictions
from l1000_bench.statistics.pooled import label_codes
from l1000_bench.statistics.probabilities import SCORES, class_probabilities, probability_scores

_KINDS: dict[str, Any] = {
    "classifier": "str", "rotation": "int64", "role": "str", "n_samples": "int64",
    **dict.fromkeys(("accuracy", "macro_f1", "balanced_accuracy", "mcc", *SCORES), "float64"),
}  # fmt: skip


def no_scores() -> pd.DataFrame:
    """Return the scores of a benchmark where no classifier has any: the columns of `score_table`, behind classifier."""
    return pd.DataFrame(columns=list(_KINDS)).astype(_KINDS)


def score_table(predictions: pd.DataFrame, classes: NDArray[np.object_]) -> pd.DataFrame:
    """Score a prediction table by everything that it holds.

    Args:
        predictions: The table; its labels and probabilities are of the classes.
        classes: (n_classes,) text, sorted.

    Returns:
        The scores of `score_predictions`, with balanced_accuracy, mcc and those of `probability_scores`, one row per
        rotation and role.
    """
    true, predicted = (label_codes(predictions[column], classes) for column in ("y_true", "y_pred"))
    probabilities = class_probabilities(predictions, classes)
    number = predictions.groupby(["rotation", "role"], sort=True, observed=True).ngroup().to_numpy()
    rows = []
    for group in range(number.max() + 1):
        own = number == group
        given = None if probabilities is None else probabilities[own]
        rows.append(label_scores(true[own], predicted[own]) | probability_scores(true[own], predicted[own], given))
    return pd.concat([score_predictions(predictions), pd.DataFrame(rows)], axis="columns")


def label_scores(true: NDArray[np.intp], predicted: NDArray[np.intp]) -> dict[str, float]:
    """Return the mean recall of the true classes, and Matthews' correlation for several classes (Gorodkin 2004).

    The correlation is 0 where all true labels, or all predicted ones, are the same.

    Args:
        true: (n_samples,) class codes.
        predicted: (n_samples,) class codes.
    """
    classes = np.unique(true)
    recall = recall_score(true, predicted, labels=classes, average="macro")
    mcc = matthews_corrcoef(true, predicted) if len(classes) > 1 else 0.0
    return {"balanced_accuracy": float(recall), "mcc": float(mcc)}
