"""What is exported of a benchmark, and into which files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from l1000_bench.io.parts import Profiles

TERMS = (
    "This export comes with no licence. Profiles and annotations stay under the terms of those who published them, "
    "such as LINCS and the Drug Repurposing Hub; see to these before you pass the files on."
)
PARQUET, HDF5, CSV = "application/x-parquet", "application/x-hdf5", "text/csv"
TEMPLATE = "submission_template.csv"


class ExportedFile(NamedTuple):
    """A data file of the folder.

    Attributes:
        name: Its name.
        media_type: What it is written in.
        content: What it holds, in one sentence.
    """

    name: str
    media_type: str
    content: str


@dataclass(frozen=True, eq=False)
class ExportedBenchmark:
    """A benchmark with all that its users need.

    Attributes:
        dataset: The dataset's name.
        task: The task's name.
        environment: In which it was curated.
        title: What people call it.
        corpus: What the profiles are, and what may be concluded from them.
        protocol: How the split was made, what is unseen in training, and what it says of the numbers.
        profiles: The curated profiles.
        samples: The samples in the order of the profiles; y_true is their label, missing where they have none.
        labels: Those of the samples that the split uses.
        split: rotation, sample_id, role.
        split_sha256: The split's SHA-256.
        genes: gene_id and symbol, in the order of the profiles' columns.
    """

    dataset: str
    task: str
    environment: str
    title: str
    corpus: str
    protocol: str
    profiles: Profiles
    samples: pd.DataFrame
    labels: pd.Series
    split: pd.DataFrame
    split_sha256: str
    genes: pd.DataFrame

    @property
    def name(self) -> str:
        """Dataset and task."""
        return f"{self.dataset}.{self.task}"

    @property
    def numbers(self) -> str:
        """How large it is, in words."""
        return (
            f"{len(self.samples):,} profiles of {len(self.genes)} genes; the split uses {len(self.labels):,} of them, "
            f"of {self.labels.nunique()} classes, in {self.split['rotation'].nunique()} rotation(s)"
        )

    @property
    def files(self) -> list[ExportedFile]:
        """The data files."""
        return [
            ExportedFile("profiles.parquet", PARQUET, "sample_id and one float32 column per gene, named by Entrez id."),
            ExportedFile(
                "samples.parquet", PARQUET, "What is known of the samples, in that order; y_true is the label."
            ),
            ExportedFile("split.parquet", PARQUET, "The role of every sample in every rotation."),
            ExportedFile("genes.parquet", PARQUET, "The genes in the order of the columns, with their symbols."),
            ExportedFile(
                f"{self.name}.h5ad",
                HDF5,
                "The same as one AnnData object: X, samples and their roles in obs, genes in var, the protocol in uns.",
            ),
            ExportedFile(TEMPLATE, CSV, "A row for every prediction to hand in, without y_pred."),
        ]
