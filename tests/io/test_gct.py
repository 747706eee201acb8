import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cmapPy.pandasGEXpress import parse, parse_gct
from cmapPy.pandasGEXpress import write_gct as their_write_gct
from cmapPy.pandasGEXpress.GCToo import GCToo
from cmappy_shim import repair
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from matrix_files import same_bits
from numpy.typing import NDArray

from l1000_bench.errors import InputError
from l1000_bench.io.gct import GctReader, read_gct
from l1000_bench.io.gct_writer import write_gct

GCT_1_2 = "#1.2\n2\t3\nNAME\tDescription\ts0\ts1\ts2\n780\tDDR1\t1.5\t-2\tNaN\n5720\t-666\t0\t-666\t1e-3\n"
GCT_1_3 = (
    "#1.3\n2\t3\t1\t2\nid\tpr_gene_symbol\ts0\ts1\ts2\n"
    "cell_id\t-666\tA375\tPC3\t-666\npert_dose\t-666\t10\t-666.0\t0.5 µM\n"
    "780\tDDR1\t1.5\t-2\tNaN\n5720\t-666\t0\t-666\t1e-3\n"
)
VALUES = np.array([[1.5, -2, np.nan], [0, np.nan, 1e-3]], dtype=np.float32)  # 2 genes x 3 samples


