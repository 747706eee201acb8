"""Profiles as a folder of Parquet parts, read block by block; `l1000_bench.io.part_writer` writes them.

A part holds `sample_id` and one float32 column per gene, named by its Entrez id. Parts are numbered, and `SHA256SUMS`
lists them.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from l1000_bench.io.atomic import check_file, manifest_of, read_manifest, replacing, write_manifest
from l1000_bench.io.matrix import positions

MATRIX = "matrix.npy"
_making_matrix = threading.Lock()


class Block(NamedTuple):
    """A run of profiles: sample ids (n,) as text and values (n, n_genes) float32."""

    sample_ids: NDArray[np.object_]
    values: NDArray[np.float32]


class Origin(NamedTuple):
    """What a stream is made of, so that writing it can go on where it was interrupted.

    Attributes:
        digest: Streams of one digest give the same profiles.
        after: Gives the blocks from the profile of a number on.
    """

    digest: str
    after: Callable[[int], Iterable[Block]]


class ProfileStream(NamedTuple):
    """Profiles on their way to the disk: the genes' names, and blocks that are made when asked for.

    Attributes:
        gene_ids: (n_genes,) text.
        blocks: All profiles, in blocks of any size.
        origin: If writing them may take long.
    """

    gene_ids: NDArray[np.object_]
    blocks: Iterable[Block]
    origin: Origin | None = None


class Profiles:
    """Stored profiles that are read in blocks; holds the ids, never the values.

    Attributes:
        folder: The folder of parts.
        sample_ids: (n_samples,) text, in stored order.
        gene_ids: (n_genes,) text, in column order.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        sums = read_manifest(folder)
        self._parts = [folder / name for name in sums]
        for part in self._parts:
            check_file(part, sums[part.name])
        ids = [pq.read_table(part, columns=["sample_id"])["sample_id"].to_numpy() for part in self._parts]
        self.sample_ids: NDArray[np.object_] = np.concatenate(ids).astype(object)
        self._starts = np.cumsum([0, *(len(part_ids) for part_ids in ids)])
        self.gene_ids: NDArray[np.object_] = np.array(pq.read_schema(self._parts[0]).names[1:], dtype=object)

    def __len__(self) -> int:
        return len(self.sample_ids)

    def blocks(self, genes: list[str] | None = None) -> Iterator[Block]:
        """Yield the profiles in stored order, a row group at a time.

        Args:
            genes: Columns to read, each once, in the order wanted; all by default.

        Raises:
            InputError: If a gene is not there or asked for twice.
        """
        columns = [str(gene) for gene in self.gene_ids[positions(genes, self.gene_ids, "gene", self.folder)]]
        for part in self._parts:
            with pq.ParquetFile(part) as file:
                for index in range(file.num_row_groups):
                    table = file.read_row_group(index, columns=["sample_id", *columns])
                    values = np.empty((table.num_rows, len(columns)), dtype=np.float32)
                    for position, column in enumerate(columns):
                        values[:, position] = table[column].to_numpy()
                    yield Block(table["sample_id"].to_numpy().astype(object), values)

    def matrix(self) -> NDArray[np.float32]:
        """Return all values in memory.

        Returns:
            (n_samples, n_genes) float32, C order.
        """
        values = np.empty((len(self), len(self.gene_ids)), dtype=np.float32)
        start = 0
        for block in self.blocks():
            values[start : start + len(block.values)] = block.values
            start += len(block.values)
        return values

    @property
    def digest(self) -> str:
        """SHA-256 of the list of parts with their own: it changes with any value, id, gene or order."""
        return hashlib.sha256(manifest_of(self.folder).read_bytes()).hexdigest()

    def mapped(self) -> NDArray[np.float32]:
        """Return all values, mapped into memory from a file that processes share.

        The file is made beside the parts when it is first asked for, block by block; it goes with their folder.

        Returns:
            (n_samples, n_genes) float32, C order, read only.

        Raises:
            InputError: If the file was changed after it was written.
        """
        path = self.folder / MATRIX
        with _making_matrix:  # one thread makes the file, and the others wait for it
            if not manifest_of(path).exists():
                self._write_matrix(path)
        check_file(path, read_manifest(path).get(path.name, ""))
        return open_matrix(path)

    def _write_matrix(self, path: Path) -> None:
        with replacing(path) as temporary:
            shape = (len(self), len(self.gene_ids))
            values = np.lib.format.open_memmap(temporary, mode="w+", dtype=np.float32, shape=shape)
            start = 0
            for block in self.blocks():
                values[start : start + len(block.values)] = block.values
                start += len(block.values)
            values.flush()
        write_manifest(path, [path])

    def rows(self, wanted: NDArray[np.intp]) -> NDArray[np.float32]:
        """Read some profiles, wherever they lie; every row group that holds any is read once.

        Args:
            wanted: (n,) positions in stored order, in any order.

        Returns:
            (n, n_genes) float32, in the order of `wanted`.
        """
        values = np.empty((len(wanted), len(self.gene_ids)), dtype=np.float32)
        by_place = np.argsort(wanted, kind="stable")
        cuts = np.searchsorted(wanted[by_place], self._starts)
        for part, start, first, last in zip(self._parts, self._starts, cuts, cuts[1:], strict=False):
            if first < last:
                self._fill(values, part, by_place[first:last], wanted[by_place[first:last]] - start)
        return values

    def _fill(
        self, values: NDArray[np.float32], part: Path, targets: NDArray[np.intp], local: NDArray[np.intp]
    ) -> None:
        """Copy the rows `local` (n,) of a part, ascending, to the rows `targets` (n,) of `values`."""
        columns = [str(gene) for gene in self.gene_ids]
        with pq.ParquetFile(part) as file:
            sizes = [file.metadata.row_group(index).num_rows for index in range(file.num_row_groups)]
            starts = np.cumsum([0, *sizes])
            cuts = np.searchsorted(local, starts)
            for index, (first, last) in enumerate(pairwise(cuts)):
                if first < last:
                    table = file.read_row_group(index, columns=columns)
                    here = local[first:last] - starts[index]
                    by_gene = np.empty((len(columns), len(here)), dtype=np.float32)
                    for position, column in enumerate(columns):
                        by_gene[position] = table[column].to_numpy()[here]
                    values[targets[first:last]] = by_gene.T


def open_matrix(path: Path) -> NDArray[np.float32]:
    """Map the values of a file that `Profiles.mapped` made, read only."""
    mapped: NDArray[np.float32] = np.load(path, mmap_mode="r", allow_pickle=False)
    return mapped.view(np.ndarray)
