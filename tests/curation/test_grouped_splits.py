from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from l1000_bench.curation.splits import SplitRequest, left_out_classes, make_split, split_digest
from l1000_bench.errors import InputError
from sample_tables import curated

GROUPED = ("replicate_grouped", "plate_grouped", "compound_grouped", "cell_held_out")
TREATMENT = ("pert_id", "cell_id", "subject_id", "dose", "dose_unit", "time", "time_unit")
Row = dict[str, Any]
Roles = NDArray[np.object_]


def split(rows: Iterable[Row] | pd.DataFrame, scheme: str, **parameters: object) -> pd.DataFrame:
    samples = rows if isinstance(rows, pd.DataFrame) else curated(rows)
    return make_split(SplitRequest(samples, "moa", ("cell_id", "moa"), "a.moa", "DMSO"), scheme, parameters)


def roles_of(made: pd.DataFrame) -> Roles:
    """(n_rotations, n_samples) roles."""
    n_rotations = made["rotation"].nunique()
    return made["role"].astype("str").to_numpy(dtype=object).reshape(n_rotations, -1)


# What the schemes group by, in plain Python


def is_dmso(row: Row) -> bool:
    return bool(row["pert_type"] == "ctl_vehicle" and row["pert_iname"] == "DMSO")


def group_names(rows: list[Row], scheme: str) -> list[Hashable]:
    """The group of every row, None where it is unknown."""
    if scheme == "plate_grouped":
        return [row["plate_id"] for row in rows]
    if scheme == "cell_held_out":
        return [row["cell_id"] for row in rows]
    if scheme == "replicate_grouped":
        plates = [row["plate_set"] or row["plate_id"] for row in rows]
        return [
            plate if is_dmso(row) else tuple(row.get(name) for name in TREATMENT)
            for row, plate in zip(rows, plates, strict=True)
        ]
    name_of: dict[Hashable, Hashable] = {}  # of two ids with one name the name is the compound
    for row in rows:
        name_of.setdefault(row["pert_id"], (row["pert_iname"] or row["pert_id"]).casefold())
    return [row["plate_id"] if is_dmso(row) else ("compound", name_of[row["pert_id"]]) for row in rows]


def eligible_rows(rows: list[Row], names: list[Hashable], needed: int) -> NDArray[np.bool_]:
    held = defaultdict(set)
    for row, name in zip(rows, names, strict=True):
        if name is not None:
            held[row["moa"]].add(name)
    usable = [
        name is not None and row["moa"] is not None and len(held[row["moa"]]) >= needed
        for row, name in zip(rows, names, strict=True)
    ]
    return np.array(usable)


# Random metadata: each pert_id has one name, and two ids of a name are one compound

PLATES, CELLS = ("A", "B", "C", "D", "E", None), ("A375", "HT29", "PC3", None)
WELL = st.tuples(
    st.integers(0, 14), st.sampled_from(PLATES), st.sampled_from(CELLS), st.sampled_from([1.0, 10.0, None]),
    st.sampled_from(["x", "y", "z", "w", None]), st.booleans(),
)  # fmt: skip


def well(values: tuple[int, str | None, str | None, float | None, str | None, bool]) -> Row:
    number, plate, cell, dose, moa, vehicle = values
    place: Row = {"plate_id": plate and f"{plate}_X1", "plate_set": None if plate == "E" else plate, "cell_id": cell}
    if vehicle:
        return {**place, "pert_id": "DMSO", "pert_iname": "DMSO", "pert_type": "ctl_vehicle", "moa": "DMSO"}
    name = None if number % 3 == 0 else f"Drug {number % 10}"  # P1 and P11 are one compound, P4 and P14 too
    return {
        **place, "pert_id": f"P{number}", "pert_iname": name if number < 10 or name is None else name.upper(),
        "pert_type": "trt_cp", "dose": dose, "moa": moa,
    }  # fmt: skip


def filling(n_folds: int) -> list[Row]:
    """Of x and y as many groups of any kind as make every rotation one that can be run."""
    return [
        {
            "plate_id": f"{moa}{number}_X1", "plate_set": f"{moa}{number}", "cell_id": f"{moa}{number}", "moa": moa,
            "pert_id": f"Q{moa}{number}", "pert_iname": f"Q{moa}{number}", "pert_type": "trt_cp", "dose": 1.0,
        }
        for moa in "xy" for number in range(2 * n_folds)
    ]  # fmt: skip


