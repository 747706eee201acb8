from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from curation_made import ANNOTATIONS, COMPOUNDS, NAN, corpus, dataset

from l1000_bench.curation.spec import SplitSpec, TaskSpec
from l1000_bench.errors import InputError
from l1000_bench.io.part_writer import write_profiles
from l1000_bench.io.parts import Block, Profiles, ProfileStream
from l1000_bench.pipelines.curation.nodes import curate, split

IDS = ["a", "b", "c", "d", "e", "f"]
VALUES = np.array(
    [[1, 2, 3], [4, NAN, 6], [7, 8, 9], [NAN, NAN, 12], [13, 14, 15], [NAN, 17, 18]], dtype=np.float32
)  # of these, f is dropped by the rule below whatever it lacks
SAMPLES = pd.DataFrame(
    {
        "sample_id": IDS,
        "cell_id": ["PC3", "PC3", "A549", "A549", "PC3", "A549"],
        "pert_id": ["B1", "B1", "B2", "B2", "DMSO", "G1"],
        "pert_iname": ["one", "one", "two", "two", "dmso", "gene"],
        "pert_type": ["trt_cp", "trt_cp", "trt_cp", "trt_cp", "ctl_vehicle", "trt_sh"],
        "inchi_key": [None] * 6,
    },
    dtype="str",
)


@pytest.fixture
def profiles(tmp_path: Path) -> Profiles:
    blocks = [Block(np.array(IDS[start : start + 2], dtype=object), VALUES[start : start + 2]) for start in (0, 2, 4)]
    write_profiles(ProfileStream(np.array(["780", "9", "1001"], dtype=object), blocks), tmp_path / "p")
    return Profiles(tmp_path / "p")


def curated(profiles: Profiles, **changes: Any) -> tuple[list[str], list[list[float]], pd.DataFrame, pd.DataFrame]:
    """The ids and values that are left, the samples and the audit."""
    stream, samples, audit = curate(profiles, SAMPLES, ANNOTATIONS, dataset(**changes), corpus())
    assert stream.gene_ids.tolist() == ["780", "9", "1001"]
    blocks = list(stream.blocks)
    ids = [str(sample_id) for block in blocks for sample_id in block.sample_ids]
    return ids, np.concatenate([block.values for block in blocks]).tolist(), samples, audit


def test_missing_values_are_refused(profiles: Profiles) -> None:
    message = r"datasets\.mine: 2 profiles lack 3 values of 2 landmark gene\(s\) \(780, 9\), the first is b; set"
    with pytest.raises(InputError, match=message):
        curated(profiles, missing_values="error")


def test_values_that_only_dropped_profiles_lack_are_not_refused(profiles: Profiles) -> None:
    complete = {"rule": "keep_values", "column": "sample_id", "values": ["a", "c", "e"]}
    ids, values, samples, audit = curated(profiles, rules=[complete], missing_values="error")
    assert ids == samples["sample_id"].tolist() == ["a", "c", "e"]
    assert values == [[1, 2, 3], [7, 8, 9], [13, 14, 15]]
    assert audit["why"].iloc[-1] == "no profile lacks a landmark value"


def test_exactly_the_profiles_that_lack_values_are_dropped(profiles: Profiles) -> None:
    ids, values, samples, audit = curated(profiles, missing_values="drop_profiles")
    assert ids == samples["sample_id"].tolist() == ["a", "c", "e"]
    assert samples.index.tolist() == [0, 1, 2]
    assert values == [[1, 2, 3], [7, 8, 9], [13, 14, 15]]
    assert audit["dropped"].tolist() == [0, 1, 2]


def test_missing_values_become_zero(profiles: Profiles) -> None:
    ids, values, samples, audit = curated(profiles, missing_values="impute_zero")
    assert ids == samples["sample_id"].tolist() == ["a", "b", "c", "d", "e"]
    assert values == [[1, 2, 3], [4, 0, 6], [7, 8, 9], [0, 0, 12], [13, 14, 15]]
    assert audit["dropped"].tolist() == [0, 1, 0]
    assert audit["why"].iloc[-1] == "2 profiles lack 3 values of 2 landmark gene(s) (780, 9), imputed by zero"


