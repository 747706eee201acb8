"""Ours, from a file to Parquet as it is read: `python -m ingestion_workers.to_parquet FOLDER JOB…`."""

from __future__ import annotations

import sys
from pathlib import Path

from ingestion_workers.selection import Job, gene_ids
from ingestion_workers.worker import answer
from l1000_bench.io.gctx import open_matrix
from l1000_bench.io.part_writer import write_profiles
from l1000_bench.io.parts import Block, ProfileStream


def main(folder: Path, job: Job) -> None:
    """Write the job's genes of all samples."""
    genes = gene_ids()[job.genes].astype(str).astype(object)

    def work() -> None:
        blocks = (Block(ids, values) for ids, values in open_matrix(job.path).blocks(genes=genes))
        write_profiles(ProfileStream(genes, blocks), folder)

    answer(work, ("pyarrow",))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Job.of(sys.argv[2:]))
