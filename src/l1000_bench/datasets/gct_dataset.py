"""GCT files in the catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro_datasets._typing import TablePreview

from l1000_bench.datasets.gctx_dataset import first_cells
from l1000_bench.datasets.local_dataset import LocalDataset, if_made
from l1000_bench.datasets.table_dataset import table_preview
from l1000_bench.io.gct import GctReader, read_gct
from l1000_bench.io.gct_writer import write_gct

if TYPE_CHECKING:
    from cmapPy.pandasGEXpress.GCToo import GCToo


class GCTDataset(LocalDataset["GCToo", "GCToo"]):
    """A GCT file, plain or gzipped, as a cmapPy GCToo.

    Example of a catalog entry::

        plate.gct:
          type: l1000_bench.datasets.gct_dataset.GCTDataset
          filepath: data/01_raw/plate.gct.gz

    Args:
        filepath: The local file; gzipped on saving where it ends in .gz.
        version: What `save` writes, "1.2" or "1.3"; `load` reads either.
        metadata: Left to other tools, such as Kedro-Viz.
    """

    def __init__(self, filepath: str, version: str = "1.3", metadata: dict[str, Any] | None = None) -> None:
        super().__init__(filepath, metadata)
        self.version = version

    def load(self) -> GCToo:
        """Return the matrix, genes x samples with row and column metadata."""
        return read_gct(self.filepath)

    def save(self, data: GCToo) -> None:
        """Write a GCToo with its metadata."""
        write_gct(self.filepath, data, self.version)

    @if_made
    def preview(self, nrows: int = 5, ncolumns: int = 10) -> TablePreview:
        """Return the first samples and genes as a table for Kedro-Viz; see `GCTXDataset.preview`."""
        return table_preview(first_cells(GctReader.open(self.filepath), nrows, ncolumns))

    def _describe(self) -> dict[str, Any]:
        return {**super()._describe(), "version": self.version}
