"""The landmark genes of a matrix as a stream of blocks, in bounded memory."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from l1000_bench.errors import InputError, is_whole
from l1000_bench.io.matrix import BLOCK_ROWS, Ids, MatrixReader, Values
from l1000_bench.io.parts import Block, Origin, ProfileStream

logger = logging.getLogger(__name__)

_NAMED = 10
# Taken whatever the size of a block: the part that is written and the next one, and the checkpoints of a gzipped file.
_FIXED_MIB = 128
_BLOCKS = 6  # that are held at once: being read, waiting, and being joined to a part


class _Chosen:
    """The landmarks of one matrix, which may lack some.

    Args:
        matrix: The matrix.
        landmarks: Entrez ids in the order wanted, (n_genes,).
        rows: The most samples of a block.
    """

    def __init__(self, matrix: MatrixReader, landmarks: Ids, rows: int) -> None:
        self._matrix, self._landmarks, self._rows = matrix, landmarks, rows
        self._there = pd.Index(landmarks).isin(matrix.gene_ids)

    def blocks(self, start: int) -> Iterator[Block]:
        """Yield the samples from number `start` on in file order; a landmark that the matrix lacks is NaN."""
        missing = np.zeros(len(self._landmarks), dtype=np.intp)
        genes = self._landmarks[self._there]
        with tqdm(total=self._matrix.n_samples, initial=start, desc="profiles", unit="profile", disable=None) as bar:
            for ids, values in self._matrix.blocks(list(genes), slice(start, None), self._rows):
                block = Block(ids, self._widened(values))
                missing += np.isnan(block.values).sum(axis=0)
                yield block
                bar.update(len(ids))
        _report(self._landmarks, missing, self._matrix.n_samples - start)

    def _widened(self, values: Values) -> Values:
        if self._there.all():
            return values
        wide = np.full((len(values), len(self._landmarks)), np.nan, dtype=np.float32)
        wide[:, self._there] = values
        return wide


def landmark_stream(matrix: MatrixReader, landmarks: Ids, missing_landmarks: str, memory_mib: int) -> ProfileStream:
    """Stream the landmarks of every sample.

    Args:
        matrix: The matrix.
        landmarks: Entrez ids in the order wanted, (n_genes,).
        missing_landmarks: What to do where the matrix lacks some of them: `error`, or `keep` them as missing values.
        memory_mib: How much the buffers may take, beside what Python and its libraries do.

    Returns:
        The profiles, whose writing can go on after an interruption as long as the file is the same.

    Raises:
        InputError: If the matrix lacks landmarks and that is an error or its ids were cut off, or the memory is too
            little.
    """
    _check_landmarks(matrix, landmarks, missing_landmarks)
    rows = rows_of_block(memory_mib, len(landmarks))
    chosen = _Chosen(matrix, landmarks, rows)
    return ProfileStream(landmarks, chosen.blocks(0), Origin(_digest(matrix), chosen.blocks))


def rows_of_block(memory_mib: int, n_genes: int) -> int:
    """Return how many samples a block may have.

    Raises:
        InputError: If there is no memory for a block of a hundred.
    """
    rows = (memory_mib - _FIXED_MIB) * 2**20 // (_BLOCKS * n_genes * 4) if is_whole(memory_mib) else 0
    if rows < 100:
        raise InputError(f"memory_mib is {memory_mib!r}; expected a whole number of MiB, {_FIXED_MIB + 8} or more.")
    return min(rows, BLOCK_ROWS)


def _check_landmarks(matrix: MatrixReader, landmarks: Ids, missing_landmarks: str) -> None:
    if missing_landmarks not in ("error", "keep"):
        raise InputError(f"missing_landmarks is {missing_landmarks!r}; it can be error or keep.")
    absent = [str(gene) for gene in pd.Index(landmarks).difference(pd.Index(matrix.gene_ids), sort=False)]
    if not absent:
        return
    names = ", ".join(absent[:_NAMED]) + (", …" if len(absent) > _NAMED else "")
    lacks = f"{matrix.path} lacks {len(absent)} of the {len(landmarks)} landmark genes ({names})"
    longest = max(map(len, matrix.gene_ids), default=0)
    shortened = {gene[:longest] for gene in absent if len(gene) > longest} & set(matrix.gene_ids)
    if shortened:
        raise InputError(
            f"{lacks}: its gene ids were cut off after {longest} characters, so that {min(shortened)} may be several "
            "genes; get the file anew, with whole ids."
        )
    if len(absent) == len(landmarks):
        raise InputError(f"{lacks}; expected Entrez ids, found ids such as {', '.join(matrix.gene_ids[:3])}.")
    if missing_landmarks == "error":
        raise InputError(
            f"{lacks}; get the whole matrix, or set the corpus's missing_landmarks to keep: they become missing values."
        )
    logger.warning("%s; they are kept as missing values", lacks)


def _digest(matrix: MatrixReader) -> str:
    """Return a digest of what a matrix file is: its size, its time of change, and its ids."""
    state = matrix.path.stat()
    digest = hashlib.sha256(f"{state.st_size} {state.st_mtime_ns}\n".encode())
    for ids in (matrix.gene_ids, matrix.sample_ids):
        digest.update("\n".join(ids).encode())
    return digest.hexdigest()


def _report(landmarks: Ids, missing: NDArray[np.intp], n_samples: int) -> None:
    genes = np.flatnonzero(missing)
    if len(genes):
        counts = ", ".join(f"{landmarks[gene]} ({missing[gene]:,})" for gene in genes[:_NAMED])
        more = f" and {len(genes) - _NAMED} genes more" if len(genes) > _NAMED else ""
        logger.warning("of %s profiles read, values are missing of gene %s%s", f"{n_samples:,}", counts, more)
