"""Metadata tables of the L1000 collections of GEO and CLUE, tab-separated text, plain or gzip.

Every value is read as text, since ids such as `780` or `1E3` are names; `-666` in its spellings is missing.
"""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l1000_bench.errors import InputError
from l1000_bench.io.atomic import replacing
from l1000_bench.io.layouts import LAYOUTS, TableLayout
from l1000_bench.io.matrix import MISSING_TEXT

N_LANDMARKS = 978
_LONGEST_VALUE = 2**31 - 1  # the wells of a control signature can fill more than the csv module's 128 KiB


class Dialect(NamedTuple):
    """How a table is written.

    Attributes:
        separator: What stands between two values of a line.
        quoted: Whether a value may stand in double quotes.
        remark: What the lines before the header begin with, quoted or not; by default there are none.
        missing: What stands for a missing value beside -666 and nothing.
    """

    separator: str = "\t"
    quoted: bool = False
    remark: bytes = b""
    missing: tuple[str, ...] = ()


GEO = Dialect()


def read_info(path: Path, table: str, layout: str = "gse92742") -> pd.DataFrame:
    """Read one published metadata table.

    Args:
        path: A tab-separated file with a header line; gzip when the name ends in `.gz`.
        table: One of the tables of the layout.
        layout: One of `l1000_bench.io.layouts.LAYOUTS`.

    Returns:
        The rows in file order, every column text and named as in GSE92742, missing values as NA. A table whose
        columns have other names in its layout has the columns of its `TableLayout` alone.

    Raises:
        InputError: If the file is missing or cut off, lacks a column, has a ragged line, or repeats or omits a key.
    """
    rule = LAYOUTS[layout][table]
    key = next(iter(rule.columns)) if rule.unique else None
    dialect = Dialect(quoted=rule.quoted, missing=rule.missing)
    frame = read_keyed(path, dialect, tuple(rule.columns), key, only=rule.renamed)
    return _translated(frame, rule)


def read_keyed(
    path: Path, dialect: Dialect, columns: tuple[str, ...], key: str | None, only: bool = False
) -> pd.DataFrame:
    """Read a table whose rows have a key.

    Args:
        path: The file.
        dialect: How it is written.
        columns: The columns that must be there.
        key: The one that is unique and never missing, if any is.
        only: Whether to leave out all other columns.

    Raises:
        InputError: As for `read_info`.
    """
    n_fields = None
    if only:  # with columns left out, pandas neither names the header nor counts the fields of a line
        header = read_text_table(path, dialect, rows=0)
        require_columns(header, columns, path)
        n_fields = len(header.columns)
    frame = read_text_table(path, dialect, columns if only else None)
    require_columns(frame, columns, path)
    lines = _line_numbers(path, dialect, n_fields or len(frame.columns))
    if key is not None:
        _require_key(frame, key, lines, path)
    return frame


def _translated(frame: pd.DataFrame, rule: TableLayout) -> pd.DataFrame:
    frame = frame.rename(columns=rule.columns)
    for name, (number, unit) in rule.split.items():
        parts = frame[name].str.split(" ", n=1, expand=True).reindex(columns=[0, 1]).astype("str")
        frame = frame.assign(**{number: parts[0], unit: parts[1]})
    for name, value in rule.recoded.items():
        marks = np.where(frame[name] == value, "1", "0")
        frame = frame.assign(**{name: pd.Series(marks, index=frame.index, dtype="str")})
    return frame


def landmark_ids(gene_info: pd.DataFrame) -> NDArray[np.object_]:
    """Return the Entrez ids of the landmark genes, (978,), in the order of gene_info.

    Raises:
        InputError: If `pr_is_lm` does not mark 978 genes.
    """
    landmarks: NDArray[np.object_] = gene_info.loc[gene_info["pr_is_lm"] == "1", "pr_gene_id"].to_numpy(dtype=object)
    if len(landmarks) != N_LANDMARKS:
        raise InputError(
            f"gene_info marks {len(landmarks)} genes as landmarks; L1000 has {N_LANDMARKS}: give its gene_info."
        )
    return landmarks


