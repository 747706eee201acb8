"""Small GCTX files of every make, and what the tests ask of all readers."""

import gzip
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np

from l1000_bench.io.matrix import Ids, MatrixReader, Values

MATRIX, GENE_IDS, SAMPLE_IDS = "/0/DATA/0/matrix", "/0/META/ROW/id", "/0/META/COL/id"
VALUES = np.array([[1.5, -2.25, 3.0], [0.1, -10.0, 1e-30]], dtype=np.float32)  # 2 samples x 3 genes


def names(prefix: str, count: int) -> Ids:
    return np.array([f"{prefix}{number}" for number in range(count)], dtype=object)


def store(path: Path, values: Any = VALUES, samples: Any = (b"s0", b"s1"), genes: Any = (b"7", b"5", b"9")) -> Path:
    with h5py.File(path, "w") as file:
        file.attrs["version"] = np.bytes_("GCTX1.0")
        file[MATRIX] = values
        for node, ids in ((SAMPLE_IDS, samples), (GENE_IDS, genes)):
            if ids is not None:
                file[node] = ids if isinstance(ids, np.ndarray) else np.array(ids)
    return path


class Layout(NamedTuple):
    """How a GCTX file is written; `rows` are those that are, counted from the first, the others get the fill value."""

    chunks: tuple[int, int] | None = None
    dtype: str = "<f4"
    compression: str | None = None
    ids_first: bool = True
    libver: str = "earliest"
    userblock: int = 0
    rows: int | None = None


FILL = 4.5


def store_as(path: Path, values: Any, layout: Layout = Layout()) -> Path:
    """Write samples s0, s1, … and genes g0, g1, … in any layout, gzipped if the name says so."""
    n_samples, n_genes = values.shape
    plain = path.with_suffix("") if path.suffix == ".gz" else path
    ids = {SAMPLE_IDS: names("s", n_samples).astype("S"), GENE_IDS: names("g", n_genes).astype("S")}
    with h5py.File(plain, "w", libver=layout.libver, userblock_size=layout.userblock) as file:
        for node in ids if layout.ids_first else ():
            file[node] = ids[node]
        matrix = file.create_dataset(
            MATRIX, values.shape, layout.dtype, chunks=layout.chunks, compression=layout.compression, fillvalue=FILL
        )
        if layout.rows != 0:
            matrix[: layout.rows] = values[: layout.rows].astype(layout.dtype)
        for node in () if layout.ids_first else ids:
            file[node] = ids[node]
    if plain != path:
        path.write_bytes(gzip.compress(plain.read_bytes(), 1))
        plain.unlink()
    return path


def read(reader: MatrixReader, *args: Any, **kwargs: Any) -> tuple[list[str], Values]:
    blocks = list(reader.blocks(*args, **kwargs))
    assert all(block.dtype == np.float32 and block.flags.c_contiguous for _, block in blocks)
    ids = [str(identifier) for part, _ in blocks for identifier in part]
    return ids, np.concatenate([block for _, block in blocks])


def same_bits(left: Values, right: Values) -> bool:
    first, second = (np.ascontiguousarray(values, dtype=np.float32).view(np.uint32) for values in (left, right))
    return np.array_equal(first, second)
