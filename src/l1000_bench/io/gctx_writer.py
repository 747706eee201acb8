"""Writing GCTX files in GEO's layout, as cmapPy, cmapR and cmapM read it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l1000_bench.errors import InputError
from l1000_bench.io.annotated import Annotated, frame, text_values
from l1000_bench.io.atomic import replacing
from l1000_bench.io.gctx_layout import GENES, ID, MATRIX, SAMPLES, VERSION
from l1000_bench.io.matrix import MISSING, Ids, Values, check_unique

if TYPE_CHECKING:
    from cmapPy.pandasGEXpress.GCToo import GCToo


def write_gctx_arrays(path: Path, values: Values, sample_ids: Ids, gene_ids: Ids) -> None:
    """Write a matrix of shape (n_samples, n_genes) and its ids as str.

    Raises:
        InputError: If the shape does not fit the ids, or an id occurs twice.
    """
    write_gctx_blocks(path, [values], sample_ids, gene_ids)


def write_gctx_blocks(path: Path, blocks: Iterable[Values], sample_ids: Ids, gene_ids: Ids) -> None:
    """Write a matrix that comes in blocks of shape (n, n_genes), holding one of them at a time.

    Raises:
        InputError: If the blocks together do not fit the ids, or an id occurs twice.
    """
    _write(path, blocks, frame({}, gene_ids), frame({}, sample_ids))


def write_gctoo(path: Path, gctoo: GCToo) -> None:
    """Write a cmapPy GCToo with its metadata; values become float32, missing metadata -666.

    Raises:
        InputError: If its values are no numbers, or a metadata column cannot be named so in HDF5.
    """
    annotated = Annotated.from_gctoo(path, gctoo)
    _write(path, [annotated.values.T], annotated.genes, annotated.samples)


def _write(path: Path, blocks: Iterable[Values], genes: pd.DataFrame, samples: pd.DataFrame) -> None:
    with replacing(path) as temporary, h5py.File(temporary, "w") as file:
        file.attrs["version"] = np.bytes_(VERSION)
        file.attrs["src"] = path.name
        _write_metadata(file.create_group(GENES), genes, "gene", path)
        _write_metadata(file.create_group(SAMPLES), samples, "sample", path)
        shape = (len(samples), len(genes))
        matrix = file.create_dataset(MATRIX, shape, dtype=np.float32)
        filled = 0
        for block in blocks:
            end = filled + len(block)
            if block.shape[1:] != shape[1:] or end > len(samples):
                raise InputError(
                    f"{path} cannot be written: rows {filled} to {end} come in shape {block.shape}; expected "
                    f"{shape} in all, as many as there are ids: hand over ids and values that belong together."
                )
            matrix[filled:end] = block
            filled = end
        if filled < len(samples):
            raise InputError(
                f"{path} cannot be written: {filled} rows came for {len(samples)} sample ids; expected one for each."
            )


def _write_metadata(group: h5py.Group, metadata: pd.DataFrame, what: str, path: Path) -> None:
    ids = metadata.index.to_numpy(dtype=object)
    check_unique(ids, what, path)
    group.create_dataset(ID, data=_bytes([str(identifier) for identifier in ids]))
    for name, column in metadata.items():
        if str(name) in {"", ".", ID} or "/" in str(name):
            raise InputError(
                f"{path} cannot be written: HDF5 takes no {what} metadata named {str(name)!r} here; rename the column."
            )
        group.create_dataset(str(name), data=_stored(column))


def _stored(column: pd.Series) -> NDArray[Any]:
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return column.to_numpy(dtype=None if not column.hasnans else np.float64, na_value=MISSING)
    return _bytes(text_values(column))


def _bytes(texts: list[str]) -> NDArray[np.bytes_]:
    # Fixed width, as GEO's own files: cmapPy and cmapR read variable strings as something else.
    return np.array([text.encode() for text in texts], dtype=np.bytes_)
