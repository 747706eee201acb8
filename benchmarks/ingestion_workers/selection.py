"""Which samples and genes of a made file are read; needs the standard library and numpy, for the peer's environment."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

N_GENES, LANDMARKS, SHARE = 12_328, 978, 5  # one sample in SHARE
WELLS = 384


class Job(NamedTuple):
    """What a process shall read.

    Attributes:
        path: The file.
        n_samples: How many samples it holds.
        columns: `leading`, as in GSE92742, or `scattered`.
        rows: `all`, or `part`: a fifth of the samples, drawn at random.
    """

    path: Path
    n_samples: int
    columns: str
    rows: str

    @classmethod
    def of(cls, arguments: list[str]) -> Job:
        """Read a job from a command line."""
        path, n_samples, columns, rows = arguments
        return cls(Path(path), int(n_samples), columns, rows)

    @property
    def arguments(self) -> list[str]:
        """The job as a command line."""
        return list(map(str, self))

    @property
    def genes(self) -> NDArray[np.intp]:
        """Places of the genes to read (978,), ascending."""
        if self.columns == "leading":
            return np.arange(LANDMARKS)
        return np.sort(np.random.default_rng(1).choice(N_GENES, LANDMARKS, replace=False))

    @property
    def samples(self) -> NDArray[np.intp] | None:
        """Places of the samples to read, ascending; None for all."""
        if self.rows == "all":
            return None
        return np.sort(np.random.default_rng(2).choice(self.n_samples, self.n_samples // SHARE, replace=False))


def gene_ids() -> NDArray[np.bytes_]:
    """Return ids like Entrez's (12328,)."""
    return np.random.default_rng(3).permutation(np.arange(1, 60_000))[:N_GENES].astype("S5")


def sample_ids(n: int) -> NDArray[np.bytes_]:
    """Return ids as long as GEO's (n,)."""
    wells = (f"{chr(65 + i % WELLS // 24)}{i % 24 + 1:02d}" for i in range(n))
    return np.array([f"CPC{i // WELLS:05d}_A375_24H_X1_B20:{well}" for i, well in enumerate(wells)], dtype=np.bytes_)
