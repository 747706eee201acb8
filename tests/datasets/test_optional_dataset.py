from __future__ import annotations

from inspect import signature
from pathlib import Path

import pandas as pd
import pytest
from kedro.io import DatasetError

from l1000_bench.datasets.optional_dataset import OptionalDataset
from l1000_bench.datasets.table_dataset import TableDataset
from l1000_bench.errors import InputError

FRAME = pd.DataFrame({"n": [1, 2]})


def optional(path: Path) -> OptionalDataset:
    return OptionalDataset({"type": "l1000_bench.datasets.table_dataset.TableDataset", "filepath": str(path)})


def test_what_was_not_made_is_none_and_what_was_made_is_itself(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    assert optional(path).load() is None
    TableDataset(str(path)).save(FRAME)
    pd.testing.assert_frame_equal(optional(path).load(), FRAME)


def test_it_always_exists_so_that_no_run_is_refused_for_it(tmp_path: Path) -> None:
    assert optional(tmp_path / "table.parquet").exists()


def test_a_damaged_file_is_refused_and_not_taken_for_missing(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    TableDataset(str(path)).save(FRAME)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DatasetError) as caught:
        optional(path).load()
    cause: BaseException | None = caught.value
    while cause is not None and not isinstance(cause, InputError):
        cause = cause.__cause__
    assert cause is not None


def test_it_cannot_be_saved(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="only read"):
        optional(tmp_path / "table.parquet").save(FRAME)


def test_its_preview_is_that_of_the_other_dataset(tmp_path: Path) -> None:
    dataset = optional(tmp_path / "table.parquet")
    assert dataset.preview() is None
    TableDataset(str(tmp_path / "table.parquet")).save(FRAME)
    assert dataset.preview()["data"] == [[1], [2]]
    assert signature(dataset.preview).return_annotation == "TablePreview"  # by which Kedro-Viz knows how to show it


def test_it_has_no_preview_where_the_other_has_none() -> None:
    assert not hasattr(OptionalDataset({"type": "kedro.io.MemoryDataset"}), "preview")
