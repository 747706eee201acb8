"""Missing expression values and outliers: counted, then refused, dropped, imputed or clipped as the dataset says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from l1000_bench.curation.levels import Source
from l1000_bench.curation.modz import Signatures
from l1000_bench.errors import InputError
from l1000_bench.io.parts import Block


class Missing(NamedTuple):
    """Missing values, and outliers, of the samples in question.

    Attributes:
        per_sample: (n_samples,) how many genes each sample lacks; zero for samples that were not asked for.
        per_gene: (n_genes,) how many of the samples asked for lack each gene.
        outliers: (n_samples,) how many values of each sample asked for lie beyond ±clip; zero without a clip.
    """

    per_sample: NDArray[np.intp]
    per_gene: NDArray[np.intp]
    outliers: NDArray[np.intp]


def count_missing(source: Source, wanted: NDArray[np.bool_], clip: float | None = None) -> Missing:
    """Count the missing values and the outliers of the wanted samples in one pass.

    Args:
        source: Where the values come from.
        wanted: (n_samples,) mask.
        clip: Beyond which a value is an outlier; None counts none, which spares computing signatures.
    """
    missing = Missing(
        np.zeros(len(source), dtype=np.intp),
        np.zeros(len(source.gene_ids), dtype=np.intp),
        np.zeros(len(source), dtype=np.intp),
    )
    start = 0
    for absent, beyond in _looked_through(source, clip):
        stop = start + len(absent)
        lacking = absent & wanted[start:stop, None]  # (n, n_genes)
        missing.per_sample[start:stop] = lacking.sum(axis=1)
        missing.per_gene[:] += lacking.sum(axis=0)
        missing.outliers[start:stop] = np.where(wanted[start:stop], beyond, 0)
        start = stop
    return missing


def _looked_through(
    source: Source, clip: float | None
) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.intp] | Literal[0]]]:
    """Yield for all samples in order which values are missing (n, n_genes) and how many are outliers (n,)."""
    if clip is None and isinstance(source, Signatures):
        for absent in source.missing():
            yield absent, 0
        return
    for block in source.blocks():
        yield np.isnan(block.values), 0 if clip is None else (np.abs(block.values) > clip).sum(axis=1)


def describe_missing(missing: Missing, profiles: Source) -> str:
    """Say how many profiles lack how many values, and of which genes."""
    genes = profiles.gene_ids[missing.per_gene > 0]
    if not len(genes):
        return "no profile lacks a landmark value"
    named = ", ".join(genes[:5]) + (", …" if len(genes) > 5 else "")
    return (
        f"{(missing.per_sample > 0).sum():,} profiles lack {missing.per_sample.sum():,} values "
        f"of {len(genes)} landmark gene(s) ({named})"
    )


def refuse_missing(missing: Missing, profiles: Source, place: str) -> None:
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


def kept_blocks(blocks: Iterable[Block], keep: NDArray[np.bool_], clip: float | None = None) -> Iterator[Block]:
    """Yield the samples to keep, missing values as zero (the plate's median, in z-scores).

    Args:
        blocks: All blocks of a source, in order.
        keep: (n_samples,) mask over their samples.
        clip: Values beyond ±clip are set to it; None leaves them.
    """
    start = 0
    for block in blocks:
        chosen = keep[start : start + len(block.values)]
        start += len(block.values)
        if chosen.any():
            values = block.values[chosen]  # (kept, n_genes)
            values = np.where(np.isnan(values), np.float32(0), values)
            yield Block(block.sample_ids[chosen], values if clip is None else np.clip(values, -clip, clip))
