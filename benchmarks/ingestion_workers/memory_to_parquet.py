"""Ours, from memory to Parquet: `python -m ingestion_workers.memory_to_parquet FOLDER N`, N profiles of 978 genes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ingestion_workers.selection import LANDMARKS, gene_ids, sample_ids
from ingestion_workers.worker import answer
from l1000_bench.io.part_writer import write_profiles
from l1000_bench.io.parts import Block, ProfileStream

BLOCK = 4096  # rows; the values repeat after them


def main(folder: Path, n: int) -> None:
    """Write n profiles."""
    ids = sample_ids(n).astype(str).astype(object)
    values = np.random.default_rng(0).standard_normal((BLOCK, LANDMARKS), dtype=np.float32)

    def blocks() -> Iterator[Block]:
        for start in range(0, n, BLOCK):
            part = ids[start : start + BLOCK]
            yield Block(part, values[: len(part)])

    genes = gene_ids()[:LANDMARKS].astype(str).astype(object)
    answer(lambda: write_profiles(ProfileStream(genes, blocks()), folder), ("pyarrow",))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
