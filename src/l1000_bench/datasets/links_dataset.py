"""Public gene link files as their publishers write them."""

from __future__ import annotations

import gzip
from itertools import islice
from pathlib import Path
from typing import Any, NoReturn

import pandas as pd
from kedro_datasets._typing import TablePreview

from l1000_bench.datasets.local_dataset import LocalDataset, if_made
from l1000_bench.datasets.table_dataset import table_preview
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

    @if_made
    def preview(self, nrows: int = 20) -> TablePreview:
        """Return the first lines, as they are, for Kedro-Viz."""
        opened = gzip.open if self.filepath.suffix == ".gz" else open
        with opened(self.filepath, "rt", encoding="utf-8") as stream:
            lines = [line.rstrip("\n") for line in islice(stream, nrows)]
        return table_preview(pd.DataFrame({"line": lines}))

    def _exists(self) -> bool:
        table = self.links.names.get("file")
        return self.filepath.exists() and (table is None or Path(table).exists())
