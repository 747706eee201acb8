import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l1000_bench.io.part_writer import write_profiles
from l1000_bench.io.parts import Block, Profiles, ProfileStream

VALUES = np.arange(9_000 * 3, dtype=np.float32).reshape(9_000, 3)
IDS = np.array([f"s{number}" for number in range(len(VALUES))], dtype=object)


@pytest.fixture(scope="module")
def profiles(tmp_path_factory: pytest.TempPathFactory) -> Profiles:
    folder = tmp_path_factory.mktemp("rows") / "p"
    genes = np.array(["g0", "g1", "g2"], dtype=object)
    write_profiles(ProfileStream(genes, [Block(IDS, VALUES)]), folder, rows_per_part=5_000)  # of two row groups
    return Profiles(folder)


@given(wanted=st.lists(st.one_of(st.integers(0, 8_999), st.sampled_from([4_095, 4_096, 4_999, 5_000])), max_size=20))
def test_rows_come_in_the_order_asked_for(profiles: Profiles, wanted: list[int]) -> None:
    rows = profiles.rows(np.array(wanted, dtype=np.intp))
    assert rows.dtype == np.float32
    np.testing.assert_array_equal(rows, VALUES[wanted] if wanted else np.empty((0, 3)))


def test_all_rows_are_the_matrix(profiles: Profiles) -> None:
    np.testing.assert_array_equal(profiles.rows(np.arange(len(profiles))), profiles.matrix())
