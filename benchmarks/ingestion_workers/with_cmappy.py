"""cmapPy: `python -W ignore -m ingestion_workers.with_cmappy JOB…`.

Places spare it looking up the ids and are its fastest way; picking from the whole file, or from whole rows, is slower.
"""

from __future__ import annotations

import sys

import numpy as np
from cmapPy.pandasGEXpress.parse_gctx import parse
from numpy.typing import NDArray

from ingestion_workers.selection import Job
from ingestion_workers.worker import answer


def main(job: Job) -> None:
    """Read into one array."""
    genes, samples = job.genes.tolist(), None if job.samples is None else job.samples.tolist()

    def work() -> NDArray[np.float32]:
        values: NDArray[np.float32] = parse(str(job.path), ridx=genes, cidx=samples).data_df.to_numpy().T
        return values

    answer(work, ("cmapPy", "h5py", "numpy", "pandas"))


if __name__ == "__main__":
    main(Job.of(sys.argv[1:]))
