from __future__ import annotations

from pathlib import Path

import pytest
from kedro.io.core import DatasetError

from l1000_bench.datasets.folder_dataset import FolderDataset


def test_a_folder_is_there_before_anything_is_in_it(tmp_path: Path) -> None:
    dataset = FolderDataset(str(tmp_path / "records"))
    assert dataset.exists()
    assert dataset.load() == tmp_path / "records"
    assert not (tmp_path / "records").exists()


def test_a_folder_is_not_saved(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="is filled by the node that reads it, and is not saved"):
        FolderDataset(str(tmp_path)).save(tmp_path)
