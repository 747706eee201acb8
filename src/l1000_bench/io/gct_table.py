"""The text of a GCT file, version 1.2 or 1.3, plain or gzipped.

After the line of the version comes a line of counts (genes, samples and, in 1.3, metadata columns and metadata rows),
a header, in 1.3 one line for each metadata field of the samples, and one line for each gene.
"""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import pandas as pd

from l1000_bench.errors import InputError
from l1000_bench.io.annotated import Annotated, decoded, frame, text_column
from l1000_bench.io.matrix import MISSING, Ids, Values, check_unique, first_repeat

_GZIP = b"\x1f\x8b"
# Deflate packs no more than this many times.
_MOST_PACKED = 1100
_DIGITS = 15  # of a count; more than any file has
_VERSIONS = {"#1.2": 2, "#1.3": 4}  # how many counts the second line has
_NOT_A_NUMBER = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "none"})


def read_table(path: Path) -> Annotated:
    """Read a GCT file; metadata stay text, -666 is missing in them and in the values.

    Raises:
        InputError: If the file is missing, no GCT, cut off, or has a line that does not fit its counts.
    """
    with _opened(path) as stream:
        lines = _Lines(path, stream)
        shape = _Shape.of(lines)
        header = lines.take(shape.width, "the header")
        sample_ids = _ids(header[shape.lead :], "sample", path)
        annotations = [lines.take(shape.width, "sample metadata") for _ in range(shape.sample_fields)]
        labels, values = _genes(lines, shape, header)
        lines.end(shape)
    gene_ids = _ids([label[0] for label in labels], "gene", path)
    columns = {name: [label[place] for label in labels] for place, name in enumerate(header[1 : shape.lead], start=1)}
    _check_names(header[1 : shape.lead], "gene", path)
    _check_names([line[0] for line in annotations], "sample", path)
    genes = _metadata(columns, gene_ids)
    samples = _metadata({line[0]: line[shape.lead :] for line in annotations}, sample_ids)
    return Annotated(path, shape.version, values, genes, samples)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    if not path.is_file():
        state = "is no file" if path.exists() else "does not exist"
        raise InputError(f"{path} {state}; expected a GCT file: correct the path or fetch the file.")
    try:
        with path.open("rb") as raw:
            zipped = raw.read(2) == _GZIP
            raw.seek(0)
            yield cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if zipped else raw
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"{path} is a gzip file but cut off or damaged ({error}); fetch it again.") from error


class _Lines:
    """The lines of a table, counted; blank ones are left out."""

    def __init__(self, path: Path, stream: BinaryIO) -> None:
        self.path = path
        self._reader = csv.reader((decoded(line) for line in stream), delimiter="\t")

    def next(self) -> list[str] | None:
        """Return the cells of the next line, or None at the end of the file."""
        try:
            return next((cells for cells in self._reader if cells), None)
        except csv.Error as error:
            raise self.wrong(
                f"expected cells divided by tabs, and lines by \\n, found text that is not so ({error})"
            ) from error

    def take(self, width: int, what: str) -> list[str]:
        """Return the cells of the next line, which must be `width`."""
        cells = self.next()
        if cells is None:
            raise self.wrong(f"the file ends here; expected {what} next: it is cut off, fetch it again")
        if len(cells) != width:
            raise self.wrong(f"{what} has {len(cells)} cells; expected {width} by the counts in line 2")
        return cells

    def end(self, shape: _Shape) -> None:
        """Refuse more lines."""
        if self.next() is not None:
            raise self.wrong(f"found one more line; expected the end after {shape.n_genes} genes, as line 2 counts")

    def wrong(self, message: str) -> InputError:
        """Return an error that names the file and the line."""
        return InputError(f"{self.path} line {self._reader.line_num}: {message}; correct the file or its counts.")


@dataclass(frozen=True)
class _Shape:
    """What the first two lines say."""

    version: str
    n_genes: int
    n_samples: int
    gene_fields: int
    sample_fields: int

    @property
    def lead(self) -> int:
        """Cells of a line before the first sample: the id and the metadata of a gene."""
        return 1 + self.gene_fields

    @property
    def width(self) -> int:
        """Cells of a line."""
        return self.lead + self.n_samples

    @classmethod
    def of(cls, lines: _Lines) -> _Shape:
        first = lines.next() or [""]
        mark = first[0].lstrip("\ufeff").strip()
        if mark not in _VERSIONS:
            raise lines.wrong(f"expected #1.2 or #1.3, the mark of a GCT, found {mark[:20]!r}")
        counts = " ".join(lines.next() or []).split()
        if len(counts) != _VERSIONS[mark] or not all(count.isdecimal() and len(count) <= _DIGITS for count in counts):
            raise lines.wrong(f"expected {_VERSIONS[mark]} counts after {mark}, found {' '.join(counts)[:80]!r}")
        gene_fields, sample_fields = map(int, counts[2:] or ("1", "0"))  # 1.2 has one: Description
        return cls(f"GCT{mark[1:]}", int(counts[0]), int(counts[1]), gene_fields, sample_fields)


def _genes(lines: _Lines, shape: _Shape, header: list[str]) -> tuple[list[list[str]], Values]:
    """Return the ids and metadata of the genes, as cells, and their values, shape (n_genes, n_samples)."""
    if shape.n_genes * shape.width > _most_bytes(lines.path):  # a cell takes a byte or more
        raise lines.wrong(f"expected {shape.n_genes} genes, as line 2 counts, found a file too small for them")
    labels = []
    values = np.empty((shape.n_genes, shape.n_samples), dtype=np.float32)
    for row in range(shape.n_genes):
        cells = lines.take(shape.width, f"gene {row + 1} of {shape.n_genes}")
        labels.append(cells[: shape.lead])
        try:
            values[row] = _numbers(cells[shape.lead :])
        except (ValueError, FloatingPointError):
            values[row] = _numbers_one_by_one(cells, shape, header, lines)
    values[values == MISSING] = np.nan
    return labels, values


def _most_bytes(path: Path) -> int:
    with path.open("rb") as stream:
        return path.stat().st_size * (_MOST_PACKED if stream.read(2) == _GZIP else 1)


def _numbers(cells: list[str]) -> Values:
    with np.errstate(over="raise"):
        return np.array(cells, dtype=np.float64).astype(np.float32)


def _numbers_one_by_one(cells: list[str], shape: _Shape, header: list[str], lines: _Lines) -> list[float]:
    """Read the cells of a line that is not made of numbers alone, or name the one that is wrong."""
    numbers = []
    for sample, cell in zip(header[shape.lead :], cells[shape.lead :], strict=True):
        try:
            numbers.append(float("nan") if cell.strip().lower() in _NOT_A_NUMBER else float(_numbers([cell])[0]))
        except (ValueError, FloatingPointError) as error:
            raise lines.wrong(
                f"gene {cells[0]!r}, sample {sample!r}: expected a float32 number, found {cell[:40]!r}"
            ) from error
    return numbers


def _ids(cells: list[str], what: str, path: Path) -> Ids:
    ids = np.empty(len(cells), dtype=object)
    ids[:] = [cell.strip() for cell in cells]
    check_unique(ids, what, path)
    return ids


def _check_names(names: list[str], what: str, path: Path) -> None:
    if (repeat := first_repeat(names)) is not None:
        raise InputError(f"{path} has two {what} metadata fields named {names[repeat]!r}; rename one of them.")


def _metadata(columns: dict[str, list[str]], ids: Ids) -> pd.DataFrame:
    return frame({name: text_column(cell.strip() for cell in cells) for name, cells in columns.items()}, ids)
