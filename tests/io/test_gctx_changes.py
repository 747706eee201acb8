from __future__ import annotations

import contextlib
from pathlib import Path

import h5py
import numpy as np
import pytest
from gctx_values import expected, values_of
from matrix_files import MATRIX, Layout, read, same_bits, store_as

from l1000_bench.errors import InputError
from l1000_bench.io.gctx import open_matrix
from l1000_bench.io.gctx_reading import FileCursor
from l1000_bench.io.gctx_tiles import tiles_of
from l1000_bench.io.stamp import Stamp


@pytest.mark.parametrize("layout", [Layout((7, 9)), Layout((7, 9), compression="gzip")])
@pytest.mark.parametrize("name", ["a.gctx", "a.gctx.gz"])
def test_a_file_replaced_after_it_was_opened_is_refused(tmp_path: Path, name: str, layout: Layout) -> None:
    path = store_as(tmp_path / name, values_of((30, 20)), layout)
    reader = open_matrix(path)
    store_as(tmp_path / f"other.{name}", values_of((30, 20)) + 1, layout).replace(path)
    with pytest.raises(InputError, match=rf"{name} was replaced or changed"):
        next(reader.blocks())
    with pytest.raises(InputError, match=rf"{name} was replaced or changed"):
        reader.to_gctoo()
    assert same_bits(read(open_matrix(path))[1], expected(values_of((30, 20)) + 1, layout))


@pytest.mark.parametrize("name", ["a.gctx", "a.gctx.gz"])
def test_a_file_replaced_while_it_is_read_is_never_mixed(tmp_path: Path, name: str) -> None:
    values = values_of((300, 20))
    path = store_as(tmp_path / name, values)
    blocks = open_matrix(path).blocks(rows=10)
    first = next(blocks)[1]
    store_as(tmp_path / f"other.{name}", values + 1).replace(path)
    seen = [first]
    with contextlib.suppress(InputError):  # a small gzipped file may be read to its end before it is replaced
        seen.extend(block for _, block in blocks)
    found = np.concatenate(seen)
    assert same_bits(found, expected(values, Layout())[: len(found)])


def test_a_plain_file_that_is_cut_off_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.gctx"
    path.write_bytes(bytes(range(100)))
    cursor, target = FileCursor(path, Stamp.of(path)), bytearray(50)
    cursor.read_into(50, target)
    assert target == bytes(range(50, 100))
    with pytest.raises(InputError, match=r"a\.gctx ends at byte 100; expected more"):
        cursor.read_into(51, target)
    cursor.close()


@pytest.mark.parametrize("chunks", [None, (7, 9)])
@pytest.mark.parametrize("ids_first", [True, False])
def test_a_plain_file_that_was_cut_off_is_refused(
    tmp_path: Path, chunks: tuple[int, int] | None, ids_first: bool
) -> None:
    path = store_as(tmp_path / "a.gctx", values_of((30, 20)), Layout(chunks, ids_first=ids_first))
    content = path.read_bytes()
    for size in range(8, len(content), 137):
        path.write_bytes(content[:size])
        with pytest.raises(InputError, match=r"a\.gctx .* cut off"):
            open_matrix(path)


@pytest.mark.parametrize("chunks", [None, (7, 9)])
def test_a_matrix_that_would_lie_outside_of_the_file_is_refused(tmp_path: Path, chunks: tuple[int, int] | None) -> None:
    path = store_as(tmp_path / "a.gctx", values_of((30, 20)), Layout(chunks, ids_first=True))
    with h5py.File(path) as file:
        whole = tiles_of(file[MATRIX], path.stat().st_size, path)
        assert whole is not None
        assert tiles_of(file[MATRIX], whole.end, path) is not None
        with pytest.raises(InputError, match=rf"a\.gctx ends at byte {whole.end - 1:,}, but its matrix goes up to"):
            tiles_of(file[MATRIX], whole.end - 1, path)
