"""Text files of gene links, line by line; errors name the line."""

from __future__ import annotations

import csv
import gzip
import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple

from l1000_bench.errors import InputError


class Link(NamedTuple):
    """A line of a link file: two genes as the file names them, and the strength of their link."""

    source: str
    target: str
    weight: float


@dataclass(frozen=True)
class Layout:
    """How a publisher writes links.

    Attributes:
        name: The file, as messages call it.
        columns: What stands in a line.
        separator: Between fields.
        remark: What lines that hold no link begin with; nothing when there are none.
        header: Whether the first line names the columns.
        ends: Where source and target stand.
        weight: Where the strength stands; None where every link counts 1.
    """

    name: str
    columns: tuple[str, ...]
    separator: str = "\t"
    remark: str = ""
    header: bool = False
    ends: tuple[int, int] = (0, 1)
    weight: int | None = None


def read_rows(path: Path, layout: Layout) -> Iterator[Link]:
    """Yield every link of a file, plain or gzip; the magnitude of its weight is its strength.

    Raises:
        InputError: If the file is missing, cut off or no text, or a line has other columns or a weight that is no
            number.
    """
    if not path.exists():
        raise InputError(f"{path} does not exist; put {layout.name} there.")
    try:
        with _open(path) as stream:
            yield from _parse(stream, path, layout)
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is no text ({error}); unpack it and give {layout.name}.") from error
    except (EOFError, zlib.error, gzip.BadGzipFile, csv.Error) as error:
        raise InputError(f"{path} is cut off or damaged ({error}); fetch {layout.name} again.") from error


def _open(path: Path) -> IO[str]:
    # The csv module wants line ends as they are.
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


def _parse(stream: IO[str], path: Path, layout: Layout) -> Iterator[Link]:
    if layout.separator == ",":
        lines = csv.reader(stream)
    else:  # a quote has no meaning there
        lines = csv.reader(stream, delimiter=layout.separator, quoting=csv.QUOTE_NONE)
    if layout.header and (header := next(lines, [])) != list(layout.columns):
        raise InputError(
            f"{path} line 1: the header of {layout.name} is {', '.join(layout.columns)}, not {', '.join(header)!r}: "
            "give the file as it was published."
        )
    source, target = layout.ends
    for fields in lines:
        if layout.remark and fields and fields[0].startswith(layout.remark):
            continue
        if len(fields) != len(layout.columns):
            raise InputError(
                f"{path} line {lines.line_num} has {len(fields)} fields; {layout.name} has {len(layout.columns)}, "
                f"{', '.join(layout.columns)}: give the file as it was published."
            )
        weight = 1.0 if layout.weight is None else _strength(fields[layout.weight], path, lines.line_num)
        yield Link(fields[source], fields[target], weight)


def _strength(text: str, path: Path, line: int) -> float:
    try:
        weight = abs(float(text))
    except ValueError:
        weight = math.nan
    if not math.isfinite(weight):
        raise InputError(f"{path} line {line}: the weight {text!r} is no number; mend it or fetch the file again.")
    return weight
