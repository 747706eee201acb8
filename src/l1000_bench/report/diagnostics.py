"""Tables that look inside the scores of one benchmark: class by class, mistake by mistake, part by part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from l1000_bench.report import cells
from l1000_bench.report.cells import Cell, Column, Table, make_table
from l1000_bench.report.content import Benchmark, ReportContent, only, title_of
from l1000_bench.report.names import display
from l1000_bench.report.sections import ranked_classes
from l1000_bench.report.wording import decimal

# Column of the samples -> the words for it.
PARTS = {"cell_id": "cell line", "subject_id": "subject", "dose": "dose", "time": "time"}
_SHOWN_MISTAKES = 10


def mistakes(content: ReportContent, benchmark: Benchmark, classifier: str) -> Table:
    """The most frequent mistakes of a classifier.

    Args:
        content: Of the page.
        benchmark: Which one.
        classifier: Raw name.
    """
    own = only(content.table("confusions"), benchmark)
    own = own[own["classifier"] == classifier]
    sums = own.groupby("y_true", sort=False)["n_samples"].transform("sum")
    wrong = own.assign(share=100 * own["n_samples"] / sums)[own["y_true"] != own["y_pred"]]
    wrong = wrong.sort_values(["n_samples", "y_true", "y_pred"], ascending=[False, True, True])
    columns = [
        cells.text("True class", "y_true"),
        cells.text("Predicted class", "y_pred"),
        cells.count("Samples", "n_samples"),
        cells.number("Of the true class (%)", "share", 1),
    ]
    caption = (
        f"{title_of(content.names, benchmark)}: the most frequent mistakes of {display(content.names, classifier)}, "
        "the classifier with the highest mean accuracy."
    )
    return make_table(caption, columns, wrong.head(_SHOWN_MISTAKES))


def class_scores(content: ReportContent, benchmark: Benchmark, classifiers: Sequence[str]) -> Table:
    """F1 of every class and classifier, with precision and recall of the first.

    Args:
        content: Of the page.
        benchmark: Which one.
        classifiers: Raw names in the order of the columns.
    """
    own = only(content.table("class_scores"), benchmark)
    frame = own.groupby("label", sort=False)["support"].max().rename("n_samples").reset_index()
    first = own[own["classifier"] == classifiers[0]][["label", "precision", "recall"]]
    wide = own.pivot(index="label", columns="classifier", values="f1")[list(classifiers)].add_prefix("f1 ")
    frame = ranked_classes(frame).merge(first, "left", "label").merge(wide.reset_index(), "left", "label")
    names = {name: display(content.names, name) for name in classifiers}
    grouped = [
        ("", [cells.text("Class", "label"), cells.count("Samples", "n_samples")]),
        (names[classifiers[0]], [cells.number(head, head.lower(), 1, scale=100) for head in ("Precision", "Recall")]),
        ("F1", [cells.number(names[name], f"f1 {name}", 1, scale=100) for name in classifiers]),
    ]
    caption = (
        f"{title_of(content.names, benchmark)}: scores of every class in percent, test predictions of all rotations."
    )
    return cells.make_grouped_table(caption, grouped, frame)


def breakdown_tables(content: ReportContent, benchmark: Benchmark, classifiers: Sequence[str]) -> list[Table]:
    """Accuracy of every classifier on every cell line, subject, dose and time, a table each.

    Args:
        content: Of the page.
        benchmark: Which one.
        classifiers: Raw names in the order of the columns.
    """
    own = only(content.table("breakdowns"), benchmark)
    title = title_of(content.names, benchmark)
    return [
        _breakdown(content, own[own["column"] == column], classifiers, f"{title}: accuracy by {words}")
        for column, words in PARTS.items()
        if (own["column"] == column).any()
    ]


def _breakdown(content: ReportContent, own: pd.DataFrame, classifiers: Sequence[str], what: str) -> Table:
    wide = own.pivot(index="value", columns="classifier", values="accuracy").reindex(columns=list(classifiers))
    counts = own.groupby("value", sort=False)["n_samples"].max().rename("n_samples")
    frame = pd.DataFrame(counts).join(wide.add_prefix("accuracy ")).reset_index()
    frame = frame.assign(highest=wide.max(axis=1).reindex(counts.index).to_numpy())
    columns = [
        cells.text("Value", "value"),
        cells.count("Samples", "n_samples"),
        *(_accuracy(display(content.names, name), f"accuracy {name}") for name in classifiers),
    ]
    laid = make_table(f"{what} in percent, test predictions of all rotations.", columns, frame)
    return replace(laid, notes=("Bold: the highest of its row; no row is tested by itself.",))


def _accuracy(head: str, key: str) -> Column:
    def cell(row: Mapping[str, Any]) -> Cell:
        share = float(row[key])
        return Cell(decimal(100 * share, 1), None if pd.isna(share) else round(100 * share, 6), share == row["highest"])

    return Column(head, cell, "number")
