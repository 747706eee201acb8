"""A benchmark in memory: profiles, class codes and the rotations of its split."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l1000_bench.curation.label_text import class_labels
from l1000_bench.errors import InputError
from l1000_bench.io.parts import Profiles


@dataclass(frozen=True, eq=False)
class BenchmarkData:
    """Profiles with labels and rotations, ready to fit.

    Attributes:
        profiles: (n_samples, n_genes) float32, mapped into memory.
        sample_ids: (n_samples,) text.
        codes: (n_samples,) integer class codes, -1 where the label is missing.
        classes: (n_classes,) the label of every code, in alphabetical order.
        rotations: Per rotation, the positions of the samples of every role.
        place: Dataset, task and classifier, for messages.
    """

    profiles: NDArray[np.float32]
    sample_ids: NDArray[np.object_]
    codes: NDArray[np.intp]
    classes: NDArray[np.object_]
    rotations: dict[int, dict[str, NDArray[np.intp]]]
    place: str

    @property
    def has_dev(self) -> bool:
        """Whether any rotation has a dev part."""
        return any(len(roles["dev"]) for roles in self.rotations.values())

    @property
    def labelled(self) -> NDArray[np.intp]:
        """Positions of the samples that have a label."""
        return np.flatnonzero(self.codes >= 0)


def gather_benchmark(
    profiles: Profiles, samples: pd.DataFrame, split: pd.DataFrame, label_column: str, place: str
) -> BenchmarkData:
    """Bring profiles, labels and split of a benchmark together.

    Args:
        profiles: Stored profiles of the dataset.
        samples: The samples table, in the order of the profiles.
        split: The split table of the task.
        label_column: The column of the classes.
        place: Dataset, task and classifier, for messages.

    Raises:
        InputError: If the three do not speak of the same samples.
    """
    sample_ids = samples["sample_id"].to_numpy(dtype=object)
    if not np.array_equal(profiles.sample_ids, sample_ids):
        raise InputError(f"{place}: profiles and samples differ; run the curation pipeline again.")
    codes, classes = encode_labels(samples, label_column)
    rotations = rotations_of(split, sample_ids, place)
    return BenchmarkData(profiles.mapped(), sample_ids, codes, classes, rotations, place)


def rotations_of(
    split: pd.DataFrame, sample_ids: NDArray[np.object_], place: str
) -> dict[int, dict[str, NDArray[np.intp]]]:
    """Return, per rotation, the positions of the samples of every role, ascending.

    Args:
        split: A split table.
        sample_ids: (n_samples,) text, the samples of the dataset in order.
        place: For messages.

    Raises:
        InputError: If the split names a sample that the dataset lacks.
    """
    position = pd.Index(sample_ids).get_indexer(pd.Index(split["sample_id"].to_numpy(dtype=object)))
    if (position < 0).any():
        raise InputError(f"{place}: the split names samples that the dataset lacks; run the curation pipeline again.")
    roles = split["role"].astype("str").to_numpy(dtype=object)
    return {
        int(str(rotation)): {role: np.sort(position[rows][roles[rows] == role]) for role in ("train", "dev", "test")}
        for rotation, rows in split.groupby("rotation").indices.items()
    }


def encode_labels(samples: pd.DataFrame, label_column: str) -> tuple[NDArray[np.intp], NDArray[np.object_]]:
    """Encode a label column.

    Returns:
        (n_samples,) class codes, -1 where the label is missing; (n_classes,) labels in alphabetical order.
    """
    codes, classes = pd.factorize(class_labels(samples, label_column).to_numpy(dtype=object), sort=True)
    return codes, np.asarray(classes, dtype=object)
