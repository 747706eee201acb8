"""GCTX files of made-up z-scores in the layouts that are met."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import h5py
import numpy as np
from numpy.typing import NDArray

from ingestion_workers.selection import N_GENES, gene_ids, sample_ids

# The chunks of cmapPy (none), cmapM (whole rows) and cmapR, by the names that the benchmark gives them.
LAYOUTS = {"contiguous": None, "rows": (21, N_GENES), "tiles": (262, 1000)}
GEO = "rows"
MATRIX = "/0/DATA/0/matrix"
BLOCK = 21 * 262  # rows: whole chunks of either kind
# The least significant bits of every value are 0, so that gzip packs a file to 0.75 of its size, as it packs GEO's
# 65 GB to 49.6 GB.
ZEROED = 8


def z_scores(n: int, n_genes: int) -> NDArray[np.float32]:
    """Return values like those of Level 4, (n, n_genes): normal, cut off at 10, of 16 significant bits."""
    values = np.random.default_rng(0).standard_normal((n, n_genes), dtype=np.float32) * np.float32(1.1)
    np.clip(values, -10, 10, out=values)
    bits = values.view(np.uint32)
    np.bitwise_and(bits, np.uint32(0xFFFFFFFF ^ ((1 << ZEROED) - 1)), out=bits)
    return values


class Ids(NamedTuple):
    """Names of the samples and of the genes of a file, bytes of one width."""

    samples: NDArray[np.bytes_]
    genes: NDArray[np.bytes_]


def write_file(path: Path, n: int, layout: str, ids_after: bool = False) -> None:
    """Write a GCTX file of n samples and 12,328 genes in a layout, see `write_matrix`."""
    write_matrix(path, Ids(sample_ids(n), gene_ids()), LAYOUTS[layout], ids_after)


def write_matrix(path: Path, ids: Ids, chunks: tuple[int, int] | None, ids_after: bool = False) -> None:
    """Write a GCTX file; from the 5,502nd sample on, the values repeat.

    Args:
        path: The file.
        ids: Its samples and genes.
        chunks: Rows and columns of a chunk; None for a contiguous matrix.
        ids_after: Whether the ids come after the matrix in the file, and not before.
    """
    n, n_genes = len(ids.samples), len(ids.genes)
    values = z_scores(min(n, BLOCK), n_genes)
    # The format of 2010: the one that these writers choose and every reader reads.
    with h5py.File(path, "w", libver=("earliest", "v108")) as file:
        file.attrs["version"] = np.bytes_("GCTX1.0")
        if not ids_after:
            _write_ids(file, ids)
        fitting = chunks and (min(chunks[0], n), min(chunks[1], n_genes))
        matrix = file.create_dataset(MATRIX, (n, n_genes), dtype=np.float32, chunks=fitting)
        for start in range(0, n, BLOCK):
            matrix[start : start + BLOCK] = values[: n - start]
        if ids_after:
            file.flush()  # the last chunk is held back until then
            _write_ids(file, ids)


def _write_ids(file: h5py.File, ids: Ids) -> None:
    file["/0/META/ROW/id"] = ids.genes
    file["/0/META/COL/id"] = ids.samples


def ids_are_after(path: Path) -> bool:
    """Return whether all ids of a chunked file lie behind all of its matrix, or all of them before it.

    Raises:
        SystemExit: If it is neither.
    """
    with h5py.File(path) as file:
        ids = [file[f"/0/META/{group}/id"].id.get_offset() for group in ("ROW", "COL")]
        matrix = file[MATRIX].id
        chunks = [matrix.get_chunk_info(index).byte_offset for index in range(matrix.get_num_chunks())]
    if max(ids) < min(chunks):
        return False
    if min(ids) > max(chunks):
        return True
    raise SystemExit(f"{path} has its ids amid the matrix; expected them before or after it")


def pack(paths: Sequence[Path]) -> list[Path]:
    """Pack files with gzip, all at once, and return `NAME.gz` of each."""
    packed = [path.with_name(f"{path.name}.gz") for path in paths]
    running = []
    for path, target in zip(paths, packed, strict=True):
        with target.open("wb") as stream:
            running.append(subprocess.Popen(["gzip", "-6", "-c", str(path)], stdout=stream))
    if any(process.wait() for process in running):
        raise SystemExit(f"gzip could not pack {' '.join(map(str, paths))}")
    return packed
