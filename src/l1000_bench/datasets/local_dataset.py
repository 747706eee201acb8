"""What every dataset class of the project shares: one local path, and how Kedro-Viz is told of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from kedro.io import AbstractDataset

from l1000_bench.io.atomic import manifest_of

Saved = TypeVar("Saved")
Loaded = TypeVar("Loaded")
Dataset = TypeVar("Dataset", bound="LocalDataset[Any, Any]")
Options = ParamSpec("Options")
Preview = TypeVar("Preview")


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


class ManifestDataset(LocalDataset[Saved, Loaded], Generic[Saved, Loaded]):
    """A dataset whose SHA-256 stands in a manifest; one without its manifest was not finished, so it is not there."""

    def _exists(self) -> bool:
        return self.filepath.exists() and manifest_of(self.filepath).exists()


def if_made(preview: Callable[Concatenate[Dataset, Options], Preview]) -> Callable[..., Preview | None]:
    """Let a dataset that has not been made yet have no preview: Kedro-Viz asks all of them, and warns of an error.

    Args:
        preview: The method `preview`; Kedro-Viz reads from its annotation how to show what it returns.
    """

    @wraps(preview)
    def preview_if_made(dataset: Dataset, *args: Options.args, **options: Options.kwargs) -> Preview | None:
        return preview(dataset, *args, **options) if dataset._exists() else None

    return preview_if_made
