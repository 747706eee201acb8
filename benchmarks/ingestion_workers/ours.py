"""Ours, read into an array: `python -m ingestion_workers.ours JOB…`."""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import NDArray

from ingestion_workers.selection import Job, gene_ids, sample_ids
from ingestion_workers.worker import answer
from l1000_bench.io.gctx import open_matrix


def main(job: Job) -> None:
    """Read into one array."""
    genes = gene_ids()[job.genes].astype(str).tolist()
    samples = None if job.samples is None else sample_ids(job.n_samples)[job.samples].astype(str).tolist()

    def work() -> NDArray[np.float32]:
        reader = open_matrix(job.path)
        values = np.empty((reader.n_samples if samples is None else len(samples), len(genes)), dtype=np.float32)
        filled = 0
        for ids, block in reader.blocks(genes=genes, samples=samples):
            values[filled : filled + len(ids)] = block
            filled += len(ids)
        return values

    answer(work, ("h5py", "numpy"))


if __name__ == "__main__":
    main(Job.of(sys.argv[1:]))
