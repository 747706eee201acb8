"""Intervals of scores by resampling clusters of samples, such as plates or compounds (Efron and Tibshirani 1993)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l1000_bench.statistics.counts import METRICS, count, rates
from l1000_bench.statistics.pooled import Labels
from l1000_bench.statistics.tests import CONFIDENCE

CLUSTERS = ("plate", "compound")
_BLOCK = 1 << 23  # of the weights, or of the counts, of some resamples, in numbers of eight bytes


class Resampled(NamedTuple):
    """Scores of all resamples.

    Attributes:
        n_clusters: How many clusters there are.
        estimates: Per classifier (n_metrics,) the scores of the samples themselves, means over rotations.
        scores: Per classifier (n_metrics, n_resamples), those of the draws, in the order of `counts.METRICS`.
    """

    n_clusters: int
    estimates: dict[str, NDArray[np.float64]]
    scores: dict[str, NDArray[np.float64]]


class Resampling(NamedTuple):
    """Number of resamples, and their seed."""

    resamples: int
    seed: int


def cluster_codes(sample_ids: pd.Series, samples: pd.DataFrame, groups: NDArray[np.intp]) -> NDArray[np.intp]:
    """Number the clusters of some samples.

    Args:
        sample_ids: (n,) ids of the samples to cluster.
        samples: The samples table.
        groups: (n_samples,) what the samples of the table have in common, see `l1000_bench.curation.groups`; a sample
            whose group is unknown, -1, is a cluster of its own.

    Returns:
        (n,) codes from 0.
    """
    by_id = pd.Series(groups, index=samples["sample_id"].astype("str"))
    codes, known = pd.factorize(by_id.loc[pd.Index(sample_ids.astype("str"))].replace(-1, pd.NA).to_numpy(dtype=object))
    alone = codes < 0
    codes[alone] = len(known) + pd.factorize(sample_ids.to_numpy(dtype=object)[alone])[0]
    return codes.astype(np.intp)


def resample_clusters(labels: Labels, clusters: NDArray[np.intp], resampling: Resampling) -> Resampled:
    """Draw clusters with replacement, as many as there are, and score all classifiers on each draw.

    A draw is a multinomial weight per cluster, the same in all rotations, so its scores follow from the counts of every
    cluster. Each rotation is scored by itself, and the mean is taken over those that have a sample in the draw: so are
    the scores that the intervals stand beside. All classifiers are scored on the same draws, whichever they are:
    differences are paired. Models are not trained anew, so the intervals say how far the scores depend on the samples
    that were tested, not on those that were trained on.

    Args:
        labels: True and predicted labels.
        clusters: (n_samples,) cluster of every sample, 0 to n_clusters - 1.
        resampling: Number and seed.

    Returns:
        The scores of every classifier in every draw.
    """
    n_clusters, n_rotations = int(clusters.max()) + 1, int(labels.rotations.max()) + 1
    n_classes = n_rotations * len(labels.classes)  # a class of every rotation counts as one of its own
    first_class = labels.rotations * len(labels.classes)
    counts = {
        name: count(first_class + labels.true, first_class + codes, clusters, (n_classes, n_clusters))
        for name, codes in labels.predicted.items()
    }
    wholes = {name: _by_rotation(own @ np.ones((n_clusters, 1)), n_rotations) for name, own in counts.items()}
    scores = {name: np.empty((len(METRICS), resampling.resamples)) for name in counts}
    rng = np.random.default_rng(resampling.seed)
    block = max(1, _BLOCK // max(n_clusters, 3 * n_classes))
    for first in range(0, resampling.resamples, block):
        size = min(block, resampling.resamples - first)
        weights = _weights(rng, n_clusters, size)  # (n_clusters, size)
        for name, own in counts.items():
            drawn = _by_rotation(own @ weights, n_rotations)
            scores[name][:, first : first + size] = _mean_rates(drawn, wholes[name])
    estimates = {name: _mean_rates(whole, whole)[:, 0] for name, whole in wholes.items()}
    return Resampled(n_clusters, estimates, scores)


def _by_rotation(counts: NDArray[np.float64], n_rotations: int) -> NDArray[np.float64]:
    """Give counts (3 * n_rotations * n_classes, n) the shape (3, n_rotations, n_classes, n)."""
    return counts.reshape(3, n_rotations, -1, counts.shape[1])


def _mean_rates(counts: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """Score every rotation, and average over those that have samples (n_metrics, n)."""
    mean: NDArray[np.float64] = np.nanmean(rates(counts, whole), axis=1)
    return mean


def _weights(rng: np.random.Generator, n_clusters: int, size: int) -> NDArray[np.float64]:
    """Draw how often each cluster is in each of some resamples (n_clusters, size)."""
    drawn = rng.integers(0, n_clusters, (size, n_clusters)) * size + np.arange(size)[:, None]
    return np.bincount(drawn.ravel(), minlength=n_clusters * size).reshape(n_clusters, size).astype(np.float64)


def percentile_interval(scores: NDArray[np.float64], n_clusters: int) -> tuple[float, float]:
    """Return the percentile interval of some resampled scores (n_resamples,); NaN with fewer than two clusters."""
    if n_clusters < 2:
        return np.nan, np.nan
    low, high = np.quantile(scores, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)


def interval_table(resampled: dict[str, Resampled]) -> pd.DataFrame:
    """Make the table of intervals.

    Args:
        resampled: By kind of cluster, see `CLUSTERS`.

    Returns:
        classifier, metric, cluster, n_clusters, estimate, ci_low, ci_high (fractions).
    """
    rows = [
        (
            name,
            metric,
            cluster,
            draws.n_clusters,
            draws.estimates[name][i],
            *percentile_interval(own[i], draws.n_clusters),
        )
        for cluster, draws in resampled.items()
        for name, own in draws.scores.items()
        for i, metric in enumerate(METRICS)
    ]
    columns = ["classifier", "metric", "cluster", "n_clusters", "estimate", "ci_low", "ci_high"]
    kinds = dict.fromkeys(columns[:3], "str") | {"n_clusters": "int64"} | dict.fromkeys(columns[4:], "float64")
    return pd.DataFrame(rows, columns=columns).astype(kinds)
