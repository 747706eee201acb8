"""Streaming to Parquet: from files of growing size, from gzipped files, and from memory."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from ingestion_workers.files import GEO, ids_are_after, pack, write_file
from ingestion_workers.runs import Program, Run, ratio, remember, seconds_of
from ingestion_workers.selection import LANDMARKS, Job


class Packed(NamedTuple):
    """What came of the gzipped files.

    Attributes:
        turns: Per place of the ids, the seconds of `ours` and `gzip` in every round.
        peak_mib: The highest peak of ours.
        share: Of the unpacked size that the packed file has.
    """

    turns: dict[str, dict[str, list[float]]]
    peak_mib: float
    share: float


def measure_sizes(folder: Path, programs: Mapping[str, Program], sizes: list[int]) -> dict[int, dict[str, Run]]:
    """Read the leading genes of GEO's layout at every size, once each: ours to Parquet, the peers into an array."""
    found: dict[int, dict[str, Run]] = {}
    for n_samples in sizes:
        job = Job(folder / "sizes.gctx", n_samples, "leading", "all")
        write_file(job.path, n_samples, GEO)
        remember(job.path)
        target = str(folder / "sizes.parquet")
        found[n_samples] = {
            "ours": programs["to_parquet"].run(target, *job.arguments),
            **{name: programs[name].run(*job.arguments) for name in ("cmappy", "h5py")},
            "cat": Run(seconds_of("cat", str(job.path)), 0.0, None, {}),
        }
        job.path.unlink()
    return found


def measure_packed(folder: Path, ours: Program, n_samples: int, rounds: int) -> Packed:
    """Take a gzipped file to Parquet and unpack it with gzip to nowhere, in turns."""
    paths = {name: folder / f"ids_{name}.gctx" for name in ("before", "after")}
    for name, path in paths.items():
        write_file(path, n_samples, GEO, ids_after=name == "after")
        if ids_are_after(path) != (name == "after"):
            raise SystemExit(f"{path} has its ids at the wrong end")
    unpacked = paths["before"].stat().st_size
    packed = dict(zip(paths, pack(list(paths.values())), strict=True))
    for path in paths.values():
        path.unlink()
    turns: dict[str, dict[str, list[float]]] = {name: {"ours": [], "gzip": []} for name in packed}
    peak = 0.0
    for _ in range(rounds):
        for name, path in packed.items():
            job = Job(path, n_samples, "leading", "all")
            remember(path)
            run = ours.run(str(folder / "packed.parquet"), *job.arguments)
            peak = max(peak, run.peak_mib)
            turns[name]["ours"].append(run.seconds)
            turns[name]["gzip"].append(seconds_of("gzip", "-dc", str(path)))
    return Packed(turns, peak, packed["before"].stat().st_size / unpacked)


def parquet_mb_s(folder: Path, ours: Program, n_samples: int, rounds: int) -> float:
    """Return the median speed at which profiles of 978 genes that are in memory become Parquet, in MB/s."""
    runs = [ours.run(str(folder / "memory.parquet"), str(n_samples)) for _ in range(rounds)]
    return n_samples * LANDMARKS * 4 / 1e6 / statistics.median(run.seconds for run in runs)


def packed_ratios(packed: Packed) -> dict[str, float]:
    """Return gzip's time over ours: the worse of the two places of the ids, then both."""
    single = {f"gzip_dc_ids_{name}": ratio(turns["gzip"], turns["ours"]) for name, turns in packed.turns.items()}
    return {"gzip_dc": min(single.values()), **single}


def print_streams(sizes: Mapping[int, Mapping[str, Run]], packed: Packed) -> None:
    """Print tables of the growing sizes and of the gzipped files."""
    print("\n978 leading genes of growing files, once each: seconds and peak MiB (ours to Parquet, peers to an array)")
    print(f"{'samples':>9} {'ours':>14} {'cmapPy':>14} {'h5py':>14} {'cat':>7}")
    for n_samples, runs in sizes.items():
        cells = " ".join(f"{runs[name].seconds:6.2f} {runs[name].peak_mib:7.0f}" for name in ("ours", "cmappy", "h5py"))
        print(f"{n_samples:9,} {cells} {runs['cat'].seconds:7.2f}")
    print(
        f"\n.gctx.gz to Parquet, packed to {packed.share:.2f}, median seconds; ours peaks at {packed.peak_mib:.0f} MiB"
    )
    for name, turns in packed.turns.items():
        medians = {program: statistics.median(seconds) for program, seconds in turns.items()}
        print(f"ids {name:7} ours {medians['ours']:6.2f}  gzip -dc {medians['gzip']:6.2f}")
