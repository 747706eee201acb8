"""Metadata tables of a corpus as their publishers write them: GEO's, CLUE's, a lab's, the Drug Repurposing Hub's."""

from __future__ import annotations

from typing import Any

import pandas as pd
from kedro_datasets._typing import TablePreview

from l1000_bench.datasets.local_dataset import LocalDataset, if_made
from l1000_bench.datasets.table_dataset import table_preview
from l1000_bench.errors import InputError
from l1000_bench.io.edges import read_edges, write_edges
from l1000_bench.io.geo import read_info, write_info
from l1000_bench.io.layouts import LAYOUTS, OWN
from l1000_bench.io.moa import HUB_COLUMNS, read_hub, write_hub
from l1000_bench.io.own_table import read_own_samples

HUB_REMARKS = ("Source\tSynthetic corpus, in the format of the Drug Repurposing Hub",)
OWN_SAMPLES = "samples"


class InfoDataset(LocalDataset[pd.DataFrame, pd.DataFrame]):
    """A table of text with missing values as NA; columns are named as in GSE92742, a lab's own as in raw_samples.

    Args:
        filepath: The file, gzip when it ends in `.gz`.
        table: Which table it is, one of its layout's, of the Hub's two, or `regulatory_edges`.
        layout: How the corpus writes its tables, one of `l1000_bench.io.layouts.LAYOUTS`.
        columns: Of the samples of an own corpus: our column -> the table's.
        metadata: Anything; Kedro-Viz reads the layer from it.

    Raises:
        InputError: If the layout has no such table.
    """

    def __init__(
        self,
        filepath: str,
        table: str,
        layout: str = "gse92742",
        columns: dict[str, str] | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(filepath, metadata)
        if layout not in LAYOUTS:
            raise InputError(f"{filepath}: unknown layout {layout!r}; it can be {', '.join(LAYOUTS)}.")
        tables = [*LAYOUTS[layout], *([OWN_SAMPLES] if layout == OWN else []), *HUB_COLUMNS, "regulatory_edges"]
        if table not in tables:
            raise InputError(f"{filepath}: layout {layout} has no table {table!r}; it can be {', '.join(tables)}.")
        self.table, self.layout, self.columns = table, layout, columns or {}

    def load(self) -> pd.DataFrame:
        """Read and check the table."""
        if self.table == OWN_SAMPLES:
            return read_own_samples(self.filepath, self.columns)
        if self.table in HUB_COLUMNS:
            return read_hub(self.filepath, self.table)
        if self.table == "regulatory_edges":
            return read_edges(self.filepath)
        return read_info(self.filepath, self.table, self.layout)

    def save(self, data: pd.DataFrame) -> None:
        """Write the table in its publisher's format; tables of GEO keep the names of GSE92742."""
        if self.table in HUB_COLUMNS:
            write_hub(data, self.filepath, HUB_REMARKS)
        elif self.table == "regulatory_edges":
            write_edges(data, self.filepath)
        else:
            write_info(data, self.filepath)

    @if_made
    def preview(self, nrows: int = 20) -> TablePreview:
        """Return the first rows for Kedro-Viz."""
        return table_preview(self.load().head(nrows))
