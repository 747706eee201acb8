"""Benchmarks exported for other tools."""

from __future__ import annotations

from pathlib import Path

from kedro_datasets._typing import TablePreview

from l1000_bench.datasets.folder_dataset import first_files
from l1000_bench.datasets.local_dataset import ManifestDataset, if_made
from l1000_bench.io.atomic import check_file, read_manifest
from l1000_bench.io.export.benchmark import ExportedBenchmark
from l1000_bench.io.export.folder import write_export


class ExportDataset(ManifestDataset[ExportedBenchmark, Path]):
    """The folder of a benchmark, for people who use other tools.

    Args:
        filepath: The folder.
        metadata: Anything; Kedro-Viz reads the layer from it.
    """

    def load(self) -> Path:
        """Return the folder.

        Raises:
            InputError: If a file differs from its SHA-256.
        """
        for name, digest in read_manifest(self.filepath).items():
            check_file(self.filepath / name, digest)
        return self.filepath

    def save(self, data: ExportedBenchmark) -> None:
        """Write the folder, which appears when it is whole."""
        write_export(data, self.filepath)

    @if_made
    def preview(self, nrows: int = 20) -> TablePreview:
        """Return the first files for Kedro-Viz."""
        return first_files(self.filepath, nrows)
