"""Networks as `.keras` archives: read in safe mode, written so that the same network gives the same bytes."""

from __future__ import annotations

import io
import json
import tempfile
import warnings
import zipfile
from pathlib import Path

import keras

from l1000_bench.errors import InputError
from l1000_bench.models.network import Network, read

_METADATA = "metadata.json"


def to_bytes(network: Network) -> bytes:
    """Return the archive of the whole model, from profiles to logits, without the dates that Keras puts in."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # Keras reads its variables numpy 1's way
            network.whole.save(path)
        with zipfile.ZipFile(path) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
    version = json.loads(members[_METADATA])["keras_version"]
    members[_METADATA] = json.dumps({"keras_version": version}).encode()
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return content.getvalue()


def from_bytes(content: bytes) -> Network:
    """Read what `to_bytes` returned; safe mode runs no code that the archive holds.

    Raises:
        InputError: If the archive holds no such model.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        path.write_bytes(content)
        try:
            return read(keras.saving.load_model(path, compile=False, safe_mode=True))
        except (zipfile.BadZipFile, ValueError, TypeError, KeyError) as error:
            raise InputError(f"model.keras holds no network of this project ({error}); fit the model again.") from error