def saved(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def gctoo_of(values: NDArray[Any], genes: dict[str, Any], samples: dict[str, Any]) -> Any:
    rows = pd.Index([f"g{number}" for number in range(values.shape[0])])
    columns = pd.Index([f"s{number}" for number in range(values.shape[1])])
    data = pd.DataFrame(values, rows, columns)
    return GCToo(data, pd.DataFrame(genes, index=rows), pd.DataFrame(samples, index=columns))


@pytest.fixture
def cmappy(monkeypatch: pytest.MonkeyPatch) -> None:
    repair(monkeypatch)


# Reading


def test_version_1_2(tmp_path: Path) -> None:
    gctoo = read_gct(saved(tmp_path / "a.gct", GCT_1_2))
    assert gctoo.version == "GCT1.2"
    np.testing.assert_array_equal(gctoo.data_df.to_numpy(), VALUES)
    assert gctoo.data_df.index.tolist() == ["780", "5720"]
    assert gctoo.data_df.columns.tolist() == ["s0", "s1", "s2"]
    assert gctoo.row_metadata_df["Description"].isna().tolist() == [False, True]
    assert gctoo.row_metadata_df.loc["780", "Description"] == "DDR1"
    assert gctoo.col_metadata_df.shape == (3, 0)


def test_version_1_3(tmp_path: Path) -> None:
    gctoo = read_gct(saved(tmp_path / "a.gct", GCT_1_3))
    assert gctoo.version == "GCT1.3"
    np.testing.assert_array_equal(gctoo.data_df.to_numpy(), VALUES)
    assert gctoo.data_df.to_numpy().dtype == np.float32
    assert gctoo.row_metadata_df["pr_gene_symbol"].isna().tolist() == [False, True]
    samples = gctoo.col_metadata_df
    assert samples["cell_id"].tolist()[:2] == ["A375", "PC3"]
    assert samples["pert_dose"].tolist()[::2] == ["10", "0.5 µM"]  # metadata stay text
    assert samples.isna().to_numpy().tolist() == [[False, False], [False, True], [True, False]]
    assert [samples.index.name, samples.columns.name, gctoo.row_metadata_df.index.name] == ["cid", "chd", "rid"]


def test_metadata_may_be_absent(tmp_path: Path) -> None:
    gctoo = read_gct(saved(tmp_path / "a.gct", "#1.3\n1\t2\t0\t0\nid\ts0\ts1\n780\t1\t2\n"))
    assert gctoo.data_df.loc["780"].tolist() == [1, 2]
    assert gctoo.row_metadata_df.shape == (1, 0)
    assert gctoo.col_metadata_df.shape == (2, 0)


@pytest.mark.parametrize(
    "disguise",
    [
        gzip.compress,
        lambda text: b"\xef\xbb\xbf" + text,  # a byte order mark
        lambda text: text.replace(b"\n", b"\r\n") + b"\r\n",
        lambda text: text.replace(b"#1.3", b"#1.3\t\t").replace(b"2\t3\t1\t2", b"2 3 1 2\t\t"),
        lambda text: text.replace("µ".encode(), b"\xb5"),  # Latin-1
    ],
)
def test_one_table_in_many_disguises(tmp_path: Path, disguise: Callable[[bytes], bytes]) -> None:
    (tmp_path / "a.gct").write_bytes(disguise(GCT_1_3.encode()))
    gctoo = read_gct(tmp_path / "a.gct")
    np.testing.assert_array_equal(gctoo.data_df.to_numpy(), VALUES)
    assert gctoo.col_metadata_df.loc["s2", "pert_dose"] == "0.5 µM"


def test_missing_values_have_many_names(tmp_path: Path) -> None:
    cells = "\t".join(["", "NA", "na", "#N/A", "null", "nan", "-666", "-666.0", " 7 "])
    samples = "\t".join(f"s{number}" for number in range(9))
    gctoo = read_gct(saved(tmp_path / "a.gct", f"#1.2\n1\t9\nNAME\tDescription\t{samples}\n780\t\t{cells}\n"))
    np.testing.assert_array_equal(gctoo.data_df.to_numpy(), [[np.nan] * 8 + [7]])
    assert gctoo.row_metadata_df["Description"].isna().all()


# Refusals


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("#1.3", "#1.4", r"line 1: expected #1\.2 or #1\.3, the mark of a GCT, found '#1\.4'"),
        ("2\t3\t1\t2\n", "2\t3\n", "line 2: expected 4 counts after #1.3, found '2 3'"),
        ("2\t3\t1\t2\n", "2\t3\t1\tx\n", "line 2: expected 4 counts"),
        ("2\t3\t1", "2\t4\t1", "line 3: the header has 5 cells; expected 6"),
        ("2\t3\t1", "1\t3\t1", "line 7: found one more line; expected the end after 1 genes"),
        ("2\t3\t1", "3\t3\t1", "line 7: the file ends here; expected gene 3 of 3 next"),
        ("1\t2\nid", "1\t1\nid", "line 5: gene 'pert_dose', sample 's2': expected a float32 number, found '0.5 µM'"),
        ("A375\tPC3", "A375", "line 4: sample metadata has 4 cells; expected 5"),
        ("1.5\t-2", "1.5", "line 6: gene 1 of 2 has 4 cells; expected 5"),
        ("1e-3", "1e-3x", "line 7: gene '5720', sample 's2': expected a float32 number, found '1e-3x'"),
        ("1.5\t", "1e39\t", "line 6: gene '780', sample 's0': expected a float32 number, found '1e39'"),
        ("s1\ts2", "s1\ts1", "sample id 's1' twice, again as number 3 of 3"),
        ("\n5720", "\n780", "gene id '780' twice, again as number 2 of 2"),
        ("pert_dose", "cell_id", "two sample metadata fields named 'cell_id'"),
        ("\nid", "\rid", "line 2: expected cells divided by tabs, and lines by"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert GCT_1_3.count(old) == 1
    path = saved(tmp_path / "a.gct", GCT_1_3.replace(old, new))
    with pytest.raises(InputError, match=message) as caught:
        read_gct(path)
    assert str(path) in str(caught.value)


def test_a_file_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    packed = gzip.compress(GCT_1_3.encode())
    for size in range(2, len(packed) - 8):  # from the magic number to the check sum
        (tmp_path / "a.gct.gz").write_bytes(packed[:size])
        with pytest.raises(InputError, match="gzip file but cut off or damaged"):
            read_gct(tmp_path / "a.gct.gz")
    for size in range(GCT_1_3.rindex("\t")):  # all but the last cell of the last line
        with pytest.raises(InputError):
            read_gct(saved(tmp_path / "a.gct", GCT_1_3[:size]))


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        read_gct(tmp_path / "absent.gct")
    with pytest.raises(InputError, match="is no file"):
        read_gct(tmp_path)
    (tmp_path / "a.gct").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
    with pytest.raises(InputError, match=r"expected #1\.2 or #1\.3"):
        read_gct(tmp_path / "a.gct")


# Blocks


def test_blocks_are_samples_by_genes_in_file_order(tmp_path: Path) -> None:
    reader = GctReader.open(saved(tmp_path / "a.gct", GCT_1_3))
    assert (reader.n_samples, reader.n_genes, reader.path) == (3, 2, tmp_path / "a.gct")
    blocks = list(reader.blocks(["5720", "780"], ["s2", "s0", "s1"], rows=2))
    assert [ids.tolist() for ids, _ in blocks] == [["s0", "s1"], ["s2"]]
    assert all(block.flags.c_contiguous and block.dtype == np.float32 for _, block in blocks)
    np.testing.assert_array_equal(np.concatenate([block for _, block in blocks]), VALUES[::-1].T)
    with pytest.raises(InputError, match=r"lacks 1 of the 1 gene ids asked for \('9'\)"):
        reader.blocks(["9"])


def test_changing_what_was_read_does_not_change_the_reader(tmp_path: Path) -> None:
    reader = GctReader.open(saved(tmp_path / "a.gct", GCT_1_3))
    data = reader.to_gctoo().data_df
    data.iloc[0, 0] = 99
    next(reader.blocks())[1][0, 0] = 99
    assert next(reader.blocks())[1][0, 0] == 1.5


# Writing


@settings(deadline=None, derandomize=True)
@given(arrays(np.float32, array_shapes(min_dims=2, max_dims=2, max_side=4), elements=st.floats(width=32)))
def test_float32_reads_back_to_the_last_bit(
    tmp_path_factory: pytest.TempPathFactory, values: NDArray[np.float32]
) -> None:
    path = tmp_path_factory.getbasetemp() / "hypothesis.gct"
    write_gct(path, gctoo_of(values, {}, {}))
    back = read_gct(path).data_df.to_numpy()
    expected = np.where(np.isnan(values) | (values == -666), np.float32("nan"), values)
    assert same_bits(back, expected)


@pytest.mark.parametrize("name", ["a.gct", "a.gct.gz"])
def test_metadata_read_back(tmp_path: Path, name: str) -> None:
    genes = {"symbol": ["A", None], "title": ['5"-kinase', 'say "so"\tor not']}
    samples = {"dose": [10.0, np.nan], "name": ["µ", "two\nlines"]}
    write_gct(tmp_path / name, gctoo_of(np.zeros((2, 2)), genes, samples))
    assert (tmp_path / name).read_bytes().startswith(b"\x1f\x8b" if name.endswith("gz") else b"#1.3\n2\t2\t2\t2\n")
    back = read_gct(tmp_path / name)
    assert back.row_metadata_df["symbol"].isna().tolist() == [False, True]
    assert back.row_metadata_df["title"].tolist() == genes["title"]
    assert back.col_metadata_df["dose"].iloc[0] == "10.0"
    assert back.col_metadata_df["dose"].isna().tolist() == [False, True]
    assert back.col_metadata_df["name"].tolist() == samples["name"]


def test_the_text_written_is_this(tmp_path: Path) -> None:
    values = np.array([[0.1, np.nan], [-2, 1e-5]], dtype=np.float32)
    write_gct(tmp_path / "a.gct", gctoo_of(values, {"symbol": ["A", None]}, {"cell": ["PC3", "A375"]}))
    assert (tmp_path / "a.gct").read_text() == (
        "#1.3\n2\t2\t1\t1\nid\tsymbol\ts0\ts1\ncell\t-666\tPC3\tA375\n"
        "g0\tA\t0.100000001\tNaN\ng1\t-666\t-2\t9.99999975e-06\n"
    )
    write_gct(tmp_path / "b.gct", gctoo_of(values, {"Description": ["A", None]}, {}), version="1.2")
    assert (tmp_path / "b.gct").read_text() == (
        "#1.2\n2\t2\nNAME\tDescription\ts0\ts1\ng0\tA\t0.100000001\tNaN\ng1\t-666\t-2\t9.99999975e-06\n"
    )


def test_the_same_table_makes_the_same_gzip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder, now in (("a", 1e9), ("b", 2e9)):
        monkeypatch.setattr("time.time", lambda now=now: now)
        write_gct(tmp_path / folder / "m.gct.gz", gctoo_of(VALUES, {}, {}))
    first, second = ((tmp_path / folder / "m.gct.gz").read_bytes() for folder in ("a", "b"))
    assert first == second
    assert first[3] == 0  # no flag: the temporary name is not inside


def test_version_1_2_refuses_to_lose_metadata(tmp_path: Path) -> None:
    plain = gctoo_of(VALUES, {}, {})
    write_gct(tmp_path / "a.gct", plain, version="1.2")
    np.testing.assert_array_equal(read_gct(tmp_path / "a.gct").data_df.to_numpy(), VALUES)
    for genes, samples in (({"symbol": ["A", "B"]}, {}), ({}, {"symbol": ["A", "B", "C"]})):
        with pytest.raises(InputError, match="no metadata but Description, found 'symbol'"):
            write_gct(tmp_path / "b.gct", gctoo_of(VALUES, genes, samples), version="1.2")
    with pytest.raises(InputError, match=r"expected '1\.2' or '1\.3'"):
        write_gct(tmp_path / "b.gct", plain, version="1.1")
    with pytest.raises(InputError, match="numbers alone"):
        write_gct(tmp_path / "b.gct", gctoo_of(np.array([["x"]]), {}, {}))
    assert [path.name for path in tmp_path.iterdir()] == ["a.gct"]


# Other programs


@pytest.mark.usefixtures("cmappy")
@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_cmappy_reads_what_is_written(tmp_path: Path, version: str) -> None:
    values = np.random.default_rng(5).normal(size=(4, 3)).astype(np.float32)
    values[1, 2] = np.nan
    genes = {"Description": ["A", None, 'the "C"', "D"]}
    samples = {"cell": ["PC3", None, "A375"], "dose": [1.5, np.nan, 3]} if version == "1.3" else {}
    write_gct(tmp_path / "a.gct", gctoo_of(values, genes, samples), version)
    for theirs in (parse.parse(str(tmp_path / "a.gct")), parse_gct.parse(str(tmp_path / "a.gct"))):
        assert same_bits(theirs.data_df.to_numpy(), values)
        assert theirs.data_df.index.tolist() == ["g0", "g1", "g2", "g3"]
        assert theirs.row_metadata_df["Description"].iloc[[0, 2, 3]].tolist() == ["A", 'the "C"', "D"]
        assert theirs.row_metadata_df["Description"].isna().tolist() == [False, True, False, False]
        assert theirs.col_metadata_df.columns.tolist() == list(samples)
        if samples:
            assert theirs.col_metadata_df["dose"].iloc[[0, 2]].tolist() == [1.5, 3.0]


@pytest.mark.usefixtures("cmappy")
def test_what_cmappy_writes_is_read(tmp_path: Path) -> None:
    values = np.random.default_rng(6).normal(size=(4, 3)).astype(np.float32)
    values[3, 0] = np.nan
    genes, samples = {"symbol": ["A", None, 'the "C"', "D"]}, {"cell": ["PC3", None, "A375"], "day": [1, 2, 3]}
    path = tmp_path / "a.gct"
    their_write_gct.write(gctoo_of(values, genes, samples), str(path), data_float_format=None)
    ours = read_gct(path)
    assert same_bits(ours.data_df.to_numpy(), values)
    assert ours.row_metadata_df["symbol"].iloc[[0, 2, 3]].tolist() == ["A", 'the "C"', "D"]
    assert ours.row_metadata_df["symbol"].isna().tolist() == [False, True, False, False]
    assert ours.col_metadata_df["cell"].isna().tolist() == [False, True, False]
    assert ours.col_metadata_df["day"].tolist() == ["1", "2", "3"]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("n_genes", ["2000000000", "999999999999999", "9" * 21, "9" * 5000])
def test_counts_that_the_file_cannot_hold_are_refused(
    tmp_path: Path, n_genes: str, pack: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "a.gct"
    path.write_bytes(pack(f"#1.2\n{n_genes}\t2\nNAME\tDescription\ts0\ts1\n7\tx\t1\t2\n".encode()))
    with pytest.raises(InputError, match=rf"a\.gct line [23]: expected .*{n_genes[:15]}"):
        read_gct(path)
