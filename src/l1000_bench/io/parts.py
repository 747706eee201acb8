"""Profiles as a folder of Parquet parts: written from a stream of blocks, read block by block.

A part holds `sample_id` and one float32 column per gene, named by its Entrez id. Parts are numbered; each is written
under a temporary name and renamed when whole, and `SHA256SUMS` lists them once all are there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from l1000_bench.errors import InputError
from l1000_bench.io.atomic import check_file, read_manifest, replacing, replacing_folder, write_manifest
from l1000_bench.io.matrix import positions

ROWS_PER_PART = 16_384


class Block(NamedTuple):
    """A run of profiles: sample ids (n,) as text and values (n, n_genes) float32."""

    sample_ids: NDArray[np.object_]
    values: NDArray[np.float32]


class ProfileStream(NamedTuple):
    """Profiles on their way to the disk: the genes' names, and blocks that are made when asked for."""

    gene_ids: NDArray[np.object_]
    blocks: Iterable[Block]


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


def write_profiles(stream: ProfileStream, folder: Path, rows_per_part: int = ROWS_PER_PART) -> None:
    """Write a stream of blocks as a folder of parts; the folder appears when all of it is whole.

    Args:
        stream: Gene names and blocks of any size.
        folder: Where the parts go; an older folder of that name is replaced at the end.
        rows_per_part: Profiles in each part but the last.

    Raises:
        InputError: If the stream yields no profile.
    """
    schema = pa.schema([("sample_id", pa.string()), *((str(gene), pa.float32()) for gene in stream.gene_ids)])
    with replacing_folder(folder) as temporary:
        parts = []
        for number, block in enumerate(_regroup(stream.blocks, rows_per_part)):
            part = temporary / f"part-{number:05d}.parquet"
            _write_part(part, block, schema)
            parts.append(part)
        if not parts:
            raise InputError(f"no profile is left to write to {folder}; see the audit for the rule that dropped them.")
        write_manifest(temporary, parts)


def _write_part(path: Path, block: Block, schema: pa.Schema) -> None:
    columns = np.ascontiguousarray(block.values.T)  # (n_genes, n): Arrow wants each gene's values side by side
    arrays = [pa.array(block.sample_ids, type=pa.string()), *(pa.array(column) for column in columns)]
    with (
        replacing(path) as temporary,
        pq.ParquetWriter(temporary, schema, compression="none", use_dictionary=False, write_statistics=False) as writer,
    ):
        writer.write_table(pa.Table.from_arrays(arrays, schema=schema), row_group_size=4096)


def _regroup(blocks: Iterable[Block], rows: int) -> Iterator[Block]:
    """Cut and join blocks so that every one but the last has `rows` rows; holds at most one block more."""
    held: list[Block] = []
    n_held = 0
    for block in blocks:
        held.append(block)
        n_held += len(block.sample_ids)
        while n_held >= rows:
            whole = _join(held)
            yield Block(whole.sample_ids[:rows], whole.values[:rows])
            held, n_held = [Block(whole.sample_ids[rows:], whole.values[rows:])], n_held - rows
    if n_held:
        yield _join(held)


def _join(blocks: list[Block]) -> Block:
    return Block(np.concatenate([b.sample_ids for b in blocks]), np.concatenate([b.values for b in blocks]))
