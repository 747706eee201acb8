import gzip
import os
import pickle
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pytest
from cmapPy.pandasGEXpress import parse, parse_gctx, write_gctx
from cmapPy.pandasGEXpress.GCToo import GCToo
from cmappy_shim import repair
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from l1000_bench.errors import InputError
from l1000_bench.io.gctx import open_matrix
from l1000_bench.io.gctx_writer import write_gctoo, write_gctx_arrays, write_gctx_blocks
from l1000_bench.io.matrix import Ids, MatrixReader, Values

MATRIX, GENE_IDS, SAMPLE_IDS = "/0/DATA/0/matrix", "/0/META/ROW/id", "/0/META/COL/id"
VALUES = np.array([[1.5, -2.25, 3.0], [0.1, -10.0, 1e-30]], dtype=np.float32)  # 2 samples x 3 genes
# Values that a careless path would change: signed zero, the smallest and largest numbers, infinities.
EDGES = np.array([[0.0, -0.0, 1e-45], [3.4028235e38, np.inf, -np.inf], [1 / 3, np.nan, 16777217.0]], dtype=np.float32)


def names(prefix: str, count: int) -> Ids:
    return np.array([f"{prefix}{number}" for number in range(count)], dtype=object)


def store(path: Path, values: Any = VALUES, samples: Any = (b"s0", b"s1"), genes: Any = (b"7", b"5", b"9")) -> Path:
    with h5py.File(path, "w") as file:
        file.attrs["version"] = np.bytes_("GCTX1.0")
        file[MATRIX] = values
        for node, ids in ((SAMPLE_IDS, samples), (GENE_IDS, genes)):
            if ids is not None:
                file[node] = ids if isinstance(ids, np.ndarray) else np.array(ids)
    return path


def read(reader: MatrixReader, *args: Any, **kwargs: Any) -> tuple[list[str], Values]:
    blocks = list(reader.blocks(*args, **kwargs))
    assert all(block.dtype == np.float32 and block.flags.c_contiguous for _, block in blocks)
    ids = [str(identifier) for part, _ in blocks for identifier in part]
    return ids, np.concatenate([block for _, block in blocks])


def same_bits(left: Values, right: Values) -> bool:
    first, second = (np.ascontiguousarray(values, dtype=np.float32).view(np.uint32) for values in (left, right))
    return np.array_equal(first, second)


@pytest.fixture
def cmappy(monkeypatch: pytest.MonkeyPatch) -> None:
    repair(monkeypatch)


# What is read


@pytest.mark.parametrize("dtype", ["<f4", ">f4", "<f8", "<i4", "<i2"])
def test_every_number_type_becomes_float32_and_minus_666_becomes_nan(tmp_path: Path, dtype: str) -> None:
    path = store(tmp_path / "a.gctx", np.array([[1, -666, 3], [-10, 0, 70]], dtype=dtype))
    ids, values = read(open_matrix(path))
    assert ids == ["s0", "s1"]
    np.testing.assert_array_equal(values, np.array([[1, np.nan, 3], [-10, 0, 70]], dtype=np.float32))


@pytest.mark.parametrize(
    "version",
    [np.bytes_("GCTX1.0"), np.array([b"GCTX1.0"]), np.array(["GCTX1.0"], dtype=object), "GCTX1.0", None],
)
def test_version_may_be_bytes_an_array_text_or_missing(tmp_path: Path, version: Any) -> None:
    path = store(tmp_path / "a.gctx")
    with h5py.File(path, "a") as file:
        del file.attrs["version"]
        if version is not None:
            file.attrs["version"] = version
    assert open_matrix(path).to_gctoo().version == "GCTX1.0"


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (np.array([b"780     ", b"5720    "], dtype="S8"), ["780", "5720"]),
        (np.array([b"780", b"5720"], dtype="S20"), ["780", "5720"]),  # numpy pads with NUL
        (np.array(["780", "5720 "], dtype=h5py.string_dtype()), ["780", "5720"]),
        (np.array([b"caf\xe9", b"b"], dtype=h5py.string_dtype("ascii")), ["café", "b"]),
        (np.array([780, 5720], dtype=np.int64), ["780", "5720"]),
        (np.array([780, 5720], dtype=np.uint16), ["780", "5720"]),
        (np.array([780.0, 5720.0]), ["780", "5720"]),
        (np.array([b"caf\xe9", b"b"]), ["café", "b"]),
        (np.array(["µ1".encode(), b"b"]), ["µ1", "b"]),
        (np.array([[b"780"], [b"5720"]]), ["780", "5720"]),
    ],
)
def test_ids_come_out_as_text_however_they_are_stored(tmp_path: Path, stored: Any, expected: list[str]) -> None:
    reader = open_matrix(store(tmp_path / "a.gctx", samples=stored))
    assert reader.sample_ids.tolist() == expected
    assert all(type(identifier) is str for identifier in reader.sample_ids)
    transposed = open_matrix(store(tmp_path / "b.gctx", VALUES.T, genes=stored, samples=(b"x", b"y", b"z")))
    assert transposed.gene_ids.tolist() == expected


