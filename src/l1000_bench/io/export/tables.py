"""The tables of an exported benchmark: Parquet, and the template of a submission as CSV."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from l1000_bench.io.export.benchmark import TEMPLATE, ExportedBenchmark
from l1000_bench.io.parts import Profiles
from l1000_bench.io.submission_file import COLUMNS, ROLES


def write_tables(benchmark: ExportedBenchmark, folder: Path) -> None:
    """Write profiles, samples, split and genes, and the template."""
    split = benchmark.split.astype({"sample_id": "str", "role": "str"})
    _write_profiles(benchmark.profiles, folder / "profiles.parquet")
    benchmark.samples.to_parquet(folder / "samples.parquet", index=False)
    split.to_parquet(folder / "split.parquet", index=False)
    benchmark.genes.to_parquet(folder / "genes.parquet", index=False)
    template = template_of(split, benchmark.split_sha256)
    template.to_csv(folder / TEMPLATE, index=False, lineterminator="\n")


def template_of(split: pd.DataFrame, split_sha256: str) -> pd.DataFrame:
    """Return what a method has to predict: a row per rotation and held-out sample, with y_pred to be filled in.

    Args:
        split: rotation, sample_id, role.
        split_sha256: Its SHA-256.
    """
    held_out = split[split["role"].isin(ROLES)].assign(y_pred="", split_sha256=split_sha256)
    return held_out[list(COLUMNS)]


def _write_profiles(profiles: Profiles, path: Path) -> None:
    """Write the profiles in one file, block by block."""
    schema = pa.schema([("sample_id", pa.string()), *((str(gene), pa.float32()) for gene in profiles.gene_ids)])
    with pq.ParquetWriter(path, schema, compression="none", use_dictionary=False) as writer:
        for block in profiles.blocks():
            columns = np.ascontiguousarray(block.values.T)  # (n_genes, n): Arrow wants a gene's values together
            arrays = [pa.array(block.sample_ids, type=pa.string()), *(pa.array(column) for column in columns)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
