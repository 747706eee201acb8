"""What must be said below a table of test scores."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pandas as pd

from l1000_bench.report.content import Benchmark, ReportContent, only, title_of
from l1000_bench.report.findings import pairs_sentences, short_listing
from l1000_bench.report.names import display
from l1000_bench.report.tables import METRICS

_UNTESTED_SUBJECTS = "Subjects that are trained on and never tested, if any, are told with the splits."


def pairs_notes(content: ReportContent, headings: Mapping[Benchmark, str]) -> tuple[str, ...]:
    """Say per benchmark how many pairs of classifiers differ, and which cannot be told apart; nothing without a pair.

    Args:
        content: Of the page.
        headings: The benchmarks of the table, and what stands above their columns.
    """
    notes = []
    for benchmark, heading in headings.items():
        tests = only(content.comparisons, benchmark)
        parts = {words: tests[tests["metric"] == metric] for metric, words in METRICS.items()}
        said = [
            pairs_sentences(part, words, content.names, content.alpha) for words, part in parts.items() if len(part)
        ]
        notes += [f"{heading}: {' '.join(said)}"] if said else []
    return ("Pairs of classifiers, which the report's comparisons show one by one.", *notes) if notes else ()


def against_words(names: Mapping[str, str], against: Mapping[Benchmark, Benchmark]) -> str:
    """Name what benchmarks are compared with: one benchmark, or one task of the dataset of each.

    Args:
        names: Display names.
        against: Benchmark -> the one that it is compared with, at least one.
    """
    others = list(dict.fromkeys(against.values()))
    return title_of(names, others[0]) if len(others) == 1 else f"{display(names, others[0][1])} of the same dataset"


def generalisation_notes(content: ReportContent, against: Mapping[Benchmark, Benchmark]) -> tuple[str, ...]:
    """Say where the settings come from, and where it is told who was never tested.

    Args:
        content: Of the page.
        against: Benchmark -> the one that it is compared with.
    """
    shared, others = 0, []
    for benchmark, other in against.items():
        own, kept = (_settings(content, pair) for pair in (benchmark, other))
        for classifier in own.index.intersection(kept.index, sort=False):
            if json.loads(own[classifier]) == json.loads(kept[classifier]):
                shared += 1
            else:
                where = f" ({display(content.names, benchmark[0])})" if len(against) > 1 else ""
                others.append(f"{display(content.names, classifier)}{where}")
    if not shared + len(others):
        return (_UNTESTED_SUBJECTS,)
    searched = f"the search on {against_words(content.names, against)}"
    if not shared:
        said = f"No setting is that of {searched}."
    else:
        said = f"Settings are those of {searched}{f', but for {short_listing(others)}' if others else ''}."
    return said, _UNTESTED_SUBJECTS


def _settings(content: ReportContent, benchmark: Benchmark) -> pd.Series:
    """Return the chosen settings of a benchmark, JSON text indexed by classifier."""
    own = only(content.settings, benchmark)
    return own.set_index("classifier")["params"].dropna()
