"""Which benchmarks fill which table of the paper."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from l1000_bench.errors import InputError, check_field_types, require
from l1000_bench.report.content import Benchmark, ReportContent, benchmarks_of
from l1000_bench.report.wording import listing

PLACE = "paper_tables"


@dataclass(frozen=True)
class ScoreTable:
    """A table of test scores: its number, its benchmarks, and the one that their accuracy is compared with, if any."""

    name: str
    benchmarks: tuple[Benchmark, ...]
    against: Benchmark | None = None


@dataclass(frozen=True)
class PaperLayout:
    """The paper's tables by number, and what it says of significance (`parameters/paper_tables.yml`).

    A benchmark is written `dataset.task`.

    Attributes:
        results: Table -> the benchmarks whose test scores it shows.
        generalisation: Table -> `benchmark`, tested on subjects that no training fold holds, and `against`, the one
            that its accuracy is compared with.
        settings: Table -> the benchmark whose best hyper-parameters it shows.
        statements: Table -> what the paper says in it of significance, and what else must be known of its numbers.
        level: Benchmark -> the pairs of classifiers that the paper cannot tell apart.
    """

    results: dict[str, list[str]] = field(default_factory=dict)
    generalisation: dict[str, dict[str, str]] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    statements: dict[str, str] = field(default_factory=dict)
    level: dict[str, list[list[str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_field_types(self)
        for name, benchmarks in self.results.items():
            require(isinstance(benchmarks, list), f"{PLACE}.results.{name} is {benchmarks!r}; it takes a list.")
        for name, pair in self.generalisation.items():
            if not isinstance(pair, Mapping) or set(pair) != {"benchmark", "against"}:
                raise InputError(f"{PLACE}.generalisation.{name} is {pair!r}; it takes benchmark and against.")
        for benchmark, pairs in self.level.items():
            good = all(isinstance(pair, list) and len(pair) == 2 for pair in pairs)
            require(good, f"{PLACE}.level.{benchmark} is {pairs!r}; it takes pairs of classifiers.")
            parse(benchmark)
        self._check_names()

    def _check_names(self) -> None:
        named = [*(table.name for table in self.score_tables()), *self.setting_tables()]
        for name in named:
            fits = re.fullmatch("[A-Za-z0-9]+", name) is not None
            require(fits, f"{PLACE} has a table {name!r}; call it by letters and digits, such as II.")
            require(named.count(name) == 1, f"{PLACE} has Table {name} twice; keep one of them.")
        strange = sorted(set(self.statements) - set(named))
        require(not strange, f"{PLACE}.statements has {', '.join(strange)}, which is none of its tables; correct it.")

    def score_tables(self) -> list[ScoreTable]:
        """Return the tables of test scores."""
        results = [ScoreTable(name, tuple(map(parse, named))) for name, named in self.results.items()]
        pairs = {name: (parse(pair["benchmark"]), parse(pair["against"])) for name, pair in self.generalisation.items()}
        return results + [ScoreTable(name, (benchmark,), against) for name, (benchmark, against) in pairs.items()]

    def setting_tables(self) -> dict[str, Benchmark]:
        """Return the benchmark of every table of hyper-parameters."""
        return {name: parse(benchmark) for name, benchmark in self.settings.items()}

    def stated(self, name: str) -> tuple[str, ...]:
        """Return the note with what the paper says in a table, if anything."""
        return (f"The paper: {self.statements[name]}",) if name in self.statements else ()

    def level_pairs(self, benchmark: Benchmark) -> set[frozenset[str]]:
        """Return the pairs of classifiers that the paper cannot tell apart in a benchmark."""
        return {frozenset(pair) for pair in self.level.get(".".join(benchmark), [])}


def parse(text: str) -> Benchmark:
    """Read a benchmark.

    Raises:
        InputError: If the text is not `dataset.task`.
    """
    parts = str(text).split(".")
    if len(parts) != 2 or not all(parts):
        raise InputError(f"{PLACE} names the benchmark {text!r}; write it dataset.task, such as lincs_full.moa.")
    return parts[0], parts[1]


def further_layout(layout: PaperLayout, content: ReportContent) -> PaperLayout:
    """Lay out what the run has and the paper has not, as Tables S1, S2, …: scores per dataset, then settings."""
    shown = {benchmark for table in layout.score_tables() for benchmark in table.benchmarks}
    chosen = set(layout.setting_tables().values())
    by_dataset: dict[str, list[str]] = {}
    for dataset, task in benchmarks_of(content.scores):
        if (dataset, task) not in shown:
            by_dataset.setdefault(dataset, []).append(f"{dataset}.{task}")
    settings = [".".join(benchmark) for benchmark in benchmarks_of(content.settings) if benchmark not in chosen]
    number = count(1)
    return PaperLayout(
        results={f"S{next(number)}": benchmarks for benchmarks in by_dataset.values()},
        settings={f"S{next(number)}": benchmark for benchmark in settings},
    )


def left_out(layout: PaperLayout, there: Sequence[Benchmark]) -> str:
    """Say which of the paper's tables, and which parts of them, the run cannot show; empty where it shows all."""
    tables = [(table.name, table.benchmarks, table.against) for table in layout.score_tables()]
    tables += [(name, (benchmark,), None) for name, benchmark in layout.setting_tables().items()]
    whole: list[str] = []
    parts: list[str] = []
    for name, benchmarks, against in tables:
        lacking = [".".join(benchmark) for benchmark in benchmarks if benchmark not in there]
        if len(lacking) == len(benchmarks):
            whole.append(f"Table {name} ({listing(lacking)})")
        elif lacking:
            parts.append(f"{listing(lacking)} of Table {name}")
        elif against and against not in there:
            parts.append(f"the drop against {'.'.join(against)} of Table {name}")
    if not whole + parts:
        return ""
    return f"Of the paper's tables, what this run has no benchmark for is left out: {listing([*whole, *parts])}."
