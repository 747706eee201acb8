"""The paper's tables as files: CSV for programs, LaTeX for papers, HTML for readers."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from l1000_bench.report.cells import Cell, Column, Table
from l1000_bench.report.latex import table_tex
from l1000_bench.report.templating import html_templates
from l1000_bench.report.wording import NONE

_BETWEEN = " ± "
_BELOW = "< "  # before a p value that is printed as a bound
_ASCII = str.maketrans({"−": "-", "\u00a0": " "})
_PLAIN = str.maketrans({"−": "-", ",": None, "+": None})  # what Python's float does not read


def paper_table_files(tables: Mapping[str, Table]) -> dict[str, str]:
    """Write tables as files.

    Args:
        tables: By name, such as those of `paper_tables`.

    Returns:
        Name of a file -> its text: `table_NAME.csv`, `table_NAME.tex` and `table_NAME.html` for every table.
    """
    files: dict[str, str] = {}
    for name, table in tables.items():
        texts = {"csv": table_csv(table), "tex": table_tex(name, table), "html": table_html(table)}
        files |= {f"table_{name}.{suffix}": text for suffix, text in texts.items()}
    return files


def table_html(table: Table) -> str:
    """Write a table as a page that loads nothing from outside; its heading is the caption up to the first colon."""
    return (
        html_templates()
        .get_template("paper_table.html.j2")
        .render(heading=table.caption.partition(":")[0], shown=table)
    )


def table_csv(table: Table) -> str:
    """Write a table with the numbers that it prints, as numbers.

    A column of "mean ± std" becomes two, and one with bold or marks is followed by a column of them ("best" where it is
    bold). A p value that is printed as a bound is that bound, marked "<". Missing values are empty; a heading above
    several columns stands before theirs.
    """
    columns: list[list[str]] = []
    for place, (head, column) in enumerate(zip(_heads(table), table.columns, strict=True)):
        columns += _csv_columns(head, column, [row[place] for row in table.rows])
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(zip(*columns, strict=True))
    return text.getvalue()


def _heads(table: Table) -> list[str]:
    above = [group.text.translate(_ASCII) for group in table.groups for _ in range(group.span)] or [""] * len(
        table.columns
    )
    heads = [column.head.translate(_ASCII) for column in table.columns]
    return [f"{text}: {head}" if text else head for text, head in zip(above, heads, strict=True)]


def _csv_columns(head: str, column: Column, cells: list[Cell]) -> list[list[str]]:
    """Return the columns that one column becomes, each with its heading."""
    is_number = column.kind == "number"
    if is_number and any(_BETWEEN in cell.text for cell in cells):
        parts = [cell.text.partition(_BETWEEN) for cell in cells]
        made = [
            [f"{head}: mean", *(_plain(mean, is_number) for mean, _, _ in parts)],
            [f"{head}: std", *(_plain(std, is_number) for _, _, std in parts)],
        ]
    else:
        made = [[head, *(_plain(cell.text, is_number) for cell in cells)]]
    marks = ["best" if cell.strong else f"{_bound(cell, is_number)}{cell.mark}" for cell in cells]
    return [*made, [f"{head}: mark", *marks]] if any(marks) else made


def _bound(cell: Cell, is_number: bool) -> str:
    return _BELOW.strip() if is_number and cell.text.startswith(_BELOW) else ""


def _plain(text: str, is_number: bool) -> str:
    if text == NONE:
        return ""
    return text.removeprefix(_BELOW).translate(_PLAIN) if is_number else text
