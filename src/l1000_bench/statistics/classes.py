"""What happened to every class: from the pooled test labels of a benchmark."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from l1000_bench.statistics.pooled import Labels

_CLASS_SCORES: dict[str, Any] = {
    "classifier": "str", "label": "str", "precision": "float64", "recall": "float64", "f1": "float64",
    "support": "int64",
}  # fmt: skip
_CONFUSIONS: dict[str, Any] = {"classifier": "str", "y_true": "str", "y_pred": "str", "n_samples": "int64"}


def class_scores(labels: Labels) -> pd.DataFrame:
    """Score every class that is true or predicted.

    Args:
        labels: Test labels of all rotations together.

    Returns:
        classifier, label, precision, recall, f1 (fractions) and support (samples of the class). The precision of a
        class that is never predicted is 0, so that the mean f1 of a classifier is its macro-F1.
    """
    tables = []
    for name, predicted in labels.predicted.items():
        codes = np.union1d(labels.true, predicted)
        precision, recall, f1, support = precision_recall_fscore_support(
            labels.true, predicted, labels=codes, zero_division=0
        )
        columns = {"precision": precision, "recall": recall, "f1": f1, "support": support}
        tables.append(pd.DataFrame({"classifier": name, "label": labels.classes[codes], **columns}))
    return _stacked(tables, _CLASS_SCORES)


def confusions(labels: Labels) -> pd.DataFrame:
    """Count what was predicted for which class.

    Args:
        labels: Test labels of all rotations together.

    Returns:
        classifier, y_true, y_pred, n_samples; pairs that do not occur are left out.
    """
    tables = []
    codes = np.arange(len(labels.classes))
    for name, predicted in labels.predicted.items():
        matrix = confusion_matrix(labels.true, predicted, labels=codes)
        true, found = np.nonzero(matrix)
        columns = {"y_true": labels.classes[true], "y_pred": labels.classes[found], "n_samples": matrix[true, found]}
        tables.append(pd.DataFrame({"classifier": name, **columns}))
    return _stacked(tables, _CONFUSIONS)


def _stacked(tables: list[pd.DataFrame], kinds: dict[str, Any]) -> pd.DataFrame:
    """Put the tables of all classifiers below one another; without any there are columns and no row."""
    return pd.concat(tables or [pd.DataFrame(columns=list(kinds))], ignore_index=True).astype(kinds)
