"""Predictions against the frozen split: every held-out sample once per rotation, in its role, and no other."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from l1000_bench.errors import InputError
from l1000_bench.io.submission_file import PROBABILITY, SUM_TOLERANCE
from l1000_bench.statistics.split_counts import used_samples

KEYS = ["rotation", "sample_id", "role"]


def check_predictions(predictions: pd.DataFrame, split: pd.DataFrame, truth: pd.Series, place: str) -> None:
    """Check a prediction table by `check_coverage`, `check_labels` and `check_probabilities`."""
    check_coverage(predictions, split, place)
    check_labels(predictions, truth, place)
    used = truth[truth.index.isin(used_samples(split))]
    check_probabilities(predictions, used.dropna().unique(), place, truth.dropna().unique())


def check_coverage(predictions: pd.DataFrame, split: pd.DataFrame, place: str) -> None:
    """Compare a prediction table with the split it should follow.

    Args:
        predictions: Columns rotation, sample_id, role.
        split: The split table.
        place: Benchmark and classifier, for the message.

    Raises:
        InputError: If a sample is missing, doubled, or not held out in that rotation and role; counts them and names
            the first five.
    """
    expected = split.loc[split["role"].isin(["dev", "test"]), KEYS].astype({"sample_id": "str", "role": "str"})
    found = predictions[KEYS].astype({"sample_id": "str", "role": "str"})
    doubled = found[found.duplicated()]
    both = expected.merge(found.drop_duplicates(), on=KEYS, how="outer", indicator=True)
    problems = {
        "missing": both[both["_merge"] == "left_only"],
        "not held out there": both[both["_merge"] == "right_only"],
        "doubled": doubled,
    }
    for problem, rows in problems.items():
        if len(rows):
            raise InputError(
                f"{place}: {len(rows)} prediction(s) {problem}: {_first_five(rows)}. The predictions do not follow the "
                "frozen split; make them anew from it."
            )


def check_labels(predictions: pd.DataFrame, truth: pd.Series, place: str) -> None:
    """Compare the labels of a prediction table with the samples' own.

    Args:
        predictions: Columns rotation, sample_id, role, y_true, y_pred.
        truth: The label of every sample, indexed by sample_id.
        place: Benchmark and classifier, for the message.

    Raises:
        InputError: If a true label is not the sample's, or a predicted one is no class of the benchmark; counts them
            and names the first, or the first five.
    """
    expected = truth.loc[pd.Index(predictions["sample_id"].astype("str"))].to_numpy(dtype=object)
    found = predictions["y_true"].to_numpy(dtype=object)
    wrong = expected != found
    if wrong.any():
        first = int(wrong.argmax())
        raise InputError(
            f"{place}: {wrong.sum()} prediction(s) have another true label than the dataset, the first is "
            f"{predictions['sample_id'].iloc[first]} with {found[first]!r} for {expected[first]!r}; the dataset "
            "changed after they were made: make them anew, with the modeling pipeline if they are the grid's."
        )
    unknown = predictions[~predictions["y_pred"].isin(truth.dropna().unique())]
    if len(unknown):
        raise InputError(
            f"{place}: the predicted label {unknown['y_pred'].iloc[0]!r} is none of the {truth.nunique()} classes "
            f"({len(unknown)} prediction(s) of such labels: {_first_five(unknown)}); predict the dataset's own labels."
        )


def check_probabilities(
    predictions: pd.DataFrame, classes: Iterable[str], place: str, others: Iterable[str] = ()
) -> None:
    """Check that the probabilities of a prediction table are of the benchmark's classes and sum to one.

    Args:
        predictions: Columns rotation, sample_id, role and any `probability:CLASS`.
        classes: The labels of the samples that the split uses.
        place: Benchmark and classifier, for the message.
        others: Labels that may have a column: those that fell out of the split.

    Raises:
        InputError: If there are columns for some classes alone or for others, or a row has a value that is missing or
            outside 0 to 1, or does not sum to one; counts them and names the first, or the first five.
    """
    columns = [str(name) for name in predictions.columns if str(name).startswith(PROBABILITY)]
    if not columns:
        return
    known, given = set(classes), {name.removeprefix(PROBABILITY) for name in columns}
    odd = sorted((known - given) | (given - known - set(others)))
    if odd:
        raise InputError(
            f"{place}: {len(odd)} of the classes with a probability and of the benchmark's {len(known)} have no match "
            f"among the others, the first is {odd[:1]}; give every class one column."
        )
    values = predictions[columns].to_numpy(dtype=np.float32)  # (n_predictions, n_classes)
    proper = (values.min(axis=1) >= 0) & (values.max(axis=1) <= 1)
    wrong = ~(proper & (np.abs(values.sum(axis=1) - 1) <= SUM_TOLERANCE))
    if wrong.any():
        raise InputError(
            f"{place}: the probabilities of {wrong.sum()} prediction(s) do not all lie between 0 and 1 and sum to one: "
            f"{_first_five(predictions[wrong])}. Give every class its probability, or leave out all of them."
        )


def _first_five(rows: pd.DataFrame) -> str:
    return "; ".join(f"rotation {r}, {s}, {role}" for r, s, role in rows[KEYS].head(5).itertuples(index=False))
