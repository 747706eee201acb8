"""GCTX files in the catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from kedro_datasets._typing import TablePreview

from l1000_bench.datasets.local_dataset import LocalDataset, if_made
from l1000_bench.datasets.table_dataset import table_preview
from l1000_bench.io.gctx import open_matrix
from l1000_bench.io.gctx_layout import is_gzip
from l1000_bench.io.gctx_writer import write_gctoo, write_gctx_arrays
from l1000_bench.io.matrix import Matrix, MatrixReader

if TYPE_CHECKING:
    from cmapPy.pandasGEXpress.GCToo import GCToo


class GCTXDataset(LocalDataset["GCToo | Matrix", "GCToo | MatrixReader"]):
    """A GCTX file (or a GCT file so named): a cmapPy GCToo, or a reader of blocks.

    Example of a catalog entry::

        gse92742.gctx:
          type: l1000_bench.datasets.gctx_dataset.GCTXDataset
          filepath: data/01_raw/GSE92742_Broad_LINCS_Level4_ZSPCINF_mlr12k_n1319138x12328.gctx
          lazy: true

    Args:
        filepath: The local file.
        lazy: Whether `load` returns a `MatrixReader` in place of the whole matrix.
        metadata: Left to other tools, such as Kedro-Viz.
    """

    def __init__(self, filepath: str, lazy: bool = False, metadata: dict[str, Any] | None = None) -> None:
        super().__init__(filepath, metadata)
        self.lazy = lazy

    def load(self) -> GCToo | MatrixReader:
        """Return the matrix, genes x samples with row and column metadata; or its reader where `lazy`."""
        reader = open_matrix(self.filepath)
        return reader if self.lazy else reader.to_gctoo()

    def save(self, data: GCToo | Matrix) -> None:
        """Write a GCToo with its metadata, or a `Matrix`."""
        if isinstance(data, Matrix):
            write_gctx_arrays(self.filepath, data.values, data.sample_ids, data.gene_ids)
        else:
            write_gctoo(self.filepath, data)

    @if_made
    def preview(self, nrows: int = 5, ncolumns: int = 10) -> TablePreview:
        """Return the first samples and genes, read without the rest, as a table for Kedro-Viz.

        Args:
            nrows: The most samples.
            ncolumns: The most genes.

        Returns:
            The keys index (sample ids), columns (gene ids) and data (a list per sample, None where missing); of a
            gzipped GCTX its size alone, for the ids can stand at the end of 50 GB.
        """
        if is_gzip(self.filepath):
            return table_preview(pd.DataFrame({"gzipped bytes": [self.filepath.stat().st_size]}))
        return table_preview(first_cells(open_matrix(self.filepath), nrows, ncolumns))

    def _describe(self) -> dict[str, Any]:
        return {**super()._describe(), "lazy": self.lazy}


def first_cells(reader: MatrixReader, nrows: int, ncolumns: int) -> pd.DataFrame:
    """Return the first `nrows` samples and `ncolumns` genes, by their ids."""
    genes, samples = reader.gene_ids[:ncolumns], reader.sample_ids[:nrows]
    blocks = [block for _, block in reader.blocks(genes, samples, rows=max(1, nrows))]
    values = np.concatenate([np.empty((0, len(genes)), dtype=np.float32), *blocks])
    return pd.DataFrame(values, samples, genes)
