"""Nodes of the export pipeline."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import pandas as pd

from l1000_bench.curation.label_text import class_labels
from l1000_bench.curation.spec import DatasetSpec, SplitSpec, TaskSpec
from l1000_bench.curation.splits import split_digest
from l1000_bench.errors import require
from l1000_bench.io.corpus import CorpusSpec
from l1000_bench.io.export.benchmark import ExportedBenchmark
from l1000_bench.io.parts import Profiles
from l1000_bench.statistics.split_counts import used_samples

Spec = TypeVar("Spec", DatasetSpec, TaskSpec, SplitSpec, CorpusSpec)


def export(
    profiles: Profiles, samples: pd.DataFrame, split: pd.DataFrame, gene_info: pd.DataFrame, **entries: Any
) -> ExportedBenchmark:
    """Gather what is exported of a benchmark.

    Args:
        profiles: The dataset's profiles.
        samples: Its samples.
        split: The frozen split.
        gene_info: The corpus's genes, with their symbols.
        entries: Of the configuration: dataset, task, scheme, corpus and environment.

    Raises:
        InputError: If profiles and samples are not those of one curation.
    """
    dataset, task = _spec(DatasetSpec, entries["dataset"]), _spec(TaskSpec, entries["task"])
    scheme, corpus = _spec(SplitSpec, entries["scheme"]), _spec(CorpusSpec, entries["corpus"])
    require(
        np.array_equal(profiles.sample_ids, samples["sample_id"].to_numpy(dtype=object)),
        f"{profiles.folder} and {dataset.name}.samples differ; run the curation pipeline again.",
    )
    labels = class_labels(samples, task.label_column)
    is_used = samples["sample_id"].isin(used_samples(split)) & labels.notna()
    symbols = gene_info.set_index("pr_gene_id")["pr_gene_symbol"].reindex(profiles.gene_ids)
    return ExportedBenchmark(
        dataset=dataset.name,
        task=task.name,
        environment=str(entries["environment"]),
        title=f"{dataset.label}: {task.label}",
        corpus=_sentences(corpus.label, corpus.remark),
        protocol=_sentences(scheme.label, _unseen(scheme), scheme.remark),
        profiles=profiles,
        samples=samples.assign(y_true=labels),
        labels=labels[is_used],
        split=split,
        split_sha256=split_digest(split),
        genes=pd.DataFrame({"gene_id": symbols.index, "symbol": symbols.to_numpy(dtype=object)}, dtype="str"),
    )


def _spec(kind: type[Spec], entry: Any) -> Spec:
    """Return an entry, which Kedro hands over as it stands in the configuration where a node takes any number."""
    return entry if isinstance(entry, kind) else kind(**entry)


def _sentences(label: str, *remarks: str | None) -> str:
    return " ".join([f"{label}.", *filter(None, remarks)])


def _unseen(scheme: SplitSpec) -> str:
    return f"Tested with {scheme.unseen} unseen in training." if scheme.unseen else ""
