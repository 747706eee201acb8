import gzip
import os
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l1000_bench.errors import InputError
from l1000_bench.io.geo import Dialect, read_info, read_text_table, write_info
from l1000_bench.io.layouts import LAYOUTS

HEADER = "pr_gene_id\tpr_gene_symbol\tpr_is_lm\n"
SHARED = os.environ.get("L1000_SHARED")


def stored(path: Path, text: str | bytes) -> Path:
    data = text.encode() if isinstance(text, str) else text
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def rows(frame: pd.DataFrame) -> list[list[str | None]]:
    return [[None if pd.isna(cell) else cell for cell in row] for row in frame.to_numpy(dtype=object).tolist()]


@pytest.mark.parametrize("name", ["genes.txt", "genes.txt.gz"])
def test_a_table_comes_back(tmp_path: Path, name: str) -> None:
    text = {
        "pr_gene_id": ["780", "9"],
        "pr_gene_symbol": ['5"-kinase', None],
        "pr_is_lm": ["1", "0"],
        "more": ["µ", "!"],
    }
    frame = pd.DataFrame(text, dtype="str")
    write_info(frame, tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(b"\x1f\x8b" if name.endswith(".gz") else b"pr_gene_id\t")
    pd.testing.assert_frame_equal(read_info(tmp_path / name, "gene_info"), frame)


def test_the_text_written_is_this(tmp_path: Path) -> None:
    frame = pd.DataFrame({"id": ["a", None], "name": ['say "so"', "µ"]}, dtype="str")
    write_info(frame, tmp_path / "a.txt")
    assert (tmp_path / "a.txt").read_bytes() == 'id\tname\na\tsay "so"\n-666\tµ\n'.encode()


def test_the_same_table_makes_the_same_gzip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = pd.DataFrame({"id": ["a"]}, dtype="str")
    for name, now in (("a.gz", 1e9), ("b.gz", 2e9)):
        monkeypatch.setattr("time.time", lambda now=now: now)
        write_info(frame, tmp_path / name)
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\t\r\n", exclude_categories=["Cc"]), max_size=6)


@settings(deadline=None, derandomize=True)
@given(st.lists(st.tuples(CELLS, CELLS), max_size=5))
def test_any_text_comes_back(tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[str, str]]) -> None:
    path = tmp_path_factory.getbasetemp() / "hypothesis.txt"
    ids = [f"id{number}" for number in range(len(cells))]
    frame = pd.DataFrame({"cell_id": ids, "primary_site": [a for a, _ in cells], "subtype": [b for _, b in cells]})
    frame = frame.astype("str").mask(frame.isin(["", "-666", "-666.0", "-666.000000"]))
    write_info(frame, path)
    pd.testing.assert_frame_equal(read_info(path, "cell_info"), frame)


def test_every_spelling_of_minus_666_and_nothing_is_missing(tmp_path: Path) -> None:
    text = "1\t-666\tx\n2\t-666.0\tx\n3\t-666.000000\tx\n4\t\tx\n5\tNA\tnan\n6\t-6660\t666\n"
    found = rows(read_info(stored(tmp_path / "a.txt", HEADER + text), "gene_info"))
    assert [row[1] for row in found] == [None, None, None, None, "NA", "-6660"]
    assert [row[2] for row in found] == ["x", "x", "x", "x", "nan", "666"]


def test_ids_and_numbers_stay_text(tmp_path: Path) -> None:
    found = read_info(stored(tmp_path / "a.txt", HEADER + "0780\t1E3\t1.0\n7\ttrue\t 1\n"), "gene_info")
    assert rows(found) == [["0780", "1E3", "1.0"], ["7", "true", " 1"]]
    assert set(found.dtypes.astype(str)) == {"str"}


def test_quotes_remarks_and_bars_are_plain_text(tmp_path: Path) -> None:
    text = '1\t"A\ta|b\n!2\tB"\t"x"\n'
    assert rows(read_info(stored(tmp_path / "a.txt", HEADER + text), "gene_info")) == [
        ["1", '"A', "a|b"],
        ["!2", 'B"', '"x"'],
    ]


@pytest.mark.parametrize(("encoding", "symbol"), [("utf-8", "β–µ"), ("latin-1", "Kr\xfcppel \xb5")])
@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz"])
def test_both_encodings(tmp_path: Path, encoding: str, symbol: str, name: str) -> None:
    path = stored(tmp_path / name, (HEADER + f"1\t{symbol}\t1\n").encode(encoding))
    assert read_info(path, "gene_info")["pr_gene_symbol"].tolist() == [symbol]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_and_blank_lines(tmp_path: Path, end: str) -> None:
    text = (HEADER + "1\tA\t1\n\n2\tB\t-666\n  \n\n").replace("\n", end)
    assert rows(read_info(stored(tmp_path / "a.txt", text), "gene_info")) == [["1", "A", "1"], ["2", "B", None]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1\tA\t1\n2\tB\n", "line 3 has 2 fields and its header 3"),
        ("1\tA\t1\n\n2\n", "line 4 has 1 fields and its header 3"),
        ("1\tA\t1\n2\tB\t0\tC\n", "Expected 3 fields in line 3, saw 4"),
        ("1\tA\t1\tx\n2\tB\t0\tx\n", "its rows have more fields than its header"),
    ],
)
def test_ragged_lines_are_refused(tmp_path: Path, text: str, message: str) -> None:
    path = stored(tmp_path / "a.txt", HEADER + text)
    with pytest.raises(InputError, match=message) as error:
        read_info(path, "gene_info")
    assert str(error.value).startswith(str(path))
    assert "\n" not in str(error.value)


