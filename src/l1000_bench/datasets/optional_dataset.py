"""A dataset that a node can use where it is there, and do without where it is not."""

from __future__ import annotations

from typing import Any

from kedro.io import AbstractDataset

from l1000_bench.errors import InputError


class OptionalDataset(AbstractDataset[Any, Any]):
    """Loads another dataset, or None where that has not been made; it always exists, and is never saved.

    Args:
        dataset: The other dataset's entry of the catalog.
        metadata: Anything; Kedro-Viz reads the layer from it.
    """

    def __init__(self, dataset: dict[str, Any], metadata: dict[str, Any] | None = None) -> None:
        self._dataset: AbstractDataset[Any, Any] = AbstractDataset.from_config("optional", dataset)
        self.metadata = metadata
        if hasattr(self._dataset, "preview"):
            self.preview = self._dataset.preview

    def load(self) -> Any:
        """Return what the other dataset holds, or None."""
        return self._dataset.load() if self._dataset.exists() else None

    def save(self, data: Any) -> None:
        """Refuse.

        Raises:
            InputError: Always.
        """
        raise InputError(f"an optional dataset is only read: {self._dataset} is saved by its own name.")

    def _exists(self) -> bool:
        return True

    def _describe(self) -> dict[str, Any]:
        return dict(self._dataset._describe())
