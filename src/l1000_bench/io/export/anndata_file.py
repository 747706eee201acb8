"""An exported benchmark as AnnData (Virshup et al. 2024), in the file format h5ad."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pandas as pd

from l1000_bench.io.export.benchmark import TERMS, ExportedBenchmark


def write_anndata(benchmark: ExportedBenchmark, path: Path) -> None:
    """Write all but the profiles through anndata, then the profiles, block by block.

    X is (n_samples, n_genes) float32; `obs` holds the samples, y_true and `role_0`, `role_1`, … of the rotations.
    """
    from anndata import AnnData  # noqa: PLC0415  # takes a second, which no other command should pay

    uns = {
        "dataset": benchmark.dataset, "task": benchmark.task, "title": benchmark.title, "corpus": benchmark.corpus,
        "protocol": benchmark.protocol, "split_sha256": benchmark.split_sha256, "terms": TERMS,
    }  # fmt: skip
    AnnData(obs=_samples(benchmark), var=_plain(benchmark.genes, "gene_id"), uns=uns).write_h5ad(path)
    shape = (len(benchmark.profiles), len(benchmark.genes))
    with h5py.File(path, "r+") as file:
        values = file.create_dataset("X", shape, dtype=np.float32, track_times=False)
        values.attrs.update({"encoding-type": "array", "encoding-version": "0.2.0"})
        start = 0
        for block in benchmark.profiles.blocks():
            values[start : start + len(block.values)] = block.values
            start += len(block.values)


def _samples(benchmark: ExportedBenchmark) -> pd.DataFrame:
    samples = _plain(benchmark.samples, "sample_id")
    roles = {}
    for rotation, rows in benchmark.split.groupby("rotation"):
        role = pd.Series(rows["role"].to_numpy(dtype=object), rows["sample_id"].to_numpy(dtype=object))
        roles[f"role_{rotation}"] = _categories(role.reindex(samples.index))
    return samples.assign(**roles)


def _plain(frame: pd.DataFrame, index: str) -> pd.DataFrame:
    """Return a frame that anndata can write: text is categories of objects, not Arrow's, and no name has a slash."""
    ids = pd.Index(frame[index].to_numpy(dtype=object), dtype=object, name=index)
    columns = frame.drop(columns=index).set_axis(ids).rename(columns=lambda name: str(name).replace("/", "_"))
    # True and false count as numbers.
    text = [str(name) for name, column in columns.items() if not pd.api.types.is_numeric_dtype(column)]
    return columns.assign(**{name: _categories(columns[name]) for name in text})


def _categories(column: pd.Series) -> pd.Categorical:
    values = column.to_numpy(dtype=object)
    return pd.Categorical(values, pd.Index(sorted(column.dropna().unique()), dtype=object))
