from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l1000_bench.curation.replicates import batches, differing, group_replicates, make_groups, signature_samples
from l1000_bench.errors import InputError

SAMPLES = pd.DataFrame(
    {
        "sample_id": ["s0", "s1", "s2", "s3", "s4", "s5"],
        "plate_id": ["P_X1", "P_X1", "P_X2", "P_X2", "Q_X1", "P_X3"],
        "plate_set": ["P", "P", "P", "P", "Q", "P"],
        "well": ["A01", "A02", "A02", "A01", "A01", "A02"],
        "pert_id": ["B1", "B2", "B2", "B1", "B1", None],
        "pert_type": ["trt_cp"] * 6,
        "cell_id": ["PC3"] * 6,
        "subtype": [None] * 6,
        "lot": ["l1", "l2", "l2", "l9", "l1", "l2"],
    },
    dtype="str",
).assign(
    dose=[1.0, 2.0, 2.0, 1.5, np.nan, np.nan], tas=np.nan, qc_pass=pd.array([True, None, False, True, None, False])
)


@given(
    names=st.lists(st.sampled_from(["x", "y", "z", None]), max_size=30),
    step=st.integers(1, 3),
    memory_rows=st.integers(0, 12),
)
def test_groups_are_what_a_dictionary_says(names: list[str | None], step: int, memory_rows: int) -> None:
    positions = np.arange(len(names)) * step
    expected: dict[str, list[int]] = {}
    for position, name in zip(positions, names, strict=True):
        if name is not None:
            expected.setdefault(name, []).append(int(position))
    groups = make_groups(pd.Series(names, dtype="str"), positions)
    assert list(groups.names) == list(expected)
    lists = [groups.members[start:stop].tolist() for start, stop in zip(groups.starts, groups.starts[1:], strict=False)]
    assert lists == list(expected.values())
    # one MiB holds this many rows, and as much again, of so many genes
    n_genes = (1 << 20) // (8 * memory_rows) if memory_rows else 1 << 20
    cut = list(batches(groups, n_genes, 1))
    assert [name for batch in cut for name in batch.names] == list(expected)
    assert [row for batch in cut for row in batch.members] == [row for rows in expected.values() for row in rows]
    assert all(len(batch.members) <= max(memory_rows, 1) or len(batch.names) == 1 for batch in cut)


def test_replicates_share_a_sig_id_where_there_are_any() -> None:
    samples = SAMPLES.assign(sig_id=pd.Series([None, "sig:b", "sig:b", "sig:a", None, "sig:a"], dtype="str"))
    groups, by = group_replicates(samples, np.array([0, 1, 2, 3, 5]), "here")
    assert by == "sig_id"
    assert groups.names.tolist() == ["sig:b", "sig:a"]
    assert groups.members.tolist() == [1, 2, 3, 5]
    assert groups.starts.tolist() == [0, 2, 4]


@pytest.mark.parametrize("extra", [{}, {"sig_id": pd.Series([None] * 6, dtype="str")}])
def test_replicates_share_plate_set_and_well_otherwise(extra: dict[str, Any]) -> None:
    groups, by = group_replicates(SAMPLES.assign(**extra), np.array([0, 1, 2, 3, 5]), "here")
    assert by == "plate_set and well"
    assert groups.names.tolist() == ["P:A01", "P:A02"]
    assert groups.members.tolist() == [0, 3, 1, 2, 5]


def test_samples_without_a_plate_set_are_in_no_group() -> None:
    samples = SAMPLES.assign(plate_set=SAMPLES["plate_set"].mask(SAMPLES["plate_set"] == "P"))
    groups, _ = group_replicates(samples, np.arange(6), "here")
    assert groups.names.tolist() == ["Q:A01"]


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        (SAMPLES.drop(columns="plate_set"), "here: level 5 needs to know which samples are replicates, .* a sig_info"),
        (SAMPLES.assign(plate_set=pd.Series([None] * 6, dtype="str")), "neither a sig_id nor both plate_set and well"),
        (
            SAMPLES.assign(plate_id="P_X1"),
            r"here: 2 well\(s\) of the plate 'P_X1' hold more than one sample \(A01, A02\), so two plates",
        ),
    ],
)
def test_samples_that_cannot_be_grouped_are_refused(samples: pd.DataFrame, message: str) -> None:
    with pytest.raises(InputError, match=message):
        group_replicates(samples, np.arange(6), "here")


def test_a_signature_has_what_its_replicates_have_in_common() -> None:
    groups, _ = group_replicates(SAMPLES, np.arange(6), "here")
    table = signature_samples(SAMPLES, groups, "here")
    assert table["sample_id"].tolist() == ["P:A01", "P:A02", "Q:A01"]
    assert table["plate_id"].tolist() == ["P", "P", "Q"]
    assert table["well"].tolist() == ["A01", "A02", "A01"]
    assert table["pert_id"].tolist() == ["B1", "B2", "B1"]  # what is not known of one replicate does not count
    assert table["lot"].fillna("?").tolist() == ["?", "l2", "l1"]
    assert table["dose"].fillna(-1).tolist() == [-1, 2, -1]
    assert table["qc_pass"].astype(object).where(table["qc_pass"].notna(), None).tolist() == [True, False, None]
    assert table["n_replicates"].tolist() == [2, 3, 1]
    assert differing(SAMPLES, groups, table) == {"dose": 1}  # of P:A01; that of Q:A01 is known of none
    assert table.dtypes[SAMPLES.columns].tolist() == SAMPLES.dtypes.tolist()
    assert table[["subtype", "tas"]].isna().all(axis=None)


@pytest.mark.parametrize("column", ["pert_id", "pert_type", "cell_id", "subject_id"])
def test_replicates_of_different_things_are_refused(column: str) -> None:
    groups, _ = group_replicates(SAMPLES, np.arange(6), "here")
    samples = SAMPLES.assign(**{column: pd.Series(["x", "y", "y", "z", "x", "y"], dtype="str")})
    message = rf"here: the replicates of 'P:A01' differ in their {column} \(x and z\), and so do those of 0 other"
    with pytest.raises(InputError, match=message):
        signature_samples(samples, groups, "here")