def test_missing_columns_are_named(tmp_path: Path) -> None:
    path = stored(tmp_path / "a.txt", "pr_gene_id\tsymbol\n1\tA\n")
    with pytest.raises(
        InputError, match=r"a\.txt lacks the column\(s\) pr_gene_symbol, pr_is_lm; its header is pr_gene_id, symbol"
    ):
        read_info(path, "gene_info")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1\tA\t1\n2\tB\t1\n1\tC\t1\n", r"a\.txt line 4 repeats the pr_gene_id '1' \(1 repeated in all\)"),
        ("1\tA\t1\n\n\n2\tB\t1\n2\tB\t1\n1\tC\t1\n", r"line 6 repeats the pr_gene_id '2' \(2 repeated in all\)"),
        ("1\tA\t1\n\n-666\tB\t1\n", r"a\.txt line 4 has no pr_gene_id"),
    ],
)
def test_doubled_and_missing_keys_are_named_with_their_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_info(stored(tmp_path / "a.txt", HEADER + text), "gene_info")


def test_a_gzip_that_is_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.txt.gz"
    whole = gzip.compress((HEADER + "".join(f"{number}\tA\t1\n" for number in range(500))).encode())
    path.write_bytes(whole)
    assert len(read_info(path, "gene_info")) == 500
    for length in (1, 9, 40, len(whole) // 2, len(whole) - 8, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(InputError, match=r"a\.txt\.gz is not a whole gzip file .* fetch it again"):
            read_info(path, "gene_info")


@pytest.mark.parametrize(
    "data", [b"no gzip at all", gzip.compress(HEADER.encode())[:-8] + b"\0" * 8], ids=["none", "damaged"]
)
def test_a_gzip_that_is_none_or_damaged_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.gz").write_bytes(data)
    with pytest.raises(InputError, match="not a whole gzip file"):
        read_info(tmp_path / "a.gz", "gene_info")


@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz"])
def test_missing_and_empty_files(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=rf"{name} does not exist; put the file there"):
        read_info(tmp_path / name, "gene_info")
    with pytest.raises(InputError, match=r"not a tab-separated table with a header line: No columns"):
        read_info(stored(tmp_path / name, ""), "gene_info")


def test_a_header_alone_is_an_empty_table(tmp_path: Path) -> None:
    assert read_info(stored(tmp_path / "a.txt", HEADER), "gene_info").shape == (0, 3)


@pytest.mark.parametrize(("layout", "table"), [(layout, table) for layout in LAYOUTS for table in LAYOUTS[layout]])
def test_every_table_has_a_key_that_it_requires(tmp_path: Path, layout: str, table: str) -> None:
    columns = list(LAYOUTS[layout][table].columns)
    line = "\t".join(["x"] * len(columns))
    path = stored(tmp_path / table, "\t".join(columns) + f"\n{line}\n{line}\n")
    if table == "compound_info":  # one row per target and mechanism
        assert len(read_info(path, table, layout)) == 2
        return
    with pytest.raises(InputError, match=f"line 3 repeats the {columns[0]} 'x'"):
        read_info(path, table, layout)


def test_remarks_are_skipped_only_where_asked(tmp_path: Path) -> None:
    path = stored(tmp_path / "a.txt", '#1\n"#2"\ta "lone quote\nid\tname\n1\t#3\n#4\tx\n')
    assert rows(read_text_table(path, Dialect(remark=b"#"))) == [["1", "#3"], ["#4", "x"]]
    assert list(read_text_table(stored(path, "#id\n1\n")).columns) == ["#id"]


@pytest.mark.skipif(SHARED is None, reason="L1000_SHARED is not set")
def test_geos_own_gene_table_has_978_landmarks() -> None:
    folder = Path(str(SHARED)) / "data" / "gse92742_mini"
    genes = read_info(folder / "GSE92742_Broad_LINCS_gene_info.txt.gz", "gene_info")
    assert len(genes) == 12_328
    assert (genes["pr_is_lm"] == "1").sum() == 978
    assert genes.iloc[0].tolist()[:2] == ["780", "DDR1"]


@pytest.mark.skipif(SHARED is None, reason="L1000_SHARED is not set")
@pytest.mark.parametrize(("table", "n_rows"), [("inst_info", 4039), ("pert_info", 1185), ("cell_info", 98)])
def test_the_other_real_tables(table: str, n_rows: int) -> None:
    folder = Path(str(SHARED)) / "data" / "gse92742_mini"
    frame = read_info(folder / f"GSE92742_Broad_LINCS_{table}.txt.gz", table)
    assert len(frame) == n_rows
    assert not frame.isin(["-666", "-666.0"]).any(axis=None)
