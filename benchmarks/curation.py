"""Peak memory of curating a corpus of GSE92742's height, from Parquet parts to Parquet parts.

    python benchmarks/curation.py [--samples 1300000]

Makes raw profiles and raw samples of that many rows, then runs the curation node with the rules of `lincs_full` and
stores what it returns, in a process of its own. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l1000_bench.curation.spec import DatasetSpec
from l1000_bench.datasets.profiles_dataset import ProfilesDataset
from l1000_bench.datasets.table_dataset import TableDataset
from l1000_bench.io.corpus import GEO_ROLES, HUB_ROLES, CorpusSpec
from l1000_bench.io.parts import Block, ProfileStream
from l1000_bench.pipelines.curation.nodes import curate
from l1000_bench.schemas import RAW_SAMPLES, SAMPLES

LANDMARKS = 978
RULES: list[dict[str, Any]] = [
    {"rule": "keep_perturbations", "types": ["trt_cp"], "vehicle": "DMSO"},
    {"rule": "single_moa"},
    {"rule": "known_labels", "columns": ["primary_site", "subtype"]},
    {"rule": "class_threshold", "columns": ["moa", "primary_site", "subtype"], "more_than": 1000},
]


def sample_ids(n: int) -> NDArray[np.object_]:
    """Return ids as long as GEO's."""
    return np.array([f"CPC{i // 384:05d}_MCF7_24H_X1_B3_DUO52HI53LO:{i % 384:03d}" for i in range(n)], dtype=object)


def make_inputs(folder: Path, n: int) -> None:
    """Write raw profiles, raw samples and annotations of n samples."""
    rng = np.random.default_rng(0)
    ids = sample_ids(n)
    values = rng.standard_normal((8192, LANDMARKS), dtype=np.float32)

    def blocks() -> Iterator[Block]:
        for start in range(0, n, len(values)):
            part = ids[start : start + len(values)]
            yield Block(part, values[: len(part)])

    genes = np.array([str(gene) for gene in range(LANDMARKS)], dtype=object)
    ProfilesDataset(str(folder / "raw_profiles")).save(ProfileStream(genes, blocks()))
    compounds, cells = rng.integers(0, 20_000, n), rng.integers(0, 70, n)
    text = {
        "plate_id": [identifier.partition(":")[0] for identifier in ids],
        "plate_set": [identifier.partition("_X1")[0] for identifier in ids],
        "well": [identifier.partition(":")[2] for identifier in ids],
        "cell_id": [f"CELL{cell}" for cell in cells],
        "pert_id": [f"BRD-K{compound:08d}" for compound in compounds],
        "pert_iname": [f"compound-{compound}" for compound in compounds],
        "pert_type": rng.choice(["trt_cp", "trt_sh", "ctl_vehicle"], n, p=[0.6, 0.3, 0.1]),
        "primary_site": [f"site {cell % 12}" for cell in cells],
        "subtype": [f"subtype {cell % 20}" for cell in cells],
        "inchi_key": [f"KEY{compound:024d}" for compound in compounds],
    }
    units = {"dose_unit": "um", "time_unit": "h"}
    unknown: dict[str, Any] = {"sig_id": None, "subject_id": None, "qc_pass": pd.NA, "distil_cc": np.nan, "tas": np.nan}
    samples = pd.DataFrame({"sample_id": ids, **text, "dose": 10.0, "time": 24.0, **units, **unknown}).astype(
        {"sig_id": "str", "subject_id": "str", "qc_pass": "boolean"}
    )
    TableDataset(str(folder / "raw_samples.parquet")).save(samples)
    keys = [f"BRD-K{compound:08d}" for compound in range(0, 20_000, 4)]
    moa = [f"mechanism {number % 60}" for number in range(len(keys))]
    TableDataset(str(folder / "annotations.parquet")).save(
        pd.DataFrame({"matched_by": "pert_id", "key": keys, "moa": moa})
    )


def run(folder: Path) -> None:
    """Load, curate, store; print seconds, peak MiB and the number of curated profiles."""
    started = time.perf_counter()
    dataset = DatasetSpec("lincs_full", "made", "Made", RULES, ["cell_id", "moa"])
    files = dict.fromkeys((*GEO_ROLES, *HUB_ROLES), "made")
    corpus = CorpusSpec("made", "Made", "synthetic", str(folder), files, "")
    profiles, samples, audit = curate(
        ProfilesDataset(str(folder / "raw_profiles")).load(),
        RAW_SAMPLES.validate(TableDataset(str(folder / "raw_samples.parquet")).load()),
        TableDataset(str(folder / "annotations.parquet")).load(),
        dataset,
        corpus,
    )
    ProfilesDataset(str(folder / "profiles")).save(profiles)
    TableDataset(str(folder / "samples.parquet")).save(SAMPLES.validate(samples))
    TableDataset(str(folder / "audit.parquet")).save(audit)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([time.perf_counter() - started, peak, len(samples)]))


def main() -> None:
    """Make the inputs, measure in a child process, print a line and the JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=1_300_000)
    parser.add_argument("--run", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        run(options.run)
        return
    with tempfile.TemporaryDirectory() as name:
        make_inputs(Path(name), options.samples)
        command = [sys.executable, __file__, "--run", name]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    seconds, peak, kept = json.loads(done.stdout.splitlines()[-1])
    print(f"{options.samples:,} profiles curated to {kept:,} in {seconds:.0f} s at {peak:.0f} MiB")
    figures = {"peak_mib": round(peak), "seconds": round(seconds, 1), "samples": options.samples, "kept": kept}
    versions = {package: version(package) for package in ("numpy", "pandas", "pyarrow")}
    print(json.dumps({"name": "curation", "ratios": {}, "figures": figures, "versions": versions}))


if __name__ == "__main__":
    main()
