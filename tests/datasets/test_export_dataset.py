from __future__ import annotations

from pathlib import Path

import pytest
from kedro.io import DatasetError

from exported import benchmark
from l1000_bench.datasets.export_dataset import ExportDataset


def test_an_export_is_there_when_it_is_whole_and_loads_as_its_folder(tmp_path: Path) -> None:
    dataset = ExportDataset(str(tmp_path / "export" / "moa"))
    assert not dataset.exists()
    dataset.save(benchmark(tmp_path))
    assert dataset.exists()
    assert dataset.load() == tmp_path / "export" / "moa"
    (dataset.load() / "split.parquet").write_bytes(b"another")
    with pytest.raises(DatasetError, match=r"split\.parquet has SHA-256"):
        dataset.load()
    (tmp_path / "export" / "moa" / "SHA256SUMS").unlink()
    assert not dataset.exists()
