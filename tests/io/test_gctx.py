import gzip
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from matrix_files import GENE_IDS, MATRIX, SAMPLE_IDS, VALUES, names, read, same_bits, store

from l1000_bench.errors import InputError
from l1000_bench.io.gctx import open_matrix
from l1000_bench.io.gctx_writer import write_gctx_arrays

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


def test_a_version_of_an_odd_type_is_refused(tmp_path: Path) -> None:
    path = store(tmp_path / "a.gctx")
    with h5py.File(path, "a") as file:
        file.attrs["version"] = np.zeros(2, dtype=[("a", "i4")])
    assert "a version of type [('a', '<i4')]; expected text" in refusal(path)


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
