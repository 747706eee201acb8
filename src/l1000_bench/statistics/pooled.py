"""Test predictions of all rotations and classifiers of one benchmark, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

PREDICTED = "predicted:"  # so that no classifier's name is taken for another column


class Labels(NamedTuple):
    """Labels as codes.

    Attributes:
        classes: (n_classes,) text, sorted: those that are true or predicted somewhere.
        rotations: (n_samples,) codes from 0.
        true: (n_samples,) codes.
        predicted: Per classifier (n_samples,) codes.
    """

    classes: NDArray[np.object_]
    rotations: NDArray[np.intp]
    true: NDArray[np.intp]
    predicted: dict[str, NDArray[np.intp]]


def pool(split: pd.DataFrame, truth: pd.Series, predictions: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Put the test predictions of several classifiers beside each other.

    Args:
        split: The split table.
        truth: The label of every sample, indexed by sample_id.
        predictions: The prediction table of every classifier; they follow the split.

    Returns:
        rotation, sample_id, y_true and `predicted:NAME`, one row per test sample of every rotation; labels categorical.
    """
    keys = ["rotation", "sample_id"]
    tested = split.loc[split["role"] == "test", keys].astype({"sample_id": "str"}).reset_index(drop=True)
    classes = np.sort(truth.dropna().unique().astype(object))
    columns = {"y_true": truth.loc[pd.Index(tested["sample_id"])].to_numpy(dtype=object)}
    for name, table in predictions.items():
        own = table.loc[table["role"] == "test", [*keys, "y_pred"]].astype({"sample_id": "str"})
        columns[f"{PREDICTED}{name}"] = tested.merge(own, on=keys, how="left")["y_pred"].to_numpy(dtype=object)
    labels = {name: pd.Categorical(values, categories=classes) for name, values in columns.items()}
    return pd.concat([tested, pd.DataFrame(labels)], axis="columns")


def encode(pooled: pd.DataFrame) -> Labels:
    """Turn the labels of a pooled table into codes.

    Args:
        pooled: See `pool`.
    """
    names = [str(column) for column in pooled.columns if str(column).startswith(PREDICTED)]
    found = {label for column in ["y_true", *names] for label in pooled[column].unique()}
    classes = np.array(sorted(found), dtype=object)
    predicted = {name.removeprefix(PREDICTED): label_codes(pooled[name], classes) for name in names}
    rotations = pd.factorize(pooled["rotation"])[0].astype(np.intp)
    return Labels(classes, rotations, label_codes(pooled["y_true"], classes), predicted)


def label_codes(labels: pd.Series, classes: NDArray[np.object_]) -> NDArray[np.intp]:
    """Return the positions of labels (n,) among the classes; -1 for what is none of them."""
    known = labels.astype("category").cat  # which may have categories that no label here is of
    places = pd.Index(classes).get_indexer(pd.Index(known.categories.to_numpy(dtype=object)))
    codes: NDArray[np.intp] = np.append(places, -1)[known.codes].astype(np.intp)  # -1, a missing label, is the last
    return codes
