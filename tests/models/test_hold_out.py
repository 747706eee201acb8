from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import train_test_split

from l1000_bench.errors import InputError
from l1000_bench.models.hold_out import hold_out


def test_where_every_class_can_spare_its_share_it_is_drawn_in_proportion() -> None:
    codes = np.repeat([0, 1, 2], [100, 40, 20])
    kept, held = hold_out(codes, 0.1, 3)
    assert np.bincount(codes[held]).tolist() == [10, 4, 2]
    expected = train_test_split(np.arange(160), test_size=0.1, stratify=codes, random_state=3)
    assert (kept.tolist(), held.tolist()) == tuple(part.tolist() for part in expected)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(st.integers(1, 6), min_size=2, max_size=30), st.floats(0.02, 0.95), st.integers(0, 2**31 - 1))
def test_no_class_is_missing_in_training_and_no_profile_is_on_both_sides(
    sizes: list[int], fraction: float, seed: int
) -> None:
    codes = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(sizes)), sizes))
    if max(sizes) == 1:
        with pytest.raises(InputError, match=rf"each of the {len(sizes)} classes has one training profile"):
            hold_out(codes, fraction, seed)
        return
    kept, held = hold_out(codes, fraction, seed)
    assert sorted([*kept, *held]) == list(range(len(codes)))
    assert set(codes[kept]) == set(codes)
    assert len(held) == min(np.ceil(fraction * len(codes)), len(codes) - len(sizes))
    again = hold_out(codes, fraction, seed)
    assert [part.tolist() for part in again] == [kept.tolist(), held.tolist()]


def test_a_large_part_leaves_one_of_every_class() -> None:
    kept, held = hold_out(np.repeat([0, 1, 2], [2, 5, 2]), 0.6, 1)
    assert (len(kept), len(held)) == (3, 6)


def test_chance_chooses_which_profiles_stay() -> None:
    codes = np.repeat(np.arange(20), 2)  # two held out of twenty classes
    drawn = {tuple(hold_out(codes, 0.05, seed)[1]) for seed in range(20)}
    assert len(drawn) > 15
    assert {row % 2 for rows in drawn for row in rows} == {0, 1}
