import tracemalloc
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from matrix_files import Layout, read, store, store_as

from l1000_bench.errors import InputError
from l1000_bench.io.gctx import open_matrix
from l1000_bench.io.matrix import MatrixReader, Values

# Selections


def test_unknown_ids_are_counted_and_five_are_named(tmp_path: Path) -> None:
    reader = open_matrix(store(tmp_path / "a.gctx"))
    with pytest.raises(InputError, match=r"lacks 7 of the 8 gene ids asked for \('a', 'b', 'c', 'd', 'e', …\)"):
        reader.blocks(genes=["a", "b", "c", "d", "e", "f", "7", "g"])
    with pytest.raises(InputError, match=r"lacks 1 of the 2 sample ids asked for \('s9'\); .* 's0', 's1'; "):
        reader.blocks(samples=["s9", "s0"])
    with pytest.raises(InputError, match="Gene id '7' is asked for twice"):
        reader.blocks(genes=["7", "5", "7"])
    with pytest.raises(InputError, match="0 rows"):
        reader.blocks(rows=0)


def test_ids_that_the_file_cut_off_are_explained(tmp_path: Path) -> None:
    reader = open_matrix(store(tmp_path / "a.gctx", genes=np.array([b"100129361", b"780", b"5720"], dtype="S5")))
    with pytest.raises(InputError, match="cut off after 5 characters"):
        reader.blocks(genes=["100129361"])


def test_selections_may_be_empty(tmp_path: Path) -> None:
    reader = open_matrix(store(tmp_path / "a.gctx"))
    assert list(reader.blocks(samples=[])) == []
    assert read(reader, genes=[])[1].shape == (2, 0)
    nothing = open_matrix(store(tmp_path / "b.gctx", np.empty((0, 3), "f4"), samples=np.array([], dtype="S1")))
    assert list(nothing.blocks()) == []
    assert nothing.to_gctoo().data_df.shape == (3, 0)


# Memory and reads of what only HDF5 can read: packed chunks, other types of number, chunks that were never written


class Reads:
    """Records what is read of the matrix: (first row, end row, first column, end column)."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.spans: list[tuple[int, int, int, int]] = []
        plain = h5py.Dataset.read_direct

        def read_direct(dataset: h5py.Dataset, dest: Values, source_sel: Any, dest_sel: Any) -> None:
            rows, columns = source_sel
            self.spans.append((rows.start, rows.stop, columns.start, columns.stop))
            plain(dataset, dest, source_sel, dest_sel)

        monkeypatch.setattr(h5py.Dataset, "read_direct", read_direct)


def unwritten(path: Path, shape: tuple[int, int], chunks: tuple[int, int] | None) -> MatrixReader:
    return open_matrix(store_as(path, np.empty(shape, "f4"), Layout(chunks, rows=0)))


def test_reads_keep_to_chunks_and_skip_those_without_a_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = unwritten(tmp_path / "a.gctx", (1000, 50), (30, 10))
    reads = Reads(monkeypatch)
    sizes = [len(block) for _, block in reader.blocks(["g12", "g11"], rows=100)]
    assert sizes == [90] * 11 + [10]  # three chunks of 30 rows fit in 100
    assert reads.spans == [(start, min(start + 90, 1000), 11, 13) for start in range(0, 1000, 90)]
    reads.spans.clear()
    blocks = list(reader.blocks(["g49"], ["s995", "s5", "s40", "s275", "s359", "s395"], rows=100))
    assert [ids.tolist() for ids, _ in blocks] == [["s5", "s40"], ["s275", "s359"], ["s395"], ["s995"]]
    rows = [(5, 41), (275, 276), (359, 360), (395, 396), (995, 996)]  # not rows 300 to 329
    assert reads.spans == [(start, stop, 49, 50) for start, stop in rows]


def test_a_contiguous_file_is_read_in_whole_rows_or_a_narrow_span(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = unwritten(tmp_path / "a.gctx", (8, 100), None)
    reads = Reads(monkeypatch)
    read(reader, ["g20", "g10"])
    read(reader, ["g99", "g10"])
    assert reads.spans == [(0, 8, 10, 21), (0, 8, 0, 100)]


@pytest.mark.parametrize(
    "layout", [Layout((262, 1000), compression="gzip"), Layout((4000, 10), "<f8"), Layout(dtype="<f8"), Layout(rows=0)]
)
def test_memory_holds_one_block_and_a_buffer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: Layout) -> None:
    reader = open_matrix(store_as(tmp_path / "a.gctx", np.ones((8000, 2000), "f4"), layout))  # 64 MB of float32
    reads = Reads(monkeypatch)
    rows, genes = 512, [f"g{number}" for number in range(0, 2000, 40)]
    tracemalloc.start()
    seen = sum(len(block) for _, block in reader.blocks(genes, rows=rows))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert seen == 8000
    assert max((stop - start) * (last - first) * 4 for start, stop, first, last in reads.spans) <= rows * 2000 * 4
    assert peak < 9 * 2**20  # the buffer of 4 MiB, two blocks of 0.1 MB, the index of ids


@pytest.mark.parametrize("dtype", ["<f4", "<f8"])  # read by the bytes, and by HDF5
def test_a_whole_file_is_held_once(tmp_path: Path, dtype: str) -> None:
    values = np.full((10_000, 1000), 1.5, "f4")  # 40 MB
    reader = open_matrix(store_as(tmp_path / "a.gctx", values, Layout(dtype=dtype)))
    tracemalloc.start()
    gctoo = reader.to_gctoo()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert gctoo.data_df.loc["g999", "s9999"] == 1.5
    assert peak < 40e6 + (24e6 if dtype == "<f8" else 64e6)  # with blocks of 8 MB and buffers
