"""A small benchmark to export, with everything odd that a real one may hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l1000_bench.curation.label_text import class_labels
from l1000_bench.curation.schemes import stratified
from l1000_bench.curation.splits import SplitRequest, split_digest
from l1000_bench.io.export.benchmark import ExportedBenchmark
from l1000_bench.io.part_writer import write_profiles
from l1000_bench.io.parts import Block, Profiles, ProfileStream

N, GENES = 40, [str(gene) for gene in (780, 5982, 16, 23)]


def samples() -> pd.DataFrame:
    """Samples with missing text, numbers and truth values; the last five have no label."""
    rng = np.random.default_rng(3)
    text = {
        "sample_id": [f"plate:{number:03d}" for number in range(N)],
        "cell_id": [["A375", "VCAP"][number % 2] for number in range(N)],
        "pert_iname": ["NA", "é, µ", None, 'say "so"'] * (N // 4),
        "subject_id": [None] * N,
        "moa": [["a|b", "NA", "c"][number % 3] if number < N - 5 else None for number in range(N)],
    }
    frame = pd.DataFrame(text).astype("str")
    dose = np.where(rng.random(N) < 0.2, np.nan, rng.choice([0.1, 10.0], N))
    passed = pd.array([True, False, None, True] * (N // 4), dtype="boolean")
    frame["own/kept"] = frame["cell_id"]
    return frame.assign(dose=dose, qc_pass=passed)


def values() -> NDArray[np.float32]:
    return np.random.default_rng(4).normal(size=(N, len(GENES))).astype(np.float32)


def benchmark(folder: Path) -> ExportedBenchmark:
    """Store the profiles in parts of seven, and return the benchmark."""
    table, matrix = samples(), values()
    ids = table["sample_id"].to_numpy(dtype=object)
    stream = ProfileStream(np.array(GENES, dtype=object), [Block(ids, matrix)])
    write_profiles(stream, folder / "profiles", rows_per_part=7)
    split = stratified(SplitRequest(table, "moa", ["cell_id", "moa"], "full.moa"), n_folds=3, seed=1)
    return ExportedBenchmark(
        dataset="full",
        task="moa",
        environment="test",
        title="Full view: Mechanism of action",
        corpus="A made-up corpus.",
        protocol="Folds, rotated.",
        profiles=Profiles(folder / "profiles"),
        samples=table.assign(y_true=class_labels(table, "moa")),
        labels=class_labels(table, "moa").dropna(),
        split=split,
        split_sha256=split_digest(split),
        genes=pd.DataFrame({"gene_id": GENES, "symbol": ["DDR1", "RFC2", None, "AARS"]}).astype("str"),
    )
