from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from paper_run import MEANS, WEST, between, paper, run, texts

from l1000_bench.report.cells import Cell, Column, Group, Table
from l1000_bench.report.latex import escape, table_tex
from l1000_bench.report.paper_layout import PaperLayout
from l1000_bench.report.paper_tables import paper_tables
from l1000_bench.report.table_files import paper_table_files, table_csv, table_html

ODD = r"<b>50 % of $x_1$ & \~^{y}</b> # [-- `a` | *"


def columns(*kinds: tuple[str, str]) -> tuple[Column, ...]:
    return tuple(Column(head, lambda row: Cell(str(row)), kind) for head, kind in kinds)


TABLE = Table(
    "Table II: accuracy in percent.",
    columns(
        ("Classifier", "text"), ("Ours", "number"), ("Ours −\u00a0paper", "number"), ("Samples", "number"),
        ("How", "code"),
    ),
    (
        (
            Cell("KNN, ours"), Cell("85.0 ± 7.07", 85.0, True), Cell("−3.9", -3.9), Cell("1,234", 1234),
            Cell("p = 1, q = 2"),
        ),
        (Cell(ODD), Cell("80.0 ± –", 80.0, mark="†"), Cell("+0.5", 0.5), Cell("–"), Cell("–")),
        (Cell("–"), Cell("–"), Cell("–"), Cell("0", 0), Cell("[5, 5]")),
    ),
    groups=(Group("", 1), Group("Site & co", 2), Group("", 1), Group("", 1)),
    notes=("Bold: best.", "† level (p\u00a0>\u00a00.05)."),
)  # fmt: skip


# Every level of two corpora, compared in three pairs, and subjects that no training fold holds: as wide as it gets.
WIDE = PaperLayout(
    results={"IV": ["*.drug"]},
    generalisation={"V": {"benchmark": "*.unseen", "against": "*.drug"}},
    significance=["IV"],
)
LEVELS = between(
    ("l4", "l5", "drug", "gcnn", "accuracy", "paired", 0.05, 0.012),
    ("l4", "l5", "drug", "gcnn", "macro_f1", "paired", 0.05, 0.00002),
    ("west_l3", "west_l4", "drug", "linear", "accuracy", "welch", -0.1, 0.3),
    ("west_l3", "west_l4", "drug", "linear", "macro_f1", "welch", -0.1, None),
)


@pytest.fixture(scope="module")
def wide() -> dict[str, Table]:
    return paper_tables(run([*MEANS, *WEST], between=LEVELS), WIDE).tables


def test_csv_holds_numbers_as_numbers() -> None:
    assert list(csv.reader(io.StringIO(table_csv(TABLE)))) == [
        [
            "Classifier", "Site & co: Ours: mean", "Site & co: Ours: std", "Site & co: Ours: mark",
            "Site & co: Ours - paper", "Samples", "How",
        ],
        ["KNN, ours", "85.0", "7.07", "best", "-3.9", "1234", "p = 1, q = 2"],
        [ODD, "80.0", "", "†", "0.5", "", ""],
        ["", "", "", "", "", "0", "[5, 5]"],
    ]  # fmt: skip


def test_csv_of_levels_holds_differences_and_p_values_as_numbers_and_bounds_as_marks(wide: dict[str, Table]) -> None:
    text = table_csv(wide["IV"])
    heads = text.splitlines()[0]
    pair = "Lab, Level 4 - Lab, Level 5: "
    assert len(set(next(csv.reader([heads])))) == len(next(csv.reader([heads])))
    gcnn, knn, linear, _ = csv.DictReader(io.StringIO(text))
    shown = {head.removeprefix(pair): value for head, value in gcnn.items() if head.startswith(pair)}
    assert shown == {
        "Accuracy": "5.0", "Accuracy: mark": "§", "Accuracy p": "0.0120",
        "Macro-F1": "5.0", "Macro-F1: mark": "§", "Macro-F1 p": "0.0001", "Macro-F1 p: mark": "<",
    }  # fmt: skip
    assert {value for head, value in knn.items() if head.startswith(pair)} == {""}
    assert linear["West, Level 3 - West, Level 4: Accuracy"] == "-10.0"
    assert linear["West, Level 3 - West, Level 4: Accuracy p"] == "0.3000"
    drops = [row["West, Level 4: Relative drop (%)"] for row in csv.DictReader(io.StringIO(table_csv(wide["V"])))]
    assert drops == ["25.0", "", "", "25.0"]


def test_latex_of_levels_has_the_columns_of_its_groups(wide: dict[str, Table]) -> None:
    lines = table_tex("IV", wide["IV"]).splitlines()
    assert r"\begin{tabular}{@{}l" + 16 * "r" + "@{}}" in lines
    start = lines.index(r"\toprule")
    assert lines[start + 1] == (
        r" & \multicolumn{2}{c}{Lab, Level 5} & \multicolumn{2}{c}{Lab, Level 4} & \multicolumn{2}{c}{West, Level 3} & "
        r"\multicolumn{2}{c}{West, Level 4} & \multicolumn{4}{c}{Lab, Level 4 $-$ Lab, Level 5} & "
        r"\multicolumn{4}{c}{West, Level 3 $-$ West, Level 4} \\"
    )
    assert lines[start + 2] == " ".join(
        rf"\cmidrule(lr){{{place}}}" for place in ("2-3", "4-5", "6-7", "8-9", "10-13", "14-17")
    )
    body = lines[start + 3 : lines.index(r"\bottomrule")]
    assert {line.count(" & ") for line in body if line != r"\midrule"} == {16}
    assert body[2].endswith(
        r"+5.0\textsuperscript{§} & 0.0120 & +5.0\textsuperscript{§} & \textless{} 0.0001 & "
        + " & ".join([r"\textendash{}"] * 4)
        + r" \\"
    )
    unseen = table_tex("V", wide["V"])
    assert r"\begin{tabular}{@{}lrrrrrr@{}}" in unseen
    assert r" & \multicolumn{3}{c}{Lab, Level 4} & \multicolumn{3}{c}{West, Level 4} \\" in unseen


