"""Predictions of outside methods, checked and brought into the form of the project's own."""

from __future__ import annotations

import pandas as pd

from l1000_bench.curation.splits import split_digest
from l1000_bench.errors import InputError, require
from l1000_bench.statistics.coverage import check_predictions

SPLIT = "split_sha256"


def with_truth(table: pd.DataFrame, split: pd.DataFrame, truth: pd.Series, place: str) -> pd.DataFrame:
    """Turn what an outside method handed in into a prediction table.

    Args:
        table: sample_id, rotation, role, y_pred, any `probability:CLASS`, and in every row of `split_sha256` the digest
            of the split that the predictions were made on.
        split: The frozen split of the benchmark.
        truth: The label of every sample, indexed by sample_id.
        place: Benchmark and method, for messages.

    Returns:
        The table with y_true and without `split_sha256`.

    Raises:
        InputError: If it was made on another split or does not say on which, or as `check_predictions` says.
    """
    digest = split_digest(split)
    needed = (
        f"this benchmark's is {digest}, and a submission must be made on this split: export the benchmark anew and "
        "predict its folds."
    )
    require(SPLIT in table, f"{place}: no column {SPLIT} names the split that the predictions were made on; {needed}")
    others = sorted({str(name) for name in table[SPLIT].unique()} - {digest})
    if others:
        raise InputError(f"{place}: the predictions were made on the split {others[0][:12]}…, {needed}")
    predictions = table.drop(columns=SPLIT).astype({"sample_id": "str"})
    own = predictions["sample_id"].map(truth).astype("str")
    predictions.insert(list(predictions.columns).index("y_pred"), "y_true", own)
    check_predictions(predictions, split, truth, place)
    return predictions
