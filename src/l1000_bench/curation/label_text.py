"""How values of the samples, and those that a user writes in YAML, are written as text, so that they compare."""

from __future__ import annotations

import pandas as pd


def label_text(value: str | float) -> str:
    """Write a value: text as it is, a number as its shortest text (10.0 as `10`)."""
    if isinstance(value, str):
        return value
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def class_labels(samples: pd.DataFrame, column: str) -> pd.Series:
    """Return a column as class labels: text, missing where it is; a number as its shortest text (10.0 as `10`).

    Args:
        samples: The samples table.
        column: The label column.
    """
    labels = samples[column]
    if pd.api.types.is_numeric_dtype(labels):
        labels = labels.map(label_text, na_action="ignore")
    return labels.astype("str")