def test_metadata_of_any_type_is_read_with_minus_666_as_missing(tmp_path: Path) -> None:
    path = store(tmp_path / "a.gctx")
    with h5py.File(path, "a") as file:
        group = file["/0/META/COL"]
        group["dose"] = np.array([0.5, -666.0])
        group["time"] = np.array([24, -666], dtype=np.int32)
        group["batch"] = np.array([3, 4], dtype=np.int8)
        group["passed"] = np.array([True, False])
        group["site"] = np.array([b"lung  ", b"-666  "])
        group["name"] = np.array([b"caf\xe9", b"-666.0"])
        group["long"] = np.array(["µM", "x"], dtype=h5py.string_dtype())
        group.create_group("notes")  # no column
        file["/0/META/ROW/pr_is_lm"] = np.array([1, 0, 1])
    gctoo = open_matrix(path).to_gctoo()
    samples = gctoo.col_metadata_df
    assert samples.index.tolist() == ["s0", "s1"]
    assert samples["dose"].tolist()[0] == 0.5
    assert samples["time"].tolist()[0] == 24
    assert samples[["dose", "time", "site", "name"]].loc["s1"].isna().all()
    assert samples["batch"].tolist() == [3, 4]
    assert samples["batch"].dtype == np.int8
    assert samples["passed"].tolist() == [True, False]
    assert samples.loc["s0", ["site", "name"]].tolist() == ["lung", "café"]
    assert samples["long"].tolist() == ["µM", "x"]
    assert gctoo.row_metadata_df["pr_is_lm"].to_dict() == {"7": 1, "5": 0, "9": 1}
    assert set(samples) == {"dose", "time", "batch", "passed", "site", "name", "long"}


def test_to_gctoo_is_genes_by_samples(tmp_path: Path) -> None:
    gctoo = open_matrix(store(tmp_path / "a.gctx")).to_gctoo()
    assert gctoo.data_df.loc["5", "s1"] == -10.0
    assert gctoo.data_df.shape == (3, 2)
    assert [gctoo.data_df.index.name, gctoo.data_df.columns.name] == ["rid", "cid"]
    assert [gctoo.row_metadata_df.columns.name, gctoo.col_metadata_df.columns.name] == ["rhd", "chd"]
    assert same_bits(gctoo.data_df.to_numpy(), VALUES.T)


