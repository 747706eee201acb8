"""What an HTML table is made of: cells with a text and a value to sort by, columns, headings."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from l1000_bench.report.names import display
from l1000_bench.report.wording import NONE, decimal, mean_std, p_value, setting, signed

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Cell:
    """One cell: its text, its value (None where it has none, so that it is sorted last), and how it looks."""

    text: str
    sort: float | str | None = None
    strong: bool = False
    mark: str = ""  # a footnote's sign after the text


@dataclass(frozen=True)
class Column:
    """One column: its heading, what it makes of a row, and its kind (text, number, rank, code, prose)."""

    head: str
    cell: Callable[[Row], Cell]
    kind: str = "text"


@dataclass(frozen=True)
class Group:
    """A heading above `span` neighbouring columns; one without text leaves its column a heading of full height."""

    text: str
    span: int


@dataclass(frozen=True)
class Table:
    """A table ready for the template; the first `row_heads` columns name the row."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    row_heads: int = 1
    groups: tuple[Group, ...] = ()
    notes: tuple[str, ...] = ()


def make_table(caption: str, columns: Sequence[Column], frame: pd.DataFrame, row_heads: int = 1) -> Table:
    """Lay a frame out: one table row per row of the frame."""
    records: list[dict[str, Any]] = [
        {str(key): value for key, value in record.items()} for record in frame.to_dict("records")
    ]
    rows = tuple(tuple(column.cell(record) for column in columns) for record in records)
    return Table(caption, tuple(columns), rows, row_heads)


def make_grouped_table(
    caption: str, grouped: Sequence[tuple[str, Sequence[Column]]], frame: pd.DataFrame, row_heads: int = 1
) -> Table:
    """Lay a frame out with a heading above every group of columns; those of a group without a heading stand alone."""
    columns = [column for _, own in grouped for column in own]
    groups = [one for head, own in grouped for one in ([Group(head, len(own))] if head else [Group("", 1)] * len(own))]
    return replace(make_table(caption, columns, frame, row_heads), groups=tuple(groups))


def named(head: str, key: str, names: Mapping[str, str]) -> Column:
    """A column of display names."""
    return Column(head, lambda row: _text(display(names, str(row[key]))))


def text(head: str, key: str, kind: str = "text") -> Column:
    """A column of text as it stands; missing text is a dash."""
    return Column(head, lambda row: _text(NONE if pd.isna(row[key]) else str(row[key])), kind)


def count(head: str, key: str, kind: str = "number") -> Column:
    """A column of whole numbers, thousands set apart."""
    return Column(head, lambda row: _count(row[key]), kind)


def number(head: str, key: str, digits: int, *, sign: bool = False, scale: float = 1) -> Column:
    """A column of decimal numbers, times `scale`, with the sign where `sign`."""
    write = signed if sign else decimal
    return Column(head, lambda row: Cell(write(scale * row[key], digits), _sortable(float(scale * row[key]))), "number")


def p_column(head: str, key: str) -> Column:
    """A column of p values."""
    return Column(head, lambda row: Cell(p_value(row[key]), _sortable(float(row[key]))), "number")


def spread(head: str, mean: str, std: str) -> Column:
    """A column "mean ± std", sorted by the mean."""
    return Column(head, lambda row: Cell(mean_std(row[mean], row[std]), _sortable(float(row[mean]))), "number")


def interval(head: str, low: str, high: str, digits: int = 2) -> Column:
    """A column "[low, high]" of fractions in percentage points, sorted by the lower end."""
    return Column(head, lambda row: _interval(100 * float(row[low]), 100 * float(row[high]), digits), "number")


def counted_name(head: str, name: str, counted: str) -> Column:
    """A column "name (count)", sorted by the name."""
    return Column(head, lambda row: _counted_name(row[name], row[counted]))


def parameters(head: str, key: str) -> Column:
    """A column of hyper-parameter settings, given as JSON text."""
    return Column(head, lambda row: _text(setting(row[key])), "code")


def _text(value: str) -> Cell:
    return Cell(value, value.casefold())


def _count(value: float) -> Cell:
    return Cell(NONE) if pd.isna(value) else Cell(f"{int(value):,}", int(value))


def _interval(low: float, high: float, digits: int) -> Cell:
    if math.isnan(low) or math.isnan(high):
        return Cell(NONE)
    return Cell(f"[{decimal(low, digits)}, {decimal(high, digits)}]", _sortable(low))


def _counted_name(name: Any, counted: float) -> Cell:
    if pd.isna(name):
        return Cell(NONE)
    return Cell(f"{name} ({_count(counted).text})", str(name).casefold())


def _sortable(value: float) -> float | None:
    """Round away what differs between processors, and keep infinities where scripts can read them."""
    return None if math.isnan(value) else round(min(max(value, -1e300), 1e300), 6)
