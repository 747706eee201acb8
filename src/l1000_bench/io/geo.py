"""Tab-separated metadata tables of GEO's L1000 series (GSE92742 and kin), plain or gzip.

Every value is read as text, since ids such as `780` or `1E3` are names; `-666` in its spellings is missing.
Header names stay as they stand in the file.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l1000_bench.errors import InputError
from l1000_bench.io.atomic import replacing
from l1000_bench.io.matrix import MISSING_TEXT

# Table name -> the columns that must be there; the first is the key, unique and never missing.
REQUIRED_COLUMNS: dict[str, tuple[str, ...]] = {
    "inst_info": (
        "inst_id", "rna_plate", "rna_well", "pert_id", "pert_iname", "pert_type",
        "pert_dose", "pert_dose_unit", "pert_time", "pert_time_unit", "cell_id",
    ),
    "sig_info": ("sig_id", "pert_id", "pert_iname", "pert_type", "cell_id", "distil_id"),
    "pert_info": ("pert_id", "pert_iname", "pert_type", "inchi_key"),
    "cell_info": ("cell_id", "primary_site", "subtype"),
    "gene_info": ("pr_gene_id", "pr_gene_symbol", "pr_is_lm"),
}  # fmt: skip
N_LANDMARKS = 978


def read_info(path: Path, table: str) -> pd.DataFrame:
    """Read one metadata table.

    Args:
        path: A tab-separated file with a header line; gzip when the name ends in `.gz`.
        table: One of `REQUIRED_COLUMNS`.

    Returns:
        The rows in file order, every column text, missing values as NA.

    Raises:
        InputError: If the file is missing or cut off, lacks a column, has a ragged line, or repeats or omits a key.
    """
    frame = read_text_table(path)
    require_columns(frame, REQUIRED_COLUMNS[table], path)
    _require_key(frame, REQUIRED_COLUMNS[table][0], _line_numbers(path, len(frame.columns)), path)
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


def read_text_table(path: Path, quoting: int = csv.QUOTE_NONE, remark: bytes = b"") -> pd.DataFrame:
    """Read a tab-separated file as text, in UTF-8 or, where that fails, Latin-1.

    Args:
        path: The file, gzip when the name ends in `.gz`.
        quoting: One of the csv module's constants.
        remark: What the lines before the header begin with, quoted or not; by default there are none.

    Raises:
        InputError: If the file is missing, empty, cut off, or has a line with too many fields.
    """
    if not path.exists():
        raise InputError(f"{path} does not exist; put the file there or correct the path in the corpus configuration.")
    try:
        try:
            return _parse(path, quoting, remark, "utf-8")
        except UnicodeDecodeError:
            return _parse(path, quoting, remark, "latin-1")
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{path} is not a whole gzip file ({error}); fetch it again.") from error
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        reason = str(error).strip().rstrip(".")
        raise InputError(f"{path} is not a tab-separated table with a header line: {reason}.") from error


def _parse(path: Path, quoting: int, remark: bytes, encoding: str) -> pd.DataFrame:
    with _open(path) as stream:
        _skip_remarks(stream, remark)
        frame: pd.DataFrame = pd.read_csv(  # type: ignore[call-overload]
            stream, sep="\t", dtype=str, keep_default_na=False, na_values=list(MISSING_TEXT), quoting=quoting,
            encoding=encoding,
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


def _line_numbers(path: Path, n_columns: int) -> list[int]:
    """Return the line of every row, counted from 1; blank lines are none.

    Raises:
        InputError: If a line has fewer fields than the header, which pandas would take for missing values.
    """
    numbers = []
    # Latin-1 reads any byte, and its line ends are pandas's: \n, \r\n and \r.
    with _open(path) as stream, io.TextIOWrapper(stream, encoding="latin-1") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip(" \n"):
                continue
            if line.count("\t") + 1 != n_columns:
                raise InputError(
                    f"{path} line {number} has {line.count(chr(9)) + 1} fields and its header {n_columns}; "
                    "mend the line or fetch the file again."
                )
            numbers.append(number)
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
