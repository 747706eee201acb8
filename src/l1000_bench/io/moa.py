"""Mechanism-of-action tables of the Drug Repurposing Hub (Corsello et al. 2017), releases of 2018 and 2020.

The files start with lines that begin with `!`, end lines with CRLF, are Latin-1 (2018) or UTF-8 (2020), and join
several values of a cell with `|`.
"""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pandas as pd

from l1000_bench.errors import InputError
from l1000_bench.io.atomic import replacing
from l1000_bench.io.geo import read_text_table, require_columns

HUB_COLUMNS: dict[str, tuple[str, ...]] = {
    "repurposing_drugs": ("pert_iname", "moa"),
    "repurposing_samples": ("broad_id", "pert_iname"),
}
PERT_ID_LENGTH = 13  # a Broad compound id without its batch: BRD-K76022557


def read_hub(path: Path, table: str) -> pd.DataFrame:
    """Read a Repurposing Hub table.

    Args:
        path: The file as the Hub publishes it, plain or gzip.
        table: `repurposing_drugs` or `repurposing_samples`.

    Returns:
        The rows in file order, every column text, empty cells as NA.

    Raises:
        InputError: If the file is missing, cut off or lacks a column.
    """
    if not path.exists():
        raise InputError(
            f"{path} does not exist; the Drug Repurposing Hub's licence asks users to download its tables themselves, "
            "from its download page, and to put them there."
        )
    frame = read_text_table(path, quoting=csv.QUOTE_MINIMAL, remark=b"!")
    require_columns(frame, HUB_COLUMNS[table], path)
    return frame


def write_hub(frame: pd.DataFrame, path: Path, remarks: tuple[str, ...]) -> None:
    """Write a table in the Hub's format: `!` lines, a header, CRLF."""
    table = frame.to_csv(sep="\t", index=False, na_rep="", lineterminator="\r\n")
    data = ("".join(f"!{remark}\r\n" for remark in remarks) + table).encode("utf-8")
    with replacing(path) as temporary:
        temporary.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)


def annotate(drugs: pd.DataFrame, samples: pd.DataFrame) -> pd.DataFrame:
    """Reduce the Hub's two tables to look-ups of mechanisms of action by compound id and by name.

    A compound that several rows name gets the union of their mechanisms. Labels are compared in lower case.

    Args:
        drugs: Rows of `repurposing_drugs`.
        samples: Rows of `repurposing_samples`; `broad_id[:13]` is the pert_id of L1000.

    Returns:
        Columns matched_by (`pert_id` or `name`), key (the pert_id, or the case-folded name) and moa (lower-case
        labels in order, joined by `|`); one row per key with at least one known mechanism.
    """
    by_name = pd.DataFrame({"key": drugs["pert_iname"].str.casefold(), "moa": drugs["moa"]}).dropna()
    names = samples[["broad_id", "pert_iname"]].dropna()
    names = pd.DataFrame({"key": names["pert_iname"].str.casefold(), "pert_id": names["broad_id"].str[:PERT_ID_LENGTH]})
    by_id = names.drop_duplicates().merge(by_name, on="key").drop(columns="key").rename(columns={"pert_id": "key"})
    parts = [_union(by_id).assign(matched_by="pert_id"), _union(by_name).assign(matched_by="name")]
    return pd.concat(parts, ignore_index=True)[["matched_by", "key", "moa"]]


def _union(pairs: pd.DataFrame) -> pd.DataFrame:
    labels = pairs.assign(moa=pairs["moa"].str.lower().str.split("|")).explode("moa")
    labels["moa"] = labels["moa"].str.strip()
    labels = labels[labels["moa"] != ""].drop_duplicates().sort_values(["key", "moa"])
    return labels.groupby("key", sort=True)["moa"].agg("|".join).reset_index()
