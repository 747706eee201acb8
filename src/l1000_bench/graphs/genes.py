"""The genes that a graph can be about: their Entrez ids, and the names that link files call them by."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from l1000_bench.errors import InputError
from l1000_bench.io.geo import read_text_table, require_columns

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class GeneTable:
    """Look-ups of Entrez ids.

    Attributes:
        by_id: Every known Entrez id, to itself.
        by_name: Names of one kind (symbols, or Ensembl ids) to Entrez ids; a name of several genes is left out, since
            nobody can say which of them a link means.
    """

    by_id: Mapping[str, str]
    by_name: Mapping[str, str]

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, name_column: str, id_column: str) -> GeneTable:
        """Make the look-ups from a table of genes.

        Args:
            frame: One row per gene, text; a gene without a name has NA or nothing there.
            name_column: Column of the names, such as `pr_gene_symbol` or `ensembl_id`.
            id_column: Column of the Entrez ids, such as `pr_gene_id`.

        Raises:
            InputError: If a column is missing, or no gene has both.
        """
        missing = [column for column in (name_column, id_column) if column not in frame.columns]
        if missing:
            raise InputError(
                f"the gene table lacks the column(s) {', '.join(missing)}; "
                f"it has {', '.join(map(str, frame.columns))}: name its columns of names and of Entrez ids."
            )
        # '""' stands for no name where a publisher quotes empty cells alone.
        names = frame[name_column].str.strip().str.strip('"')
        genes = pd.DataFrame({"name": names, "id": frame[id_column].str.strip()})
        named = genes[genes["name"].notna() & (genes["name"] != "") & genes["id"].notna()].drop_duplicates()
        ambiguous = named["name"].duplicated(keep=False)
        if ambiguous.all():
            raise InputError(
                f"no row of the gene table names one gene: each lacks its {name_column} or its {id_column}, "
                f"or shares its {name_column} with another gene; name the right columns."
            )
        if ambiguous.any():
            several = ", ".join(named.loc[ambiguous, "name"].unique())
            logger.info("Links by a %s of several genes are left out: %s.", name_column, several)
        ids = genes["id"].dropna().tolist()
        certain = named[~ambiguous]
        return cls(dict(zip(ids, ids, strict=True)), dict(zip(certain["name"], certain["id"], strict=True)))


def read_gene_table(path: Path, name_column: str, id_column: str) -> GeneTable:
    """Read the look-ups from a tab-separated gene table, plain or gzip; see `GeneTable.from_frame`.

    Raises:
        InputError: If the file is missing, cut off or lacks a column.
    """
    frame = read_text_table(path)
    require_columns(frame, (name_column, id_column), path)
    return GeneTable.from_frame(frame, name_column, id_column)
