"""Predictions against the frozen split: every held-out sample once per rotation, in its role, and no other."""

from __future__ import annotations

import pandas as pd

from l1000_bench.errors import InputError

KEYS = ["rotation", "sample_id", "role"]


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
            first = "; ".join(f"rotation {r}, {s}, {role}" for r, s, role in rows[KEYS].head(5).itertuples(index=False))
            raise InputError(
                f"{place}: {len(rows)} prediction(s) {problem}: {first}. The predictions do not follow the frozen "
                "split; make them anew from it."
            )


def check_labels(predictions: pd.DataFrame, truth: pd.Series, place: str) -> None:
    """Compare the labels of a prediction table with the samples' own.

    Args:
        predictions: Columns sample_id, y_true, y_pred.
        truth: The label of every sample, indexed by sample_id.
        place: Benchmark and classifier, for the message.

    Raises:
        InputError: If a true label is not the sample's, or a predicted one is no class of the benchmark.
    """
    expected = truth.loc[pd.Index(predictions["sample_id"].astype("str"))].to_numpy(dtype=object)
    found = predictions["y_true"].to_numpy(dtype=object)
    wrong = expected != found
    if wrong.any():
        first = int(wrong.argmax())
        raise InputError(
            f"{place}: {wrong.sum()} prediction(s) have another true label than the dataset, the first is "
            f"{predictions['sample_id'].iloc[first]} with {found[first]!r} for {expected[first]!r}; the dataset "
            "changed after the models ran: run the modeling pipeline again."
        )
    unknown = set(predictions["y_pred"].unique()) - set(truth.dropna())
    if unknown:
        raise InputError(
            f"{place}: the predicted label {sorted(unknown)[0]!r} is none of the {truth.nunique()} classes; predict "
            "the dataset's own labels."
        )
