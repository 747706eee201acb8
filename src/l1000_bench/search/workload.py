"""How large a benchmark is, and a few of its profiles to measure with, real ones or stand-ins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l1000_bench.configured import check_field_types
from l1000_bench.errors import InputError
from l1000_bench.io.parts import Profiles
from l1000_bench.search.benchmark_data import encode_labels

CLUSTER_SPREAD = 0.1  # of the stand-ins' class centres per gene, whose noise has standard deviation 1


@dataclass(frozen=True)
class Size:
    """What a benchmark's hours depend on.

    Attributes:
        n_samples: Labelled profiles.
        n_classes: Classes.
        n_rotations: Rotations of the split.
        shares: Of the labelled profiles, those that train and those that are dev or test in a rotation, on average;
            None where one fold each is dev and test and the others train.

    Raises:
        InputError: If a number is too small for a split.
    """

    n_samples: int
    n_classes: int
    n_rotations: int
    shares: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        check_field_types(self)
        if (
            self.n_rotations < (3 if self.shares is None else 1)
            or self.n_classes < 2
            or self.n_samples < 2 * self.n_classes
        ):
            raise InputError(
                f"{self.n_samples} profiles in {self.n_classes} classes with {self.n_rotations} rotations "
                "cannot be estimated; it takes 3 rotations, 2 classes and 2 profiles for each, or more."
            )

    @property
    def n_train(self) -> int:
        """Training profiles of a rotation."""
        share = (self.n_rotations - 2) / self.n_rotations if self.shares is None else self.shares[0]
        return round(self.n_samples * share)

    @property
    def n_scored(self) -> int:
        """Dev and test profiles of a rotation."""
        return self.n_samples - self.n_train if self.shares is None else round(self.n_samples * self.shares[1])


@dataclass(frozen=True, eq=False)
class Subsample:
    """Profiles to measure with; any number from the first on has two or more of every class, if it is large enough.

    Attributes:
        profiles: (n, n_genes) float32.
        codes: (n,) class codes.
        gene_ids: (n_genes,) the columns.
        is_real: Whether they are the dataset's own.
    """

    profiles: NDArray[np.float32]
    codes: NDArray[np.intp]
    gene_ids: tuple[str, ...]
    is_real: bool


class AtHand(NamedTuple):
    """A benchmark's size, and what there is to measure with."""

    size: Size
    subsample: Subsample


def expected_size(place: str, expected: Mapping[str, Any]) -> Size:
    """Read the size of a benchmark.

    Args:
        place: Dataset and task, for messages.
        expected: Has n_samples, n_classes and n_rotations, and shares where they are known; other keys are not read.

    Raises:
        InputError: If a number is missing or too small.
    """
    numbers: dict[str, Any] = {name: expected.get(name) for name in Size.__dataclass_fields__}
    missing = [name for name, number in numbers.items() if number is None and name != "shares"]
    if missing:
        dataset, _, task = place.partition(".")
        raise InputError(
            f"{place} was not curated yet, and neither the paper's numbers nor its split say {', '.join(missing)}: run "
            "`kedro run --pipelines=ingestion,curation` in the same environment first, or set in "
            "parameters/estimate.yml expected: "
            f"{{{dataset}: {{{task}: {{{', '.join(f'{name}: …' for name in missing)}}}}}}}."
        )
    try:
        return Size(**numbers)
    except InputError as error:
        raise InputError(f"{place}: {error}") from error


def measured_split(split: pd.DataFrame) -> dict[str, Any]:
    """Return n_rotations and shares of a split table, see `Size`."""
    roles = split["role"].astype("str")
    n_rotations = int(split["rotation"].nunique())
    n_samples = int(split.loc[roles != "unused", "sample_id"].nunique())
    counts = roles.value_counts() / (n_rotations * n_samples)
    shares = (float(counts.get("train", 0)), float(counts.get("dev", 0) + counts.get("test", 0)))
    return {"n_rotations": n_rotations, "n_samples": n_samples, "shares": shares}


def stand_in(n: int, gene_ids: Sequence[str], n_classes: int, seed: int) -> Subsample:
    """Draw Gaussian clusters, one a class, whose frequencies fall as 1 / rank.

    Args:
        n: Profiles.
        gene_ids: (n_genes,) the columns.
        n_classes: Classes.
        seed: Of the draws.
    """
    rng = np.random.default_rng(seed)
    frequencies = 1 / np.arange(1, n_classes + 1)
    codes = rng.choice(n_classes, n, p=frequencies / frequencies.sum())
    head = np.tile(np.arange(n_classes), 2)[:n]
    codes[: len(head)] = head
    centres = CLUSTER_SPREAD * rng.standard_normal((n_classes, len(gene_ids)), dtype=np.float32)
    profiles = rng.standard_normal((n, len(gene_ids)), dtype=np.float32)
    profiles += centres[codes]
    return Subsample(profiles, codes, tuple(gene_ids), is_real=False)


def draw_subsample(profiles: Profiles, samples: pd.DataFrame, label_column: str, n: int, seed: int) -> Subsample:
    """Draw labelled profiles of a dataset at random, two of every class first.

    Args:
        profiles: Stored profiles of the dataset.
        samples: The samples table, in the order of the profiles.
        label_column: The column of the classes.
        n: How many, or all where there are fewer.
        seed: Of the draw.

    Raises:
        InputError: If profiles and samples differ.
    """
    if not np.array_equal(profiles.sample_ids, samples["sample_id"].to_numpy(dtype=object)):
        raise InputError(f"{profiles.folder}: profiles and samples differ; run the curation pipeline again.")
    codes, _ = encode_labels(samples, label_column)
    drawn = np.random.default_rng(seed).permutation(np.flatnonzero(codes >= 0))
    nth_of_class = pd.Series(codes[drawn]).groupby(codes[drawn]).cumcount().to_numpy()
    rows = drawn[np.argsort(nth_of_class >= 2, kind="stable")][:n]
    return Subsample(_read_rows(profiles, rows), codes[rows], tuple(map(str, profiles.gene_ids)), is_real=True)


def _read_rows(profiles: Profiles, rows: NDArray[np.intp]) -> NDArray[np.float32]:
    """Read some profiles block by block; (len(rows), n_genes) in the order of the rows."""
    values = np.empty((len(rows), len(profiles.gene_ids)), dtype=np.float32)
    order = np.argsort(rows)
    start = 0
    for block in profiles.blocks():
        stop = start + len(block.values)
        wanted = order[np.searchsorted(rows[order], start) : np.searchsorted(rows[order], stop)]
        values[wanted] = block.values[rows[wanted] - start]
        start = stop
    return values
