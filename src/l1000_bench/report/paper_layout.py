"""Which benchmarks fill which table of the paper."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from l1000_bench.configured import check_field_types
from l1000_bench.errors import InputError, require
from l1000_bench.report.content import Benchmark, ReportContent, benchmarks_of
from l1000_bench.report.wording import listing

PLACE = "paper_tables"
ANY = "*"  # in place of a dataset: every one that has the task


@dataclass(frozen=True)
class ScoreTable:
    """A table of test scores.

    Attributes:
        name: Its number.
        named: Its benchmarks as they are written; the dataset may be `ANY`.
        against: The one that their accuracy is compared with, if any; `ANY` is then the dataset of the one compared.
        significance: Whether its notes say which pairs of classifiers differ.
    """

    name: str
    named: tuple[Benchmark, ...]
    against: Benchmark | None = None
    significance: bool = False

    def benchmarks(self, there: Sequence[Benchmark]) -> list[Benchmark]:
        """Return its benchmarks that a run has, in the order of their names; those of a star in the run's order."""
        found = [benchmark for name in self.named for benchmark in there if _fits(name, benchmark)]
        return list(dict.fromkeys(found))

    def compared_with(self, benchmark: Benchmark) -> Benchmark | None:
        """Return what the accuracy in one of its benchmarks is compared with, if anything."""
        if self.against is None:
            return None
        dataset, task = self.against
        return (benchmark[0] if dataset == ANY else dataset), task

    def lacking(self, there: Sequence[Benchmark]) -> list[str]:
        """Return the names, as they are written, for which a run has no benchmark."""
        return [".".join(name) for name in self.named if not any(_fits(name, benchmark) for benchmark in there)]


def _fits(name: Benchmark, benchmark: Benchmark) -> bool:
    return name[0] in (ANY, benchmark[0]) and name[1] == benchmark[1]


@dataclass(frozen=True)
class PaperLayout:
    """The paper's tables by number, and what it says of significance (`parameters/paper_tables.yml`).

    A benchmark is written `dataset.task`; in tables of scores a star in place of the dataset is every dataset of the
    run that has the task.

    Attributes:
        results: Table -> the benchmarks whose test scores it shows.
        generalisation: Table -> `benchmark`, tested on subjects that no training fold holds, and `against`, the one
            that its accuracy is compared with; a star in both is one dataset.
        settings: Table -> the benchmark whose best hyper-parameters it shows.
        statements: Table -> what the paper says in it of significance, and what else must be known of its numbers.
        level: Benchmark -> the pairs of classifiers that the paper cannot tell apart.
        significance: Those of `results` whose notes say which pairs of classifiers differ.
    """

    results: dict[str, list[str]] = field(default_factory=dict)
    generalisation: dict[str, dict[str, str]] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    statements: dict[str, str] = field(default_factory=dict)
    level: dict[str, list[list[str]]] = field(default_factory=dict)
    significance: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        check_field_types(self)
        for name, benchmarks in self.results.items():
            require(isinstance(benchmarks, list), f"{PLACE}.results.{name} is {benchmarks!r}; it takes a list.")
        for name, pair in self.generalisation.items():
            if not isinstance(pair, Mapping) or set(pair) != {"benchmark", "against"}:
                raise InputError(f"{PLACE}.generalisation.{name} is {pair!r}; it takes benchmark and against.")
            _check_stars(name, pair)
        for name, benchmark in self.settings.items():
            _parse_exact(f"settings.{name}", benchmark)
        for benchmark, pairs in self.level.items():
            good = all(isinstance(pair, list) and len(pair) == 2 for pair in pairs)
            require(good, f"{PLACE}.level.{benchmark} is {pairs!r}; it takes pairs of classifiers.")
            _parse_exact("level", benchmark)
        self._check_names()

    def _check_names(self) -> None:
        named = [*(table.name for table in self.score_tables()), *self.setting_tables()]
        for name in named:
            fits = re.fullmatch("[A-Za-z0-9]+", name) is not None
            require(fits, f"{PLACE} has a table {name!r}; call it by letters and digits, such as II.")
            require(named.count(name) == 1, f"{PLACE} has Table {name} twice; keep one of them.")
        strange = sorted(set(self.statements) - set(named))
        require(not strange, f"{PLACE}.statements has {', '.join(strange)}, which is none of its tables; correct it.")
        strange = [str(name) for name in self.significance if name not in self.results]
        require(
            not strange,
            f"{PLACE}.significance has {', '.join(strange)}, which is no table of {PLACE}.results; correct it.",
        )

    def score_tables(self) -> list[ScoreTable]:
        """Return the tables of test scores."""
        results = [
            ScoreTable(name, tuple(map(parse, named)), significance=name in self.significance)
            for name, named in self.results.items()
        ]
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
        InputError: If the text is not `dataset.task`, or has a star that is not the dataset as a whole.
    """
    parts = str(text).split(".")
    if len(parts) != 2 or not all(parts):
        raise InputError(f"{PLACE} names the benchmark {text!r}; write it dataset.task, such as lincs_full.moa.")
    dataset, task = parts
    require(
        ANY not in task and (dataset == ANY or ANY not in dataset),
        f"{PLACE} names the benchmark {text!r}; a star stands for the whole name of the dataset and for nothing else, "
        "as in *.perturbagen.",
    )
    return dataset, task


def _parse_exact(place: str, text: str) -> None:
    dataset, _ = parse(text)
    require(
        dataset != ANY, f"{PLACE}.{place} names {text!r}; it takes one benchmark, so write its dataset for the star."
    )


def _check_stars(name: str, pair: Mapping[str, str]) -> None:
    benchmark, against = parse(pair["benchmark"]), parse(pair["against"])
    require(
        against[0] != ANY or benchmark[0] == ANY,
        f"{PLACE}.generalisation.{name} has a star in against, {pair['against']!r}, and none in benchmark, "
        f"{pair['benchmark']!r}; write the star in both, or the dataset in against.",
    )


def further_layout(layout: PaperLayout, content: ReportContent) -> PaperLayout:
    """Lay out what the run has and the paper has not, as Tables S1, S2, …: scores per dataset, then settings."""
    there = content.benchmarks
    shown = {benchmark for table in layout.score_tables() for benchmark in table.benchmarks(there)}
    chosen = set(layout.setting_tables().values())
    by_dataset: dict[str, list[str]] = {}
    for dataset, task in there:
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
    tables = layout.score_tables()
    tables += [ScoreTable(name, (benchmark,)) for name, benchmark in layout.setting_tables().items()]
    whole: list[str] = []
    parts: list[str] = []
    for table in tables:
        lacking = table.lacking(there)
        others = [table.compared_with(benchmark) for benchmark in table.benchmarks(there)]
        unmatched = list(dict.fromkeys(".".join(other) for other in others if other and other not in there))
        if lacking and len(lacking) == len(table.named):
            whole.append(f"Table {table.name} ({listing(lacking)})")
        elif lacking:
            parts.append(f"{listing(lacking)} of Table {table.name}")
        elif unmatched:
            parts.append(f"the drop against {listing(unmatched)} of Table {table.name}")
    if not whole + parts:
        return ""
    return f"Of the paper's tables, what this run has no benchmark for is left out: {listing([*whole, *parts])}."
