from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from l1000_bench.errors import InputError
from l1000_bench.io.submission_file import find_submissions, read_submission, write_submission

SPLIT = "0" * 64
FRAME = pd.DataFrame(
    {
        "sample_id": ["0012", "NA", "s3", "0012"],
        "rotation": [0, 0, 1, 1],
        "role": ["dev", "test", "dev", "test"],
        "y_pred": ["None", "10", "a, b|c", "None"],
        "split_sha256": SPLIT,
        "probability:None": [0.7, 0.25, 0.0, 1.0],
        "probability:10": [0.2, 0.5, 0.0, 0.0],
        "probability:a, b|c": [0.1, 0.25, 1.0, 0.0],
    }
)
TEXT = ["sample_id", "role", "y_pred", "split_sha256"]


def written(folder: Path, frame: pd.DataFrame, name: str = "mine.csv") -> Path:
    path = folder / name
    frame.to_csv(path, index=False) if path.suffix == ".csv" else frame.to_parquet(path, index=False)
    return path


def as_read(frame: pd.DataFrame) -> pd.DataFrame:
    probabilities = {name: "float32" for name in frame.columns if name.startswith("probability:")}
    return frame.astype({**dict.fromkeys(TEXT, "str"), "rotation": "int64", **probabilities})


@pytest.mark.parametrize("name", ["mine.csv", "mine.parquet"])
@pytest.mark.parametrize("columns", [list(FRAME.columns), list(FRAME.columns[:5])])
def test_ids_and_labels_are_text_and_numbers_are_numbers(tmp_path: Path, name: str, columns: list[str]) -> None:
    found = read_submission(written(tmp_path, FRAME[columns], name))
    pd.testing.assert_frame_equal(found, as_read(FRAME[columns]), check_exact=True)


def test_columns_come_in_one_order_whatever_that_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, FRAME[FRAME.columns[::-1]])
    found = read_submission(path)
    assert list(found.columns[:5]) == list(FRAME.columns[:5])
    pd.testing.assert_frame_equal(found[FRAME.columns], as_read(FRAME), check_exact=True)


@pytest.mark.parametrize(
    "types",
    [
        {"sample_id": "category", "role": "category", "y_pred": "category"},
        {"rotation": "int8", "probability:10": "float32"},
        {"rotation": "float64"},
        {name: "object" for name in TEXT},
    ],
)
def test_parquet_of_other_types_says_the_same(tmp_path: Path, types: dict[str, str]) -> None:
    found = read_submission(written(tmp_path, FRAME.astype(types), "mine.parquet"))
    pd.testing.assert_frame_equal(found, as_read(FRAME), check_exact=True)


def test_the_index_of_a_parquet_file_holds_columns_or_nothing(tmp_path: Path) -> None:
    kept = FRAME.set_axis([7, 3, 9, 1])  # as when rows of a split were chosen
    kept.to_parquet(tmp_path / "chosen.parquet")
    FRAME.set_index(["sample_id", "rotation"]).to_parquet(tmp_path / "indexed.parquet")
    for name in ("chosen", "indexed"):
        found = read_submission(tmp_path / f"{name}.parquet")
        pd.testing.assert_frame_equal(found, as_read(FRAME), check_exact=True)


def test_whole_numbers_are_labels(tmp_path: Path) -> None:
    frame = FRAME.iloc[:, :5].assign(y_pred=[24, 6, 24, 6])
    found = read_submission(written(tmp_path, frame, "mine.parquet"))
    assert found["y_pred"].tolist() == ["24", "6", "24", "6"]


def test_probabilities_may_have_been_rounded(tmp_path: Path) -> None:
    frame = FRAME.iloc[:1].assign(**{"probability:10": 0.209})
    assert read_submission(written(tmp_path, frame))["probability:10"].item() == np.float32(0.209)


