"""The paper's numbers beside ours."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd

from l1000_bench.report import cells
from l1000_bench.report.cells import Column
from l1000_bench.report.content import KEYS, Benchmark, ReportContent, only
from l1000_bench.report.draft import Draft, capital, metric_values, standing_column
from l1000_bench.report.tables import METRICS, beside_paper

GAP_NOTE = "Differences from the paper are in percentage points of the means."
GAP = "Ours −\u00a0paper"


def beside_draft(
    paper: pd.DataFrame, rows: pd.DataFrame, headings: Mapping[Benchmark, str], names: Mapping[str, str]
) -> Draft:
    """Lay our scores and the paper's out side by side, a row per benchmark and classifier that both have.

    Args:
        paper: Rows of `ReportContent.paper`.
        rows: Of `standings`.
        headings: The benchmarks to show, and what they are called.
        names: Display names.
    """
    ours = pd.concat([only(rows, benchmark) for benchmark in headings])
    both = pd.concat([beside_paper(paper, ours[ours["metric"] == metric], metric) for metric in METRICS])
    values = metric_values(both[both["gap"].notna()])
    called = [headings[benchmark] for benchmark in zip(values["dataset"], values["task"], strict=True)]
    keys = values[list(KEYS)].assign(benchmark=pd.Series(called, values.index, dtype="str"))
    heads = [cells.text("Benchmark", "benchmark"), cells.named("Classifier", "classifier", names)]
    draft = Draft.of(keys, heads)
    for metric, words in METRICS.items():
        own = values.filter(regex=f"^({'|'.join(KEYS)}|{metric} .*)$")
        draft = draft.with_columns(own, beside_columns(f"{metric} "), capital(words))
    return draft


def beside_columns(prefix: str) -> list[Column]:
    """Columns of our standings, the paper's numbers and the difference (see `tables.beside_paper`)."""
    return [
        standing_column("Ours", prefix),
        cells.spread("Paper", f"{prefix}paper", f"{prefix}paper_std"),
        cells.number(GAP, f"{prefix}gap", 1, sign=True),
    ]


def paper_of(content: ReportContent, benchmarks: Collection[Benchmark]) -> pd.DataFrame | None:
    """Return the paper's rows of some benchmarks; None where it has none or the run is not the paper's."""
    if content.paper is None:
        return None
    pairs = zip(content.paper["dataset"], content.paper["task"], strict=True)
    own = content.paper[[pair in benchmarks for pair in pairs]]
    return own if len(own) else None
