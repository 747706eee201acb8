"""Nodes of the curation pipeline."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from l1000_bench.curation.labels import add_labels
from l1000_bench.curation.missing import count_missing, describe_missing, kept_blocks, refuse_missing
from l1000_bench.curation.rules import apply_rules, audit_row
from l1000_bench.curation.spec import DatasetSpec, SplitSpec, TaskSpec
from l1000_bench.curation.splits import SplitRequest, make_split
from l1000_bench.errors import InputError
from l1000_bench.io.parts import Profiles, ProfileStream


def curate(
    raw_profiles: Profiles, raw_samples: pd.DataFrame, annotations: pd.DataFrame, dataset: DatasetSpec
) -> tuple[ProfileStream, pd.DataFrame, pd.DataFrame]:
    """Label the samples, apply the dataset's rules, and see to missing values.

    Returns:
        The profiles as a stream, the samples and the audit tables.

    Raises:
        InputError: If profiles and samples do not match, nothing is left, or values are missing and the dataset says
            `error`.
    """
    if not np.array_equal(raw_profiles.sample_ids, raw_samples["sample_id"].to_numpy(dtype=object)):
        raise InputError(
            f"{raw_profiles.folder} and {dataset.corpus}.raw_samples differ; run the ingestion pipeline again."
        )
    labelled, audit = add_labels(raw_samples, annotations, dataset.vehicle)
    left, rows = apply_rules(labelled, dataset.rules)
    keep = np.zeros(len(labelled), dtype=bool)
    keep[left] = True
    keep, row = treat_missing(raw_profiles, keep, dataset)
    audit += [*rows, row]
    if not keep.any():
        steps = "; ".join(f"{row['rule']} left {row['after']}" for row in audit)
        raise InputError(f"datasets.{dataset.name}: no profile is left after its rules ({steps}); loosen them.")
    bar = tqdm(raw_profiles.blocks(), desc=dataset.name, unit="block", disable=None)
    profiles = ProfileStream(raw_profiles.gene_ids, kept_blocks(bar, keep))
    return profiles, labelled[keep].reset_index(drop=True), pd.DataFrame(audit)


def treat_missing(
    profiles: Profiles, keep: NDArray[np.bool_], dataset: DatasetSpec
) -> tuple[NDArray[np.bool_], dict[str, Any]]:
    """Apply the dataset's rule for missing values to the samples that are left.

    Returns:
        The mask of the samples to keep, and the audit's row.
    """
    missing = count_missing(profiles, keep)
    why = describe_missing(missing, profiles)
    before = int(keep.sum())
    if dataset.missing_values == "error":
        refuse_missing(missing, profiles, f"datasets.{dataset.name}")
    elif dataset.missing_values == "drop_profiles":
        keep = keep & (missing.per_sample == 0)
    elif missing.per_sample.any():
        why += ", imputed by zero"
    return keep, audit_row(f"missing_values: {dataset.missing_values}", before, int(keep.sum()), why)


def split(samples: pd.DataFrame, dataset: DatasetSpec, task: TaskSpec, scheme: SplitSpec) -> pd.DataFrame:
    """Freeze the split of one benchmark.

    Returns:
        The split table.
    """
    place = f"{dataset.name}.{task.name}"
    for column in (task.label_column, *dataset.stratify_by):
        if column not in samples.columns:
            raise InputError(
                f"{place}: the samples have no column {column!r}, which its label_column or stratify_by names; "
                f"they have {', '.join(samples.columns)}."
            )
    request = SplitRequest(samples, task.label_column, dataset.stratify_by, place)
    return make_split(request, scheme.scheme, scheme.params)
