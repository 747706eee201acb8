from __future__ import annotations

import os
import pickle
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np
import pytest
from gctx_values import expected, values_of
from hypothesis import given, settings
from hypothesis import strategies as st
from matrix_files import MATRIX, Layout, read, same_bits, store_as

from l1000_bench.io import gctx, gctx_reading, gctx_selection, gctx_tiles, gzip_scan
from l1000_bench.io.gctx import open_matrix
from l1000_bench.io.matrix import Samples


@contextmanager
def small_pieces(draw: Any = lambda strategy: 1) -> Iterator[None]:
    """Let small files be read in as many pieces as large ones."""
    buffer = draw(st.integers(4, 700))
    with pytest.MonkeyPatch.context() as patch:
        for module, name, value in (
            (gctx_selection, "BUFFER_BYTES", buffer), (gctx_reading, "BUFFER_BYTES", buffer),
            (gctx_selection, "_GAP_BYTES", draw(st.integers(0, 200))),
            (gctx_selection, "_GAP_BYTES_AND_COPY", draw(st.sampled_from([0, 40, 400]))),
            (gctx_tiles, "_TILE_BYTES", draw(st.integers(1, 900))),
            (gzip_scan, "_SPACING", draw(st.integers(500, 5000))), (gzip_scan, "_CHECKPOINTS", draw(st.integers(2, 9))),
            (gzip_scan, "_STEP", draw(st.integers(100, 3000))), (gzip_scan, "_MOST", draw(st.integers(100, 3000))),
        ):  # fmt: skip
            patch.setattr(module, name, value)
        yield


# What is read


class Request(NamedTuple):
    shape: tuple[int, int]
    layout: Layout
    name: str
    genes: list[int]
    samples: list[int] | slice | None
    rows: int


@st.composite
def requests(draw: st.DrawFn) -> Request:
    n_samples, n_genes = shape = draw(st.tuples(st.integers(1, 40), st.integers(1, 20)))
    chunks = draw(st.none() | st.tuples(st.integers(1, n_samples), st.integers(1, n_genes)))
    plain = draw(st.booleans())  # two of three requests go by the bytes of the file
    layout = Layout(
        chunks,
        "<f4" if plain else draw(st.sampled_from(["<f4", ">f4", "<f8", ">f8", "<i2", "<i4", "<i8"])),
        None if plain or not chunks else draw(st.sampled_from([None, "gzip"])),
        draw(st.booleans()),
        draw(st.sampled_from(["earliest", "latest"])),
        0 if plain else draw(st.sampled_from([0, 512, 1024])),
        None if plain else draw(st.none() | st.integers(0, n_samples)),
    )
    genes = draw(st.lists(st.integers(0, n_genes - 1), unique=True))
    bounds = st.none() | st.integers(-n_samples - 2, n_samples + 2)
    slices = st.builds(slice, bounds, bounds, st.sampled_from([None, 1, 2, 7, -1, -3]))
    samples = draw(st.none() | slices | st.lists(st.integers(0, n_samples - 1), unique=True))
    return Request(
        shape, layout, draw(st.sampled_from(["a.gctx", "a.gctx.gz"])), genes, samples, draw(st.integers(1, 50))
    )


@settings(max_examples=300, deadline=None, derandomize=True)
@given(requests(), st.data())
def test_blocks_are_what_numpy_indexing_gives(
    tmp_path_factory: pytest.TempPathFactory, request_: Request, data: st.DataObject
) -> None:
    shape, layout, name, genes, samples, rows = request_
    values = values_of(shape, layout.dtype)
    path = store_as(tmp_path_factory.getbasetemp() / name, values, layout)
    gzip_scan._scanned.cache_clear()
    with small_pieces(data.draw):
        reader = open_matrix(path)
        asked: Samples = [f"s{one}" for one in samples] if isinstance(samples, list) else samples
        blocks = list(reader.blocks([f"g{gene}" for gene in genes], asked, rows))
    wanted = sorted(np.arange(shape[0])[samples if samples is not None else slice(None)].tolist())
    assert all(1 <= len(block) <= rows for _, block in blocks)
    assert all(block.dtype == np.float32 and block.flags.c_contiguous for _, block in blocks)
    assert [one for ids, _ in blocks for one in ids] == [f"s{one}" for one in wanted]
    found = np.concatenate([np.empty((0, len(genes)), np.float32), *(block for _, block in blocks)])
    np.testing.assert_array_equal(found, expected(values, layout)[np.ix_(wanted, genes)])
    # HDF5 makes its own NaN when it changes the type.
    assert layout.dtype != "<f4" or same_bits(found, expected(values, layout)[np.ix_(wanted, genes)])


