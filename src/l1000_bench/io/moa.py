"""Mechanisms of action, from the Drug Repurposing Hub (Corsello et al. 2017) or from CLUE's compoundinfo.

The Hub's files (2017, 2018, 2020) start with lines that begin with `!`, end lines with CRLF, are Latin-1 (2017, 2018)
or UTF-8 (2020), and join several values of a cell with `|`.
"""

from __future__ import annotations

import gzip
import logging
from pathlib import Path

import pandas as pd

from l1000_bench.errors import InputError
from l1000_bench.io.atomic import replacing
from l1000_bench.io.corpus import CorpusSpec
from l1000_bench.io.geo import Dialect, read_text_table, require_columns

logger = logging.getLogger(__name__)

HUB_COLUMNS: dict[str, tuple[str, ...]] = {
    "repurposing_drugs": ("pert_iname", "moa"),
    "repurposing_samples": ("broad_id", "pert_iname"),
}
HUB = Dialect(quoted=True, remark=b"!")
INCHI_KEY = r"[A-Z]{14}-[A-Z]{10}-[A-Z]"
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
    frame = read_text_table(path, HUB)
    require_columns(frame, HUB_COLUMNS[table], path)
    return frame


def write_hub(frame: pd.DataFrame, path: Path, remarks: tuple[str, ...]) -> None:
    """Write a table in the Hub's format: `!` lines, a header, CRLF."""
    table = frame.to_csv(sep="\t", index=False, na_rep="", lineterminator="\r\n")
    data = ("".join(f"!{remark}\r\n" for remark in remarks) + table).encode("utf-8")
    with replacing(path) as temporary:
        temporary.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)


def annotate(drugs: pd.DataFrame, samples: pd.DataFrame) -> pd.DataFrame:
    """Reduce the Hub's two tables to look-ups of mechanisms of action by compound id, by structure and by name.

    A compound that several rows name gets the union of their mechanisms. Labels are compared in lower case.

    Args:
        drugs: Rows of `repurposing_drugs`.
        samples: Rows of `repurposing_samples`; `broad_id[:13]` is the pert_id of L1000. Its column InChIKey may be
            missing.

    Returns:
        Columns matched_by (`pert_id`, `inchi_key` or `name`), key (the pert_id, the InChIKey in capitals, or the
        case-folded name) and moa (lower-case labels in order, joined by `|`); one row per key with at least one known
        mechanism.
    """
    by_name = pd.DataFrame({"name": drugs["pert_iname"].str.casefold(), "moa": drugs["moa"]}).dropna()
    keys = {"name": samples["pert_iname"].str.casefold(), "pert_id": samples["broad_id"].str[:PERT_ID_LENGTH]}
    if "InChIKey" in samples:
        keys["inchi_key"] = samples["InChIKey"]
    known = pd.DataFrame(keys).drop_duplicates().merge(by_name, on="name")
    return _look_ups({"pert_id": known, "inchi_key": known, "name": by_name})


def annotate_by_compound_info(compounds: pd.DataFrame) -> pd.DataFrame:
    """Reduce CLUE's compound table to look-ups as `annotate` does.

    Args:
        compounds: Columns pert_id, pert_iname, moa, inchi_key; one row per compound, target and mechanism.
    """
    rows = compounds.assign(name=compounds["pert_iname"].str.casefold())
    return _look_ups({"pert_id": rows, "inchi_key": rows, "name": rows})


def no_annotations(corpus: CorpusSpec) -> pd.DataFrame:
    """Return the look-ups of a corpus that names no table of mechanisms: none."""
    logger.info("%s names no table of mechanisms of action, so that no compound has one", corpus.label)
    return _look_ups({})


def _look_ups(sources: dict[str, pd.DataFrame]) -> pd.DataFrame:
    parts = [pd.DataFrame({"matched_by": [], "key": [], "moa": []}, dtype="str")]
    for matched_by, rows in sources.items():
        if matched_by in rows:
            pairs = pd.DataFrame({"key": rows[matched_by], "moa": rows["moa"]}).dropna()
            if matched_by == "inchi_key":
                pairs["key"] = pairs["key"].str.strip().str.upper()
                # Cells of some rows of the Hub are shifted, so that something else stands where the key should.
                pairs = pairs[pairs["key"].str.fullmatch(INCHI_KEY)]
            parts.append(_union(pairs).assign(matched_by=matched_by))
    return pd.concat(parts, ignore_index=True)[["matched_by", "key", "moa"]]


def _union(pairs: pd.DataFrame) -> pd.DataFrame:
    labels = pairs.assign(moa=pairs["moa"].str.lower().str.split("|")).explode("moa")
    labels["moa"] = labels["moa"].str.strip()
    labels = labels[labels["moa"] != ""].drop_duplicates().sort_values(["key", "moa"])
    return labels.groupby("key", sort=True)["moa"].agg("|".join).reset_index()
