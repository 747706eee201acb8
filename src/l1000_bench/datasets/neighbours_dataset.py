"""Lists of neighbours that are whole or absent, made when they are saved and only if they are not there yet."""

from __future__ import annotations

import logging

import pandas as pd
from kedro_datasets._typing import TablePreview

from l1000_bench.datasets.local_dataset import ManifestDataset, if_made
from l1000_bench.datasets.table_dataset import table_preview
from l1000_bench.neighbours.lists import NeighbourLists, NeighbourWork
from l1000_bench.neighbours.storage import load_lists, save_lists, stored_digest

logger = logging.getLogger(__name__)


class NeighboursDataset(ManifestDataset[NeighbourWork, NeighbourLists]):
    """The lists of neighbours of a dataset in one metric, in a folder.

    Args:
        filepath: The folder.
        metadata: Anything; Kedro-Viz reads the layer from it.
    """

    def load(self) -> NeighbourLists:
        """Return the lists, mapped into memory.

        Raises:
            InputError: If a file differs from its SHA-256, or was not written by this class.
        """
        return load_lists(self.filepath)

    def save(self, data: NeighbourWork) -> None:
        """Make the lists and write them, unless those of the same digest are stored and whole."""
        if stored_digest(self.filepath) == data.digest:
            logger.info("%s holds these neighbours already", self.filepath)
            return
        save_lists(data.make(), data.digest, self.filepath)

    @if_made
    def preview(self, nrows: int = 20) -> TablePreview:
        """Return the nearest neighbour of the first profiles, by their rows in the dataset, for Kedro-Viz."""
        lists = self.load()
        nearest = {"neighbour": lists.indices[:nrows, 0], lists.metric: lists.distances[:nrows, 0]}
        return table_preview(pd.DataFrame({"profile": lists.rows[:nrows], **nearest}))
