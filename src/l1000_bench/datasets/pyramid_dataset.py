"""Pyramids that are whole or absent: npz, with a SHA-256 that is checked on load."""

from __future__ import annotations

from kedro_datasets._typing import TablePreview

from l1000_bench.datasets.local_dataset import LocalDataset, if_made
from l1000_bench.datasets.table_dataset import table_preview
from l1000_bench.graphs.pyramid import Pyramid
from l1000_bench.graphs.storage import read_pyramid, write_pyramid
from l1000_bench.io.atomic import check_file, read_manifest, write_manifest


class PyramidDataset(LocalDataset[Pyramid, Pyramid]):
    """The pyramid of a gene graph in one npz file.

    Args:
        filepath: Ends in `.npz`.
        metadata: Anything; Kedro-Viz reads the layer from it.
    """

    def load(self) -> Pyramid:
        """Return the pyramid.

        Raises:
            InputError: If the file differs from its SHA-256, or was not written by this class.
        """
        check_file(self.filepath, read_manifest(self.filepath).get(self.filepath.name, ""))
        return read_pyramid(self.filepath)

    def save(self, data: Pyramid) -> None:
        """Write the pyramid and its SHA-256, each renamed into place when whole."""
        write_pyramid(data, self.filepath)
        write_manifest(self.filepath, [self.filepath])

    @if_made
    def preview(self, nrows: int = 40) -> TablePreview:
        """Return what every level holds for Kedro-Viz; see `Pyramid.table`."""
        return table_preview(self.load().table().head(nrows))
