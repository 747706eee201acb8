"""The paper's tables of best hyper-parameters (VI to XI)."""

from __future__ import annotations

import pandas as pd

from l1000_bench.report import cells
from l1000_bench.report.beside import GAP, GAP_NOTE, paper_of
from l1000_bench.report.cells import Column, Table
from l1000_bench.report.content import Benchmark, ReportContent, benchmarks_of, only, title_of
from l1000_bench.report.draft import Draft, marks_notes, metric_values, standing_column
from l1000_bench.report.paper_layout import PaperLayout
from l1000_bench.report.split_words import split_of

PAPER_DEV = ["dev_accuracy_mean", "dev_accuracy_std"]
_DEV_HEAD = "Dev accuracy (%)"


def setting_tables(content: ReportContent, rows: pd.DataFrame, layout: PaperLayout) -> dict[str, Table]:
    """Lay out the chosen hyper-parameters with their dev and test accuracy.

    Args:
        content: Of the page.
        rows: Of `standings`.
        layout: Which benchmark fills which table; one that the run lacks is left out.
    """
    there = benchmarks_of(content.settings)
    return {
        name: _table(content, rows, name, benchmark, layout.stated(name))
        for name, benchmark in layout.setting_tables().items()
        if benchmark in there
    }


def _table(
    content: ReportContent, rows: pd.DataFrame, name: str, benchmark: Benchmark, stated: tuple[str, ...]
) -> Table:
    chosen = only(content.settings, benchmark)[["classifier", "params"]]
    own = only(rows, benchmark)
    own = own[(own["metric"] == "accuracy") & own["classifier"].isin(chosen["classifier"])]
    test = metric_values(own).drop(columns=["dataset", "task"])
    draft = Draft.of(
        chosen, [cells.named("Classifier", "classifier", content.names), cells.parameters("Setting", "params")]
    )
    beside: tuple[str, ...] = ()
    if _has_dev(content, chosen, benchmark):
        what, over = "best hyper-parameters by mean dev accuracy", "over the dev folds and over the test folds"
        dev = _dev(content, benchmark)
        draft = draft.with_columns(*dev)
        beside = (GAP_NOTE, *stated) if len(dev[1]) > 1 else ()
    else:
        what, over = "hyper-parameters, which were not chosen here as the split has no dev folds", "over the test folds"
    draft = draft.with_columns(test, [standing_column("Test accuracy (%)", "accuracy ")])
    caption = (
        f"Table {name}: {title_of(content.names, benchmark)}: {what}, with mean ± standard deviation (ddof = 1) {over}."
    )
    return draft.table(caption, 1, (*marks_notes(own, content.alpha), *beside))


def _has_dev(content: ReportContent, chosen: pd.DataFrame, benchmark: Benchmark) -> bool:
    """Return whether there is a dev score; where there is no score at all, whether the split has a dev part."""
    own = only(content.scores, benchmark)
    roles = set(own.loc[own["classifier"].isin(chosen["classifier"]), "role"])
    return "dev" in roles if roles else bool(split_of(content, benchmark).get("has_dev", True))


def _dev(content: ReportContent, benchmark: Benchmark) -> tuple[pd.DataFrame, list[Column], str]:
    """Return dev accuracies in percent, the paper's too where it has some; the columns that show them; a heading."""
    own = only(content.scores, benchmark)
    dev = own[own["role"] == "dev"].groupby("classifier", sort=False, observed=True)["accuracy"]
    values = (100 * dev.agg(["mean", "std"])).add_prefix("dev ").reset_index()
    paper = paper_of(content, [benchmark])
    known = pd.DataFrame() if paper is None else paper.reindex(columns=["classifier", *PAPER_DEV]).dropna()
    if known.empty:
        return values, [cells.spread(_DEV_HEAD, "dev mean", "dev std")], ""
    values = values.merge(known, "left", "classifier")
    values["dev gap"] = values["dev mean"] - values["dev_accuracy_mean"]
    columns = [
        cells.spread("Ours", "dev mean", "dev std"),
        cells.spread("Paper", *PAPER_DEV),
        cells.number(GAP, "dev gap", 1, sign=True),
    ]
    return values, columns, _DEV_HEAD
