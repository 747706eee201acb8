"""A folder that nodes fill piece by piece, and that a later run goes on with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from l1000_bench.datasets.local_dataset import LocalDataset
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

    def _exists(self) -> bool:
        return True
