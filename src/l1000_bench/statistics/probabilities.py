"""Scores of class probabilities: top-k accuracy, log-loss, calibration."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import log_loss

from l1000_bench.io.submission_file import PROBABILITY
from l1000_bench.statistics.pooled import label_codes

TOP = (3, 5)
SCORES = (*(f"top{k}_accuracy" for k in TOP), "log_loss", "calibration_error")
N_BINS = 15
Probabilities = NDArray[np.float32]


def class_probabilities(predictions: pd.DataFrame, classes: NDArray[np.object_]) -> Probabilities | None:
    """Take the probabilities out of a prediction table.

    Args:
        predictions: The table; a class without a column counts as never probable.
        classes: (n_classes,) text, in the order wanted.

    Returns:
        (n_samples, n_classes), every row divided by its sum; None where the table has no probabilities.
    """
    if not any(str(column).startswith(PROBABILITY) for column in predictions.columns):
        return None
    names = [f"{PROBABILITY}{label}" for label in classes]
    values = predictions.reindex(columns=names, fill_value=0).to_numpy(dtype=np.float32)
    normal: Probabilities = values / values.sum(axis=1, keepdims=True)
    return normal


def probability_scores(
    true: NDArray[np.intp], predicted: NDArray[np.intp], probabilities: Probabilities | None
) -> dict[str, float]:
    """Score the probabilities of some samples.

    - Top-k accuracy: see `top_k_accuracy`.
    - Log-loss: the mean of -ln p of the true class, p clipped to float32's resolution 1.2e-7 at least (the rule of
      scikit-learn), so that a class that was given no probability costs 15.9.
    - Calibration error: the expected one of the predicted label (Guo et al. 2017, equation 3), see `reliability`.

    Args:
        true: (n_samples,) class codes.
        predicted: (n_samples,) class codes.
        probabilities: (n_samples, n_classes), or None where the classifier has none.

    Returns:
        top3_accuracy, top5_accuracy (NaN unless there are more than 3 or 5 classes), log_loss and calibration_error;
        all NaN without probabilities.
    """
    if probabilities is None:
        return dict.fromkeys(SCORES, np.nan)
    n_classes = probabilities.shape[1]
    labels = np.arange(n_classes)
    top = {f"top{k}_accuracy": top_k_accuracy(true, probabilities, k) if n_classes > k else np.nan for k in TOP}
    loss = float(log_loss(true, y_proba=probabilities, labels=labels))
    return top | {"log_loss": loss, "calibration_error": calibration_error(reliability(true, predicted, probabilities))}


def top_k_accuracy(true: NDArray[np.intp], probabilities: Probabilities, k: int) -> float:
    """Return the share of samples whose true class is among the k most probable.

    Where a class ties with others for the last places it counts with the chance that it has one of them when ties are
    put in random order, so that the names of the classes do not matter.

    Args:
        true: (n_samples,) class codes.
        probabilities: (n_samples, n_classes).
        k: How many.
    """
    own = np.take_along_axis(probabilities, true[:, None], axis=1)
    above = (probabilities > own).sum(axis=1)
    tied = (probabilities == own).sum(axis=1)  # with the true class itself
    return float(np.clip((k - above) / tied, 0, 1).mean())


def reliability_table(predictions: pd.DataFrame, classes: NDArray[np.object_]) -> pd.DataFrame:
    """Return the `reliability` of the test predictions of all rotations together, empty without probabilities.

    Args:
        predictions: The prediction table.
        classes: (n_classes,) text, sorted.
    """
    test = predictions[predictions["role"] == "test"]
    probabilities = class_probabilities(test, classes)
    if probabilities is None:
        return no_reliability()
    return reliability(label_codes(test["y_true"], classes), label_codes(test["y_pred"], classes), probabilities)


def no_reliability() -> pd.DataFrame:
    """Return the table of `reliability` where there are no probabilities: its columns, and no row."""
    return pd.DataFrame(columns=list(_RELIABILITY)).astype(_RELIABILITY)


_RELIABILITY: dict[str, Any] = {
    "bin": "int64", "low": "float64", "high": "float64", "n_samples": "int64", "confidence": "float64",
    "accuracy": "float64",
}  # fmt: skip


def reliability(true: NDArray[np.intp], predicted: NDArray[np.intp], probabilities: Probabilities) -> pd.DataFrame:
    """Compare how sure a classifier was with how often it was right (Guo et al. 2017, section 2).

    Args:
        true: (n_samples,) class codes.
        predicted: (n_samples,) class codes.
        probabilities: (n_samples, n_classes).

    Returns:
        bin, low, high (of 15 equal bins, the upper end within), n_samples, confidence (mean probability of the
        predicted label, the highest of all unless a classifier predicts another) and accuracy; no empty bins.
    """
    confidence = probabilities[np.arange(len(true)), predicted].astype(np.float64)
    edges = np.linspace(0, 1, N_BINS + 1)
    bins = np.digitize(confidence, edges[1:-1], right=True)
    grouped = pd.DataFrame({"bin": bins, "confidence": confidence, "accuracy": true == predicted}).groupby("bin")
    table = grouped.mean().assign(n_samples=grouped.size()).reset_index()
    ends = {"low": edges[table["bin"]], "high": edges[table["bin"] + 1]}
    return table.assign(**ends)[list(_RELIABILITY)].astype(_RELIABILITY)


def calibration_error(table: pd.DataFrame) -> float:
    """Return the mean distance of accuracy from confidence over the bins of `reliability`, weighted by samples."""
    return float(np.average((table["accuracy"] - table["confidence"]).abs(), weights=table["n_samples"]))
