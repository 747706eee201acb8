import pickle
import tracemalloc
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matrix_files import MATRIX, VALUES, names, read, same_bits, store

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


@st.composite
def requests(draw: st.DrawFn) -> tuple[tuple[int, int], tuple[int, int] | None, list[int], list[int], int]:
    n_samples, n_genes = draw(st.integers(1, 40)), draw(st.integers(1, 20))
    chunks = draw(st.none() | st.tuples(st.integers(1, n_samples), st.integers(1, n_genes)))
    genes = draw(st.lists(st.integers(0, n_genes - 1), unique=True, min_size=1))
    samples = draw(st.lists(st.integers(0, n_samples - 1), unique=True, min_size=1))
    return (n_samples, n_genes), chunks, genes, samples, draw(st.integers(1, 50))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(requests(), st.integers(1, 30))
def test_blocks_are_what_numpy_indexing_gives(
    tmp_path_factory: pytest.TempPathFactory,
    request_: tuple[tuple[int, int], tuple[int, int] | None, list[int], list[int], int],
    unit_bytes: int,
) -> None:
    shape, chunks, genes, samples, rows = request_
    path = tmp_path_factory.getbasetemp() / "hypothesis.gctx"
    values = np.random.default_rng(shape).normal(size=shape).astype(np.float32)
    store(path, values, names("s", shape[0]).astype("S"), names("g", shape[1]).astype("S"))
    with h5py.File(path, "a") as file:
        del file[MATRIX]
        file.create_dataset(MATRIX, data=values, chunks=chunks)
    reader = open_matrix(path)
    with pytest.MonkeyPatch.context() as patch:
        # Small files pass through one read; small units and buffers make many.
        patch.setattr("l1000_bench.io.gctx_blocks._UNIT_BYTES", unit_bytes * 8)
        patch.setattr("l1000_bench.io.gctx_blocks._BUFFER_BYTES", unit_bytes * 40)
        blocks = list(reader.blocks(reader.gene_ids[genes], reader.sample_ids[samples], rows))
    assert all(1 <= len(block) <= rows for _, block in blocks)
    assert np.concatenate([ids for ids, _ in blocks]).tolist() == reader.sample_ids[sorted(samples)].tolist()
    assert same_bits(np.concatenate([block for _, block in blocks]), values[np.ix_(sorted(samples), genes)])


# Memory and reads


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


def chunked(path: Path, shape: tuple[int, int], chunks: tuple[int, int] | None) -> MatrixReader:
    store(path, np.zeros(1), names("s", shape[0]).astype("S"), names("g", shape[1]).astype("S"))
    with h5py.File(path, "a") as file:
        del file[MATRIX]
        file.create_dataset(MATRIX, shape, "f4", chunks=chunks, fillvalue=1.0)
    return open_matrix(path)


def test_reads_keep_to_chunks_and_skip_those_without_a_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = chunked(tmp_path / "a.gctx", (1000, 50), (30, 10))
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
    reader = chunked(tmp_path / "a.gctx", (8, 100), None)
    reads = Reads(monkeypatch)
    read(reader, ["g20", "g10"])
    read(reader, ["g99", "g10"])
    assert reads.spans == [(0, 8, 10, 21), (0, 8, 0, 100)]


@pytest.mark.parametrize("chunks", [None, (262, 1000), (5000, 10)])
def test_memory_holds_one_block_and_a_buffer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunks: tuple[int, int] | None
) -> None:
    reader = chunked(tmp_path / "a.gctx", (20_000, 2000), chunks)  # 160 MB of values
    reads = Reads(monkeypatch)
    rows, genes = 512, [f"g{number}" for number in range(0, 2000, 40)]
    tracemalloc.start()
    seen = sum(len(block) for _, block in reader.blocks(genes, rows=rows))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert seen == 20_000
    assert max((stop - start) * (last - first) * 4 for start, stop, first, last in reads.spans) <= rows * 2000 * 4
    assert peak < 9 * 2**20  # the buffer of 4 MiB, two blocks of 0.1 MB, the index of ids


def test_a_whole_file_is_held_once(tmp_path: Path) -> None:
    reader = chunked(tmp_path / "a.gctx", (10_000, 1000), None)  # 40 MB of values
    tracemalloc.start()
    gctoo = reader.to_gctoo()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert gctoo.data_df.loc["g999", "s9999"] == 1.0
    assert peak < 64e6  # with a block of 8 MB and the buffer


def test_a_reader_holds_no_open_file_and_can_be_pickled(tmp_path: Path) -> None:
    path = store(tmp_path / "a.gctx")
    reader = open_matrix(path)
    copy = pickle.loads(pickle.dumps(reader))
    assert same_bits(read(copy, ["9"], ["s1"])[1], VALUES[1:, 2:])
    store(path, VALUES * 2)  # HDF5 refuses to write a file that is open
    assert same_bits(read(reader)[1], VALUES * 2)
    store(path, VALUES[:1], samples=(b"s0",))
    with pytest.raises(InputError, match="replaced after it was opened"):
        list(reader.blocks())