def cell(column: str, value: Any) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Give the third and fourth row another value."""
    return lambda frame: frame.astype({column: "object"}).assign(**{column: [*frame[column][:2], value, value]})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (cell("y_pred", None), r"mine\.csv row 3: y_pred is nothing \(2 such row\(s\)\); fill in every row"),
        (cell("rotation", None), r"row 3: rotation is nothing"),
        (cell("probability:10", None), r"row 3: probability:10 is nothing"),
        (cell("role", "train"), r"row 3: role is 'train' \(2 such row\(s\)\); a role is dev or test"),
        (cell("rotation", 0.5), r"row 3: rotation is 0\.5 .*; a rotation is a whole number"),
        (cell("rotation", -1), r"row 3: rotation is -1"),
        (cell("rotation", "one"), r"row 3: rotation is 'one'"),
        (cell("split_sha256", "1" * 64), r"row 3: split_sha256 is '1+' .*; every row has that of one split, 0+ in"),
        (cell("probability:10", "much"), r"row 3: probability:10 is 'much' .*; a probability lies between 0 and 1"),
        (cell("probability:10", 1.01), r"row 3: probability:10 is 1\.01"),
        (cell("probability:10", -0.01), r"row 3: probability:10 is -0\.01"),
        (cell("probability:None", 0.9), r"row 3: the sum of the probabilities is 1\.9 \(2 such.*; it must be 1"),
        (lambda frame: frame.drop(columns=["y_pred", "role"]), r"lacks the column\(s\) role, y_pred; a submission has"),
        (lambda frame: frame.assign(y_true="10"), r"has the column \['y_true'\], which has no meaning here"),
        (lambda frame: frame.assign(**{"probabilty:10": 0.5}), r"has the column \['probabilty:10'\]"),
        (lambda frame: frame.iloc[:0], r"mine\.csv has no row"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_with_its_first_wrong_row(
    tmp_path: Path, change: Callable[[pd.DataFrame], pd.DataFrame], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        read_submission(written(tmp_path, change(FRAME)))


def test_labels_that_are_fractions_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"mine\.parquet: y_pred holds float64 values; store it as text"):
        read_submission(written(tmp_path, FRAME.assign(y_pred=0.5), "mine.parquet"))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("mine.parquet", b"PAR1 and no more", r"mine\.parquet cannot be read as parquet"),
        ("mine.csv", b"", r"mine\.csv cannot be read as csv"),
        ("mine.csv", b"sample_id,role\n\xff\xfe,dev\n", r"cannot be read as csv"),
        ("mine.csv", b"sample_id,rotation,role,y_pred,split_sha256\na,0,dev,x,0,\n", r"rows with more cells than"),
        ("mine.xlsx", b"", r"mine\.xlsx ends in none of \.parquet, \.csv"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_submission(tmp_path / name)


def test_a_path_without_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    for name in ("folder.csv", "nothing.csv"):
        with pytest.raises(InputError, match=rf"{name} is no file; give the path"):
            read_submission(tmp_path / name)


def test_what_is_written_is_what_was_read(tmp_path: Path) -> None:
    frame = read_submission(written(tmp_path, FRAME))
    write_submission(frame, tmp_path / "deep" / "mine.parquet")
    pd.testing.assert_frame_equal(read_submission(tmp_path / "deep" / "mine.parquet"), frame, check_exact=True)


# Folders


def test_files_are_found_by_the_names_of_their_methods(tmp_path: Path) -> None:
    for name in ("b.parquet", "C.csv", "a.csv", ".hidden.xlsx"):
        (tmp_path / name).touch()
    found = find_submissions(tmp_path)
    assert list(found.items()) == [(name[0], tmp_path / name) for name in ("C.csv", "a.csv", "b.parquet")]
    assert find_submissions(tmp_path / "absent") == {}


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["a.csv", "a.parquet"], r"holds a\.csv and a\.parquet: take one of them away"),
        (["a.tsv"], r"a\.tsv ends in none of \.parquet, \.csv"),
        (["my method.csv"], r"'my method' cannot name a method"),
        (["2nd.csv"], r"'2nd' cannot name a method"),
    ],
)
def test_a_folder_with_other_files_is_refused(tmp_path: Path, names: list[str], message: str) -> None:
    for name in names:
        (tmp_path / name).touch()
    with pytest.raises(InputError, match=message):
        find_submissions(tmp_path)
