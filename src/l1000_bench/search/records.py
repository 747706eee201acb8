"""Records: what is kept of every rotation of every trial, from the moment in which it ends.

A record is one small JSON file, named by the trial's key and the rotation; beside it lie the predictions, for as long
as the trial is the best so far. A record that is not whole counts as absent, and its rotation is run again.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from l1000_bench.io.atomic import replacing
from l1000_bench.models.fit import Prediction

TIME, MEMORY = "TimeBudget", "MemoryBudget"
STOPPED = "StoppedEarly"
LOST = "ProcessLost"
ASIDE = "StepsAside"


@dataclass(frozen=True)
class Record:
    """A rotation of a trial.

    Attributes:
        scores: `dev_accuracy`, `dev_macro_f1`, `test_accuracy` and `test_macro_f1`; empty where it failed.
        error: Kind and text of what went wrong, None where nothing did.
        fit_seconds: Of the fit, None where it failed.
        predict_seconds: Of both predictions, None where it failed.
        peak_rss_mib: Largest resident memory of the process during the rotation.
        predictions: SHA-256 of the file of predictions.
        limit: The budget that was exceeded, in seconds or MiB; None where none was.
        began: When the rotation began, in seconds since 1970; 0 where that is not known.
        ended: When it ended, likewise.
    """

    scores: dict[str, float] = field(default_factory=dict)
    error: str | None = None
    fit_seconds: float | None = None
    predict_seconds: float | None = None
    peak_rss_mib: float = 0.0
    predictions: str | None = None
    limit: float | None = None
    began: float = 0.0
    ended: float = 0.0

    @property
    def seconds(self) -> float:
        """What the fit and the predictions took; 0 where they failed."""
        return (self.fit_seconds or 0.0) + (self.predict_seconds or 0.0)

    @classmethod
    def from_json(cls, text: str) -> Record:
        """Read what `to_json` wrote.

        Raises:
            ValueError: If it is something else, or cut off.
        """
        try:
            return cls(**json.loads(text))
        except TypeError as error:
            raise ValueError(str(error)) from error

    def to_json(self) -> str:
        """Return one line of JSON."""
        return json.dumps(asdict(self))


def counts_today(record: Record, limits: Mapping[str, float | None]) -> bool:
    """Whether a record is what today's budgets allow: not one that ended at a smaller budget.

    Args:
        record: What was kept.
        limits: Today's budgets by their kind, `TIME` and `MEMORY`; None for no bound.
    """
    if record.limit is None:
        return True
    today = limits.get((record.error or "").partition(":")[0])
    return today is not None and today <= record.limit


class RecordStore:
    """The records of a cell, in one folder that any process may write to.

    Args:
        folder: Made when the first record is written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, key: str, rotation: int) -> Record | None:
        """Return a record, or None where there is none that is whole."""
        try:
            return Record.from_json(self._record(key, rotation).read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None

    def write(
        self, key: str, rotation: int, record: Record, predicted: Mapping[str, Prediction] | None = None
    ) -> Record:
        """Keep a record, and its predictions before it.

        Args:
            key: Of the trial.
            rotation: Its rotation.
            record: What to keep.
            predicted: The predictions of every scored role.

        Returns:
            The record with the sum of its predictions.
        """
        if predicted is not None:
            content = _packed(predicted)
            with replacing(self._predictions(key, rotation)) as temporary:
                temporary.write_bytes(content)
            record = Record(**{**asdict(record), "predictions": sha256(content).hexdigest()})
        with replacing(self._record(key, rotation)) as temporary:
            temporary.write_text(record.to_json(), encoding="utf-8")
        return record

    def predictions(self, key: str, rotation: int) -> dict[str, Prediction] | None:
        """Return the predictions of every scored role, or None where they were dropped or are not what was written."""
        record = self.read(key, rotation)
        try:
            content = self._predictions(key, rotation).read_bytes()
        except FileNotFoundError:
            return None
        if record is None or sha256(content).hexdigest() != record.predictions:
            return None
        return _unpacked(content)

    def drop_predictions(self, key: str, rotation: int) -> None:
        """Remove the predictions of a rotation; its record stays."""
        self._predictions(key, rotation).unlink(missing_ok=True)

    def _record(self, key: str, rotation: int) -> Path:
        return self.folder / f"{key}.{rotation}.json"

    def _predictions(self, key: str, rotation: int) -> Path:
        return self.folder / f"{key}.{rotation}.npz"


def _packed(predicted: Mapping[str, Prediction]) -> bytes:
    arrays: dict[str, Any] = {}
    for role, prediction in predicted.items():
        arrays[f"{role}.codes"] = prediction.codes.astype(np.int32)
        if prediction.probabilities is not None:
            arrays[f"{role}.probabilities"] = prediction.probabilities.astype(np.float32)
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, **arrays)
    return stream.getvalue()


def _unpacked(content: bytes) -> dict[str, Prediction]:
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        roles = [name.removesuffix(".codes") for name in arrays.files if name.endswith(".codes")]
        return {
            role: Prediction(arrays[f"{role}.codes"].astype(np.intp), arrays.get(f"{role}.probabilities"))
            for role in roles
        }
