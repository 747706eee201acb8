"""Nodes of the curation pipeline."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from l1000_bench.curation.label_text import class_labels
from l1000_bench.curation.labels import add_labels
from l1000_bench.curation.levels import View, at_level
from l1000_bench.curation.missing import count_missing, describe_missing, kept_blocks, refuse_missing
from l1000_bench.curation.rules import apply_rules, audit_row, require_any
from l1000_bench.curation.spec import DatasetSpec, SplitSpec, TaskSpec
from l1000_bench.curation.splits import SplitRequest, left_out_classes, make_split
from l1000_bench.errors import InputError
from l1000_bench.io.corpus import CorpusSpec
from l1000_bench.io.parts import Profiles, ProfileStream

logger = logging.getLogger(__name__)


def curate(
    raw_profiles: Profiles,
    raw_samples: pd.DataFrame,
    annotations: pd.DataFrame,
    dataset: DatasetSpec,
    corpus: CorpusSpec,
) -> tuple[ProfileStream, pd.DataFrame, pd.DataFrame]:
    """Bring the profiles to the dataset's level, label the samples, apply its rules, and see to missing values.

    Returns:
        The profiles as a stream, the samples and the audit tables.

    Raises:
        InputError: If profiles and samples do not match, the corpus does not hold what the dataset's level or quality
            needs, nothing is left, or values are missing and the dataset says `error`.
    """
    if not np.array_equal(raw_profiles.sample_ids, raw_samples["sample_id"].to_numpy(dtype=object)):
        raise InputError(
            f"{raw_profiles.folder} and {dataset.corpus}.raw_samples differ; run the ingestion pipeline again."
        )
    view, audit = at_level(raw_profiles, raw_samples, dataset, corpus.level)
    labelled, rows = add_labels(view.samples, annotations, dataset.vehicle)
    audit += rows
    left, rows = apply_rules(labelled, dataset.rules)
    view, audit = view._replace(samples=labelled).only(left), audit + rows
    view, rows = treat_values(view, dataset)
    audit += rows
    require_any(audit, dataset.name)
    bar = tqdm(view.source.blocks(), desc=dataset.name, unit="block", disable=None)
    profiles = ProfileStream(view.source.gene_ids, kept_blocks(bar, view.keep, dataset.clip))
    return profiles, view.samples, pd.DataFrame(audit)


def treat_values(view: View, dataset: DatasetSpec) -> tuple[View, list[dict[str, Any]]]:
    """Apply the dataset's rule for missing values to the samples that are left, and count what its clip changes.

    Returns:
        The samples to keep, and the audit's rows.
    """
    missing = count_missing(view.source, view.keep, dataset.clip)
    why = describe_missing(missing, view.source)
    before = len(view.chosen)
    outliers = missing.outliers[view.chosen]
    if dataset.missing_values == "error":
        refuse_missing(missing, view.source, f"datasets.{dataset.name}")
    elif dataset.missing_values == "drop_profiles":
        complete = np.flatnonzero(missing.per_sample[view.chosen] == 0)
        view, outliers = view.only(complete), outliers[complete]
    elif missing.per_sample.any():
        why += ", imputed by zero"
    left = len(view.chosen)
    audit = [audit_row(f"missing_values: {dataset.missing_values}", before, left, why)]
    if dataset.clip is not None:
        why = f"{outliers.sum():,} values of {(outliers > 0).sum():,} profiles lay beyond ±{dataset.clip:g}"
        audit.append(audit_row(f"clip: {dataset.clip:g}", left, left, f"{why} and were set to it"))
    return view, audit


def split(samples: pd.DataFrame, dataset: DatasetSpec, task: TaskSpec, scheme: SplitSpec) -> pd.DataFrame:
    """Freeze the split of one benchmark, and say which classes fell out.

    Returns:
        The split table.
    """
    place = f"{dataset.name}.{task.name}"
    request = SplitRequest(samples, task.label_column, dataset.stratify_by, place, dataset.vehicle)
    made = make_split(request, scheme.scheme, scheme.params_for(dataset))
    fallen = left_out_classes(made, class_labels(samples, task.label_column).set_axis(samples["sample_id"]))
    if fallen:
        logger.info("%s: %d classes fall out of %s: %s", place, len(fallen), scheme.name, "; ".join(fallen))
    return made
