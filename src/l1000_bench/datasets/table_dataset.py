"""Tables that are whole or absent: Parquet, or CSV for people, with a SHA-256 that is checked on load."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
from kedro_datasets._typing import TablePreview

from l1000_bench.datasets.local_dataset import ManifestDataset, if_made
from l1000_bench.errors import InputError
from l1000_bench.io.atomic import check_file, read_manifest, replacing, write_manifest

FORMATS = (".parquet", ".csv")


class TableDataset(ManifestDataset[pd.DataFrame, pd.DataFrame]):
    """A pandas frame in one file; its index is not stored.

    Args:
        filepath: Ends in `.parquet`, or in `.csv` for a table that other programs read.
        metadata: Anything; Kedro-Viz reads the layer from it.

    Raises:
        InputError: If the file's name ends otherwise.
    """

    def __init__(self, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        super().__init__(filepath, metadata)
        if self.filepath.suffix not in FORMATS:
            raise InputError(f"{filepath} ends in none of {', '.join(FORMATS)}, which TableDataset writes.")

    def load(self) -> pd.DataFrame:
        """Return the frame.

        Raises:
            InputError: If the file differs from its SHA-256, or was not written by this class.
        """
        check_file(self.filepath, read_manifest(self.filepath).get(self.filepath.name, ""))
        if self.filepath.suffix == ".csv":
            # Only an empty cell is missing: "NA" and "None" may be names.
            return pd.read_csv(self.filepath, keep_default_na=False, na_values=[""])
        return pd.read_parquet(self.filepath)

    def save(self, data: pd.DataFrame) -> None:
        """Write the frame and its SHA-256, each renamed into place when whole."""
        with replacing(self.filepath) as temporary:
            if self.filepath.suffix == ".csv":
                data.to_csv(temporary, index=False)
            else:
                data.to_parquet(temporary, index=False)
        write_manifest(self.filepath, [self.filepath])

    @if_made
    def preview(self, nrows: int = 20) -> TablePreview:
        """Return the first rows for Kedro-Viz."""
        return table_preview(self.load().head(nrows))


def table_preview(frame: pd.DataFrame) -> TablePreview:
    """Return a frame in the form that Kedro-Viz shows as a table."""
    return TablePreview(json.loads(frame.to_json(orient="split", default_handler=str)))
