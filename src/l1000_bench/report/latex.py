r"""Tables as LaTeX, to be put into a paper by `\input`."""

from __future__ import annotations

import re

from l1000_bench.report.cells import Cell, Table
from l1000_bench.report.templating import tex_templates

# What LaTeX would take for a command, prints as something else in its old encoding, or does not know.
_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': "''", "`": r"\textquoteleft{}",
    "\u00a0": "~", "–": r"\textendash{}", "—": r"\textemdash{}", "−": "$-$", "±": r"$\pm$", "×": r"$\times$",
    "≤": r"$\leq$", "≥": r"$\geq$", "∞": r"$\infty$", "†": r"\textdagger{}", "‡": r"\textdaggerdbl{}",
    "‘": r"\textquoteleft{}", "’": r"\textquoteright{}", "“": r"\textquotedblleft{}", "”": r"\textquotedblright{}",
    "µ": r"$\mu$", "μ": r"$\mu$", "α": r"$\alpha$", "β": r"$\beta$", "γ": r"$\gamma$", "δ": r"$\delta$",
    "κ": r"$\kappa$", "σ": r"$\sigma$",
}  # fmt: skip
_PARAGRAPH = r">{\raggedright\arraybackslash}p{0.5\textwidth}"
_ALIGNMENTS = {"number": "r", "code": _PARAGRAPH, "prose": _PARAGRAPH}


def escape(text: str) -> str:
    """Write text so that LaTeX prints it as it stands, white space as single blanks.

    Letters beyond the Latin alphabet and the Greek ones above are left as they are: XeLaTeX and LuaLaTeX print them.
    """
    plain = "".join(_SPECIAL.get(letter, letter) for letter in re.sub(r"[^\S\u00a0]+", " ", text))
    # Two dashes would become one longer dash; and a row that begins so would be taken for an option of the row before.
    return re.sub(r"^[\[*]", r"{\g<0>}", re.sub("-(?=-)", "-{}", plain))


def table_tex(name: str, table: Table) -> str:
    """Write a table with the rules of booktabs, the best in bold and the marks as superscripts.

    Args:
        name: What its label is made of, and what its caption may begin with: "Table NAME: ".
        table: With at least one row.

    Returns:
        The environment `table*`; its first line says which packages it needs.
    """
    caption = table.caption.removeprefix(f"Table {name}: ")
    return tex_templates().get_template("table.tex.j2").render(
        caption=escape(caption[:1].upper() + caption[1:]),
        label=name,
        alignments="".join(_ALIGNMENTS.get(column.kind, "l") for column in table.columns),
        groups=_groups(table),
        rules=_rules(table),
        heads=_row([escape(column.head) for column in table.columns]),
        rows=[_row([_cell(cell) for cell in row]) for row in table.rows],
        notes=escape(" ".join(table.notes)),
    )  # fmt: skip


def _row(cells: list[str]) -> str:
    return rf"{' & '.join(cells)} \\"


def _cell(cell: Cell) -> str:
    text = rf"\textbf{{{escape(cell.text)}}}" if cell.strong else escape(cell.text)
    return rf"{text}\textsuperscript{{{escape(cell.mark)}}}" if cell.mark else text


def _groups(table: Table) -> str:
    """Write the headings above neighbouring columns."""
    spans = [rf"\multicolumn{{{group.span}}}{{c}}{{{escape(group.text)}}}" for group in table.groups]
    return _row([span if group.text else "" for span, group in zip(spans, table.groups, strict=True)]) if spans else ""


def _rules(table: Table) -> str:
    """Draw the rules below those headings."""
    rules, place = [], 1
    for group in table.groups:
        if group.text:
            rules.append(rf"\cmidrule(lr){{{place}-{place + group.span - 1}}}")
        place += group.span
    return " ".join(rules)
