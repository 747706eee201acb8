"""Scores of groups of samples, and of weighted sums of groups, from counts per class."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

METRICS = ("accuracy", "macro_f1", "balanced_accuracy")


def count(
    true: NDArray[np.intp], predicted: NDArray[np.intp], groups: NDArray[np.intp], shape: tuple[int, int]
) -> csr_array:
    """Count per class the samples of every group: true ones, predicted ones, right ones.

    Args:
        true: (n_samples,) class codes.
        predicted: (n_samples,) class codes; samples where it is -1 are left out.
        groups: (n_samples,) group codes.
        shape: Numbers of classes and of groups.

    Returns:
        (3 * n_classes, n_groups) the counts: first of the true ones by class, then the predicted, then the right.
    """
    n_classes, n_groups = shape
    known, right = predicted >= 0, true == predicted
    rows = np.concatenate([true[known], n_classes + predicted[known], 2 * n_classes + true[right]])
    columns = np.concatenate([groups[known], groups[known], groups[right]])
    return csr_array((np.ones(len(rows)), (rows, columns)), shape=(3 * n_classes, n_groups))


def rates(counts: NDArray[np.float64], *, drawn: bool = False) -> NDArray[np.float64]:
    """Turn counts into scores.

    Args:
        counts: (3 * n_classes, n) as `count` makes them, or sums of its columns.
        drawn: Whether the columns are draws, in which a class can lack samples by chance: macro-F1 then leaves it out,
            where otherwise a class that is predicted alone counts as zero.

    Returns:
        (3, n) accuracy, macro-F1 (over the classes that are true or predicted, as `metrics.macro_f1`) and balanced
        accuracy (over the classes that are true) as fractions; NaN without samples.
    """
    true, predicted, right = counts.reshape(3, -1, counts.shape[1])  # (n_classes, n) each
    f1_of = true > 0 if drawn else true + predicted > 0
    with np.errstate(invalid="ignore"):
        accuracy = right.sum(axis=0) / true.sum(axis=0)
        macro_f1 = _mean_ratio(2 * right, true + predicted, f1_of)
        return np.stack([accuracy, macro_f1, _mean_ratio(right, true, true > 0)])


def _mean_ratio(
    part: NDArray[np.float64], whole: NDArray[np.float64], counted: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Average part / whole over the classes (rows) that are counted."""
    ratios = np.divide(part, whole, out=np.zeros_like(part), where=counted)
    mean: NDArray[np.float64] = ratios.sum(axis=0) / counted.sum(axis=0)
    return mean