@pytest.mark.parametrize("name", ["a.gctx", "a.gctx.gz"])
@pytest.mark.parametrize("chunks", [None, (7, 50), (64, 13), (500, 1), (1, 300), (500, 300)])
@pytest.mark.parametrize("ids_first", [True, False])
def test_files_of_plain_float32_are_read_without_hdf5(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunks: tuple[int, int] | None, name: str, ids_first: bool
) -> None:
    values = values_of((500, 300))
    for libver in ("earliest", "latest"):  # two kinds of index of chunks
        path = store_as(tmp_path / name, values, Layout(chunks, ids_first=ids_first, libver=libver))
        reader = open_matrix(path)
        with monkeypatch.context() as patch:
            patch.setattr(gctx, "read_blocks", None)  # HDF5's way
            ids, found = read(reader, ["g299", "g0", "g17", "g16", "g15"], slice(3, None), rows=90)
            assert same_bits(read(reader)[1], expected(values, Layout()))
        assert ids == [f"s{number}" for number in range(3, 500)]
        assert same_bits(found, expected(values, Layout())[3:, [299, 0, 17, 16, 15]])


@pytest.mark.parametrize(
    "layout",
    [
        Layout((64, 13), compression="gzip"),
        Layout(dtype="<f8"),
        Layout(dtype=">f4"),
        Layout((64, 13), rows=200),
        Layout((64, 13), rows=0),
        Layout(rows=0),
        Layout(userblock=512),
    ],
)
def test_all_other_files_are_read_by_hdf5(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: Layout) -> None:
    values = values_of((500, 300))
    reader = open_matrix(store_as(tmp_path / "a.gctx", values, layout))
    monkeypatch.setattr(gctx, "read_tiles", None)
    assert same_bits(read(reader)[1], expected(values, layout))


def test_a_compact_matrix_is_read(tmp_path: Path) -> None:
    values = values_of((4, 3))
    path = store_as(tmp_path / "a.gctx", values)
    with h5py.File(path, "a") as file:
        del file[MATRIX]
        kind = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        kind.set_layout(h5py.h5d.COMPACT)
        space = h5py.h5s.create_simple((4, 3))
        h5py.h5d.create(file["/0/DATA/0"].id, b"matrix", h5py.h5t.IEEE_F32LE, space, kind).write(
            h5py.h5s.ALL, h5py.h5s.ALL, values
        )
    assert same_bits(read(open_matrix(path))[1], expected(values, Layout()))


def test_a_file_system_that_does_not_say_what_is_cached_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = values_of((50, 30))
    reader = open_matrix(store_as(tmp_path / "a.gctx", values, Layout((7, 9))))
    plain = os.preadv

    def preadv(number: int, targets: list[Any], offset: int, flags: int = 0) -> int:
        if flags:
            raise OSError(95, "Operation not supported")
        return plain(number, targets, offset)

    monkeypatch.setattr(os, "preadv", preadv)
    assert same_bits(read(reader)[1], expected(values, Layout()))


def test_short_reads_are_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = values_of((50, 30))
    reader = open_matrix(store_as(tmp_path / "a.gctx", values))
    plain = os.preadv
    monkeypatch.setattr(
        os, "preadv", lambda number, targets, *rest: plain(number, [memoryview(targets[0]).cast("B")[:1001]], *rest)
    )
    assert same_bits(read(reader)[1], expected(values, Layout()))


# How much is read and held


