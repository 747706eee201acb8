"""Readers of public gene link files; every one returns the same form.

The form: one row per line of the file that joins two genes of the gene table, in file order; `gene_a` (source,
regulator) and `gene_b` (target) are Entrez ids as text, `weight` is float64 and never negative. Lines that join a gene
with itself and lines that repeat a pair stay, since they are rows of the source; `edges.landmark_edges` drops them.
"""

from __future__ import annotations

import logging
from array import array
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from pkgutil import resolve_name
from typing import NamedTuple, TypeAlias

import numpy as np
import pandas as pd

from l1000_bench.errors import InputError
from l1000_bench.graphs.genes import GeneTable, read_gene_table
from l1000_bench.graphs.link_files import Layout, Link, read_rows
from l1000_bench.io.edges import read_edges

logger = logging.getLogger(__name__)

FORMATS = ("regnetwork", "regnetwork_directions", "humanbase", "huri", "trrust", "collectri")

Reader: TypeAlias = Callable[[Path, GeneTable], pd.DataFrame]


class LinkFile(NamedTuple):
    """A link file that is read when its genes are known.

    Attributes:
        path: The file, gzip when its name ends in `.gz`.
        format: As for `read_links`.
        names: The gene table by whose names the file calls genes: `file`, `name_column`, `id_column`; empty where the
            corpus's gene_info names them by symbol.
    """

    path: Path
    format: str
    names: Mapping[str, str]

    def read(self, gene_info: pd.DataFrame) -> pd.DataFrame:
        """Return the links between genes of gene_info, or of the gene table of its own; see `read_links`."""
        if self.names:
            genes = read_gene_table(Path(self.names["file"]), self.names["name_column"], self.names["id_column"])
        else:
            genes = symbols(gene_info)
        return read_links(self.path, self.format, genes)


def symbols(gene_info: pd.DataFrame) -> GeneTable:
    """Return the genes of GEO's gene_info by symbol."""
    return GeneTable.from_frame(gene_info, "pr_gene_symbol", "pr_gene_id")


def read_links(path: Path, format: str, genes: GeneTable) -> pd.DataFrame:
    """Read a link file of any known format.

    Args:
        path: The file; gzip when its name ends in `.gz`.
        format: One of `FORMATS`, each read by this module's `read_<format>`; or the import path of a function of the
            same shape, such as `my_lab.links.read_screen`.
        genes: The genes that may be linked, by Entrez id and by the names that the file uses.

    Returns:
        Columns gene_a, gene_b, weight (see the module).

    Raises:
        InputError: If the format is unknown, or the file is missing, no text, has a line with the wrong columns, or no
            line that joins two genes of the table.
    """
    try:
        reader = find_reader(format)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    return reader(path, genes)


def find_reader(format: str) -> Reader:
    """Return the function that reads a format; arguments and errors as of `read_links`."""
    if format not in FORMATS and "." not in format:
        raise InputError(
            f"unknown format of links {format!r}; it can be {', '.join(FORMATS)}, "
            "or the import path of a function that reads it."
        )
    try:
        reader: Reader = resolve_name(format if "." in format else f"{__name__}.read_{format}")
    except (ImportError, AttributeError, ValueError) as error:
        raise InputError(f"cannot import the reader of links {format!r}: {error}.") from error
    return reader


def read_regnetwork(path: Path, genes: GeneTable) -> pd.DataFrame:
    """Read RegNetwork's `human.source` (Liu et al. 2015), links by Entrez id; those of microRNAs are left out."""
    return regnetwork_links(read_edges(path), genes, path)


def regnetwork_links(frame: pd.DataFrame, genes: GeneTable, path: Path) -> pd.DataFrame:
    """Return the links of a `human.source` that `io.edges.read_edges` has read; errors name `path`."""
    ends = zip(frame["regulator_id"], frame["target_id"], strict=True)
    return _links((Link(source, target, 1.0) for source, target in ends), genes.by_id, path)


def read_regnetwork_directions(path: Path, genes: GeneTable) -> pd.DataFrame:
    """Read RegNetwork's KEGG direction file, links by Entrez id; activation, repression and the rest count alike."""
    columns = ("TF", "its id", "target", "its id", "direction")
    layout = Layout("RegNetwork's direction file", columns, separator=" ", remark="#", ends=(1, 3))
    return _links(read_rows(path, layout), genes.by_id, path)


def read_humanbase(path: Path, genes: GeneTable) -> pd.DataFrame:
    """Read a HumanBase tissue network (Greene et al. 2015), links by Entrez id; the weight is their posterior."""
    layout = Layout("HumanBase's {tissue}_top.gz", ("Entrez id", "Entrez id", "posterior"), weight=2)
    return _links(read_rows(path, layout), genes.by_id, path)


def read_huri(path: Path, genes: GeneTable) -> pd.DataFrame:
    """Read HuRI or HI-union (Luck et al. 2020), protein interactions; `genes` must name genes by Ensembl id."""
    layout = Layout("HuRI.tsv", ("Ensembl id", "Ensembl id"))
    return _links(read_rows(path, layout), genes.by_name, path)


def read_trrust(path: Path, genes: GeneTable) -> pd.DataFrame:
    """Read TRRUST (Han et al. 2018), links by symbol; a pair has a row per mode of regulation."""
    layout = Layout("TRRUST's trrust_rawdata.human.tsv", ("regulator", "target", "mode", "pmid"))
    return _links(read_rows(path, layout), genes.by_name, path)


def read_collectri(path: Path, genes: GeneTable) -> pd.DataFrame:
    """Read CollecTRI (Müller-Dott et al. 2023), links by symbol; -1, its mark of repression, is a strength of 1."""
    layout = Layout("CollecTRI's csv", ("source", "target", "weight"), separator=",", header=True, weight=2)
    return _links(read_rows(path, layout), genes.by_name, path)


def _links(rows: Iterable[Link], ids: Mapping[str, str], path: Path) -> pd.DataFrame:
    """Keep the rows whose genes both have an id, under their ids."""
    # Columns of shared ids, since HumanBase has millions of rows.
    sources: list[str] = []
    targets: list[str] = []
    weights = array("d")
    n_rows = 0
    for row in rows:
        n_rows += 1
        if row.source in ids and row.target in ids:
            sources.append(ids[row.source])
            targets.append(ids[row.target])
            weights.append(row.weight)
    if not n_rows:
        raise InputError(f"{path} holds no link; fetch it again.")
    if not sources:
        raise InputError(
            f"{path}: none of its {n_rows} links joins two genes of the gene table, which names "
            f"{', '.join(list(ids)[:3])}, …; the last one joins {row.source} and {row.target}: give the table that "
            "holds the names that this file uses."
        )
    logger.info("%s: %d of %d links join genes of the gene table.", path.name, len(sources), n_rows)
    ends = {"gene_a": pd.Series(sources, dtype="str"), "gene_b": pd.Series(targets, dtype="str")}
    return pd.DataFrame({**ends, "weight": np.array(weights)})
