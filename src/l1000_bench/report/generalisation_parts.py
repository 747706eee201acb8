"""The section on what generalises: per pair of benchmarks what it says in words, and the table."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from l1000_bench.report.cells import Table
from l1000_bench.report.content import ReportContent, title_of
from l1000_bench.report.generalisation import Pair, beside_each_other, generalisation_table, pairs_of
from l1000_bench.report.generalisation_words import (
    caveats,
    drop_sentence,
    lacking_sentence,
    no_better_sentence,
    order_sentence,
)
from l1000_bench.report.results import Finding
from l1000_bench.report.tables import standings, summarise_scores

_NO_TEST = (
    "No test is made of how much is lost: the rotations of two splits share samples but no folds, so that they are "
    "neither paired nor independent."
)
_INTERVALS = (
    "How far each score would move with other plates or other compounds is said by its intervals above. They hold "
    "nothing of other subjects, cell lines or sets of rows: where these are unseen, the scores are those of the few "
    "that were tested."
)


@dataclass(frozen=True)
class GeneralisationPart:
    """What the page says of one pair of benchmarks."""

    title: str
    finding: Finding
    caveats: str
    table: Table


def introduction(content: ReportContent) -> list[str]:
    """Say what is set beside what, and what is not known of the differences.

    Args:
        content: Of the page.
    """
    start = "Each benchmark whose test parts hold what no training part has seen, beside one of the same dataset"
    dealt = {pair.per_sample for pair in pairs_of(content)}
    if dealt == {True}:
        beside = f"{start} whose folds are dealt per sample."
    elif dealt == {False}:
        beside = f"{start} that leaves something unseen too."
    else:
        beside = f"{start} whose folds are dealt per sample, or which leaves something unseen too and is named then."
    return [beside, " ".join([_NO_TEST, *([] if content.table("intervals").empty else [_INTERVALS])])]


def generalisation_parts(content: ReportContent) -> list[GeneralisationPart]:
    """Lay out every pair of benchmarks of a run; empty where it has none."""
    rows, summary = standings(content), summarise_scores(content.scores)
    return [_part(content, rows, pair, beside_each_other(summary, pair)) for pair in pairs_of(content)]


def _part(content: ReportContent, rows: pd.DataFrame, pair: Pair, both: pd.DataFrame) -> GeneralisationPart:
    then = [order_sentence(content, pair, both), no_better_sentence(both, content.names)]
    lacking = lacking_sentence(rows, pair, both, content.names)
    return GeneralisationPart(
        title=title_of(content.names, pair.benchmark),
        finding=Finding(drop_sentence(pair, both, content.names), " ".join(filter(None, then))),
        caveats=" ".join(filter(None, [*caveats(content, pair), lacking])),
        table=generalisation_table(content, rows, pair, both),
    )
