"""Ours, MODZ of N signatures of three replicates that are in memory: `python -m ingestion_workers.signatures N`."""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import NDArray

from ingestion_workers.selection import LANDMARKS, gene_ids
from ingestion_workers.worker import answer
from l1000_bench.curation.modz import Signatures
from l1000_bench.curation.replicates import Groups

REPLICATES = 3
MEMORY_MIB = 256  # that `Signatures` may take at once


class Replicates:
    """Made-up profiles; they repeat after the first 16,384, in other signatures than before."""

    gene_ids = gene_ids()[:LANDMARKS].astype(str).astype(object)

    def __init__(self) -> None:
        self._values = np.random.default_rng(0).standard_normal((1 << 14, LANDMARKS), dtype=np.float32)

    def rows(self, wanted: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return the profiles at positions (n,), shape (n, 978)."""
        return self._values[wanted % len(self._values)]


def main(n: int) -> None:
    """Compute n signatures."""
    names = np.array([f"signature {number}" for number in range(n)], dtype=object)
    groups = Groups(names, np.arange(REPLICATES * n), np.arange(0, REPLICATES * n + 1, REPLICATES))
    signatures = Signatures(Replicates(), groups, MEMORY_MIB)

    def work() -> None:
        made = sum(len(block.values) for block in signatures.blocks())
        if made != n:
            raise SystemExit(f"{made} signatures were made, and not {n}")

    answer(work, ("numpy",))


if __name__ == "__main__":
    main(int(sys.argv[1]))
