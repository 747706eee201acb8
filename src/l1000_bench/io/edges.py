"""Gene regulatory links in RegNetwork's format (`human.source`; Liu et al. 2015).

No header, TAB, CRLF; four columns: symbol and id of the regulator, symbol and id of the target. Ids are Entrez ids,
or names of microRNAs.
"""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd

from l1000_bench.errors import InputError
from l1000_bench.io.atomic import replacing

EDGE_COLUMNS = ("regulator_symbol", "regulator_id", "target_symbol", "target_id")


def read_edges(path: Path) -> pd.DataFrame:
    """Read regulatory links.

    Args:
        path: The file.

    Returns:
        One row per link in file order, `EDGE_COLUMNS`, all text.

    Raises:
        InputError: If the file is missing, empty or no text, or a line has not four fields.
    """
    if not path.exists():
        raise InputError(f"{path} does not exist; put RegNetwork's human.source there.")
    try:
        rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is no text ({error}); unpack RegNetwork's archive and give human.source.") from error
    for number, row in enumerate(rows, start=1):
        if len(row) != len(EDGE_COLUMNS):
            raise InputError(
                f"{path} line {number} has {len(row)} fields; RegNetwork's four are {', '.join(EDGE_COLUMNS)}: "
                "give the file human.source, tab-separated and without a header."
            )
    if not rows:
        raise InputError(f"{path} is empty; fetch RegNetwork's human.source again.")
    return pd.DataFrame(rows, columns=list(EDGE_COLUMNS), dtype="str")


def write_edges(frame: pd.DataFrame, path: Path) -> None:
    """Write links in RegNetwork's format; the frame's four columns in their order, whatever their names."""
    buffer = io.StringIO()
    frame.to_csv(buffer, sep="\t", index=False, header=False, lineterminator="\r\n")
    with replacing(path) as temporary:
        temporary.write_bytes(buffer.getvalue().encode("utf-8"))
