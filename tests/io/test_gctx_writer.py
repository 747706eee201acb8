import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pytest
from cmapPy.pandasGEXpress import parse, parse_gctx, write_gctx
from cmapPy.pandasGEXpress.GCToo import GCToo
from cmappy_shim import repair
from matrix_files import GENE_IDS, MATRIX, SAMPLE_IDS, VALUES, names, read, same_bits
from numpy.typing import NDArray

from l1000_bench.errors import InputError
from l1000_bench.io.gctx import open_matrix
from l1000_bench.io.gctx_writer import write_gctoo, write_gctx_arrays, write_gctx_blocks
from l1000_bench.io.matrix import Values

# Values that a careless path would change: signed zero, the smallest and largest numbers, infinities.
EDGES = np.array([[0.0, -0.0, 1e-45], [3.4028235e38, np.inf, -np.inf], [1 / 3, np.nan, 16777217.0]], dtype=np.float32)


@pytest.fixture
def cmappy(monkeypatch: pytest.MonkeyPatch) -> None:
    repair(monkeypatch)


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
