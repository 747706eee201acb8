"""Predictions of methods that are not of the grid, handed in as files."""

from __future__ import annotations

import pandas as pd
from kedro_datasets._typing import TablePreview

from l1000_bench.datasets.folder_dataset import first_files
from l1000_bench.datasets.local_dataset import LocalDataset
from l1000_bench.errors import require
from l1000_bench.io.submission_file import check_name, find_submissions, read_submission, write_submission


class ExternalDataset(LocalDataset[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]):
    """A folder with NAME.parquet or NAME.csv for every method; it always exists, whether anything is in it or not.

    Args:
        filepath: The folder of one benchmark.
        metadata: Anything; Kedro-Viz reads the layer from it.
    """

    def load(self) -> dict[str, pd.DataFrame]:
        """Return the predictions of every method by its name, in the order of the names; see `read_submission`.

        Raises:
            InputError: If a file is not what it should be.
        """
        return {name: read_submission(path) for name, path in find_submissions(self.filepath).items()}

    def save(self, data: dict[str, pd.DataFrame]) -> None:
        """Write the predictions of some methods, each in the place of its earlier ones, and leave the others.

        Raises:
            InputError: If a name is none, or a CSV file of that name is there.
        """
        for name, frame in data.items():
            check_name(name, str(self.filepath))
            own = self.filepath / f"{name}.csv"
            require(not own.exists(), f"{own} holds predictions of that name; take it away, or give another name.")
            write_submission(frame, self.filepath / f"{name}.parquet")

    def preview(self, nrows: int = 20) -> TablePreview:
        """Return the first files for Kedro-Viz."""
        return first_files(self.filepath, nrows)

    def _exists(self) -> bool:
        return True
