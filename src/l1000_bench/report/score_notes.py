"""What must be said below a table of test scores."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pandas as pd

from l1000_bench.report.content import Benchmark, ReportContent, only, title_of
from l1000_bench.report.findings import pairs_sentences, short_listing
from l1000_bench.report.names import display
from l1000_bench.report.split_words import split_of, training_sentence
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
    """Say where the settings come from, how many samples train, and where it is told who was never tested.

    Args:
        content: Of the page.
        against: Benchmark -> the one that it is compared with.
    """
    searched, given = (
        {benchmark: other for benchmark, other in against.items() if was_searched(content, other) == was}
        for was in (True, False)
    )
    settings = [_searched_sentence(content, searched), _given_sentence(content, given)]
    return *filter(None, [*settings, *_training_sentences(content, against)]), _UNTESTED_SUBJECTS


def was_searched(content: ReportContent, benchmark: Benchmark) -> bool:
    """Return whether any classifier had a choice of settings in a benchmark."""
    return bool((only(content.settings, benchmark)["n_trials"] > 1).any())


def _searched_sentence(content: ReportContent, against: Mapping[Benchmark, Benchmark]) -> str:
    """Say whose settings are those that a search found; empty without any to compare."""
    shared, others = shared_settings(content, against)
    if not shared + len(others):
        return ""
    search = f"the search on {against_words(content.names, against)}"
    return f"Settings are those of {search}{_but_for(others)}." if shared else f"No setting is that of {search}."


def _given_sentence(content: ReportContent, against: Mapping[Benchmark, Benchmark]) -> str:
    """Say that settings were not searched, and whose are the same in both; empty without any to compare."""
    shared, others = shared_settings(content, against)
    if not shared + len(others):
        return ""
    start = f"Nothing was searched on {against_words(content.names, against)}: settings are those of the classifiers'"
    return f"{start} files, {f'the same here{_but_for(others)}' if shared else 'and others here'}."


def _but_for(others: list[str]) -> str:
    return f", but for {short_listing(others)}" if others else ""


def shared_settings(content: ReportContent, against: Mapping[Benchmark, Benchmark]) -> tuple[int, list[str]]:
    """Count the settings that are the same in both, and name the classifiers whose are not."""
    shared, others = 0, []
    for benchmark, other in against.items():
        own, kept = (_settings(content, pair) for pair in (benchmark, other))
        for classifier in own.index.intersection(kept.index, sort=False):
            if json.loads(own[classifier]) == json.loads(kept[classifier]):
                shared += 1
            else:
                where = f" ({display(content.names, benchmark[0])})" if len(against) > 1 else ""
                others.append(f"{display(content.names, classifier)}{where}")
    return shared, others


def _training_sentences(content: ReportContent, against: Mapping[Benchmark, Benchmark]) -> list[str]:
    """Say how many samples train in each benchmark and in the one that it is compared with."""
    said = {
        benchmark: training_sentence(split_of(content, benchmark), split_of(content, other), _there(content, other))
        for benchmark, other in against.items()
    }
    several = len(against) > 1
    return [
        f"{display(content.names, benchmark[0])}: {sentence}" if several else sentence
        for benchmark, sentence in said.items()
        if sentence
    ]


def _there(content: ReportContent, other: Benchmark) -> str:
    return f"on {display(content.names, other[1])}"


def _settings(content: ReportContent, benchmark: Benchmark) -> pd.Series:
    """Return the chosen settings of a benchmark, JSON text indexed by classifier."""
    own = only(content.settings, benchmark)
    return own.set_index("classifier")["params"].dropna()
