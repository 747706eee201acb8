"""Reading GCT files, the text form of a matrix."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from l1000_bench.io.annotated import Annotated
from l1000_bench.io.gct_table import read_table
from l1000_bench.io.matrix import BLOCK_ROWS, Ids, Samples, Values, selection

if TYPE_CHECKING:
    from cmapPy.pandasGEXpress.GCToo import GCToo


def read_gct(path: Path) -> GCToo:
    """Read a GCT file, 1.2 or 1.3, plain or gzipped, into cmapPy's type (genes x samples).

    Raises:
        InputError: If the file is missing, no GCT, cut off, or has a line that does not fit its counts.
    """
    return read_table(path).to_gctoo()


@dataclass(frozen=True, eq=False)
class GctReader:
    """A GCT file as a `MatrixReader`.

    Its lines are genes, so no block of samples can be read without reading all of it: the matrix is held as one
    float32 array of shape (n_genes, n_samples).
    """

    table: Annotated

    @classmethod
    def open(cls, path: Path) -> GctReader:
        """Read the file at `path`; see `read_gct` for what is refused."""
        return cls(read_table(path))

    @property
    def path(self) -> Path:
        """The file."""
        return self.table.path

    @property
    def sample_ids(self) -> Ids:
        """Ids as str in file order, shape (n_samples,)."""
        return self.table.sample_ids

    @property
    def gene_ids(self) -> Ids:
        """Ids as str in file order, shape (n_genes,)."""
        return self.table.gene_ids

    @property
    def n_samples(self) -> int:
        """How many samples the file holds."""
        return len(self.table.samples)

    @property
    def n_genes(self) -> int:
        """How many genes the file holds."""
        return len(self.table.genes)

    def blocks(
        self, genes: Iterable[str] | None = None, samples: Samples = None, rows: int = BLOCK_ROWS
    ) -> Iterator[tuple[Ids, Values]]:
        """Yield the samples asked for, see `MatrixReader.blocks`."""
        columns, wanted = selection(self, genes, samples, rows)
        ids = self.sample_ids
        parts = (wanted[start : start + rows] for start in range(0, len(wanted), rows))
        return ((ids[part], np.ascontiguousarray(self.table.values[np.ix_(columns, part)].T)) for part in parts)

    def to_gctoo(self) -> GCToo:
        """Return a copy of the whole file in cmapPy's type (genes x samples)."""
        return replace(self.table, values=self.table.values.copy()).to_gctoo()