ROWS = st.lists(WELL.map(well), min_size=5, max_size=60)


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[Row], str, dict[str, Any]]:
    dev = draw(st.booleans())
    n_folds = draw(st.integers(3 if dev else 2, 6))
    rows = draw(st.permutations(draw(ROWS) + filling(n_folds)))
    parameters = {"n_folds": n_folds, "seed": draw(st.integers(0, 5)), "dev": dev, "small_classes": "drop"}
    return rows, draw(st.sampled_from(GROUPED)), parameters


@settings(max_examples=150, deadline=None, derandomize=True)
@given(cases())
def test_groups_are_whole_and_every_eligible_sample_is_tested_once(case: tuple[list[Row], str, dict[str, Any]]) -> None:
    rows, scheme, parameters = case
    n_folds, dev = parameters["n_folds"], parameters["dev"]
    names = group_names(rows, scheme)
    used = eligible_rows(rows, names, n_folds if scheme == "compound_grouped" else 2)
    roles = roles_of(split(rows, scheme, **parameters))
    assert roles.shape == (n_folds, len(rows))
    assert (roles[:, ~used] == "unused").all()
    assert ((roles[:, used] == "test").sum(axis=0) == 1).all()
    assert ((roles[:, used] == "dev").sum(axis=0) == int(dev)).all()
    assert ((roles[:, used] == "train").sum(axis=0) == n_folds - 1 - int(dev)).all()
    columns = defaultdict(set)
    for row in np.flatnonzero(used):
        columns[names[row]].add(tuple(roles[:, row]))
    assert all(len(found) == 1 for found in columns.values())  # in every rotation the whole group has one role
    assert all({"test", "train"} <= set(rotation) for rotation in roles)
    if dev:  # the dev fold is the one that the rotation before tested
        assert ((roles[1:] == "dev") == (roles[:-1] == "test")).all()
        assert ((roles[0] == "dev") == (roles[-1] == "test")).all()


@settings(max_examples=40, deadline=None, derandomize=True)
@given(cases(), st.integers(0, 99))
def test_the_same_split_for_any_row_order_and_the_same_samples_per_sample(
    case: tuple[list[Row], str, dict[str, Any]], shuffle: int
) -> None:
    rows, scheme, parameters = case
    samples = curated(rows)
    digest = split_digest(split(samples, scheme, **parameters))
    assert split_digest(split(samples, scheme, **parameters)) == digest
    shuffled = samples.sample(frac=1, random_state=shuffle, ignore_index=True)
    assert split_digest(split(shuffled, scheme, **parameters)) == digest
    grouped = roles_of(split(samples, scheme, **parameters))
    single = split(samples, scheme, **parameters, per_sample=True)
    assert ((roles_of(single) == "unused") == (grouped == "unused")).all()
    assert ((roles_of(single) == "test").sum(axis=0) == (grouped == "test").sum(axis=0)).all()
    assert split_digest(split(shuffled, scheme, **parameters, per_sample=True)) == split_digest(single)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(cases())
def test_small_classes_are_dropped_kept_or_refused(case: tuple[list[Row], str, dict[str, Any]]) -> None:
    rows, scheme, parameters = case
    names = group_names(rows, scheme)
    needed = parameters["n_folds"] if scheme == "compound_grouped" else 2
    used, known = (eligible_rows(rows, names, least) for least in (needed, 1))
    classes = {row["moa"] for row in rows if row["moa"] is not None}
    small = classes - {rows[number]["moa"] for number in np.flatnonzero(used)}
    samples = curated(rows)
    labels = samples.set_index("sample_id")["moa"]
    assert left_out_classes(split(samples, scheme, **parameters), labels) == sorted(small)
    kept = roles_of(split(samples, scheme, **parameters | {"small_classes": "keep"}))
    assert ((kept[0] != "unused") == known).all()
    if small:
        with pytest.raises(InputError, match=rf"a\.moa: {len(small)} class\(es\) have fewer than {needed} "):
            split(samples, scheme, **parameters | {"small_classes": "error"})
    else:
        assert (roles_of(split(samples, scheme, **parameters | {"small_classes": "error"})) == kept).all()


@pytest.mark.parametrize("scheme", GROUPED)
def test_per_sample_deals_as_if_there_were_no_groups(scheme: str) -> None:
    rows = [*filling(3) * 3, {**filling(3)[0], "moa": "z"}, {**filling(3)[1], "moa": None}]  # z has one group
    parameters = {"n_folds": 3, "seed": 1, "small_classes": "drop"}
    alone = split(rows[:36], "stratified", n_folds=3, seed=1)
    assert roles_of(split(rows, scheme, **parameters, per_sample=True))[:, :36].tolist() == roles_of(alone).tolist()
    assert roles_of(split(rows, scheme, **parameters))[:, :36].tolist() != roles_of(alone).tolist()