def test_latex_is_as_written_by_hand() -> None:
    assert table_tex("II", TABLE).splitlines()[1:] == [
        r"\begin{table*}",
        r"\centering",
        r"\caption{Accuracy in percent.}",
        r"\label{tab:II}",
        r"\resizebox{\ifdim\width>\textwidth\textwidth\else\width\fi}{!}{%",
        r"\begin{tabular}{@{}lrrr>{\raggedright\arraybackslash}p{0.5\textwidth}@{}}",
        r"\toprule",
        r" & \multicolumn{2}{c}{Site \& co} &  &  \\",
        r"\cmidrule(lr){2-3}",
        r"Classifier & Ours & Ours $-$~paper & Samples & How \\",
        r"\midrule",
        r"KNN, ours & \textbf{85.0 $\pm$ 7.07} & $-$3.9 & 1,234 & p = 1, q = 2 \\",
        r"\textless{}b\textgreater{}50 \% of \$x\_1\$ \& \textbackslash{}\textasciitilde{}\textasciicircum{}\{y\}"
        r"\textless{}/b\textgreater{} \# [-{}- \textquoteleft{}a\textquoteleft{} \textbar{} *"
        r" & 80.0 $\pm$ \textendash{}\textsuperscript{\textdagger{}} & +0.5 & \textendash{} & \textendash{} \\",
        r"\textendash{} & \textendash{} & \textendash{} & 0 & {[}5, 5] \\",
        r"\bottomrule",
        r"\end{tabular}}",
        "",
        r"\smallskip",
        r"{\footnotesize Bold: best. \textdagger{} level (p~\textgreater{}~0.05).\par}",
        r"\end{table*}",
    ]


def test_latex_without_groups_or_notes_has_no_lines_for_them() -> None:
    bare = Table("Sizes.", columns(("Name", "text")), ((Cell("a"),),))
    written = table_tex("I", bare)
    assert not re.search(r"multicolumn|cmidrule|footnotesize", written)
    assert r"\toprule" + "\nName" in written
    assert r"\caption{Sizes.}" in written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a---b", "a-{}-{}-b"),
        ("a-b", "a-b"),
        ("*star", "{*}star"),
        ("[1]", "{[}1]"),
        ("two\nlines\t here", "two lines here"),
        ("µm, 5-HT1α ≥ 2×", r"$\mu$m, 5-HT1$\alpha$ $\geq$ 2$\times$"),
        ('"é"', "''é''"),
    ],
)
def test_text_is_escaped_for_latex(text: str, written: str) -> None:
    assert escape(text) == written


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="there is no pdflatex")
def test_latex_compiles_and_nothing_overflows(wide: dict[str, Table], tmp_path: Path) -> None:
    tables = {"II": TABLE} | paper_tables(run(), PaperLayout(settings={"VI": "full.site"})).tables | wide
    files = {name: text for name, text in paper_table_files(tables).items() if name.endswith(".tex")}
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    packages = re.findall(r"\\usepackage\{.*?\}", files["table_II.tex"])
    inputs = "\n".join(rf"\input{{{name}}}" for name in files)
    document = f"\\documentclass{{article}}\n{packages[0]}\n\\begin{{document}}\n{inputs}\n\\end{{document}}\n"
    (tmp_path / "all.tex").write_text(document, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "all.pdf").exists()
    assert not re.search("Overfull|Float too large", done.stdout)


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] = (self.rows[-1][-1] + data).rstrip("\n")


def test_html_is_a_page_of_its_own() -> None:
    source = table_html(TABLE)
    page = Page(source)
    assert source.startswith("<!DOCTYPE html>")
    assert "<title>Table II: accuracy in percent.</title>" in source
    assert [row[:3] for row in page.rows[2:]] == [
        ["KNN, ours", "85.0 ± 7.07", "−3.9"],
        [ODD, "80.0 ± –†", "+0.5"],
        ["–", "–", "–"],
    ]
    assert not [tag for tag, _ in page.elements if tag in ("script", "link", "img", "b")]
    assert not [attributes for _, attributes in page.elements if "src" in attributes or "href" in attributes]
    assert not re.search(r"url\(|@import", source)
    assert "<h1>Table II</h1>" in source
    assert table_html(TABLE) == source


def test_every_table_becomes_three_files_with_its_numbers() -> None:
    given = paper(("full", "site", "gcnn", 93.9, 0.28, 90.5, 0.82), ("full", "site", "knn", 89.6, 0.3, 87.2, 0.61))
    tables = paper_tables(run(paper=given), PaperLayout(results={"II": ["full.site"]})).tables
    files = paper_table_files(tables)
    assert list(files)[:3] == ["table_I.csv", "table_I.tex", "table_I.html"]
    assert set(files) == {f"table_{name}.{suffix}" for name in tables for suffix in ("csv", "tex", "html")}
    assert {"table_II_beside_paper.csv", "table_orderings.tex", "table_S1.html"} <= set(files)
    rows = list(csv.DictReader(io.StringIO(files["table_II_beside_paper.csv"])))
    assert [float(row["Accuracy: Paper: mean"]) for row in rows] == [93.9, 89.6]
    assert [float(row["Accuracy: Ours - paper"]) for row in rows] == [-3.9, -1.6]
    assert [row["Accuracy: Ours: mark"] for row in rows] == ["best", "†"]
    assert len(list(csv.reader(io.StringIO(files["table_II.csv"])))) == 1 + len(texts(tables["II"]))
