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
        predicted: (n_samples,) class codes.
        groups: (n_samples,) group codes.
        shape: Numbers of classes and of groups.

    Returns:
        (3 * n_classes, n_groups) the counts: first of the true ones by class, then the predicted, then the right.
    """
    n_classes, n_groups = shape
    right = true == predicted
    rows = np.concatenate([true, n_classes + predicted, 2 * n_classes + true[right]])
    columns = np.concatenate([groups, groups, groups[right]])
    return csr_array((np.ones(len(rows)), (rows, columns)), shape=(3 * n_classes, n_groups))


def rates(counts: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn counts into scores.

    Macro-F1 is over the classes that are true in the group, and those that the whole has as predictions alone, which
    count as zero. Of the whole itself it is `metrics.macro_f1`; a draw leaves out the classes that it lacks by chance.

    Args:
        counts: (3, ..., n_classes, n) true, predicted and right samples by class, as `count` makes them, or sums of
            these over groups.
        whole: (3, ..., n_classes, 1 or n) those of all samples, where the counts are of draws from them, else the same.

    Returns:
        (3, ..., n) accuracy, macro-F1 and balanced accuracy (over the classes that are true) as fractions; NaN without
        samples.
    """
    true, predicted, right = counts
    n_samples = true.sum(axis=-2)
    never_true = (whole[0] == 0) & (whole[1] > 0)
    with np.errstate(invalid="ignore"):
        accuracy = right.sum(axis=-2) / n_samples
        macro_f1 = _mean_ratio(2 * right, true + predicted, (true > 0) | never_true)
        balanced = _mean_ratio(right, true, true > 0)
    return np.where(n_samples > 0, np.stack([accuracy, macro_f1, balanced]), np.nan)


def _mean_ratio(
    parts: NDArray[np.float64], totals: NDArray[np.float64], counted: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Average parts / totals over the classes (last axis but one) that are counted; the others have no part."""
    ratios = np.divide(parts, totals, out=np.zeros_like(parts), where=totals > 0)
    mean: NDArray[np.float64] = ratios.sum(axis=-2) / counted.sum(axis=-2)
    return mean
