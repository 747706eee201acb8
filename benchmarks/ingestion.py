"""Reading GCTX: time and peak memory of ours, of cmapPy, of h5py read plainly and of reading the bytes.

    python benchmarks/ingestion.py [--samples 40000] [--rounds 5] [--folder FOLDER] [--quick]

Makes files of 12,328 genes in the layouts that are met: `contiguous`, as cmapPy writes; `rows`, chunks of 21 whole
rows, as cmapM and so GEO's files; `tiles`, chunks of 262 x 1,000, as cmapR. Read are 978 genes, the leading ones as in
GSE92742 or ones scattered over the file, of `all` samples or of a `part`, a fifth of them, into one array: ours by ids
with `open_matrix`; cmapPy by places, its fastest way; h5py in blocks of whole rows. All must read the same values.

Every measured run is a process of its own. Its clock runs inside it, after the imports, from before the file is opened
until the array is filled, ids included; the peak of its memory is that of its whole life. `cat` and `gzip -dc` are
timed from outside, with their start. Warm: the file was read just before; cold: it was put out of the page cache. The
programs take turns; a ratio is the median over the rounds of the peer's time over ours, and the worst and the geometric
mean are those over the layouts for the leading genes of a part of the samples.

Then: profiles of files of growing size to Parquet, once each, for the memory; gzipped files to Parquet against
`gzip -dc`, with the ids before and after the matrix; profiles in memory to Parquet; MODZ. cmapPy's environment is made
in `.venv-bench`, once. The files lie in a temporary folder, in `--folder` or where TMPDIR says, that is removed at the
end; it takes up to 9 GB. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from ingestion_workers.reads import measure_reads, print_reads, ratios
from ingestion_workers.runs import BENCHMARKS, Program
from ingestion_workers.streams import measure_packed, measure_sizes, packed_ratios, parquet_mb_s, print_streams
from peers import environment


class Scale(NamedTuple):
    """How much is measured: samples of a file of each kind, and rounds."""

    samples: int
    rounds: int
    sizes: list[int]
    packed: int
    in_memory: int
    signatures: int


FULL = Scale(40_000, 5, [10_000, 40_000, 160_000], 12_000, 160_000, 150_000)
QUICK = Scale(2_000, 2, [1_000, 2_000, 4_000], 1_000, 20_000, 2_000)


def programs() -> dict[str, Program]:
    """Return ours and the peers, whose environment is installed where it is missing."""
    own = Path(sys.executable)
    theirs = environment(BENCHMARKS / "ingestion_workers" / "cmappy.txt", "ingestion-cmappy")
    return {
        "ours": Program(own, "ours"),
        "to_parquet": Program(own, "to_parquet"),
        "memory_to_parquet": Program(own, "memory_to_parquet"),
        "signatures": Program(own, "signatures"),
        "cmappy": Program(theirs, "with_cmappy"),
        "h5py": Program(own, "with_h5py"),
    }


def measure(folder: Path, scale: Scale) -> None:
    """Measure, print tables, and the JSON object on the last line."""
    every = programs()
    readers = {name: every[name] for name in ("ours", "cmappy", "h5py")}
    reads, versions = measure_reads(folder, readers, scale.samples, scale.rounds)
    print_reads(reads, scale.samples)
    sizes = measure_sizes(folder, every, scale.sizes)
    packed = measure_packed(folder, every["to_parquet"], scale.packed, scale.rounds)
    print_streams(sizes, packed)
    speed = parquet_mb_s(folder, every["memory_to_parquet"], scale.in_memory, scale.rounds)
    print(f"\nprofiles in memory to Parquet: {speed:.0f} MB/s")
    modz = every["signatures"].run(str(scale.signatures))
    print(f"MODZ of {scale.signatures:,} signatures of 3 replicates: {modz.seconds:.1f} s, {modz.peak_mib:.0f} MiB")
    versions |= sizes[scale.sizes[0]]["ours"].versions
    ours = [runs["ours"].peak_mib for runs in sizes.values()]
    figures = {
        "peak_mib": round(max(*ours, packed.peak_mib)),
        "peak_growth": round(ours[-1] / ours[0], 3),
        "parquet_mb_s": round(speed),
        **{f"{name}_peak_mib_{n}": round(runs[name].peak_mib) for n, runs in sizes.items() for name in readers},
        **{f"{name}_seconds_{n}": round(run.seconds, 3) for n, runs in sizes.items() for name, run in runs.items()},
        "modz_seconds": round(modz.seconds, 1),
        "packed_peak_mib": round(packed.peak_mib),
        "packed_share": round(packed.share, 3),
    }
    every_ratio = {**ratios(reads), **packed_ratios(packed)}
    print(json.dumps({"name": "ingestion", "ratios": every_ratio, "figures": figures, "versions": versions}))


def main() -> None:
    """Read the command line and measure in a temporary folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, help="of the files of all layouts")
    parser.add_argument("--rounds", type=int, help="in which the programs take turns")
    parser.add_argument("--folder", type=Path, help="for the files, which are removed")
    parser.add_argument("--quick", action="store_true", help="small files and few rounds, to try it out")
    options = parser.parse_args()
    scale = QUICK if options.quick else FULL
    chosen = {name: getattr(options, name) for name in ("samples", "rounds") if getattr(options, name)}
    if options.folder:
        options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        measure(Path(name), scale._replace(**chosen))


if __name__ == "__main__":
    main()