def test_a_file_behind_a_user_block_is_found(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.gctx", "w", userblock_size=512) as file:
        file[MATRIX], file[SAMPLE_IDS], file[GENE_IDS] = VALUES, np.array([b"s0", b"s1"]), np.array([7, 5, 9])
    assert same_bits(read(open_matrix(tmp_path / "a.gctx"))[1], VALUES)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_text_gct_named_gctx_is_read(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "a.gctx"
    path.write_bytes(pack(b"#1.2\n2\t3\nNAME\tDescription\ts0\ts1\ts2\n7\tx\t1\t2\t3\n5\ty\t4\t5\t-666\n"))
    ids, values = read(open_matrix(path), genes=["5", "7"], samples=["s2", "s0"])
    assert ids == ["s0", "s2"]
    np.testing.assert_array_equal(values, np.array([[4, 1], [np.nan, 3]], dtype=np.float32))


# What is refused


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        open_matrix(path).to_gctoo()
    assert str(path) in str(caught.value)
    return str(caught.value)


def test_what_is_no_matrix_file_is_refused(tmp_path: Path) -> None:
    assert "does not exist" in refusal(tmp_path / "absent.gctx")
    assert "is no file" in refusal(tmp_path)
    for content in (b"", b"sample\tgene\n", b"#1.4\n"):
        (tmp_path / "a.gctx").write_bytes(content)
        assert f"found {content!r}" in refusal(tmp_path / "a.gctx")
    (tmp_path / "a.gctx.gz").write_bytes(gzip.compress(store(tmp_path / "a.gctx").read_bytes()))
    assert "gunzip" in refusal(tmp_path / "a.gctx.gz")
    (tmp_path / "b.gz").write_bytes(gzip.compress(b"#1.2\n" * 9)[:15])
    assert "damaged" in refusal(tmp_path / "b.gz")


@pytest.mark.parametrize("node", [MATRIX, GENE_IDS, SAMPLE_IDS])
def test_hdf5_that_is_no_gctx_is_refused_with_what_it_lacks(tmp_path: Path, node: str) -> None:
    path = store(tmp_path / "a.gctx")
    with h5py.File(path, "a") as file:
        del file[node]
    assert f"lacks the dataset {node};" in refusal(path)
    with h5py.File(path, "a") as file:
        file.create_group(node)
    assert f"lacks the dataset {node};" in refusal(path)


def test_ids_that_do_not_fit_the_matrix_are_refused(tmp_path: Path) -> None:
    assert "shape (3, 2) for 2 sample ids and 3 gene ids" in refusal(store(tmp_path / "a.gctx", VALUES.T))
    assert "shape (6,)" in refusal(store(tmp_path / "b.gctx", VALUES.ravel()))
    assert "type |S3 in /0/DATA/0/matrix" in refusal(store(tmp_path / "c.gctx", VALUES.astype("S3")))
    assert "in /0/META/COL/id" in refusal(store(tmp_path / "d.gctx", samples=np.zeros(2, dtype=[("a", "i4")])))


def test_ids_that_repeat_are_refused(tmp_path: Path) -> None:
    samples = store(tmp_path / "a.gctx", samples=(b"s0", b"s0"))
    assert "sample id 's0' twice, again as number 2 of 2" in refusal(samples)
    cut = store(tmp_path / "b.gctx", genes=np.array([b"100129361", b"780", b"100128124"], dtype="S5"))
    assert "gene id '10012' twice, again as number 3 of 3" in refusal(cut)


def test_metadata_of_another_length_or_an_odd_type_are_refused(tmp_path: Path) -> None:
    path = store(tmp_path / "a.gctx")
    with h5py.File(path, "a") as file:
        file["/0/META/ROW/symbol"] = np.array([b"A", b"B"])
    assert "2 values in /0/META/ROW/symbol for 3 ids" in refusal(path)
    with h5py.File(path, "a") as file:
        del file["/0/META/ROW/symbol"]
        file["/0/META/ROW/symbol"] = h5py.Empty("f4")
    assert "in /0/META/ROW/symbol" in refusal(path)


@pytest.mark.parametrize("compression", [None, "gzip"])
def test_a_file_cut_off_anywhere_is_refused(tmp_path: Path, compression: str | None) -> None:
    whole, cut = tmp_path / "a.gctx", tmp_path / "cut.gctx"
    store(whole, samples=names("s", 50).astype("S"), genes=names("g", 40).astype("S"), values=np.zeros((50, 40)))
    with h5py.File(whole, "a") as file:
        del file[MATRIX]
        file.create_dataset(MATRIX, data=np.random.default_rng(1).normal(size=(50, 40)), compression=compression)
    content = whole.read_bytes()
    for size in [0, 4, 8, 50, 96, 600, *range(1000, len(content), 1511), len(content) - 1]:
        cut.write_bytes(content[:size])
        assert ("cut off" if size >= 8 else "neither HDF5") in refusal(cut)


def test_values_damaged_inside_a_whole_file_are_refused(tmp_path: Path) -> None:
    path = store(tmp_path / "a.gctx")
    with h5py.File(path, "a") as file:
        del file[MATRIX]
        chunks = file.create_dataset(MATRIX, data=VALUES, compression="gzip", chunks=(1, 3))
        offset = chunks.id.get_chunk_info(1).byte_offset
    content = bytearray(path.read_bytes())
    content[offset : offset + 4] = b"\xff\xff\xff\xff"
    path.write_bytes(content)
    assert open_matrix(path).n_samples == 2  # what was not damaged can be read
    assert "cut off or damaged" in refusal(path)


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


@settings(max_examples=150, deadline=None)
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


# Writing


def test_float32_values_and_ids_read_back_to_the_last_bit(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.gctx"
    write_gctx_arrays(path, EDGES, np.array(["a b", "µ", "c:D01"], dtype=object), names("g", 3))
    reader = open_matrix(path)
    assert reader.sample_ids.tolist() == ["a b", "µ", "c:D01"]
    assert reader.gene_ids.tolist() == ["g0", "g1", "g2"]
    assert same_bits(read(reader)[1], EDGES)


def test_the_layout_is_that_of_geo(tmp_path: Path) -> None:
    write_gctx_arrays(tmp_path / "a.gctx", VALUES, names("s", 2), np.array(["780", "5720", "9"], dtype=object))
    with h5py.File(tmp_path / "a.gctx") as file:
        assert file.attrs["version"] == b"GCTX1.0"
        assert file.attrs["src"] == "a.gctx"
        assert (file[MATRIX].shape, file[MATRIX].dtype) == ((2, 3), np.float32)
        assert file[GENE_IDS][:].tolist() == [b"780", b"5720", b"9"]
        assert file[GENE_IDS].dtype == "S4"
        assert file[SAMPLE_IDS][:].tolist() == [b"s0", b"s1"]


def test_the_same_matrix_makes_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        write_gctx_arrays(tmp_path / folder / "m.gctx", VALUES, names("s", 2), names("g", 3))
    assert (tmp_path / "a" / "m.gctx").read_bytes() == (tmp_path / "b" / "m.gctx").read_bytes()


def test_blocks_are_written_as_they_come(tmp_path: Path) -> None:
    values = np.random.default_rng(3).normal(size=(7, 3)).astype(np.float32)
    write_gctx_blocks(tmp_path / "a.gctx", (values[i : i + 3] for i in range(0, 7, 3)), names("s", 7), names("g", 3))
    assert same_bits(read(open_matrix(tmp_path / "a.gctx"))[1], values)


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.gctx"
    write_gctx_arrays(path, VALUES, names("s", 2), names("g", 3))

    def broken() -> Iterator[Values]:
        yield VALUES[:1]
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_gctx_blocks(path, broken(), names("s", 2), names("g", 3))
    for values, count in ((VALUES, 3), (VALUES, 1), (VALUES[:, :2], 2), (VALUES.ravel(), 6)):
        with pytest.raises(InputError, match=r"a\.gctx cannot be written: .*expected"):
            write_gctx_arrays(path, values, names("s", count), names("g", 3))
    with pytest.raises(InputError, match="gene id 'g' twice"):
        write_gctx_arrays(path, VALUES, names("s", 2), np.array(["g", "h", "g"], dtype=object))
    assert same_bits(read(open_matrix(path))[1], VALUES)
    assert os.listdir(tmp_path) == ["a.gctx"]


def gctoo_of(values: NDArray[Any] = VALUES.T) -> Any:
    genes, samples = pd.Index(names("g", len(values))), pd.Index(names("s", values.shape[1]))
    row = pd.DataFrame({"symbol": ["A", None, "C"], "weight": [0.25, np.nan, 3.0]}, index=genes)
    col = pd.DataFrame({"dose": [10, 20], "well": ["A01", "-666"], "lot": pd.array([1, None], "Int64")}, index=samples)
    return GCToo(pd.DataFrame(values, genes, samples), row, col)


def test_metadata_read_back(tmp_path: Path) -> None:
    write_gctoo(tmp_path / "a.gctx", gctoo_of())
    back = open_matrix(tmp_path / "a.gctx").to_gctoo()
    assert same_bits(back.data_df.to_numpy(), VALUES.T)
    genes, samples = back.row_metadata_df, back.col_metadata_df
    assert genes["weight"].iloc[[0, 2]].tolist() == [0.25, 3.0]
    assert genes["symbol"].iloc[[0, 2]].tolist() == ["A", "C"]
    assert genes.loc["g1"].isna().all()
    assert samples["dose"].tolist() == [10, 20]
    assert samples["dose"].dtype == np.int64
    assert samples.loc["s0", ["well", "lot"]].tolist() == ["A01", 1]
    assert samples.loc["s1", ["well", "lot"]].isna().all()


def test_what_gctx_cannot_hold_is_refused(tmp_path: Path) -> None:
    for name in ("id", "a/b", "."):
        gctoo = gctoo_of()
        gctoo.row_metadata_df = gctoo.row_metadata_df.rename(columns={"symbol": name})
        with pytest.raises(InputError, match=f"named '{name}'"):
            write_gctoo(tmp_path / "a.gctx", gctoo)
    with pytest.raises(InputError, match="numbers alone"):
        write_gctoo(tmp_path / "a.gctx", gctoo_of(np.array([["x", "y"]] * 3, dtype=object)))
    assert list(tmp_path.iterdir()) == []


# Other programs


@pytest.mark.usefixtures("cmappy")
@pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame.set_index")
def test_cmappy_reads_what_is_written(tmp_path: Path) -> None:
    path = tmp_path / "a.gctx"
    write_gctoo(path, gctoo_of())
    for theirs in (parse.parse(str(path)), parse_gctx.parse(str(path))):
        assert theirs.version == b"GCTX1.0"
        assert same_bits(theirs.data_df.to_numpy(), VALUES.T)
        assert theirs.data_df.index.tolist() == ["g0", "g1", "g2"]
        assert theirs.row_metadata_df["symbol"].iloc[[0, 2]].tolist() == ["A", "C"]
        assert theirs.row_metadata_df.loc["g1"].isna().all()
        assert theirs.col_metadata_df["dose"].to_dict() == {"s0": 10, "s1": 20}
        assert theirs.col_metadata_df["well"].isna().tolist() == [False, True]
    write_gctx_arrays(path, EDGES, names("s", 3), np.array(["780", "5720", "9"], dtype=object))
    part = parse_gctx.parse(str(path), rid=["9", "780"], cid=["s2"])
    assert part.data_df["s2"].to_dict() == {"780": np.float32(1 / 3), "9": np.float32(16777217.0)}


@pytest.mark.usefixtures("cmappy")
def test_what_cmappy_writes_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.gctx"
    gctoo = gctoo_of()
    gctoo.col_metadata_df = gctoo.col_metadata_df.drop(columns="lot")  # its writer fails on pandas' own integers
    write_gctx.write(gctoo, str(path))
    ours = open_matrix(path).to_gctoo()
    assert same_bits(ours.data_df.to_numpy(), VALUES.T)
    assert ours.version == "GCTX1.0"
    assert ours.row_metadata_df["symbol"].isna().tolist() == [False, True, False]
    assert ours.row_metadata_df["symbol"].iloc[2] == "C"
    assert ours.col_metadata_df["dose"].tolist() == [10, 20]
    ids, values = read(open_matrix(path), ["g2", "g0"], ["s1"])
    assert ids == ["s1"]
    assert same_bits(values, VALUES[1:, [2, 0]])


@pytest.mark.skipif("L1000_SHARED" not in os.environ, reason="needs the real files that L1000_SHARED points at")
def test_the_real_file(tmp_path: Path) -> None:
    folder = Path(os.environ["L1000_SHARED"]) / "data" / "gse92742_mini"
    reader = open_matrix(next(folder.glob("*.gctx")))
    assert (reader.n_samples, reader.n_genes) == (4039, 978)
    ids, values = read(reader)
    assert ids == reader.sample_ids.tolist()
    missing = np.isnan(values)
    assert set(reader.gene_ids[missing.any(axis=0)]) == {"2597", "5720"}
    assert missing.sum(axis=0).max() == 372
    assert len({identifier.split(":")[0] for identifier in reader.sample_ids[missing.any(axis=1)]}) == 1
    write_gctx_arrays(tmp_path / "copy.gctx", values, reader.sample_ids, reader.gene_ids)
    wanted = reader.sample_ids[::-97]
    part = read(open_matrix(tmp_path / "copy.gctx"), ["5720", "780", "2597"], wanted, rows=300)[1]
    assert same_bits(part, read(reader, ["5720", "780", "2597"], wanted)[1])
