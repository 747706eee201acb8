"""Profiles on their way through the curation: brought to the dataset's level, and narrowed to its samples."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l1000_bench.curation.modz import Signatures
from l1000_bench.curation.plates import PlateScores, plate_statistics
from l1000_bench.curation.replicates import differing, group_replicates, signature_samples
from l1000_bench.curation.rules import apply_rules, audit_row, require_any
from l1000_bench.curation.spec import DatasetSpec
from l1000_bench.errors import InputError
from l1000_bench.io.parts import Profiles

Source: TypeAlias = Profiles | PlateScores | Signatures


class View(NamedTuple):
    """Some samples of a source.

    Attributes:
        source: Where their values come from.
        samples: One row per sample.
        chosen: (n_samples,) their positions in the source, ascending.
    """

    source: Source
    samples: pd.DataFrame
    chosen: NDArray[np.intp]

    def only(self, left: NDArray[np.intp]) -> View:
        """Return the samples at some positions (n,), ascending; signatures that are left out are never computed."""
        samples = self.samples.iloc[left].reset_index(drop=True)
        if isinstance(self.source, Signatures):
            return View(self.source.only(self.chosen[left]), samples, np.arange(len(left)))
        return View(self.source, samples, self.chosen[left])

    @property
    def keep(self) -> NDArray[np.bool_]:
        """The mask of the samples over the source's."""
        mask = np.zeros(len(self.source), dtype=bool)
        mask[self.chosen] = True
        return mask


def at_level(
    profiles: Profiles, samples: pd.DataFrame, dataset: DatasetSpec, corpus_level: int
) -> tuple[View, list[dict[str, Any]]]:
    """Bring a corpus to the level of a dataset, without the samples whose quality it does not want.

    Z-scores are taken over all wells of a plate, also those that are dropped for their quality; signatures are made of
    the replicates that are left.

    Args:
        profiles: Stored profiles.
        samples: One row for each of them, in the same order.
        dataset: The level, the quality and the memory.
        corpus_level: The level of the stored profiles.

    Returns:
        The samples, or signatures, and the audit's rows.

    Raises:
        InputError: If the levels do not fit, no signature has two replicates, or as `plate_statistics`, `quality` and
            `group_replicates` say.
    """
    place = f"datasets.{dataset.name}"
    level = dataset.level_of(corpus_level)
    source: Profiles | PlateScores = profiles
    audit = []
    if corpus_level < 4 <= level:
        statistics = plate_statistics(profiles, samples, dataset.memory_mib, place)
        source = PlateScores(profiles, statistics)
        why = f"robust z-scores over all wells of each of {len(statistics.medians):,} plates"
        audit.append(audit_row("level 3 to 4", len(samples), len(samples), why))
    left, rows = apply_rules(samples, [] if dataset.quality is None else [{"rule": "quality", **dataset.quality}])
    audit += rows
    require_any(audit, dataset.name)
    if not corpus_level < 5 <= level:
        view = View(source, samples, np.arange(len(samples)))
        return view if dataset.quality is None else view.only(left), audit
    groups, by = group_replicates(samples, left, place)
    if len(groups.names) > 1 and len(groups.members) == len(groups.names):
        raise InputError(
            f"{place}: level 5 by {by} makes {len(groups.names):,} signatures of one replicate each, which are the "
            "profiles themselves; map the column that names the replicates of a signature to sig_id, or the set of "
            "plates to plate_set, or leave level out."
        )
    why = (
        f"{len(groups.members):,} replicates make {len(groups.names):,} signatures by {by} (MODZ); "
        f"{len(left) - len(groups.members):,} profiles are in none"
    )
    described = signature_samples(samples, groups, place)
    for name, count in differing(samples, groups, described).items():
        why += f"; the replicates of {count:,} differ in their {name}, which is missing there"
    audit.append(audit_row("level 4 to 5", len(left), len(groups.names), why))
    require_any(audit, dataset.name)
    return View(Signatures(source, groups, dataset.memory_mib), described, np.arange(len(groups.names))), audit
