"""h5py read plainly, in blocks of whole rows from which numpy takes: `python -m ingestion_workers.with_h5py JOB…`."""

from __future__ import annotations

import sys

import h5py
import numpy as np
from numpy.typing import NDArray

from ingestion_workers.selection import Job
from ingestion_workers.worker import answer

ROWS = 2048


def main(job: Job) -> None:
    """Read into one array."""
    genes = job.genes
    picked = job.samples
    samples = np.arange(job.n_samples) if picked is None else picked

    def work() -> NDArray[np.float32]:
        values = np.empty((len(samples), len(genes)), dtype=np.float32)
        with h5py.File(job.path) as file:
            for group in ("ROW", "COL"):
                file[f"/0/META/{group}/id"][:].astype(str)
            matrix = file["/0/DATA/0/matrix"]
            for start in range(0, job.n_samples, ROWS):
                first, last = np.searchsorted(samples, (start, start + ROWS))
                block = matrix[start : start + ROWS]
                rows = block if picked is None else block[samples[first:last] - start]
                values[first:last] = rows.take(genes, axis=1)
        return values

    answer(work, ("h5py",))


if __name__ == "__main__":
    main(Job.of(sys.argv[1:]))
