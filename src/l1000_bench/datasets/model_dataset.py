"""Fitted models: a zip of JSON and skops, never pickle."""

from __future__ import annotations

import json
from typing import Any

from kedro_datasets._typing import JSONPreview

from l1000_bench.datasets.local_dataset import ManifestDataset, if_made
from l1000_bench.io.atomic import check_file, read_manifest, write_manifest
from l1000_bench.models.fitted import FittedModel, NoModel
from l1000_bench.models.storage import REASON, describe_model, load_model, save_model


class ModelDataset(ManifestDataset[FittedModel | NoModel, FittedModel]):
    """A `FittedModel` with a SHA-256 that is checked on load, or the reason why there is none.

    Args:
        filepath: The zip file.
        trusted: Further types, by exact name, that a stored estimator may hold.
        metadata: Anything; Kedro-Viz reads the layer from it.
    """

    def __init__(self, filepath: str, trusted: list[str] | None = None, metadata: dict[str, Any] | None = None) -> None:
        super().__init__(filepath, metadata)
        self.trusted = tuple(trusted or ())

    def load(self) -> FittedModel:
        """Return the model.

        Raises:
            InputError: Also where a `NoModel` was saved; with its reason.
        """
        self._check()
        return load_model(self.filepath, self.trusted)

    def save(self, data: FittedModel | NoModel) -> None:
        """Write the model and its SHA-256."""
        save_model(data, self.filepath, self.trusted)
        write_manifest(self.filepath, [self.filepath])

    @if_made
    def preview(self) -> JSONPreview:
        """Return what the model was made from, or why there is none, for Kedro-Viz."""
        self._check()
        told = describe_model(self.filepath)
        what = (
            {REASON: told[REASON]} if REASON in told else {"classes": told["classes"], "genes": len(told["gene_ids"])}
        )
        return JSONPreview(json.dumps({**told["about"], **what}))

    def _check(self) -> None:
        check_file(self.filepath, read_manifest(self.filepath).get(self.filepath.name, ""))
