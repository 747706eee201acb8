"""Opening and reading matrix files: GCTX (HDF5 in GEO's layout), plain or gzipped, and GCT under whatever name."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import h5py
import numpy as np

from l1000_bench.errors import InputError
from l1000_bench.io.annotated import Annotated
from l1000_bench.io.gct import GctReader
from l1000_bench.io.gctx_blocks import read_blocks
from l1000_bench.io.gctx_layout import (
    GENES,
    MATRIX,
    SAMPLES,
    dataset,
    is_gzip,
    opened,
    read_ids,
    read_metadata,
    read_version,
    unpacked_size,
)
from l1000_bench.io.gctx_reading import gzipped, plain, read_tiles
from l1000_bench.io.gctx_selection import Selection
from l1000_bench.io.gctx_tiles import tiles_of
from l1000_bench.io.gzip_scan import scanned
from l1000_bench.io.matrix import BLOCK_ROWS, Ids, MatrixReader, Positions, Samples, Values, check_unique, selection
from l1000_bench.io.stamp import Stamp

if TYPE_CHECKING:
    from cmapPy.pandasGEXpress.GCToo import GCToo

_HDF5 = b"\x89HDF\r\n\x1a\n"
_GZIP = b"\x1f\x8b"
# Where HDF5 may begin in a gzipped file: behind a user block, if there is one.
_STARTS = (0, 512, 1024, 2048, 4096)
_GCT = (b"#1.2", b"#1.3", b"\xef\xbb\xbf#1.")


def open_matrix(path: Path) -> MatrixReader:
    """Open a GCTX file, or a GCT file whatever it is named, as its first bytes tell.

    Raises:
        InputError: If the file is missing, neither GCTX nor GCT, damaged, or contradicts itself.
    """
    head = _head(path)
    if head.startswith(_HDF5) or h5py.is_hdf5(path):
        return _open_gctx(path)
    text = _unzipped_head(path) if head.startswith(_GZIP) else head
    if text.startswith(_GCT):
        return GctReader.open(path)
    if any(text.startswith(_HDF5, place) for place in _STARTS):
        return _open_gctx(path)
    raise InputError(
        f"{path} is neither HDF5 (GCTX) nor a GCT: expected the first line #1.2 or #1.3, found {head[:20]!r}; "
        "choose another file."
    )


def _head(path: Path) -> bytes:
    if not path.is_file():
        state = "is no file" if path.exists() else "does not exist"
        raise InputError(f"{path} {state}; expected a GCTX or GCT file: correct the path or fetch the file.")
    with path.open("rb") as stream:
        return stream.read(64)


def _unzipped_head(path: Path) -> bytes:
    try:
        with gzip.open(path) as stream:
            return stream.read(_STARTS[-1] + len(_HDF5))
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path} is a gzip file but damaged ({error}); fetch it again.") from error


@dataclass(frozen=True, eq=False)
class GctxReader:
    """A GCTX file: a `MatrixReader` that opens the file for each pass over it and keeps nothing open.

    A gzipped one is not unpacked to the disk: one pass over it finds what stands where, the next one reads the matrix.

    Attributes:
        path: The file.
        stamp: Its state when the ids were read.
        sample_ids: Ids as str in file order, shape (n_samples,).
        gene_ids: Ids as str in file order, shape (n_genes,).
    """

    path: Path
    stamp: Stamp
    sample_ids: Ids
    gene_ids: Ids

    @property
    def n_samples(self) -> int:
        """How many samples the file holds."""
        return len(self.sample_ids)

    @property
    def n_genes(self) -> int:
        """How many genes the file holds."""
        return len(self.gene_ids)

    def blocks(
        self, genes: Iterable[str] | None = None, samples: Samples = None, rows: int = BLOCK_ROWS
    ) -> Iterator[tuple[Ids, Values]]:
        """Yield the samples asked for, see `MatrixReader.blocks`; in memory are a few blocks and read buffers."""
        columns, wanted = selection(self, genes, samples, rows)
        return self._blocks(columns, wanted, rows)

    def _blocks(self, columns: Positions, wanted: Positions, rows: int) -> Iterator[tuple[Ids, Values]]:
        with opened(self.path) as file:
            self.stamp.check(self.path, self.path)
            matrix = dataset(file, MATRIX, self.path)
            tiles = tiles_of(matrix, unpacked_size(self.path), self.path)
            if tiles is None:
                blocks = read_blocks(matrix, columns, wanted, rows)
                yield from ((self.sample_ids[inside], block) for inside, block in blocks)
                return
        source = gzipped(scanned(self.path)) if is_gzip(self.path) else plain(self.path, self.stamp)
        for inside, block in read_tiles(source, Selection.of(tiles, columns), wanted, rows):
            yield self.sample_ids[inside], block

    def to_gctoo(self) -> GCToo:
        """Read the whole file, metadata included, into cmapPy's type (genes x samples)."""
        values = np.empty((self.n_samples, self.n_genes), dtype=np.float32)
        filled = 0
        for ids, block in self.blocks():
            values[filled : filled + len(ids)] = block
            filled += len(ids)
        with opened(self.path) as file:
            genes = read_metadata(file, GENES, self.gene_ids, self.path)
            samples = read_metadata(file, SAMPLES, self.sample_ids, self.path)
            version = read_version(file, self.path)
        return Annotated(self.path, version, values.T, genes, samples).to_gctoo()


def _open_gctx(path: Path) -> GctxReader:
    stamp = Stamp.of(path)
    with opened(path) as file:
        matrix = dataset(file, MATRIX, path)
        shape, kind = matrix.shape, matrix.dtype
        reader = GctxReader(path, stamp, read_ids(file, SAMPLES, path), read_ids(file, GENES, path))
    if kind.kind not in "iuf":
        raise InputError(f"{path} has values of type {kind} in {MATRIX}; expected numbers: write it anew.")
    if shape != (reader.n_samples, reader.n_genes):
        raise InputError(
            f"{path} has a matrix of shape {shape} for {reader.n_samples} sample ids and {reader.n_genes} gene ids; "
            "expected (samples, genes): write it anew."
        )
    check_unique(reader.sample_ids, "sample", path)
    check_unique(reader.gene_ids, "gene", path)
    return reader
