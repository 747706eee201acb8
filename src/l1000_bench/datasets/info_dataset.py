"""Metadata tables of a corpus as their publishers write them: GEO's, and the Drug Repurposing Hub's."""

from __future__ import annotations

from typing import Any

import pandas as pd
from kedro_datasets._typing import TablePreview

from l1000_bench.datasets.local_dataset import LocalDataset
from l1000_bench.datasets.table_dataset import table_preview
from l1000_bench.errors import InputError
from l1000_bench.io.edges import read_edges, write_edges
from l1000_bench.io.geo import REQUIRED_COLUMNS, read_info, write_info
from l1000_bench.io.moa import HUB_COLUMNS, read_hub, write_hub

HUB_REMARKS = ("Source\tSynthetic corpus, in the format of the Drug Repurposing Hub",)
TABLES = (*REQUIRED_COLUMNS, *HUB_COLUMNS, "regulatory_edges")


class InfoDataset(LocalDataset[pd.DataFrame, pd.DataFrame]):
    """A table of text with missing values as NA; header names as in the file.

    Args:
        filepath: The file, gzip when it ends in `.gz`.
        table: Which table it is, one of `TABLES`.
        metadata: Anything; Kedro-Viz reads the layer from it.

    Raises:
        InputError: If the table is unknown.
    """

    def __init__(self, filepath: str, table: str, metadata: dict[str, Any] | None = None) -> None:
        super().__init__(filepath, metadata)
        if table not in TABLES:
            raise InputError(f"{filepath}: unknown table {table!r}; it can be {', '.join(TABLES)}.")
        self.table = table

    def load(self) -> pd.DataFrame:
        """Read and check the table."""
        if self.table in HUB_COLUMNS:
            return read_hub(self.filepath, self.table)
        return read_info(self.filepath, self.table) if self.table in REQUIRED_COLUMNS else read_edges(self.filepath)

    def save(self, data: pd.DataFrame) -> None:
        """Write the table in its publisher's format."""
        if self.table in HUB_COLUMNS:
            write_hub(data, self.filepath, HUB_REMARKS)
        elif self.table in REQUIRED_COLUMNS:
            write_info(data, self.filepath)
        else:
            write_edges(data, self.filepath)

    def preview(self, nrows: int = 20) -> TablePreview:
        """Return the first rows for Kedro-Viz."""
        return table_preview(self.load().head(nrows))
