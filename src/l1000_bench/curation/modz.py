"""Level 4 to 5: moderated z-scores (MODZ), the weighted mean of a signature's replicates.

Subramanian et al. 2017 (Cell 171, "Level 5" of the supplement), as cmapM computes it: z-scores are clipped to ±10; a
replicate's weight is half the sum of its positive Spearman correlations with the others, at least 0.01; weights are
divided by their sum. A single replicate is its signature, clipped like the others.

Missing values: correlations are taken over the genes that all replicates of the signature have, and a gene's mean
over the replicates that have it, their weights divided by their own sum; a gene that none has stays missing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from l1000_bench.curation.replicates import Groups, batches
from l1000_bench.io.parts import Block

CLIP = 10.0
LEAST_WEIGHT = 0.01
ROWS_AT_ONCE = 512  # what one thread works on stays in its cache


class RandomAccess(Protocol):
    """Profiles that can be read in any order, such as `l1000_bench.io.parts.Profiles`."""

    @property
    def gene_ids(self) -> NDArray[np.object_]:
        """The genes, (n_genes,) text."""

    def rows(self, wanted: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return the profiles at the positions `wanted` (n,), shape (n, n_genes)."""


class Signatures:
    """Signatures that are computed from their replicates when they are asked for.

    Attributes:
        sample_ids: (n_signatures,) their names.
        gene_ids: (n_genes,) text.
    """

    def __init__(self, replicates: RandomAccess, groups: Groups, memory_mib: int) -> None:
        self._replicates = replicates
        self._groups = groups
        self._memory_mib = memory_mib
        self.sample_ids = groups.names
        self.gene_ids = replicates.gene_ids

    def __len__(self) -> int:
        return len(self.sample_ids)

    def only(self, wanted: NDArray[np.intp]) -> Signatures:
        """Return the signatures at some positions, in that order."""
        return Signatures(self._replicates, self._groups.only(wanted), self._memory_mib)

    def blocks(self) -> Iterator[Block]:
        """Yield the signatures in order, as many at once as the memory allows."""
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            for batch in batches(self._groups, len(self.gene_ids), self._memory_mib):
                values = self._replicates.rows(batch.members)
                result = np.empty((len(batch.names), len(self.gene_ids)), dtype=np.float32)
                for _ in pool.map(partial(_fill, result, values), _alike(batch)):
                    pass
                yield Block(batch.names, result)

    def missing(self) -> Iterator[NDArray[np.bool_]]:
        """Yield for the signatures in order, (n, n_genes), whether a value is missing, and compute none of them."""
        for batch in batches(self._groups, len(self.gene_ids), self._memory_mib):
            absent = np.isnan(self._replicates.rows(batch.members))
            yield np.logical_and.reduceat(absent, batch.starts[:-1], axis=0)


