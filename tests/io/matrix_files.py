"""Small GCTX files of every make, and what the tests ask of all readers."""

from pathlib import Path
from typing import Any

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


def read(reader: MatrixReader, *args: Any, **kwargs: Any) -> tuple[list[str], Values]:
    blocks = list(reader.blocks(*args, **kwargs))
    assert all(block.dtype == np.float32 and block.flags.c_contiguous for _, block in blocks)
    ids = [str(identifier) for part, _ in blocks for identifier in part]
    return ids, np.concatenate([block for _, block in blocks])


def same_bits(left: Values, right: Values) -> bool:
    first, second = (np.ascontiguousarray(values, dtype=np.float32).view(np.uint32) for values in (left, right))
    return np.array_equal(first, second)
