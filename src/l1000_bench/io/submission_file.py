"""Prediction tables that are handed in: Parquet or CSV files of other methods, checked for their form."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from l1000_bench.errors import InputError, require
from l1000_bench.io.atomic import replacing

FORMATS = (".parquet", ".csv")
TEXT = ("sample_id", "role", "y_pred", "split_sha256")
COLUMNS = ("sample_id", "rotation", "role", "y_pred", "split_sha256")
PROBABILITY = "probability:"
ROLES = ("dev", "test")
SUM_TOLERANCE = 0.01  # of the probabilities of a row, which may have been rounded to three decimals


def find_submissions(folder: Path) -> dict[str, Path]:
    """Return the files of a folder by the names of their methods, in the order of the names.

    Args:
        folder: Holds NAME.parquet or NAME.csv for every method; hidden files are passed over.

    Raises:
        InputError: If a file is neither, its name is no name of a classifier, or two have the same.
    """
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.name.startswith("."):
            continue
        require(
            path.suffix in FORMATS,
            f"{path} ends in none of {', '.join(FORMATS)}, as predictions are handed in: convert it, or take it away.",
        )
        check_name(path.stem, str(path))
        require(
            path.stem not in found, f"{folder} holds {path.stem}.csv and {path.stem}.parquet: take one of them away."
        )
        found[path.stem] = path
    return dict(sorted(found.items()))


def check_name(name: str, place: str) -> None:
    """Refuse a name that no classifier could have.

    Raises:
        InputError: If it is not made of letters, digits and underscores.
    """
    require(
        name.isidentifier(),
        f"{place}: {name!r} cannot name a method; a name is letters, digits and underscores, and begins with no digit.",
    )


def read_submission(path: Path) -> pd.DataFrame:
    """Read the predictions of a method.

    Args:
        path: A Parquet or CSV file with the columns of `COLUMNS` and, where the method has them, `probability:CLASS`.

    Returns:
        The rows in file order with the columns of `COLUMNS`, rotation int64 and the others text, then probabilities
        float32.

    Raises:
        InputError: If the file cannot be read, has other columns, or a cell is missing or not what its column holds;
            names the first row where that is so, the first below the header being 1.
    """
    frame = _read(path)
    _check_columns(frame, path)
    probabilities = [name for name in frame.columns if name.startswith(PROBABILITY)]
    for name in (*COLUMNS, *probabilities):
        _refuse(frame[name].isna(), frame[name], path, "fill in every row")
    text = {name: _text(frame[name], path) for name in TEXT}
    _refuse(~text["role"].isin(ROLES), text["role"], path, "a role is dev or test")
    digest = text["split_sha256"]
    _refuse(digest != digest.iloc[0], digest, path, f"every row has that of one split, {digest.iloc[0]} in row 1")
    columns = {**text, "rotation": _rotations(frame["rotation"], path)}
    table = pd.DataFrame({name: columns[name] for name in COLUMNS})
    if not probabilities:
        return table
    return pd.concat([table, _probabilities(frame[probabilities], path)], axis="columns")


def write_submission(frame: pd.DataFrame, path: Path) -> None:
    """Write predictions as Parquet, renamed into place when whole."""
    with replacing(path) as temporary:
        frame.to_parquet(temporary, index=False)


def _read(path: Path) -> pd.DataFrame:
    require(path.suffix in FORMATS, f"{path} ends in none of {', '.join(FORMATS)}; hand in one of these.")
    require(path.is_file(), f"{path} is no file; give the path of the predictions.")
    try:
        if path.suffix == ".parquet":
            frame = pd.read_parquet(
                path
            )  # with the index of the frame that was written, which holds columns or nothing
            return frame.reset_index(drop=not set(frame.index.names) & set(COLUMNS))
        # Only an empty cell is missing: "NA" and "None" may be labels, and 0012 a sample.
        return pd.read_csv(
            path, dtype=dict.fromkeys(TEXT, "str"), keep_default_na=False, na_values=[""], low_memory=False
        )
    except (OSError, ValueError, pa.ArrowException) as error:
        raise InputError(f"{path} cannot be read as {path.suffix[1:]} ({error}); write it again.") from error


def _check_columns(frame: pd.DataFrame, path: Path) -> None:
    names = [str(name) for name in frame.columns]
    known = f"a submission has {', '.join(COLUMNS)} and, if any, {PROBABILITY}CLASS for every class"
    missing = [name for name in COLUMNS if name not in names]
    require(not missing, f"{path} lacks the column(s) {', '.join(missing)}; {known}.")
    other = [name for name in names if name not in COLUMNS and not name.startswith(PROBABILITY)]
    require(not other, f"{path} has the column {other[:1]}, which has no meaning here; {known}: take it away.")
    require(len(set(names)) == len(names), f"{path} has a column twice; {known}, each once.")
    require(isinstance(frame.index, pd.RangeIndex), f"{path} has rows with more cells than there are columns; {known}.")
    require(len(frame) > 0, f"{path} has no row; it needs one for every sample and rotation of the template.")


def _refuse(wrong: pd.Series | NDArray[np.bool_], column: pd.Series, path: Path, rule: str) -> None:
    """Raise an InputError at the first row that is wrong."""
    rows = np.flatnonzero(wrong)
    if len(rows):
        value = column.iloc[rows[0]]
        found = "nothing" if pd.isna(value) else repr(value.item() if isinstance(value, np.generic) else value)
        raise InputError(f"{path} row {rows[0] + 1}: {column.name} is {found} ({len(rows)} such row(s)); {rule}.")


def _text(column: pd.Series, path: Path) -> pd.Series:
    values = column.cat.categories if isinstance(column.dtype, pd.CategoricalDtype) else column
    if not (pd.api.types.is_string_dtype(values) or pd.api.types.is_integer_dtype(values)):
        raise InputError(f"{path}: {column.name} holds {values.dtype} values; store it as text.")
    return column.astype("str")


def _numbers(column: pd.Series) -> NDArray[np.float64]:
    return pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)


def _rotations(column: pd.Series, path: Path) -> NDArray[np.int64]:
    numbers = _numbers(column)
    whole = np.isfinite(numbers) & (numbers >= 0) & (numbers == np.floor(numbers))
    _refuse(~whole, column, path, "a rotation is a whole number, the first 0")
    return numbers.astype(np.int64)


def _probabilities(columns: pd.DataFrame, path: Path) -> pd.DataFrame:
    values = np.column_stack([_numbers(columns[name]) for name in columns])  # (n_rows, n_classes)
    for position, name in enumerate(columns):
        fits = (values[:, position] >= 0) & (values[:, position] <= 1)
        _refuse(~fits, columns[name], path, "a probability lies between 0 and 1")
    sums = pd.Series(values.sum(axis=1), name="the sum of the probabilities")
    _refuse(np.abs(sums - 1) > SUM_TOLERANCE, sums, path, "it must be 1")
    return pd.DataFrame(values.astype(np.float32), columns=columns.columns)
