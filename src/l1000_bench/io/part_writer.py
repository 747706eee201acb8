"""Writing profiles as a folder of Parquet parts, from a stream of blocks.

Each part is written under a temporary name and renamed when whole, and the folder takes its place when all parts are
there. Where the stream says what it is made of, an interrupted writer leaves its whole parts behind, and the next one
goes on at the first that is missing; the bytes are the same as if nothing had happened.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import shutil
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from l1000_bench.errors import InputError
from l1000_bench.io.atomic import put_folder, replacing, replacing_folder, restore_folder, sha256, write_sums
from l1000_bench.io.parts import Block, Origin, ProfileStream

logger = logging.getLogger(__name__)

ROWS_PER_PART = 4096
ROWS_PER_GROUP = 4096
_WRITERS = 2  # parts that are written at once, while the next one is read
# Beside the parts while they are written: what they are made of.
ORIGIN = "ORIGIN.json"


def write_profiles(stream: ProfileStream, folder: Path, rows_per_part: int = ROWS_PER_PART) -> None:
    """Write a stream of blocks as a folder of parts; the folder appears when all of it is whole.

    Args:
        stream: Gene names and blocks of any size.
        folder: Where the parts go; an older folder of that name is replaced at the end.
        rows_per_part: Profiles in each part but the last.

    Raises:
        InputError: If the stream yields no profile, another process is writing the same, or the disk is full (what is
            whole stays, if the stream has an origin).
    """
    if stream.origin is None:
        with replacing_folder(folder) as temporary:
            _write_parts(stream, stream.blocks, temporary, rows_per_part)
        return
    with _unfinished(stream, stream.origin, folder, rows_per_part) as temporary:
        done = _whole_parts(temporary)
        if done:
            logger.info("%d parts of %s are there from an interrupted run, which goes on from there", done, folder)
        _write_parts(stream, stream.origin.after(done * rows_per_part), temporary, rows_per_part, done)
        put_folder(temporary, folder)
        (folder / ORIGIN).unlink()


@contextmanager
def _unfinished(stream: ProfileStream, origin: Origin, folder: Path, rows_per_part: int) -> Iterator[Path]:
    """Yield the folder of an interrupted writer of the same stream, or a new one, held by this process alone."""
    temporary = folder.with_name(f".unfinished.{folder.name}")
    folder.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder.parent, os.O_RDONLY)
    try:
        _take(lock, folder)
        restore_folder(folder)
        genes = [str(gene) for gene in stream.gene_ids]
        sizes = [rows_per_part, ROWS_PER_GROUP]
        made_of = json.dumps({"digest": origin.digest, "genes": genes, "rows": sizes, "pyarrow": pa.__version__})
        record = temporary / ORIGIN
        if not record.is_file() or record.read_bytes() != made_of.encode():
            shutil.rmtree(temporary, ignore_errors=True)
            with replacing(record) as path:
                path.write_text(made_of, encoding="utf-8")
        yield temporary
    finally:
        os.close(lock)  # which frees it


def _take(lock: int, folder: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise InputError(f"another process is writing {folder}; wait until it has ended, or end it.") from error


def _whole_parts(folder: Path) -> int:
    """Return how many parts there are without a gap, and remove what else a killed writer left."""
    done = 0
    while _part(folder, done).is_file():
        done += 1
    kept = {_part(folder, number) for number in range(done)} | {folder / ORIGIN}
    for path in set(folder.iterdir()) - kept:
        path.unlink()
    return done


def _part(folder: Path, number: int) -> Path:
    return folder / f"part-{number:05d}.parquet"


def _write_parts(
    stream: ProfileStream, blocks: Iterable[Block], folder: Path, rows_per_part: int, number: int = 0
) -> None:
    """Write the parts from `number` on, while the next ones are read, and the manifest."""
    schema = pa.schema([("sample_id", pa.string()), *((str(gene), pa.float32()) for gene in stream.gene_ids)])
    sums = [sha256(_part(folder, done)) for done in range(number)]
    writing: deque[Future[str]] = deque()
    with ThreadPoolExecutor(_WRITERS) as pool:
        for block in regrouped(blocks, rows_per_part):
            if len(writing) == _WRITERS:
                sums.append(writing.popleft().result())
            writing.append(pool.submit(_write_part, _part(folder, number), block, schema))
            number += 1
            del block  # or one part more would be held beside the one that is collected
        sums += [future.result() for future in writing]
    if not number:
        raise InputError(f"no profile is left to write to {folder}; see the audit for the rule that dropped them.")
    write_sums(folder, {_part(folder, one).name: digest for one, digest in enumerate(sums)})


def _write_part(path: Path, block: Block, schema: pa.Schema) -> str:
    """Write a part and return its SHA-256."""
    with (
        replacing(path) as temporary,
        pq.ParquetWriter(temporary, schema, compression="none", use_dictionary=False, write_statistics=False) as writer,
    ):
        for start in range(0, len(block.sample_ids), ROWS_PER_GROUP):
            group = slice(start, start + ROWS_PER_GROUP)
            columns = np.ascontiguousarray(block.values[group].T)  # (n_genes, n): Arrow wants a gene's values together
            arrays = [pa.array(block.sample_ids[group], type=pa.string()), *(pa.array(column) for column in columns)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema), row_group_size=ROWS_PER_GROUP)
    return sha256(path)


def regrouped(blocks: Iterable[Block], rows: int) -> Iterator[Block]:
    """Cut and join blocks so that every one but the last has `rows` rows; holds at most one block more."""
    held: list[Block] = []
    n_held = 0
    for block in blocks:
        held.append(block)
        n_held += len(block.sample_ids)
        while n_held >= rows:
            whole = _joined(held)
            held, n_held = [Block(whole.sample_ids[rows:], whole.values[rows:])], n_held - rows
            yield Block(whole.sample_ids[:rows], whole.values[:rows])
            del whole
    if n_held:
        yield _joined(held)


def _joined(blocks: list[Block]) -> Block:
    if len(blocks) == 1:
        return blocks[0]
    return Block(np.concatenate([b.sample_ids for b in blocks]), np.concatenate([b.values for b in blocks]))
