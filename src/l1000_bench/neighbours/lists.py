"""Lists of nearest neighbours: one for every training set and every profile that is predicted from it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from l1000_bench.errors import InputError

METRICS = ("canberra", "manhattan", "euclidean", "chebyshev", "correlation", "cosine")
MOST_NEIGHBOURS = 50


class Rotation(NamedTuple):
    """Rows of the profiles: those that may be neighbours, and those whose neighbours are wanted."""

    training: NDArray[np.intp]
    queries: NDArray[np.intp]


def training_key(rows: NDArray[np.intp]) -> str:
    """Return the SHA-256, in hexadecimal digits, of a training set: of its sorted rows as int64, little-endian."""
    return hashlib.sha256(np.sort(rows).astype("<i8").tobytes()).hexdigest()


@dataclass(frozen=True, eq=False)
class NeighbourLists:
    """The nearest neighbours of profiles in training sets, by distance and, where distances are equal, by row.

    Rows are positions among the dataset's profiles. The lists of a training set stand together, in the order of their
    rows. It is never changed, so copies share it.

    Attributes:
        metric: One of `METRICS`.
        training_sets: (n_sets,) the `training_key` of each training set.
        starts: (n_sets + 1,) int64; the lists of set s are those from `starts[s]` to `starts[s + 1]`.
        rows: (n_lists,) int32, whose neighbours they are; ascending within a set.
        indices: (n_lists, columns) int32, the neighbours' rows, nearest first; -1 behind the last of a small training
            set.
        distances: (n_lists, columns) float64; infinite where there is no neighbour, NaN where the metric has no value
            (the correlation with a constant profile).
        profiles: Digest of the profiles among which they were found; empty where it is not told.
        sources: Digest of the sources that found them; empty where it is not told.
        folder: Where they are stored, None while they are not.
    """

    metric: str
    training_sets: tuple[str, ...]
    starts: NDArray[np.int64] = field(repr=False)
    rows: NDArray[np.int32] = field(repr=False)
    indices: NDArray[np.int32] = field(repr=False)
    distances: NDArray[np.float64] = field(repr=False)
    profiles: str = ""
    sources: str = ""
    folder: Path | None = None

    def of(
        self, training_rows: NDArray[np.intp], rows: NDArray[np.intp], n_neighbors: int
    ) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
        """Return the nearest neighbours of some profiles in a training set.

        Args:
            training_rows: The training set, in any order.
            rows: (n,) the profiles' rows, in any order.
            n_neighbors: How many.

        Returns:
            (n, n_neighbors) distances, and (n, n_neighbors) rows of the neighbours, nearest first.

        Raises:
            InputError: If the training set or a row is not among the lists, or more neighbours are asked for than a
                list or the training set has.
        """
        lists = self.places(training_rows, rows)
        columns = self.indices.shape[1]
        if not 1 <= n_neighbors <= min(columns, len(training_rows)):
            raise InputError(
                f"{n_neighbors} neighbours were asked for; the lists hold 1 to {columns}, the training set has "
                f"{len(training_rows)} profiles; ask for fewer."
            )
        # The arrays may be memory maps; what is taken from them is not.
        return np.asarray(self.distances[lists, :n_neighbors]), np.asarray(self.indices[lists, :n_neighbors], np.intp)

    def places(self, training_rows: NDArray[np.intp], rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return (n,) where the lists of some profiles stand.

        Args:
            training_rows: The training set, in any order.
            rows: (n,) the profiles' rows, in any order.

        Raises:
            InputError: If the training set or a row is not among the lists.
        """
        key = training_key(training_rows)
        if key not in self.training_sets:
            raise InputError(
                f"the stored {self.metric} neighbours know no training set of these {len(training_rows)} profiles; "
                "they were made of another split; run the pipeline that makes the neighbours again."
            )
        number = self.training_sets.index(key)
        start, end = self.starts[number : number + 2]
        own = self.rows[start:end]
        places = np.searchsorted(own, rows)
        known = places < len(own)
        known[known] = own[places[known]] == rows[known]
        if not known.all():
            raise InputError(
                f"the stored {self.metric} neighbours lack profile {rows[~known][0]} for this training set; "
                "they were made of another split; run the pipeline that makes the neighbours again."
            )
        return np.asarray(start + places, dtype=np.intp)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self


@dataclass(frozen=True)
class NeighbourWork:
    """Lists that are made when they are asked for.

    Attributes:
        digest: Work of one digest gives the same lists.
        make: Makes them.
    """

    digest: str
    make: Callable[[], NeighbourLists]
