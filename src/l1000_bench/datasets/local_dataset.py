"""What every dataset class of the project shares: one local path, and how Kedro-Viz is told of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Generic, TypeVar

from kedro.io import AbstractDataset

Saved = TypeVar("Saved")
Loaded = TypeVar("Loaded")


class LocalDataset(AbstractDataset[Saved, Loaded], Generic[Saved, Loaded]):
    """A dataset at one path of this machine.

    Args:
        filepath: The file or folder.
        metadata: Anything; Kedro-Viz reads the layer from it.
    """

    def __init__(self, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        self.filepath = Path(filepath)
        self.metadata = metadata

    def _exists(self) -> bool:
        return self.filepath.exists()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self.filepath)}
