from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from l1000_bench.errors import InputError
from l1000_bench.io.own_table import SAMPLE_COLUMNS, OwnTable, in_our_words, read_own_samples
from sample_tables import plain

COLUMNS = {"sample_id": "barcode", "pert_iname": "compound"}


def table(**changes: Any) -> OwnTable:
    fields: dict[str, Any] = {"columns": COLUMNS, "values": {}, "recode": {}, "keep": []}
    return OwnTable(**{**fields, **changes})


def stored(path: Path, text: str) -> Path:
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.tsv", "a.txt", "a.txt.gz"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_table_is_read_by_its_header(tmp_path: Path, name: str, end: str) -> None:
    text = 'note,compound,barcode,dose\n"a, b",aspirin,007,1E1\n"say ""x""",,8,-666\n'
    if ".csv" not in name:
        text = text.replace("a, b", "a; b").replace(",", "\t")
    path = stored(tmp_path / name, text.replace("\n", end))
    found = read_own_samples(path, {**COLUMNS, "dose": "dose", "note": "note"})
    assert plain(found) == {
        "sample_id": ["007", "8"],
        "pert_iname": ["aspirin", None],
        "dose": ["1E1", None],
        "note": ["a, b" if ".csv" in name else "a; b", 'say "x"'],
    }
    assert set(found.dtypes.astype(str)) == {"str"}


def test_what_a_spreadsheet_writes_first_is_no_part_of_the_header(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("\ufeffbarcode,compound\n1,a\n".encode())
    assert plain(read_own_samples(path, COLUMNS)) == {"sample_id": ["1"], "pert_iname": ["a"]}


def test_blanks_at_the_ends_of_values_are_no_part_of_them(tmp_path: Path) -> None:
    path = stored(tmp_path / "a.csv", "barcode,compound\n1 ,aspirin \n2,  \n3, two words\n")
    assert plain(read_own_samples(path, COLUMNS)) == {
        "sample_id": ["1 ", "2", "3"],
        "pert_iname": ["aspirin", None, "two words"],
    }


def test_one_column_may_be_read_twice(tmp_path: Path) -> None:
    path = stored(tmp_path / "a.csv", "barcode,compound\n1,DMSO\n")
    found = read_own_samples(path, {**COLUMNS, "pert_type": "compound"})
    assert plain(found) == {"sample_id": ["1"], "pert_iname": ["DMSO"], "pert_type": ["DMSO"]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("barcode,drug\n1,a\n", r"a\.csv lacks the column\(s\) compound; its header is barcode, drug"),
        ("barcode,compound\n1,a\n\n1,b\n", r"a\.csv line 4 repeats the barcode '1'"),
        ("barcode,compound\n1,a\n,b\n", r"a\.csv line 3 has no barcode"),
        ("barcode,compound\n1,a\n2\n", r"a\.csv line 3 has 1 fields and its header 2"),
        ("barcode,compound\n1,a,b\n", r"a\.csv is not a comma-.*: its rows have more fields than its header"),
        ("barcode,compound\n1,a\n2,b,c\n", r"a\.csv line 3 has 3 fields and its header 2"),
        ('barcode,compound\n1,"a\nb"\n2,"c,d",e\n', r"a\.csv line 4 has 3 fields and its header 2"),
        ('barcode,compound\n1,"a\n', r"a\.csv is not a comma-separated table"),
        ("barcode;compound\n1;a\n", r"a\.csv lacks the column\(s\) barcode, compound; its header is barcode;compound:"),
        ("", r"a\.csv is not a comma-separated table with a header line"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_own_samples(stored(tmp_path / "a.csv", text), COLUMNS)


def test_a_table_of_another_kind_is_refused(tmp_path: Path) -> None:
    for name in ("a.xlsx", "a.gz", "a"):
        with pytest.raises(InputError, match=r"ends in none of \.csv, \.tsv, \.txt"):
            read_own_samples(tmp_path / name, COLUMNS)


def frame(**columns: list[str | None]) -> pd.DataFrame:
    return pd.DataFrame({"sample_id": ["1", "2", "3"], "pert_iname": ["a", "DMSO", None], **columns}, dtype="str")


def test_values_are_recoded_and_constants_added() -> None:
    words = table(
        columns={**COLUMNS, "pert_type": "compound", "subject_id": "donor"},
        values={"time": 24, "time_unit": "h", "dose": 0.5},
        recode={"pert_type": {"DMSO": "ctl_vehicle", "*": "trt_cp"}, "subject_id": {"unknown": None, 7: "P7"}},
        keep=["batch"],
    )
    read = frame(pert_type=["a", "DMSO", None], subject_id=["7", "unknown", "8"], batch=["x", None, "y"])
    found = plain(in_our_words(read, words))
    assert list(found) == [*SAMPLE_COLUMNS, "batch"]
    assert found["pert_type"] == ["trt_cp", "ctl_vehicle", None]
    assert found["subject_id"] == ["P7", None, "8"]
    assert (found["time"], found["time_unit"], found["dose"]) == (["24"] * 3, ["h"] * 3, ["0.5"] * 3)
    assert found["batch"] == ["x", None, "y"]
    assert found["cell_id"] == found["plate_id"] == [None] * 3
    assert set(in_our_words(read, words).dtypes.astype(str)) == {"str"}


def test_a_recoded_value_that_no_row_has_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    words = table(recode={"pert_iname": {"dmso": "vehicle", "*": "other", "a ": "b"}})
    assert plain(in_our_words(frame(), words))["pert_iname"] == ["b", "other", None]
    assert [record.getMessage() for record in caplog.records] == [
        "recode.pert_iname names 'dmso', which no row has; there are 'DMSO', 'a'"
    ]


def test_an_id_stands_for_a_missing_name_and_a_name_for_a_missing_id() -> None:
    assert plain(in_our_words(frame(), table()))["pert_id"] == ["a", "DMSO", None]
    by_id = frame().rename(columns={"pert_iname": "pert_id"})
    found = in_our_words(by_id, table(columns={"sample_id": "barcode", "pert_id": "compound"}))
    assert plain(found)["pert_iname"] == ["a", "DMSO", None]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"columns": {"pert_id": "a"}}, "columns maps no sample_id"),
        ({"columns": {"sample_id": "a"}}, "columns maps neither pert_id nor pert_iname"),
        (
            {"columns": {**COLUMNS, "subject": "donor"}},
            r"columns names the column\(s\) subject; a sample has sample_id,",
        ),
        ({"columns": ["sample_id"]}, r"columns is \['sample_id'\]; it takes our columns"),
        ({"columns": {**COLUMNS, "well": 3}}, r"columns or keep names \[3\]; a column of the table is text"),
        ({"values": {"dosis": 1}}, r"values names the column\(s\) dosis"),
        ({"values": {"pert_iname": "x"}}, "both columns and values give pert_iname"),
        ({"values": {"dose_unit": None}}, "values gives no text or number for dose_unit"),
        ({"values": {"qc_pass": True}}, "values gives no text or number for qc_pass"),
        ({"recode": {"donor": {"a": "b"}}}, r"recode names the column\(s\) donor"),
        ({"recode": {"well": {"a": "b"}}}, "recode names well, which columns does not map"),
        ({"recode": {"pert_iname": "x"}}, "recode.pert_iname is 'x'; it takes the table's values with ours"),
        ({"keep": ["moa"]}, "keep names moa, which the project has a meaning for"),
        ({"keep": ["cell_id"]}, "keep names cell_id"),
        ({"keep": "batch"}, "keep is 'batch'; it takes a list"),
    ],
)
def test_a_misspelt_or_impossible_mapping_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        table(**changes)
