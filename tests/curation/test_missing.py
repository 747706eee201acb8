from pathlib import Path

import numpy as np
import pytest

from l1000_bench.curation.missing import count_missing, describe_missing, kept_blocks, refuse_missing
from l1000_bench.errors import InputError
from l1000_bench.io.part_writer import write_profiles
from l1000_bench.io.parts import Block, Profiles, ProfileStream

NAN = np.nan
GENES = np.array([f"g{number}" for number in range(6)], dtype=object)
VALUES = np.array(
    [
        [1, 2, 3, 4, 5, 6],
        [NAN, 2, 3, 4, 5, NAN],
        [1, 2, 3, 4, 5, NAN],
        [NAN, NAN, NAN, NAN, NAN, NAN],
        [np.inf, 0, -1, -0.0, 5, 6],
    ],
    dtype=np.float32,
)
IDS = np.array([f"s{number}" for number in range(5)], dtype=object)


@pytest.fixture
def profiles(tmp_path: Path) -> Profiles:
    write_profiles(ProfileStream(GENES, [Block(IDS, VALUES)]), tmp_path / "p", rows_per_part=2)
    return Profiles(tmp_path / "p")


def test_missing_values_are_counted_of_the_samples_asked_for(profiles: Profiles) -> None:
    everything = count_missing(profiles, np.ones(5, dtype=bool))
    assert everything.per_sample.tolist() == [0, 2, 1, 6, 0]
    assert everything.per_gene.tolist() == [2, 1, 1, 1, 1, 3]
    some = count_missing(profiles, np.array([True, True, True, False, True]))
    assert some.per_sample.tolist() == [0, 2, 1, 0, 0]
    assert some.per_gene.tolist() == [1, 0, 0, 0, 0, 2]


def test_missing_values_are_described(profiles: Profiles) -> None:
    def told(*wanted: bool) -> str:
        return describe_missing(count_missing(profiles, np.array(wanted)), profiles)

    assert told(True, False, False, False, True) == "no profile lacks a landmark value"
    assert told(True, True, True, False, True) == "2 profiles lack 3 values of 2 landmark gene(s) (g0, g5)"
    assert told(True, True, True, True, True) == (
        "3 profiles lack 9 values of 6 landmark gene(s) (g0, g1, g2, g3, g4, …)"
    )


def test_missing_values_are_refused_by_name(profiles: Profiles) -> None:
    refuse_missing(count_missing(profiles, np.array([True, False, False, False, True])), profiles, "datasets.a")
    with pytest.raises(InputError, match=r"datasets\.a: 2 profiles lack 7 .* the first is s2; set .* drop_profiles"):
        refuse_missing(count_missing(profiles, np.array([True, False, True, True, True])), profiles, "datasets.a")


def test_kept_blocks_hold_the_samples_kept_with_zero_for_missing(profiles: Profiles) -> None:
    blocks = list(kept_blocks(profiles.blocks(), np.array([False, False, True, False, True])))
    assert [block.sample_ids.tolist() for block in blocks] == [["s2"], ["s4"]]  # the block of s0 and s1 is left out
    assert blocks[0].values.tolist() == [[1, 2, 3, 4, 5, 0]]
    np.testing.assert_array_equal(blocks[1].values, VALUES[4:])  # an infinite value is not missing
    assert {block.values.dtype for block in blocks} == {np.dtype(np.float32)}
    assert list(kept_blocks(profiles.blocks(), np.zeros(5, dtype=bool))) == []


def test_outliers_are_counted_and_set_to_the_clip(profiles: Profiles) -> None:
    wanted = np.array([True, True, False, True, True])
    assert count_missing(profiles, wanted, 4.0).outliers.tolist() == [2, 1, 0, 0, 3]
    assert count_missing(profiles, wanted, 4.0).per_sample.tolist() == [0, 2, 0, 6, 0]
    assert count_missing(profiles, wanted).outliers.tolist() == [0] * 5
    (first, second, last) = kept_blocks(profiles.blocks(), wanted, 4.0)
    assert first.values.tolist() == [[1, 2, 3, 4, 4, 4], [0, 2, 3, 4, 4, 0]]
    assert second.values.tolist() == [[0] * 6]
    assert last.values.tolist() == [[4, 0, -1, 0, 4, 4]]
    assert last.values.dtype == np.float32