@pytest.mark.parametrize("scheme", GROUPED)
def test_another_seed_makes_another_split(scheme: str) -> None:
    digests = {split_digest(split(filling(5), scheme, n_folds=5, seed=seed)) for seed in (1, 2, 3)}
    assert len(digests) == 3


def test_compounds_are_spread_evenly_and_the_vehicle_goes_by_plate() -> None:
    # 9 compounds of x and 6 of y with three wells each, 2 of z; 12 plates with four DMSO wells.
    drugs = [
        {"pert_id": f"{moa}{number}", "pert_iname": f"{moa}{number}", "plate_id": f"p{replicate}", "moa": moa}
        for moa, n_drugs in (("x", 9), ("y", 6), ("z", 2))
        for number in range(n_drugs)
        for replicate in range(3)
    ]
    control = {"pert_id": "DMSO", "pert_iname": "dmso", "pert_type": "ctl_vehicle", "moa": "DMSO"}
    rows: list[Row] = drugs + [{**control, "plate_id": f"p{plate}"} for plate in range(12) for _ in range(4)]
    made = split(rows, "compound_grouped", n_folds=3, seed=1)
    tested = made[made["role"] == "test"].merge(curated(rows), on="sample_id")
    counts = pd.crosstab(tested["moa"], tested["rotation"])
    assert counts.to_dict("index") == {
        "x": {0: 9, 1: 9, 2: 9},
        "y": {0: 6, 1: 6, 2: 6},
        "DMSO": {0: 16, 1: 16, 2: 16},
    }
    assert (tested.groupby("pert_iname")["rotation"].nunique() == 1).sum() == 15
    assert (tested[tested["moa"] == "DMSO"].groupby("plate_id")["rotation"].nunique() == 1).all()


def test_the_vehicle_can_be_left_out() -> None:
    control = {"pert_id": "DMSO", "pert_iname": "DMSO", "pert_type": "ctl_vehicle", "moa": "DMSO"}
    rows = filling(3) + [{**control, "plate_id": f"p{plate}"} for plate in range(9)]
    roles = roles_of(split(rows, "compound_grouped", n_folds=3, seed=1, vehicle="leave_out", small_classes="error"))
    assert (roles[:, :12] != "unused").all()
    assert (roles[:, 12:] == "unused").all()


def test_vehicle_wells_go_by_plate_set_where_treatments_are_held_out() -> None:
    control = {"pert_id": "DMSO", "pert_iname": "DMSO", "pert_type": "ctl_vehicle", "cell_id": "PC3", "moa": "DMSO"}
    plates = [("s1_X1", "s1"), ("s1_X2", "s1"), ("s2_X1", "s2"), ("s3", None), ("s3", None), (None, None)]
    rows = filling(3) + [{**control, "plate_id": plate, "plate_set": together} for plate, together in plates]
    roles = roles_of(split(rows, "replicate_grouped", n_folds=3, seed=1))[:, 12:]
    first, second, third, fourth, fifth, unknown = (tuple(column) for column in roles.T)
    assert first == second
    assert fourth == fifth
    assert "unused" not in {*first, *third, *fourth}
    assert len({first, third, fourth}) == 3  # three groups of one class in three folds
    assert set(unknown) == {"unused"}


def test_what_holds_plates_and_cell_lines_together_can_be_another_column() -> None:
    rows = [
        {
            "plate_id": f"{batch}{number}",
            "plate_set": batch,
            "cell_id": f"c{number}",
            "subject_id": "uvwx"[number],
            "moa": "xy"[number % 2],
        }
        for batch in "pqrs"
        for number in range(4)
    ]
    roles = roles_of(split(rows, "plate_grouped", n_folds=4, seed=1, by="plate_set"))
    assert all(len({tuple(column) for column in roles[:, at : at + 4].T}) == 1 for at in (0, 4, 8, 12))
    first: dict[str, Any] = {**rows[0], "plate_set": None}
    left = roles_of(split([first, *rows], "plate_grouped", n_folds=4, seed=1, by="plate_set"))
    assert set(left[:, 0]) == {"unused"}  # its set is not known, which does not part its plate
    roles = roles_of(split(rows, "cell_held_out", n_folds=4, seed=1, by="subject_id"))
    assert all(len({tuple(column) for column in roles[:, number::4].T}) == 1 for number in range(4))
    stricter = roles_of(split(rows, "replicate_grouped", n_folds=4, seed=1, by=["cell_id"]))
    assert all(len({tuple(column) for column in stricter[:, number::4].T}) == 1 for number in range(4))
