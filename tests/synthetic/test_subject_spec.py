from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l1000_bench.errors import InputError
from l1000_bench.synthetic.subject_plates import lay_out_subjects
from l1000_bench.synthetic.subject_spec import SubjectSpec


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("seed", -1),
        ("n_genes", 977),
        ("n_compounds", 0),
        ("n_compounds", 2.0),
        ("n_replicates", True),
        ("doses", []),
        ("doses", (1.0, 1)),
        ("vehicle_share", 0.51),
        ("failed_share", -0.1),
        ("failed_share", float("nan")),
        ("graph_signal", 1.01),
        ("response_strength", -1.0),
        ("response_spread", "1"),
        ("subject_strength", -0.5),
        ("interaction_strength", None),
        ("baseline_strength", 1e5),
        ("plate_strength", -1),
        ("noise_df", 2.0),
    ],
)
def test_bad_value_is_refused_by_name(field: str, value: object) -> None:
    arguments: dict[str, Any] = {"seed": 1, field: value}
    with pytest.raises(InputError, match=field):
        SubjectSpec(**arguments)


def test_plates_never_overflow() -> None:
    # 357 wells of 51 compounds at 7 doses leave room for 27 of the vehicle
    assert SubjectSpec(seed=1, n_compounds=51, doses=(1, 2, 3, 4, 5, 6, 7), vehicle_share=27 / 384).n_vehicle == 27
    with pytest.raises(InputError, match=r"n_compounds 51 at 7 doses .* vehicle_share of 0.08 need 388 wells of a"):
        SubjectSpec(seed=1, n_compounds=51, doses=(1, 2, 3, 4, 5, 6, 7), vehicle_share=0.08)


def test_the_vehicle_has_its_share_of_the_wells_and_at_least_one() -> None:
    spec = SubjectSpec(seed=1, n_compounds=80, doses=(10.0,), vehicle_share=0.2)
    assert (spec.n_treatments, spec.n_vehicle) == (80, 20)
    assert SubjectSpec(seed=1, n_compounds=1, doses=(10.0,), vehicle_share=0.0).n_vehicle == 1


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 99),
    n_compounds=st.integers(1, 60),
    n_replicates=st.integers(1, 4),
    doses=st.lists(st.sampled_from([0.1, 1.0, 3.0, 10.0]), min_size=1, unique=True),
    failed_share=st.floats(0, 0.9),
)
def test_replicates_share_a_well_on_plates_of_their_own_and_none_is_lost(
    seed: int, n_compounds: int, n_replicates: int, doses: list[float], failed_share: float
) -> None:
    spec = SubjectSpec(seed, 1200, n_compounds, n_replicates, tuple(doses), failed_share=failed_share)
    wells = lay_out_subjects(spec)
    rows = list(zip(wells.subject.tolist(), wells.replicate.tolist(), wells.position.tolist(), strict=True))
    assert rows == sorted(set(rows))  # by subject, plate and place, no place twice
    held = dict[tuple[int, int], set[tuple[int, float]]]()
    what = zip(wells.perturbagen.tolist(), np.nan_to_num(wells.dose_um, nan=-1).tolist(), strict=True)
    for (subject, _, place), treatment in zip(rows, what, strict=True):
        held.setdefault((subject, place), set()).add(treatment)
    assert all(len(treatments) == 1 for treatments in held.values())
    every = [(compound, dose) for compound in range(n_compounds) for dose in doses] + [(n_compounds, -1)]
    for subject in range(5):
        found = [treatment for (of, _), (treatment,) in held.items() if of == subject]
        assert sorted(found) == sorted([*every, *[(n_compounds, -1)] * (spec.n_vehicle - 1)])
    assert wells.replicate.max() < n_replicates


def test_wells_fail_at_their_share() -> None:
    # Of four replicates with a share of 0.3, 2.8 are left on average, and the 0.3^4 that lost all keep one.
    spec = SubjectSpec(seed=4, failed_share=0.3)
    expected = 5 * (spec.n_treatments + spec.n_vehicle) * (2.8 + 0.3**4)
    assert len(lay_out_subjects(spec).subject) == pytest.approx(expected, rel=0.02)
    assert len(lay_out_subjects(SubjectSpec(seed=4, failed_share=0.0)).subject) == 5 * 4 * 380
