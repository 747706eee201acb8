"""The tables of all pairs of classifiers: every test, the corrected one first, as what is said follows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from l1000_bench.report import cells
from l1000_bench.report.cells import Cell, Column, Table
from l1000_bench.report.content import Benchmark, ReportContent, only, title_of
from l1000_bench.report.findings import disagreements
from l1000_bench.report.tables import METRICS
from l1000_bench.report.wording import listing

DISAGREES = "≠"


def comparison_tables(content: ReportContent, benchmark: Benchmark) -> list[Table]:
    """Lay out all pairs of a benchmark, a table per metric; none where nothing was compared.

    Args:
        content: Of the page.
        benchmark: Which one.
    """
    tests = only(content.comparisons, benchmark)
    parts = {words: tests[tests["metric"] == metric] for metric, words in METRICS.items()}
    return [
        _table(content, part, f"{title_of(content.names, benchmark)}: {words}")
        for words, part in parts.items()
        if len(part)
    ]


def _table(content: ReportContent, tests: pd.DataFrame, what: str) -> Table:
    apart = disagreements(tests, content.alpha)
    grouped = [("", _heads(content)), *_tests()]
    if tests["mcnemar_p_adjusted"].notna().any():
        counts = [cells.count("A alone right", "only_a"), cells.count("B alone right", "only_b")]
        grouped.append(("McNemar", [*counts, cells.p_column("p", "mcnemar_p_adjusted")]))
    bounds = {"Plates": "plate", "Compounds": "compound"}
    drawn = [
        cells.interval(head, f"{name}_ci_low", f"{name}_ci_high")
        for head, name in bounds.items()
        if tests[f"{name}_ci_low"].notna().any()
    ]
    grouped.append(("Bootstrap, 95 %", drawn))
    caption = (
        f"{what} of every pair over {_rotations(tests)}, A − B in percentage points. p values are adjusted within this "
        "table (Benjamini-Hochberg), intervals are not; effect size: Cohen's d of the differences."
    )
    laid = cells.make_grouped_table(caption, [group for group in grouped if group[1]], tests.assign(apart=apart), 2)
    return replace(laid, notes=(f"{DISAGREES} told apart by the paired t-test alone.",) if apart.any() else ())


def _heads(content: ReportContent) -> list[Column]:
    return [
        cells.named("A", "classifier_a", content.names),
        cells.named("B", "classifier_b", content.names),
        Column("Reading", lambda row: _reading(row, content.alpha)),
        cells.number("A − B", "difference", 2, sign=True, scale=100),
        cells.number("Effect size", "effect_size", 2),
    ]


def _tests() -> list[tuple[str, list[Column]]]:
    corrected = [
        cells.interval("95 %", "corrected_ci_low", "corrected_ci_high"),
        cells.number("t", "corrected_t", 2),
        cells.p_column("p", "corrected_p_adjusted"),
    ]
    paired = [
        cells.interval("95 %", "ci_low", "ci_high"),
        cells.number("t", "t", 2),
        Column("p", _paired_p, "number"),
    ]
    return [
        ("Corrected t-test", corrected),
        ("Paired t-test (the paper’s)", paired),
        ("", [cells.p_column("Wilcoxon p", "wilcoxon_p_adjusted")]),
    ]


def _paired_p(row: Mapping[str, Any]) -> Cell:
    cell = cells.p_column("p", "p_adjusted").cell(row)
    return replace(cell, mark=DISAGREES) if row["apart"] else cell


def _reading(row: Mapping[str, Any], alpha: float) -> Cell:
    p = row["corrected_p_adjusted"]
    if pd.isna(p):
        return Cell("not tested")
    reading = "not told apart" if p > alpha else "differs"
    return Cell(reading, reading)


def _rotations(tests: pd.DataFrame) -> str:
    numbers = sorted({int(n) for n in tests["n_rotations"]})
    return f"{listing([str(n) for n in numbers], 'or')} {'rotation' if numbers == [1] else 'rotations'}"
