"""A made-up benchmark of ten samples in two rotations, and one of ninety in five."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from l1000_bench.curation.folds import rotate
from l1000_bench.curation.spec import DatasetSpec, SplitSpec, TaskSpec
from l1000_bench.io.part_writer import write_profiles
from l1000_bench.io.parts import Block, Profiles, ProfileStream
from l1000_bench.pipelines.evaluation.benchmark_nodes import score

DATASET = DatasetSpec("full", "made_up", "Full corpus", [], ["cell_id"])
TASK = TaskSpec("site", "site", "Primary site", "stratified")
SCHEME = SplitSpec("stratified", "stratified", "Two folds", {"n_folds": 3, "seed": 1}, "Folds are dealt per profile.")
# sample, cell line, site; the unlabelled ones would make PC3 and HA1E the most frequent cell lines
ROWS = [
    ("a", "VCAP", "prostate"), ("b", "VCAP", "prostate"), ("c", "VCAP", "prostate"), ("d", "A549", "lung"),
    ("e", "A549", "lung"), ("f", "A375", "skin"), ("g", "PC3", None), ("h", "PC3", None), ("i", "PC3", None),
    ("j", "PC3", None),
]  # fmt: skip
SAMPLES = pd.DataFrame(ROWS, columns=["sample_id", "cell_id", "site"], dtype="str")
ROLES = {0: ["dev", "test", "train", "dev", "test", "train"], 1: ["test", "dev", "train", "train", "dev", "test"]}
SPLIT = pd.DataFrame(
    [
        (rotation, sample_id, role)
        for rotation, roles in ROLES.items()
        for sample_id, role in zip("abcdefghij", [*roles, *["unused"] * 4], strict=True)
    ],
    columns=["rotation", "sample_id", "role"],
)
SITES = dict(zip(SAMPLES["sample_id"], SAMPLES["site"], strict=True))


def predictions() -> pd.DataFrame:
    """Every held-out sample, all of them said to be of the prostate."""
    held_out = SPLIT[SPLIT["role"].isin(["dev", "test"])].reset_index(drop=True)
    return held_out.assign(y_true=held_out["sample_id"].map(SITES).astype("str"), y_pred="prostate")


def scored(table: pd.DataFrame, name: str = "predictions:knn") -> pd.DataFrame:
    tables: dict[str, Any] = {name: table}
    return score(SPLIT, SAMPLES, DATASET, TASK, {}, **tables)[0]


def stored_profiles(folder: Path) -> Profiles:
    """Profiles of three genes of every sample of the small benchmark."""
    genes = np.array(["780", "9", "1001"], dtype=object)
    values = np.zeros((len(ROWS), 3), dtype=np.float32)
    ids = SAMPLES["sample_id"].to_numpy(dtype=object)
    write_profiles(ProfileStream(genes, [Block(ids, values)]), folder)
    return Profiles(folder)


N = 90
RNG = np.random.default_rng(11)
MANY = pd.DataFrame(
    {
        "sample_id": [f"s{number:02d}" for number in range(N)],
        "plate_id": [f"P{number % 9}" for number in range(N)],
        "plate_set": [f"P{number % 3}" for number in range(N)],
        "well": [f"A{number}" for number in range(N)],
        "sig_id": [f"sig{number % 30:02d}" for number in range(N)],
        "pert_id": [f"BRD{number % 30}" for number in range(N)],
        "pert_iname": [f"Compound {number % 30}" for number in range(N)],
        "inchi_key": None,
        "pert_type": "trt_cp",
        "cell_id": [["A375", "VCAP"][number % 2] for number in range(N)],
        "site": RNG.choice(["lung", "skin", "prostate"], 30)[np.arange(N) % 30],
    }
).astype("str")
FOLDS = np.arange(N) % 30 % 5  # by signature
MANY_SPLIT = rotate(MANY["sample_id"].to_numpy(dtype=object), FOLDS, 5)


def guessed(samples: pd.DataFrame, split: pd.DataFrame, skill: float, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    held_out = split[split["role"].isin(["dev", "test"])].reset_index(drop=True)
    held_out = held_out.astype({"sample_id": "str", "role": "str"})
    true = held_out["sample_id"].map(samples.set_index("sample_id")["site"])
    guess = rng.choice(["lung", "skin", "prostate"], len(held_out))
    return held_out.assign(y_true=true, y_pred=np.where(rng.uniform(size=len(held_out)) < skill, true, guess))


def many_scores(
    samples: pd.DataFrame = MANY, split: pd.DataFrame = MANY_SPLIT
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    tables: dict[str, Any] = {
        "predictions:knn": guessed(samples, split, 0.7, 1), "predictions:svm": guessed(samples, split, 0.3, 2),
        "predictions:truth": guessed(samples, split, 1.1, 3),
    }  # fmt: skip
    return score(split, samples, DATASET, TASK, {}, **tables)
