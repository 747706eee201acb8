from __future__ import annotations

from pathlib import Path

import pytest
from kedro.io import DatasetError

from l1000_bench.datasets import table_files_dataset
from l1000_bench.datasets.table_files_dataset import TableFilesDataset
from l1000_bench.io.atomic import sha256

FILES = {"table_II.csv": "a,b\n1,†\n", "table_I.tex": "\\toprule\r\n", "empty.html": ""}


def test_the_files_come_back_as_they_were_and_have_a_manifest(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "tables"
    dataset = TableFilesDataset(str(folder))
    assert not dataset.exists()
    dataset.save(FILES)
    assert dataset.exists()
    assert dataset.load() == FILES
    assert list(dataset.load()) == list(FILES)
    assert (folder / "table_II.csv").read_bytes() == "a,b\n1,†\n".encode()
    listed = [f"{sha256(folder / name)}  {name}" for name in FILES]
    assert (folder / "SHA256SUMS").read_text().splitlines() == listed


def test_what_a_former_run_made_is_gone(tmp_path: Path) -> None:
    dataset = TableFilesDataset(str(tmp_path / "tables"))
    dataset.save(FILES)
    dataset.save({"table_I.tex": "new"})
    assert dataset.load() == {"table_I.tex": "new"}
    assert sorted(path.name for path in (tmp_path / "tables").iterdir()) == ["SHA256SUMS", "table_I.tex"]
    assert [path.name for path in tmp_path.iterdir()] == ["tables"]


def test_an_interrupted_save_leaves_the_old_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = TableFilesDataset(str(tmp_path / "tables"))
    dataset.save(FILES)

    def full(path: Path) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as patch, pytest.raises(DatasetError, match="No space left"):
        patch.setattr(table_files_dataset, "sync", full)
        dataset.save({"table_I.tex": "new"})
    assert dataset.load() == FILES
    assert [path.name for path in tmp_path.iterdir()] == ["tables"]


def test_a_file_that_was_changed_or_removed_is_refused(tmp_path: Path) -> None:
    dataset = TableFilesDataset(str(tmp_path / "tables"))
    dataset.save(FILES)
    (tmp_path / "tables" / "table_II.csv").write_text("a,b\n1,2\n")
    with pytest.raises(DatasetError, match=r"(?s)table_II\.csv has SHA-256"):
        dataset.load()
    (tmp_path / "tables" / "table_II.csv").unlink()
    with pytest.raises(DatasetError, match=r"(?s)table_II\.csv is listed in its manifest but missing"):
        dataset.load()


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"(?s)does not exist; run the pipeline"):
        TableFilesDataset(str(tmp_path / "tables")).load()