def read_text_table(
    path: Path, dialect: Dialect = GEO, columns: Iterable[str] | None = None, rows: int | None = None
) -> pd.DataFrame:
    """Read a table as text, in UTF-8 or, where that fails, Latin-1.

    Args:
        path: The file, gzip when the name ends in `.gz`.
        dialect: How it is written.
        columns: The columns to read; None reads all.
        rows: The most rows to read; None reads all.

    Raises:
        InputError: If the file is missing, empty, cut off, or has a line with too many fields.
    """
    if not path.exists():
        raise InputError(f"{path} does not exist; put the file there or correct the path in the corpus configuration.")
    wanted = None if columns is None else set(columns)
    try:
        try:
            return _parse(path, dialect, "utf-8", wanted, rows)
        except UnicodeDecodeError:
            return _parse(path, dialect, "latin-1", wanted, rows)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{path} is not a whole gzip file ({error}); fetch it again.") from error
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        reason = str(error).strip().rstrip(".")
        kind = {"\t": "tab-separated", ",": "comma-separated"}[dialect.separator]
        raise InputError(f"{path} is not a {kind} table with a header line: {reason}.") from error


def _parse(path: Path, dialect: Dialect, encoding: str, wanted: set[str] | None, rows: int | None) -> pd.DataFrame:
    with _open(path) as stream:
        _skip_remarks(stream, dialect.remark)
        frame = pd.read_csv(
            stream, sep=dialect.separator, quoting=csv.QUOTE_MINIMAL if dialect.quoted else csv.QUOTE_NONE,
            dtype=str, keep_default_na=False, na_values=[*MISSING_TEXT, *dialect.missing], encoding=encoding,
            usecols=None if wanted is None else wanted.__contains__, nrows=rows,
        )  # fmt: skip
    if not isinstance(frame.index, pd.RangeIndex):  # pandas takes surplus leading fields for an index
        raise pd.errors.ParserError("its rows have more fields than its header")
    return frame


def _open(path: Path) -> gzip.GzipFile | io.BufferedReader:
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")


def _skip_remarks(stream: gzip.GzipFile | io.BufferedReader, remark: bytes) -> None:
    """Go to the first line that is no remark; pandas would take a lone quote in one for a value of many lines."""
    start = 0
    # A value further down may begin like a remark: only leading lines count.
    while remark and stream.readline().lstrip(b'"').startswith(remark):
        start = stream.tell()
    stream.seek(start)


def require_columns(frame: pd.DataFrame, columns: tuple[str, ...], path: Path) -> None:
    """Check that a table has the columns that its readers use.

    Raises:
        InputError: If a column is missing; names it, the file and what the file has instead.
    """
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise InputError(
            f"{path} lacks the column(s) {', '.join(missing)}; its header is {', '.join(map(str, frame.columns))}: "
            "check that it is the file that the corpus configuration says."
        )


def _line_numbers(path: Path, dialect: Dialect, n_columns: int) -> list[int]:
    """Return the line of every row, counted from 1; blank lines are none.

    Raises:
        InputError: If a line has fewer fields than the header, which pandas would take for missing values.
    """
    csv.field_size_limit(_LONGEST_VALUE)
    numbers, number = [], 0
    # Latin-1 reads any byte, and its line ends are pandas's: \n, \r\n and \r.
    with _open(path) as stream, io.TextIOWrapper(stream, encoding="latin-1") as lines:
        for line in lines:
            number += 1
            if not line.strip(" \n"):
                continue
            n_fields, n_lines = line.count(dialect.separator) + 1, 1
            if dialect.quoted and '"' in line:  # a quoted value may hold separators and line ends
                record = csv.reader(itertools.chain([line], lines), delimiter=dialect.separator)
                n_fields, n_lines = len(next(record)), record.line_num
            if n_fields != n_columns:
                raise InputError(
                    f"{path} line {number} has {n_fields} fields and its header {n_columns}; "
                    "mend the line or fetch the file again."
                )
            numbers.append(number)
            number += n_lines - 1
    return numbers[1:]


def _require_key(frame: pd.DataFrame, key: str, lines: list[int], path: Path) -> None:
    empty = frame[key].isna().to_numpy().nonzero()[0]
    if empty.size:
        raise InputError(f"{path} line {lines[empty[0]]} has no {key}; every row needs one: mend or remove the row.")
    twice = frame[key].duplicated().to_numpy().nonzero()[0]
    if twice.size:
        raise InputError(
            f"{path} line {lines[twice[0]]} repeats the {key} {frame[key].iloc[twice[0]]!r} "
            f"({twice.size} repeated in all); ids must be unique: remove the doubles."
        )


def write_info(frame: pd.DataFrame, path: Path) -> None:
    """Write a table as tab-separated text with `-666` for missing values, gzip when the name ends in `.gz`."""
    text = frame.to_csv(sep="\t", index=False, na_rep=MISSING_TEXT[0], quoting=csv.QUOTE_NONE, lineterminator="\n")
    data = text.encode("utf-8")
    with replacing(path) as temporary:
        # A fixed time stamp keeps the bytes the same for the same table.
        temporary.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