class Reads:
    """Counts the bytes that are read of the matrix."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sizes: list[int] = []
        plain = os.preadv

        def preadv(number: int, targets: list[Any], offset: int, flags: int = 0) -> int:
            size = plain(number, targets, offset, flags)
            self.sizes.append(size)
            return size

        monkeypatch.setattr(os, "preadv", preadv)

    def taken(self) -> int:
        total, self.sizes = sum(self.sizes), []
        return total


@pytest.mark.parametrize("chunks", [None, (21, 9000)])
def test_a_narrow_selection_reads_few_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunks: tuple[int, int] | None
) -> None:
    values = values_of((300, 9000))
    reader, whole = open_matrix(store_as(tmp_path / "a.gctx", values, Layout(chunks))), expected(values, Layout())
    reads = Reads(monkeypatch)
    assert same_bits(read(reader, [f"g{number}" for number in range(30)])[1], whole[:, :30])
    assert reads.taken() <= 300 * 30 * 4 + 100  # and bytes that ask what is cached
    assert same_bits(read(reader, ["g70", "g90"])[1], whole[:, [70, 90]])
    assert reads.taken() <= 300 * 21 * 4 + 100
    assert same_bits(read(reader, samples=["s3", "s100", "s299"])[1], whole[[3, 100, 299]])
    assert reads.taken() <= 3 * 9000 * 4 + 100


@pytest.mark.parametrize("chunks", [None, (21, 9000), (64, 100)])
def test_nothing_is_read_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunks: tuple[int, int] | None) -> None:
    values = values_of((300, 9000))
    reader = open_matrix(store_as(tmp_path / "a.gctx", values, Layout(chunks)))
    reads = Reads(monkeypatch)
    assert same_bits(read(reader)[1], expected(values, Layout()))
    assert 300 * 9000 * 4 <= reads.taken() <= 300 * 9000 * 4 + 100
    read(reader, [f"g{number}" for number in range(250, 350)])
    assert reads.taken() <= 300 * (200 if chunks == (64, 100) else 100) * 4 + 100  # of small tiles, all of a row
    read(reader, samples=slice(70, 72))
    assert reads.taken() <= 2 * 9000 * 4 + 100


def peak_of(path: Path, **asked: Any) -> int:
    """Return the most bytes that a pass over a file takes."""
    reader = open_matrix(path)
    tracemalloc.start()
    seen = sum(len(block) for _, block in reader.blocks(**asked))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert seen == reader.n_samples
    return peak


@pytest.mark.parametrize("chunks", [None, (262, 100), (5000, 10)])
def test_memory_holds_a_few_blocks_and_buffers(tmp_path: Path, chunks: tuple[int, int] | None) -> None:
    path = store_as(tmp_path / "a.gctx", np.ones((20_000, 1000), "f4"), Layout(chunks))  # 80 MB
    block = 512 * 1000 * 4
    assert peak_of(path, rows=512) < 6 * block + 3 * 2**22
    assert peak_of(path, rows=512, genes=[f"g{number}" for number in range(0, 1000, 20)]) < 6 * block // 20 + 3 * 2**22


@pytest.mark.parametrize("chunks", [None, (262, 100)])
def test_memory_of_a_gzipped_file_holds_what_lies_between_checkpoints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunks: tuple[int, int] | None
) -> None:
    monkeypatch.setattr(gzip_scan, "_SPACING", 2**21)
    path = store_as(tmp_path / "a.gctx.gz", np.ones((20_000, 1000), "f4"), Layout(chunks))  # 80 MB
    assert peak_of(path, rows=512) < 5 * (2**21 + 512 * 1000 * 4) + 4 * 2**22


@pytest.mark.parametrize("name", ["a.gctx", "a.gctx.gz"])
def test_a_reader_that_is_left_early_leaves_nothing_running(tmp_path: Path, name: str) -> None:
    path = store_as(tmp_path / name, values_of((3000, 100)), Layout((100, 100)))
    before, files = threading.active_count(), len(os.listdir("/proc/self/fd"))
    blocks = open_matrix(path).blocks(rows=100)
    next(blocks)
    blocks.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before
    for _ in open_matrix(path).blocks(rows=100):
        break
    assert threading.active_count() == before
    with pytest.raises(ZeroDivisionError):
        for _, block in open_matrix(path).blocks(rows=100):
            len(block) / 0
    assert threading.active_count() == before
    assert len(os.listdir("/proc/self/fd")) == files


# What a reader leaves behind


@pytest.mark.parametrize("name", ["a.gctx", "a.gctx.gz"])
def test_a_reader_can_be_pickled_and_holds_no_open_file(tmp_path: Path, name: str) -> None:
    values = values_of((30, 20))
    path = store_as(tmp_path / name, values)
    copy = pickle.loads(pickle.dumps(open_matrix(path)))
    assert not [one for one in Path("/proc/self/fd").iterdir() if one.is_symlink() and os.readlink(one) == str(path)]
    assert same_bits(read(copy, ["g9"], ["s1"])[1], expected(values, Layout())[1:2, 9:10])
