"""Missing expression values: counted first, then refused, dropped or imputed as the dataset says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from l1000_bench.errors import InputError
from l1000_bench.io.parts import Block, Profiles


class Missing(NamedTuple):
    """Missing values of the samples in question.

    Attributes:
        per_sample: (n_samples,) how many genes each sample lacks; zero for samples that were not asked for.
        per_gene: (n_genes,) how many of the samples asked for lack each gene.
    """

    per_sample: NDArray[np.intp]
    per_gene: NDArray[np.intp]


def count_missing(profiles: Profiles, wanted: NDArray[np.bool_]) -> Missing:
    """Count the missing values of the wanted samples in one pass over the blocks.

    Args:
        profiles: Stored profiles.
        wanted: (n_samples,) mask.
    """
    per_sample = np.zeros(len(profiles), dtype=np.intp)
    per_gene = np.zeros(len(profiles.gene_ids), dtype=np.intp)
    start = 0
    for block in profiles.blocks():
        stop = start + len(block.values)
        missing = np.isnan(block.values) & wanted[start:stop, None]  # (n, n_genes)
        per_sample[start:stop] = missing.sum(axis=1)
        per_gene += missing.sum(axis=0)
        start = stop
    return Missing(per_sample, per_gene)


def describe_missing(missing: Missing, profiles: Profiles) -> str:
    """Say how many profiles lack how many values, and of which genes."""
    genes = profiles.gene_ids[missing.per_gene > 0]
    if not len(genes):
        return "no profile lacks a landmark value"
    named = ", ".join(genes[:5]) + (", …" if len(genes) > 5 else "")
    return (
        f"{(missing.per_sample > 0).sum():,} profiles lack {missing.per_sample.sum():,} values "
        f"of {len(genes)} landmark gene(s) ({named})"
    )


def refuse_missing(missing: Missing, profiles: Profiles, place: str) -> None:
    """Refuse missing values.

    Raises:
        InputError: If there are any; names the first profile and the genes.
    """
    if missing.per_sample.any():
        first = profiles.sample_ids[int(np.flatnonzero(missing.per_sample)[0])]
        raise InputError(
            f"{place}: {describe_missing(missing, profiles)}, the first is {first}; set the dataset's "
            "missing_values to drop_profiles or impute_zero."
        )


def kept_blocks(blocks: Iterable[Block], keep: NDArray[np.bool_]) -> Iterator[Block]:
    """Yield the samples to keep, missing values as zero (the plate's median, in z-scores).

    Args:
        blocks: All blocks of stored profiles, in order.
        keep: (n_samples,) mask over their samples.
    """
    start = 0
    for block in blocks:
        chosen = keep[start : start + len(block.values)]
        start += len(block.values)
        if chosen.any():
            values = block.values[chosen]  # (kept, n_genes)
            yield Block(block.sample_ids[chosen], np.where(np.isnan(values), np.float32(0), values))
