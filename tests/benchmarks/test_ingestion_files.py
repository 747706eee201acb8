from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from ingestion_workers.files import BLOCK, MATRIX, Ids, ids_are_after, write_matrix, z_scores
from ingestion_workers.selection import Job

GENES = np.arange(1000, 1600).astype(np.bytes_)


@pytest.mark.parametrize("ids_after", [False, True])
def test_ids_lie_where_they_are_asked_for_and_values_repeat_after_a_block(tmp_path: Path, ids_after: bool) -> None:
    ids = Ids(np.arange(BLOCK + 10).astype(np.bytes_), GENES)
    write_matrix(tmp_path / "made.gctx", ids, (21, 600), ids_after)
    assert ids_are_after(tmp_path / "made.gctx") == ids_after
    with h5py.File(tmp_path / "made.gctx") as file:
        values = file[MATRIX][:]
        np.testing.assert_array_equal(file["/0/META/ROW/id"][:], GENES)
    np.testing.assert_array_equal(values[BLOCK:], values[:10])


def test_values_have_16_significant_bits_and_end_at_10() -> None:
    values = z_scores(4000, 50)
    assert not (values.view(np.uint32) & 0xFF).any()
    assert values.std() == pytest.approx(1.1, rel=0.01)
    assert np.abs(values).max() <= 10


def test_a_part_of_the_samples_is_a_fifth_of_them_in_file_order() -> None:
    samples = Job(Path("made.gctx"), 1000, "scattered", "part").samples
    assert samples is not None
    assert len(samples) == 200
    assert (np.diff(samples) > 0).all()
