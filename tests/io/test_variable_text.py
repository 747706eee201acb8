from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from matrix_files import GENE_IDS, MATRIX, SAMPLE_IDS, VALUES

from l1000_bench.errors import InputError
from l1000_bench.io.gctx import open_matrix

NAMES = ["CPC006_A375:é", " b "]


def stored(path: Path) -> Path:
    with h5py.File(path, "w") as file:
        file.attrs["version"] = "GCTX1.0"
        file[MATRIX] = VALUES
        file.create_dataset(SAMPLE_IDS, data=NAMES, dtype=h5py.string_dtype())
        file[GENE_IDS] = np.array([b"7", b"5", b"9"])
    return path


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_ids_of_variable_length_are_read(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "packed.gctx"
    path.write_bytes(pack(stored(tmp_path / "a.gctx").read_bytes()))
    reader = open_matrix(path)
    assert reader.sample_ids.tolist() == ["CPC006_A375:é", "b"]
    assert reader.to_gctoo().version == "GCTX1.0"


@pytest.mark.parametrize("byte", [0, 1, 255])
@pytest.mark.parametrize("field", range(16, 40, 4))
def test_a_damaged_heap_is_refused_or_read_but_never_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, byte: int, field: int
) -> None:
    monkeypatch.setattr("l1000_bench.io.variable_text._SECONDS", 3.0)
    content = bytearray(stored(tmp_path / "a.gctx").read_bytes())
    start = content.index(b"GCOL")
    content[start + field : start + field + 4] = bytes([byte]) * 4
    (tmp_path / "a.gctx").write_bytes(content)
    try:
        assert len(open_matrix(tmp_path / "a.gctx").sample_ids) == 2
    except InputError as error:
        assert str(tmp_path / "a.gctx") in str(error)


def test_a_process_that_takes_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("l1000_bench.io.variable_text._SECONDS", 0.01)
    with pytest.raises(InputError, match="it took too long"):
        open_matrix(stored(tmp_path / "a.gctx"))
