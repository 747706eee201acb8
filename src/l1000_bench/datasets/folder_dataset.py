"""A folder that nodes fill piece by piece, and that a later run goes on with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from kedro_datasets._typing import TablePreview

from l1000_bench.datasets.local_dataset import LocalDataset
from l1000_bench.datasets.table_dataset import table_preview
from l1000_bench.errors import InputError


class FolderDataset(LocalDataset[Any, Path]):
    """Loads the path of a folder, whether anything is in it yet or not; it always exists, and is never saved."""

    def load(self) -> Path:
        """Return the folder."""
        return self.filepath

    def save(self, data: Any) -> None:
        """Refuse.

        Raises:
            InputError: Always.
        """
        raise InputError(f"{self.filepath} is filled by the node that reads it, and is not saved.")

    def preview(self, nrows: int = 20) -> TablePreview:
        """Return the first files for Kedro-Viz."""
        return first_files(self.filepath, nrows)

    def _exists(self) -> bool:
        return True


def first_files(folder: Path, nrows: int) -> TablePreview:
    """Return the first files of a folder by name, with their bytes and the number of all, for Kedro-Viz."""
    files = sorted(path for path in folder.glob("*") if path.is_file())
    rows = [(path.name, path.stat().st_size) for path in files[:nrows]]
    return table_preview(pd.DataFrame(rows, columns=[f"first of {len(files)} files", "bytes"]))
