"""Public gene link files as their publishers write them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

from l1000_bench.datasets.local_dataset import LocalDataset
from l1000_bench.errors import InputError
from l1000_bench.graphs.sources import LinkFile


class LinksDataset(LocalDataset[NoReturn, LinkFile]):
    """A link file, read when its genes are known.

    Args:
        filepath: The file, gzip when it ends in `.gz`.
        format: A format of `graphs.sources.FORMATS`, or the import path of a reader.
        names: The gene table by whose names the file calls genes: `file`, `name_column`, `id_column`; empty where
            gene_info's do.
        metadata: Anything; Kedro-Viz reads the layer from it.
    """

    def __init__(
        self, filepath: str, format: str, names: dict[str, str] | None = None, metadata: dict[str, Any] | None = None
    ) -> None:
        super().__init__(filepath, metadata)
        self.links = LinkFile(self.filepath, format, names or {})

    def load(self) -> LinkFile:
        """Return the file."""
        return self.links

    def save(self, data: NoReturn) -> NoReturn:
        """Refuse.

        Raises:
            InputError: Always.
        """
        raise InputError(f"{self.filepath} is a publisher's file and is not written.")

    def _exists(self) -> bool:
        table = self.links.names.get("file")
        return self.filepath.exists() and (table is None or Path(table).exists())
