"""Where a GCTX file (HDF5, GEO's layout) keeps what, and in which disguises its ids and metadata come."""

from __future__ import annotations

import contextlib
import math
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l1000_bench.errors import InputError
from l1000_bench.io.annotated import decoded, frame, text_column
from l1000_bench.io.gzip_scan import GzipView, scanned
from l1000_bench.io.matrix import MISSING, Ids
from l1000_bench.io.variable_text import VERSION_ATTRIBUTE, read_variable_text

MATRIX = "/0/DATA/0/matrix"
# The matrix is stored samples x genes, but its genes are called rows and its samples columns.
GENES = "/0/META/ROW"
SAMPLES = "/0/META/COL"
ID = "id"
VERSION = "GCTX1.0"
_GZIP = b"\x1f\x8b"
# Deflate packs no more than this many times, so that a file that claims more lies.
_MOST_PACKED = 1100
_SLICE = 2**15


def is_gzip(path: Path) -> bool:
    """Return whether a file begins as a gzip file does."""
    with path.open("rb") as stream:
        return stream.read(len(_GZIP)) == _GZIP


def unpacked_size(path: Path) -> int:
    """Return the bytes of a file, unpacked if it is gzipped."""
    return scanned(path).size if is_gzip(path) else path.stat().st_size


@contextmanager
def opened(path: Path) -> Iterator[h5py.File]:
    """Open a GCTX file for reading.

    Raises:
        InputError: If HDF5 cannot read it, now or inside the block.
    """
    try:
        with contextlib.ExitStack() as stack:
            # h5py would take a gzipped file for a stranger; a file-like object shows it the unpacked bytes.
            content = stack.enter_context(GzipView(scanned(path))) if is_gzip(path) else path
            yield stack.enter_context(h5py.File(content, "r"))
    except Exception as error:
        if not _is_of_hdf5(error):
            raise
        raise InputError(
            f"{path} starts as an HDF5 file but cannot be read ({error}): it is cut off or damaged; fetch it again."
        ) from error


def _is_of_hdf5(error: Exception) -> bool:
    """Return whether an error comes of the file: of whatever type, h5py has raised it itself."""
    *_, (last, _) = traceback.walk_tb(error.__traceback__)
    return isinstance(error, OSError) or last.f_globals.get("__name__", "").startswith("h5py")


def dataset(file: h5py.File, node: str, path: Path) -> h5py.Dataset:
    """Return one dataset of the file.

    Raises:
        InputError: If the file has none of that name.
    """
    found = file.get(node)
    if not isinstance(found, h5py.Dataset):
        raise InputError(
            f"{path} is an HDF5 file but no GCTX: it lacks the dataset {node}; expected {MATRIX}, {GENES}/{ID} and "
            f"{SAMPLES}/{ID}; choose another file or write this one anew."
        )
    _refuse_lies(found, math.prod(found.chunks or ()) * found.dtype.itemsize, path)
    return found


def _refuse_lies(stored: h5py.Dataset, claimed: int, path: Path) -> None:
    """Refuse a header that asks for more memory than the file can ever fill."""
    size = unpacked_size(path)
    if claimed > _MOST_PACKED * size:
        raise InputError(
            f"{path} claims {claimed:,} bytes at once in {stored.name}, and {size:,} bytes of file cannot hold that: "
            "it is damaged; fetch it again."
        )


def read_ids(file: h5py.File, group: str, path: Path) -> Ids:
    """Return the ids of `group` as str: stored as padded bytes, strings or numbers, they come out the same."""
    values = _values(dataset(file, f"{group}/{ID}", path), path)
    ids = np.empty(len(values), dtype=object)
    ids[:] = _texts(values)
    return ids


def read_metadata(file: h5py.File, group: str, ids: Ids, path: Path) -> pd.DataFrame:
    """Return the metadata of `group`, indexed by id: numbers stay numbers, all else is text, -666 is missing.

    Raises:
        InputError: If a column has not one value per id, or is of a type that is neither number nor text.
    """
    columns = {}
    for name, field in file[group].items():
        if name == ID or not isinstance(field, h5py.Dataset):
            continue
        values = _values(field, path)
        if len(values) != len(ids):
            raise InputError(
                f"{path} has {len(values)} values in {group}/{name} for {len(ids)} ids; expected one per id: "
                "write the file anew."
            )
        columns[name] = _column(values)
    return frame(columns, ids)


def read_version(file: h5py.File, path: Path) -> str:
    """Return the root attribute `version`: bytes, text or an array of one of them; GCTX1.0 where it is missing.

    Raises:
        InputError: If it is neither text nor a number.
    """
    if "version" not in file.attrs:
        return VERSION
    kind = file.attrs.get_id("version").dtype
    if not _is_readable(kind):
        raise InputError(f"{path} has a version of type {kind}; expected text: write it anew.")
    value = _variable(path, VERSION_ATTRIBUTE) if _is_variable(kind) else np.ravel(file.attrs["version"])
    return _texts(value)[0] if value.size else VERSION


def _is_readable(kind: np.dtype[Any]) -> bool:
    return kind.kind in "biuf" or h5py.check_string_dtype(kind) is not None


def _values(stored: h5py.Dataset, path: Path) -> NDArray[Any]:
    if stored.shape is None or not _is_readable(stored.dtype):
        raise InputError(
            f"{path} has values of type {stored.dtype} in {stored.name}; expected numbers or text: write it anew."
        )
    _refuse_lies(stored, stored.size * stored.dtype.itemsize, path)
    if _is_variable(stored.dtype):
        return _variable(path, str(stored.name))
    # MATLAB has no one-dimensional arrays: it writes (n, 1) or (1, n).
    return np.ravel(stored[()])


def _is_variable(kind: np.dtype[Any]) -> bool:
    text = h5py.check_string_dtype(kind)
    return text is not None and text.length is None


def _variable(path: Path, node: str) -> NDArray[Any]:
    texts = read_variable_text(path, node, size=unpacked_size(path), gzipped=is_gzip(path))
    values = np.empty(len(texts), dtype=object)
    values[:] = texts
    return values


def _texts(values: NDArray[Any]) -> list[str]:
    if values.dtype.kind == "S" and not (values.view(np.uint8) > 127).any():
        # Several times as fast as one by one; in slices, for text takes four bytes a letter on the way.
        parts = (values[start : start + _SLICE] for start in range(0, len(values), _SLICE))
        return [text for part in parts for text in np.strings.strip(part.astype(str), " \0").tolist()]
    if values.dtype.kind == "f":
        return [f"{value:.0f}" if value.is_integer() else str(value) for value in values.tolist()]
    return [_text(value) for value in values.tolist()]


def _text(value: object) -> str:
    text = decoded(value) if isinstance(value, bytes) else str(value)
    return text.strip(" \0")


def _column(values: NDArray[Any]) -> pd.Series:
    if values.dtype.kind in "SO":
        return text_column(_texts(values))
    column = pd.Series(values)
    return column.mask(column == MISSING) if values.dtype.kind in "if" else column
