"""Ingestion and curation at the height of GSE92742's compound profiles, with its real metadata and MOA table.

    L1000_SHARED=FOLDER python benchmarks/scale.py [--genes 978] [--folder FOLDER]

`data/scale/compound_sig_info.tsv.gz` of L1000_SHARED is the metadata of 148,418 compound signatures. Their 500,599
instances become an inst_info, and a matrix of that height with made-up values; sig_info, cell_info, gene_info and the
Repurposing Hub's tables of 2020 are real, pert_info has what is known, and sig_metrics is left out. A copy of this
project's configuration takes them through `kedro run --env=lincs`, once through the pipeline `ingestion` and once
through `curation`, each a process of its own; its seconds are those of the whole process. Classes are counted before
the rules of `lincs_full` and `lincs_prostate` and after them. The files lie in a temporary folder (in `--folder` or
where TMPDIR says) that is removed at the end: 7 GB, and 30 GB with all 12,328 genes. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import yaml
from peers import last_line

from l1000_bench.curation.labels import add_labels

BENCHMARKS = Path(__file__).parent
ROOT = BENCHMARKS.parent
CORPUS, VEHICLE, THRESHOLD = "gse92742", "DMSO", 1000
# No classifier of these needs a graph; ingestion and curation do not depend on them.
EXPERIMENTS = """benchmarks:
  lincs_full: [primary_site, subtype, moa]
  lincs_prostate: [moa]
classifiers: [majority]
"""


class Measured(NamedTuple):
    """Seconds and peak resident memory of a process."""

    seconds: float
    peak_mib: float


def make_project(folder: Path) -> Path:
    """Copy the project's configuration, with the experiments above, and return the corpus's entry."""
    shutil.copytree(ROOT / "conf", folder / "conf", ignore=shutil.ignore_patterns("local"))
    (folder / "conf" / "local").mkdir()
    (folder / "src").mkdir()  # Kedro looks for it; the package itself is the installed one
    for name in ("pyproject.toml", ".telemetry"):
        shutil.copy(ROOT / name, folder / name)
    (folder / "conf" / "base" / "experiments.yml").write_text(EXPERIMENTS)
    path = folder / "conf" / "base" / "parameters" / "corpora" / f"{CORPUS}.yml"
    entry = yaml.safe_load(path.read_text())
    del entry["corpora"][CORPUS]["files"]["sig_metrics"]
    del entry["corpora"][CORPUS]["download"]  # would fetch it
    path.write_text(yaml.safe_dump(entry))
    return path


def run(folder: Path, module: str, arguments: list[str], corpus: Path) -> str:
    """Run a module of `scale_workers` in a folder and return its last line.

    Raises:
        SystemExit: If it fails.
    """
    variables = {**os.environ, "PYTHONPATH": str(BENCHMARKS), "L1000_CORPUS": str(corpus), "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, "-m", f"scale_workers.{module}", *arguments]
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{module} {' '.join(arguments)} failed: {last_line(done.stderr)}")
    return (done.stdout.splitlines() or [""])[-1]


def count(folder: Path) -> dict[str, int]:
    """Count profiles and classes, before the datasets' rules and after them."""
    raw = folder / "data" / "02_intermediate" / "lincs" / CORPUS
    annotations = pd.read_parquet(raw / "annotations.parquet")
    labelled, _ = add_labels(pd.read_parquet(raw / "raw_samples.parquet"), annotations, VEHICLE)
    moa = labelled["moa"].dropna()
    sizes = moa[~moa.str.contains("|", regex=False)].value_counts()
    counts = {
        "profiles": len(labelled),
        "profiles_with_moa": len(moa),
        "moa_classes": len(sizes),
        f"moa_classes_of_{THRESHOLD}": int((sizes >= THRESHOLD).sum()),
    }
    for dataset in ("lincs_full", "lincs_prostate"):
        stored = folder / "data" / "03_primary" / "lincs" / dataset
        samples = pd.read_parquet(stored / "samples.parquet")
        counts |= {f"{dataset}_profiles": len(samples), f"{dataset}_moa_classes": samples["moa"].nunique()}
        print(f"\n{dataset}:")
        for row in pd.read_parquet(stored / "audit.parquet").itertuples():
            print(f"  {row.rule:32} {row.before:9,} -> {row.after:9,}")
    counts |= {
        "lincs_full_sites": pd.read_parquet(stored.parent / "lincs_full" / "samples.parquet")["primary_site"].nunique()
    }
    return counts


def measure(shared: Path, folder: Path, n_genes: int) -> None:
    """Make the corpus, run the pipelines, print a table and the JSON object on the last line."""
    project, corpus = folder / "project", folder / "corpus"
    project.mkdir()
    corpus.mkdir()
    entry = make_project(project)
    started = time.perf_counter()
    run(folder, "corpus", [str(shared), str(entry), str(corpus), str(n_genes)], corpus)
    print(f"making the corpus took {time.perf_counter() - started:.0f} s")
    figures: dict[str, float] = {"genes": n_genes}
    for pipeline in ("ingestion", "curation"):
        arguments = ["run", "--env=lincs", f"--pipelines={pipeline}"]
        measured = Measured(*json.loads(run(project, "kedro_process", arguments, corpus)))
        print(f"{pipeline:10} {measured.seconds:6.1f} s  {measured.peak_mib:6.0f} MiB")
        figures |= {
            f"{pipeline}_seconds": round(measured.seconds, 1),
            f"{pipeline}_peak_mib": round(measured.peak_mib),
        }
    counts = count(project)
    print()
    for name, number in counts.items():
        print(f"{name:28} {number:9,}")
    versions = {package: version(package) for package in ("h5py", "kedro", "numpy", "pandas", "pyarrow")}
    print(json.dumps({"name": "scale", "ratios": {}, "figures": {**figures, **counts}, "versions": versions}))


def main() -> None:
    """Read the command line and measure in a temporary folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--genes", type=int, default=978, help="of the matrix: 978 to 12,328")
    parser.add_argument("--folder", type=Path, help="for the files, which are removed")
    options = parser.parse_args()
    shared = os.environ.get("L1000_SHARED")
    if not shared:
        raise SystemExit(
            "This benchmark needs the real metadata: set L1000_SHARED to the folder that holds data/scale."
        )
    if options.folder:
        options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        measure(Path(shared).resolve(), Path(name).resolve(), options.genes)


if __name__ == "__main__":
    main()