def _alike(batch: Groups) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Cut a batch into runs of groups of one size: their numbers (n,), and the rows (n, size) of their members."""
    sizes = np.diff(batch.starts)
    for size in np.unique(sizes):
        numbers = np.flatnonzero(sizes == size)
        for run in np.split(numbers, range(0, len(numbers), max(1, ROWS_AT_ONCE // int(size)))[1:]):
            yield run, batch.starts[run][:, None] + np.arange(size)


def _fill(
    result: NDArray[np.float32], values: NDArray[np.float32], run: tuple[NDArray[np.intp], NDArray[np.intp]]
) -> None:
    numbers, members = run
    result[numbers] = modz(values[members])


def modz(replicates: NDArray[np.float32]) -> NDArray[np.float32]:
    """Average the replicates of signatures that have the same number of them.

    Args:
        replicates: (n_signatures, n_replicates, n_genes) z-scores, NaN where missing.

    Returns:
        (n_signatures, n_genes).
    """
    z = np.clip(replicates, -CLIP, CLIP)
    if z.shape[1] == 1:
        return z[:, 0]
    absent = np.isnan(z)  # (n_signatures, n_replicates, n_genes)
    weights = replicate_weights(z, np.any(absent, axis=1))[:, None, :]  # (n_signatures, 1, n_replicates)
    if not absent.any():
        return (weights @ z)[:, 0].astype(np.float32)
    total = (weights @ np.where(absent, 0, z))[:, 0]
    known = (weights @ ~absent)[:, 0]
    mean = np.divide(total, known, out=np.full_like(total, np.nan), where=~absent.all(axis=1))
    return mean.astype(np.float32)


def replicate_weights(z: NDArray[np.float32], ignored: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Weigh the replicates of every signature.

    Args:
        z: (n_signatures, n_replicates, n_genes) clipped z-scores.
        ignored: (n_signatures, n_genes) the genes that take no part.

    Returns:
        (n_signatures, n_replicates), the sum over the replicates of a signature is 1.
    """
    agreement = np.maximum(spearman(z, ignored), 0)
    agreement[:, np.arange(z.shape[1]), np.arange(z.shape[1])] = 0
    weights = np.maximum(0.5 * agreement.sum(axis=2), LEAST_WEIGHT)
    shares: NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
    return shares


def spearman(z: NDArray[np.float32], ignored: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Correlate the ranks of the replicates of every signature, each with each.

    Args:
        z: (n_signatures, n_replicates, n_genes) z-scores between -10 and 10.
        ignored: (n_signatures, n_genes) the genes that take no part.

    Returns:
        (n_signatures, n_replicates, n_replicates); 0 where a replicate has the same value for every gene.
    """
    n_genes = z.shape[2]
    if ignored.any():
        # Beyond every z-score, and none like another: they rank last and tie with nothing.
        z = np.where(ignored[:, None, :], np.arange(n_genes, dtype=np.float32) + 2 * np.float32(CLIP), z)
    ranks = average_ranks(z.reshape(-1, n_genes)).reshape(z.shape)
    n_known = n_genes - ignored.sum(axis=1)  # (n_signatures,)
    ranks -= (n_known[:, None, None] + 1) / 2
    if ignored.any():
        ranks = np.where(ignored[:, None, :], 0, ranks)
    products = ranks @ ranks.transpose(0, 2, 1)
    spread = np.sqrt(np.diagonal(products, axis1=1, axis2=2))  # (n_signatures, n_replicates)
    scale = spread[:, :, None] * spread[:, None, :]
    correlations: NDArray[np.float64] = np.divide(products, scale, out=np.zeros_like(products), where=scale > 0)
    return correlations


def average_ranks(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Rank every row from 1; equal values share the mean of their ranks.

    Args:
        values: (n, n_genes), no value missing.

    Returns:
        (n, n_genes).
    """
    order = np.argsort(values, axis=1)
    ascending = np.take_along_axis(values, order, axis=1)
    ranks = np.empty(values.shape)
    np.put_along_axis(ranks, order, np.arange(1.0, values.shape[1] + 1)[None, :], axis=1)
    same = ascending[:, 1:] == ascending[:, :-1]
    tied = np.flatnonzero(same.any(axis=1))
    if len(tied):
        within = ranks[tied]
        np.put_along_axis(within, order[tied], _shared_ranks(same[tied]), axis=1)
        ranks[tied] = within
    return ranks


def _shared_ranks(same: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the ranks (n, n_genes) of ascending rows, given whether each value equals the one before, from the second.

    Every rank is the mean of the first and the last of its run of equal values.
    """
    place = np.arange(1.0, same.shape[1] + 2)
    edge = np.zeros((len(same), 1), dtype=bool)
    first = np.maximum.accumulate(np.where(np.hstack([edge, same]), 0, place), axis=1)
    last = np.where(np.hstack([same, edge]), np.inf, place)[:, ::-1]
    return (first + np.minimum.accumulate(last, axis=1)[:, ::-1]) / 2
