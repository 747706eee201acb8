"""Profiles: a folder of Parquet parts, streamed in, read back block by block."""

from __future__ import annotations

import pandas as pd
from kedro_datasets._typing import TablePreview

from l1000_bench.datasets.local_dataset import ManifestDataset, if_made
from l1000_bench.datasets.table_dataset import table_preview
from l1000_bench.io.part_writer import write_profiles
from l1000_bench.io.parts import Profiles, ProfileStream

PREVIEW_GENES = 8


class ProfilesDataset(ManifestDataset[ProfileStream, Profiles]):
    """Saves a `ProfileStream`, loads `Profiles`; neither holds more than a block of values."""

    def load(self) -> Profiles:
        """Return a reader of the parts, whose SHA-256 are checked."""
        return Profiles(self.filepath)

    def save(self, data: ProfileStream) -> None:
        """Write the blocks as they come; the folder appears when it is whole."""
        write_profiles(data, self.filepath)

    @if_made
    def preview(self, nrows: int = 10) -> TablePreview:
        """Return a corner of the matrix for Kedro-Viz."""
        profiles = self.load()
        genes = [str(gene) for gene in profiles.gene_ids[:PREVIEW_GENES]]
        block = next(profiles.blocks(genes))
        # Rounded as float32, 0.3 would be shown as 0.3000000119.
        frame = pd.DataFrame(block.values[:nrows].astype("float64"), columns=genes).round(3)
        frame.insert(0, "sample_id", block.sample_ids[:nrows])
        return table_preview(frame)
