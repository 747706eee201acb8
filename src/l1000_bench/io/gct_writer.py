"""Writing GCT files, the text form of a matrix."""

from __future__ import annotations

import csv
import gzip
import io
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from l1000_bench.errors import InputError
from l1000_bench.io.annotated import Annotated, text_values
from l1000_bench.io.atomic import replacing

if TYPE_CHECKING:
    from cmapPy.pandasGEXpress.GCToo import GCToo

_DESCRIPTION = "Description"
_FILLER = "-666"


def write_gct(path: Path, gctoo: GCToo, version: str = "1.3") -> None:
    """Write a cmapPy GCToo as text, gzipped where `path` ends in .gz; float32 values read back to the last bit.

    Missing values are written as NaN, missing metadata as -666.

    Args:
        path: The file.
        gctoo: The matrix; its values become float32.
        version: "1.3", or "1.2", which has room for one metadata field of the genes, "Description", and no other.

    Raises:
        InputError: If the version is another or has no room for the metadata, or the values are no numbers.
    """
    table = Annotated.from_gctoo(path, gctoo)
    if version == "1.2":
        top = _top_of_1_2(table := _described(table))
    elif version == "1.3":
        top = _top_of_1_3(table)
    else:
        raise InputError(f"{path} cannot be written as GCT version {version!r}; expected '1.2' or '1.3'.")
    with replacing(path) as temporary, _text(temporary) as stream:
        writer = csv.writer(stream, delimiter="\t", lineterminator="\n")
        writer.writerows(top)
        writer.writerows(_gene_lines(table))


def _described(table: Annotated) -> Annotated:
    """Give the genes the one metadata field of GCT 1.2, or refuse to lose others."""
    others = [*table.samples.columns, *table.genes.columns.difference([_DESCRIPTION])]
    if others:
        raise InputError(
            f"{table.path} cannot be written as GCT 1.2: it has room for no metadata but {_DESCRIPTION}, found "
            f"{others[0]!r}; write version 1.3 or drop that field."
        )
    described = table.genes.reindex(columns=[_DESCRIPTION])
    return replace(table, genes=described)


def _top_of_1_2(table: Annotated) -> list[list[object]]:
    return [["#1.2"], [*table.values.shape], ["NAME", _DESCRIPTION, *table.sample_ids]]


def _top_of_1_3(table: Annotated) -> list[list[object]]:
    fields = list(table.genes.columns)
    counts = [*table.values.shape, len(fields), table.samples.shape[1]]
    samples = [[name, *[_FILLER] * len(fields), *text_values(column)] for name, column in table.samples.items()]
    return [["#1.3"], counts, ["id", *fields, *table.sample_ids], *samples]


def _gene_lines(table: Annotated) -> Iterator[list[str]]:
    fields = [text_values(column) for _, column in table.genes.items()]
    for row, gene in enumerate(table.gene_ids):
        # Nine significant digits tell any two float32 apart.
        cells = ["NaN" if math.isnan(value) else f"{value:.9g}" for value in table.values[row].tolist()]
        yield [gene, *(field[row] for field in fields), *cells]


@contextmanager
def _text(path: Path) -> Iterator[TextIO]:
    with path.open("wb") as raw:
        # No name and no time inside: the same table makes the same bytes.
        zipped = gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) if path.suffix == ".gz" else None
        with io.TextIOWrapper(zipped or raw, encoding="utf-8", newline="") as stream:
            yield stream
