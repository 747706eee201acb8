"""Level 3 to 4: robust z-scores within a plate.

Per gene, z = (x - median) / (1.4826 · max(MAD, 0.1)) over all wells of the plate, as in Subramanian et al. 2017;
missing values take no part and stay missing.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from l1000_bench.curation.replicates import Groups, batches, make_groups, require_one_sample_per_well
from l1000_bench.errors import InputError
from l1000_bench.io.parts import Block, Profiles

MAD_TO_SD = 1.4826  # of a normal distribution
LEAST_MAD = 0.1
FEW_WELLS = 20

logger = logging.getLogger(__name__)


class PlateStatistics(NamedTuple):
    """Location and scale of every gene on every plate.

    Attributes:
        plates: (n_samples,) the number of each sample's plate.
        medians: (n_plates, n_genes).
        scales: (n_plates, n_genes) what z-scores are divided by.
    """

    plates: NDArray[np.intp]
    medians: NDArray[np.float64]
    scales: NDArray[np.float64]


class PlateScores:
    """Z-scores of stored profiles, computed when they are read.

    Attributes:
        sample_ids: (n_samples,) text, in stored order.
        gene_ids: (n_genes,) text.
    """

    def __init__(self, profiles: Profiles, statistics: PlateStatistics) -> None:
        self._profiles = profiles
        self._statistics = statistics
        self.sample_ids = profiles.sample_ids
        self.gene_ids = profiles.gene_ids

    def __len__(self) -> int:
        return len(self.sample_ids)

    def blocks(self) -> Iterator[Block]:
        """Yield the z-scores in stored order."""
        start = 0
        for block in self._profiles.blocks():
            rows = np.arange(start, start + len(block.values))
            yield Block(block.sample_ids, self._scored(block.values, rows))
            start += len(block.values)

    def rows(self, wanted: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return the z-scores at the positions `wanted` (n,), shape (n, n_genes)."""
        return self._scored(self._profiles.rows(wanted), wanted)

    def _scored(self, values: NDArray[np.float32], positions: NDArray[np.intp]) -> NDArray[np.float32]:
        """Replace the values (n, n_genes) of the samples at `positions` (n,) by their z-scores, a plate at a time."""
        plates = self._statistics.plates[positions]
        for members in np.split(np.argsort(plates, kind="stable"), np.cumsum(np.unique_counts(plates).counts)[:-1]):
            plate = plates[members[0]]
            values[members] = (values[members] - self._statistics.medians[plate]) / self._statistics.scales[plate]
        return values


def plate_statistics(profiles: Profiles, samples: pd.DataFrame, memory_mib: int, place: str) -> PlateStatistics:
    """Compute the medians and scales of all plates, reading some plates at a time.

    Args:
        profiles: Stored profiles of Level 3.
        samples: Their columns sample_id, plate_id and well, in the same order.
        memory_mib: How much the values that are held at once may take.
        place: The dataset, for messages.

    Raises:
        InputError: If a sample has no plate, a plate only one sample, or two plates the same id.
    """
    groups = _plates(samples, place)
    shape = (len(groups.names), len(profiles.gene_ids))
    medians, scales = np.empty(shape), np.empty(shape)
    plates = np.empty(len(samples), dtype=np.intp)
    number = 0
    with tqdm(total=len(groups.names), desc="plates", unit="plate", disable=None) as bar:
        for batch in batches(groups, len(profiles.gene_ids), memory_mib):
            values = profiles.rows(batch.members)
            for start, stop in pairwise(batch.starts):
                medians[number], scales[number] = location_and_scale(values[start:stop])
                plates[batch.members[start:stop]] = number
                number += 1
                bar.update()
    return PlateStatistics(plates, medians, scales)


def _plates(samples: pd.DataFrame, place: str) -> Groups:
    without = samples.loc[samples["plate_id"].isna(), "sample_id"]
    if len(without):
        raise InputError(
            f"{place}: {len(without)} sample(s) have no plate_id, the first is {without.iloc[0]!r}, and z-scores are "
            "taken per plate; give the corpus their plates, or a matrix of Level 4."
        )
    require_one_sample_per_well(samples, place)
    groups = make_groups(samples["plate_id"], np.arange(len(samples)))
    sizes = np.diff(groups.starts)
    if sizes.min() < 2:
        raise InputError(
            f"{place}: the plate {groups.names[sizes.argmin()]!r} has one sample ({(sizes < 2).sum()} such plates), "
            "and z-scores compare the wells of a plate; give all wells of every plate, or leave these plates out."
        )
    if sizes.min() < FEW_WELLS:
        logger.warning(
            "%s: %d of %d plates have fewer than %d samples, the smallest is %r with %d; z-scores of so few are rough",
            place, (sizes < FEW_WELLS).sum(), len(sizes), FEW_WELLS, groups.names[sizes.argmin()], sizes.min(),
        )  # fmt: skip
    return groups


def location_and_scale(values: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the medians (n_genes,) of one plate and what its z-scores are divided by (n_genes,).

    Args:
        values: (n_wells, n_genes), NaN where missing.
    """
    median = medians(values)
    deviation = medians(np.abs(values - median))
    return median, MAD_TO_SD * np.maximum(deviation, LEAST_MAD)


def medians(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the median (n_genes,) of the known values of every column of (n_wells, n_genes); NaN where there is none.

    A sort along contiguous values, since numpy's nanmedian takes a slow path for columns of less than 600 values.
    """
    ascending = np.sort(np.ascontiguousarray(values.T), axis=1)  # (n_genes, n_wells), NaN last
    n_known = (~np.isnan(ascending)).sum(axis=1)
    genes = np.arange(len(ascending))
    lower, upper = ascending[genes, (n_known - 1) // 2], ascending[genes, n_known // 2]
    median: NDArray[np.float64] = (lower.astype(np.float64) + upper) / 2
    return median
