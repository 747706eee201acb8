from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from l1000_bench.curation.groups import compound_clusters, compound_groups, treatment_groups, value_groups, with_vehicle
from sample_tables import curated

KEY = "OMZFNKLIGJVKSF"  # an InChIKey's first block
OTHER = "BSYNRYMUTXBXSQ"


def together(groups: NDArray[np.intp]) -> list[list[int]]:
    """The rows of each group, in row order; those of no group are left out."""
    rows = defaultdict(list)
    for row, group in enumerate(groups.tolist()):
        rows[group].append(row)
    return sorted(rows[group] for group in rows if group >= 0)


def test_compounds_are_joined_by_id_by_name_and_by_skeleton() -> None:
    samples = curated(
        [
            {"pert_id": "P1", "pert_iname": "Dexamethasone"},  # 0, with 1 by name
            {"pert_id": "P2", "pert_iname": " dexamethasone", "inchi_key": f"{KEY}-SBGSZORXSA-N"},  # with 2 by skeleton
            {"pert_id": "P3", "pert_iname": "decadron", "inchi_key": f"{KEY.lower()}-uhfffaoysa-n"},
            {"pert_id": "P4", "pert_iname": "aspirin", "inchi_key": f"{OTHER}-UHFFFAOYSA-N"},  # alone
            {"pert_id": "P5", "pert_iname": "ibuprofen", "inchi_key": "restricted"},  # no key, hence not with 6
            {"pert_id": "P6", "pert_iname": "naproxen", "inchi_key": "restricted"},
            {"pert_iname": "Ibuprofen"},  # known by its name alone
            {"pert_id": "P6"},
            {"inchi_key": KEY},  # the block alone is enough
            {"cell_id": "A375"},  # nothing is known
            {"pert_iname": " "},
        ]
    )
    groups = compound_groups(samples)
    assert together(groups) == [[0, 1, 2, 8], [3], [4, 6], [5, 7]]
    assert groups[9:].tolist() == [-1, -1]


def test_an_id_that_looks_like_a_name_does_not_join() -> None:
    samples = curated([{"pert_id": "x", "pert_iname": "a"}, {"pert_id": "y", "pert_iname": "x"}])
    assert together(compound_groups(samples)) == [[0], [1]]


def joined_by_hand(rows: list[dict[str, Any]]) -> list[list[int]]:
    """Join sets of rows until no two share a key."""
    parts = [
        ({number}, {(name, str(row[name])) for name in ("pert_id", "pert_iname", "inchi_key") if row[name]})
        for number, row in enumerate(rows)
    ]
    parts = [part for part in parts if part[1]]
    changed = True
    while changed:
        changed = False
        for first in range(len(parts)):
            for second in range(len(parts) - 1, first, -1):
                if parts[first][1] & parts[second][1]:
                    members, keys = parts.pop(second)
                    parts[first] = (parts[first][0] | members, parts[first][1] | keys)
                    changed = True
    return sorted(sorted(members) for members, _ in parts)


KEYS = st.fixed_dictionaries(
    {
        "pert_id": st.sampled_from([None, *(f"P{number}" for number in range(9))]),
        "pert_iname": st.sampled_from([None, *(f"n{number}" for number in range(9))]),
        "inchi_key": st.sampled_from([None, *("ABCDEFGHIJKLM" + letter for letter in "ABCDEF")]),
    }
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(KEYS, min_size=1, max_size=14))
def test_compounds_are_connected_components(rows: list[dict[str, Any]]) -> None:
    assert together(compound_groups(curated(rows))) == joined_by_hand(rows)


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ({}, {}, True),
        ({"dose": 11.1}, {"dose": 11.100000381469727}, True),  # both stand in GSE92742's inst_info
        ({"dose": 0.37}, {"dose": 0.37037}, True),
        ({"dose": 0.625}, {"dose": 0.63}, True),  # 500 nM of BRD-A19037878 on two plates of GSE92742
        ({"dose": 12.5}, {"dose": 12.51}, True),
        ({"dose": 10.0}, {"dose": 3.33}, False),
        ({"dose": 10.0}, {"dose": 11.1}, False),
        ({"dose": 0.0}, {"dose": 0.04}, False),
        ({"dose": 10.0}, {}, False),
        ({"dose_unit": "um"}, {"dose_unit": "mm"}, False),
        ({"time": 6.0}, {"time": 24.0}, False),
        ({"subject_id": "BD1"}, {"subject_id": "BD2"}, False),
        ({"plate_id": "A", "well": "A01"}, {"plate_id": "B", "well": "P24"}, True),
    ],
)
def test_what_makes_a_treatment(first: dict[str, Any], second: dict[str, Any], same: bool) -> None:
    by = ("pert_id", "cell_id", "subject_id", "dose", "dose_unit", "time", "time_unit")
    samples = curated([{"pert_id": "P", "cell_id": "A375", **row} for row in (first, second, {"dose": 99.0})])
    groups = treatment_groups(samples, by)
    assert (groups[0] == groups[1]) == same
    assert groups.min() == 0
    assert groups[2] not in groups[:2]


def test_a_dose_of_one_compound_does_not_bridge_those_of_another() -> None:
    rows = [
        {"pert_id": name, "dose": dose}
        for name, dose in (("P", 1.0), ("Q", 1.03), ("P", 1.06), ("P", 1.0), ("Q", None))
    ]
    p, q, p_more, p_again, unknown = treatment_groups(curated(rows), ("pert_id", "dose"))
    assert p == p_again
    assert len({p, q, p_more, unknown}) == 4


def test_logarithms_of_doses_are_one_if_they_are_equal() -> None:
    doses = [-6.0, -6.0, -5.0, -5.9, None, -5.0, None]
    groups = treatment_groups(curated([{"pert_id": "P", "dose": dose} for dose in doses]), ("pert_id", "dose"))
    assert groups.tolist() == [0, 0, 2, 1, 3, 2, 3]


def test_no_sample_makes_no_treatment() -> None:
    assert treatment_groups(curated([{"dose": 1.0}]).iloc[:0], ("pert_id", "dose")).tolist() == []


def test_the_vehicles_wells_are_clustered_by_plate() -> None:
    rows = [("P", "aspirin", "A"), ("Q", "Aspirin", "B"), ("D", "DMSO", "A"), ("D", "DMSO", "B"), ("D", "DMSO", "A")]
    samples = curated([{"pert_id": i, "pert_iname": n, "plate_id": plate} for i, n, plate in rows])
    first, second, *wells = compound_clusters(samples, np.array([False, False, True, True, True]))
    assert first == second
    assert wells[0] == wells[2]
    assert len({first, wells[0], wells[1]}) == 3


def test_values_are_grouped_in_the_order_of_their_text() -> None:
    samples = curated([{"plate_id": name} for name in ("b", "a", None, "b")])
    assert value_groups(samples, "plate_id").tolist() == [1, 0, -1, 1]
    assert value_groups(samples.assign(batch=[10.0, 9.0, np.nan, 10.0]), "batch").tolist() == [0, 1, -1, 0]


def test_vehicle_wells_share_no_group_with_treatments() -> None:
    groups, wells = np.array([0, 1, 0, 1, 5]), np.array([0, 0, 1, -1, 0])
    vehicle = np.array([False, True, True, True, False])
    assert with_vehicle(groups, vehicle, wells).tolist() == [0, 6, 7, -1, 5]
