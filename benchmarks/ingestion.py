"""Time and peak memory of streaming a GCTX file to Parquet, against h5py with pandas.

    python benchmarks/ingestion.py [--samples 200000] [--genes 1200] [--runs 5]

Makes one file in GEO's layout in a temporary folder, then runs ours and the peer in turn, each run in a process of its
own. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l1000_bench.io.gctx import open_matrix
from l1000_bench.io.gctx_writer import write_gctx_blocks
from l1000_bench.io.parts import Block, ProfileStream, write_profiles

LANDMARKS = 978
BLOCK = 4096


def make_file(path: Path, n_samples: int, n_genes: int) -> None:
    """Write a GCTX file of standard normal float32 values, block by block."""
    rng = np.random.default_rng(0)

    def blocks() -> Iterator[NDArray[np.float32]]:
        for start in range(0, n_samples, BLOCK):
            yield rng.standard_normal((min(BLOCK, n_samples - start), n_genes), dtype=np.float32)

    sample_ids = np.array([f"PLATE{i // 384:05d}_X1:{i % 384:03d}" for i in range(n_samples)], dtype=object)
    gene_ids = np.array([str(gene) for gene in rng.permutation(60_000)[:n_genes]], dtype=object)
    write_gctx_blocks(path, blocks(), sample_ids, gene_ids)


def stream(path: Path, out: Path) -> None:
    """Ours: landmarks of every sample to Parquet parts."""
    matrix = open_matrix(path)
    genes = list(matrix.gene_ids[:: max(1, matrix.n_genes // LANDMARKS)][:LANDMARKS])
    blocks = (Block(ids, values) for ids, values in matrix.blocks(genes=genes))
    write_profiles(ProfileStream(np.array(genes, dtype=object), blocks), out)


def with_pandas(path: Path, out: Path) -> None:
    """The peer: read the whole matrix with h5py, write its landmarks as one Parquet file with pandas."""
    with h5py.File(path) as file:
        genes = file["/0/META/ROW/id"][:].astype(str)
        values = file["/0/DATA/0/matrix"][:]
        sample_ids = file["/0/META/COL/id"][:].astype(str)
    columns = np.arange(len(genes))[:: max(1, len(genes) // LANDMARKS)][:LANDMARKS]
    frame = pd.DataFrame(values[:, columns], index=sample_ids, columns=genes[columns])
    frame.to_parquet(out, compression=None)


def measure(task: Callable[[Path, Path], None], path: Path, out: Path) -> tuple[float, float]:
    """Run a task in a fresh process.

    Returns:
        Its seconds, and the peak of its resident memory in MiB.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_timed, args=(task, path, out, sender))
    process.start()
    sender.close()  # so that a child that fails ends the wait
    seconds, peak = receiver.recv()
    process.join()
    return float(seconds), float(peak)


def _timed(task: Callable[[Path, Path], None], path: Path, out: Path, sender: object) -> None:
    started = time.perf_counter()
    task(path, out)
    seconds = time.perf_counter() - started
    sender.send((seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))  # type: ignore[attr-defined]


def main() -> None:
    """Measure, print a table, and the JSON object on the last line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=200_000)
    parser.add_argument("--genes", type=int, default=1200)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    results: dict[str, list[tuple[float, float]]] = {"stream": [], "with_pandas": []}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.gctx"
        make_file(path, options.samples, options.genes)
        for run in range(options.runs):
            for task in (stream, with_pandas):
                results[task.__name__].append(measure(task, path, Path(folder) / f"{task.__name__}{run}"))
    report(results, options.samples)


def report(results: dict[str, list[tuple[float, float]]], n_samples: int) -> None:
    """Print the medians."""
    seconds = {name: statistics.median(s for s, _ in runs) for name, runs in results.items()}
    peak = {name: max(p for _, p in runs) for name, runs in results.items()}
    for name in results:
        print(f"{name:14} {seconds[name]:7.2f} s (median)  {peak[name]:7.0f} MiB (worst peak)")
    figures = {
        "peak_mib": round(peak["stream"]),
        "parquet_mb_s": round(n_samples * LANDMARKS * 4 / 1e6 / seconds["stream"]),
    }
    ratios = {"h5py_pandas": round(seconds["with_pandas"] / seconds["stream"], 3)}
    versions = {package: version(package) for package in ("h5py", "numpy", "pandas", "pyarrow")}
    print(json.dumps({"name": "ingestion", "ratios": ratios, "figures": figures, "versions": versions}))


if __name__ == "__main__":
    main()