@pytest.mark.parametrize("missing_values", ["drop_profiles", "impute_zero"])
def test_the_audit_adds_up(profiles: Profiles, missing_values: str) -> None:
    rules = [COMPOUNDS, {"rule": "keep_values", "column": "cell_id", "values": ["PC3"]}]
    ids, _, _, audit = curated(profiles, rules=rules, missing_values=missing_values)
    assert audit["rule"].tolist() == [
        "moa_annotation", "keep_perturbations", "keep_values", f"missing_values: {missing_values}",
    ]  # fmt: skip
    last = 2 if missing_values == "drop_profiles" else 3
    assert audit["before"].tolist() == [6, 6, 5, 3]
    assert audit["after"].tolist() == [6, 5, 3, last]
    assert audit["dropped"].tolist() == [0, 1, 2, 3 - last]
    assert len(ids) == last


def test_samples_are_labelled(profiles: Profiles) -> None:
    _, _, samples, audit = curated(profiles, missing_values="impute_zero")
    assert samples["moa"].tolist() == ["x", "x", "y", "y", "DMSO"]
    assert samples["perturbagen"].tolist() == ["one", "one", "two", "two", "dmso"]
    assert (
        "by pert_id: 2, by InChIKey: 0, by name: 2, vehicle controls: 1, compounds without a known"
        in audit["why"].iloc[0]
    )


@pytest.mark.parametrize(
    ("rule", "missing_values", "words"),
    [
        ({"rule": "keep_values", "column": "cell_id", "values": ["HA1E"]}, "impute_zero", "keep_values left 0"),
        ({"rule": "keep_values", "column": "sample_id", "values": ["b", "d"]}, "drop_profiles", "drop_profiles left 0"),
    ],
)
def test_a_dataset_that_keeps_nothing_is_refused(
    profiles: Profiles, rule: dict[str, Any], missing_values: str, words: str
) -> None:
    message = rf"datasets\.mine: no profile is left after its rules \(moa_annotation left 6; .*{words}"
    with pytest.raises(InputError, match=message):
        curated(profiles, rules=[rule], missing_values=missing_values)


@pytest.mark.parametrize("samples", [SAMPLES.iloc[::-1], SAMPLES.iloc[:5]])
def test_profiles_of_other_samples_are_refused(profiles: Profiles, samples: pd.DataFrame) -> None:
    with pytest.raises(InputError, match=r"raw\.raw_samples differ; run the ingestion pipeline again"):
        curate(profiles, samples, ANNOTATIONS, dataset(missing_values="impute_zero"), corpus())


def test_values_beyond_the_clip_are_set_to_it_and_counted(profiles: Profiles) -> None:
    ids, values, _, audit = curated(profiles, missing_values="drop_profiles", clip=7.5)
    assert ids == ["a", "c", "e"]
    assert values == [[1, 2, 3], [7, 7.5, 7.5], [7.5, 7.5, 7.5]]
    assert audit["rule"].tolist()[-2:] == ["missing_values: drop_profiles", "clip: 7.5"]
    assert audit.iloc[-1, 1:].tolist() == [3, 0, 3, "5 values of 2 profiles lay beyond ±7.5 and were set to it"]


CURATED = pd.DataFrame(
    {
        "sample_id": [f"s{number}" for number in range(12)],
        "cell_id": ["PC3", "A549"] * 6,
        "moa": ["x", "y", "x", "y", "x", "y", "x", "y", "x", "y", "x", None],
    },
    dtype="str",
)
SCHEME = SplitSpec("stratified", "stratified", "Folds", {"n_folds": 3, "seed": 1})


def task(column: str) -> TaskSpec:
    return TaskSpec("mechanism", column, "Mechanism", "stratified")


@pytest.mark.parametrize(
    ("stratify_by", "column", "named"),
    [(["cell_id", "cel"], "moa", "cel"), (["dose"], "moa", "dose"), (["cell_id"], "mao", "mao")],
)
def test_a_column_that_the_samples_lack_is_named(stratify_by: list[str], column: str, named: str) -> None:
    message = rf"mine\.mechanism: the samples have no column '{named}', .*; they have sample_id, cell_id, moa\."
    with pytest.raises(InputError, match=message):
        split(CURATED, dataset(stratify_by=stratify_by), task(column), SCHEME)


def test_a_split_uses_every_labelled_sample_in_every_rotation() -> None:
    table = split(CURATED, dataset(stratify_by=["cell_id", "moa"]), task("moa"), SCHEME)
    counts = table.astype({"role": "str"}).groupby(["rotation", "role"]).size().unstack(fill_value=0)
    assert counts.index.tolist() == [0, 1, 2]
    # 6 samples of x and 5 of y over three folds; the one without a label is in none
    assert counts["unused"].tolist() == [1, 1, 1]
    assert (counts[["train", "dev", "test"]].sum(axis=1) == 11).all()
    assert set(table.loc[table["role"] == "unused", "sample_id"]) == {"s11"}
