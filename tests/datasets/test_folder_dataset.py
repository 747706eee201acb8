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


def test_the_preview_names_the_first_files_and_counts_all(tmp_path: Path) -> None:
    dataset = FolderDataset(str(tmp_path / "records"))
    assert dataset.preview()["columns"] == ["first of 0 files", "bytes"]
    (tmp_path / "records" / "deeper").mkdir(parents=True)
    for name in ("c", "a", "b"):
        (tmp_path / "records" / name).write_text(name * ord(name))
    preview = dataset.preview(nrows=2)
    assert preview["columns"] == ["first of 3 files", "bytes"]
    assert preview["data"] == [["a", 97], ["b", 98]]
