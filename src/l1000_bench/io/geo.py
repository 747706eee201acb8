"""Tab-separated metadata tables of GEO's L1000 series (GSE92742 and kin), plain or gzip.

Every value is read as text, since ids such as `780` or `1E3` are names; `-666` in its spellings is missing.
Header names stay as they stand in the file.
"""

from __future__ import annotations

import csv
import gzip
import zlib
from pathlib import Path

import pandas as pd

from l1000_bench.errors import InputError
from l1000_bench.io.atomic import replacing

MISSING = ("-666", "-666.0", "-666.000000", "")

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
    _require_key(frame, REQUIRED_COLUMNS[table][0], path)
    return frame


def read_text_table(path: Path, skip_lines: int = 0, quoting: int = csv.QUOTE_NONE) -> pd.DataFrame:
    """Read a tab-separated file as text, in UTF-8 or, where that fails, Latin-1.

    Raises:
        InputError: If the file is missing, empty, cut off, or has a line with too many fields.
    """
    if not path.exists():
        raise InputError(f"{path} does not exist; put the file there or correct the path in the corpus configuration.")
    try:
        try:
            return _parse(path, skip_lines, quoting, "utf-8")
        except UnicodeDecodeError:
            return _parse(path, skip_lines, quoting, "latin-1")
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{path} is not a whole gzip file ({error}); fetch it again.") from error
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InputError(
            f"{path} is not a tab-separated table with a header line: {error}.".replace("..", ".")
        ) from error


def _parse(path: Path, skip_lines: int, quoting: int, encoding: str) -> pd.DataFrame:
    frame: pd.DataFrame = pd.read_csv(  # type: ignore[call-overload]
        path, sep="\t", dtype=str, keep_default_na=False, na_values=list(MISSING), quoting=quoting,
        skiprows=skip_lines, encoding=encoding,
    )  # fmt: skip
    if not isinstance(frame.index, pd.RangeIndex):  # pandas takes surplus leading fields for an index
        raise pd.errors.ParserError("its rows have more fields than its header")
    return frame


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


def _require_key(frame: pd.DataFrame, key: str, path: Path) -> None:
    empty = frame[key].isna().to_numpy().nonzero()[0]
    if empty.size:
        raise InputError(f"{path} line {empty[0] + 2} has no {key}; every row needs one: mend or remove the row.")
    twice = frame[key].duplicated().to_numpy().nonzero()[0]
    if twice.size:
        raise InputError(
            f"{path} line {twice[0] + 2} repeats the {key} {frame[key].iloc[twice[0]]!r} "
            f"({twice.size} repeated in all); ids must be unique: remove the doubles."
        )


def write_info(frame: pd.DataFrame, path: Path) -> None:
    """Write a table as tab-separated text with `-666` for missing values, gzip when the name ends in `.gz`."""
    text = frame.to_csv(sep="\t", index=False, na_rep=MISSING[0], quoting=csv.QUOTE_NONE, lineterminator="\n")
    data = text.encode("utf-8")
    with replacing(path) as temporary:
        # A fixed time stamp keeps the bytes the same for the same table.
        temporary.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
