"""The grid of experiments: datasets x tasks x classifiers, read and checked before anything runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from l1000_bench.curation.spec import DatasetSpec, SplitSpec, TaskSpec
from l1000_bench.errors import InputError
from l1000_bench.graphs.spec import GraphSpec
from l1000_bench.io.corpus import CorpusSpec
from l1000_bench.io.submission_spec import Submission
from l1000_bench.models.spec import ClassifierSpec
from l1000_bench.search.search_spec import SearchSpec, check_spaces

Spec = TypeVar("Spec", CorpusSpec, DatasetSpec, TaskSpec, SplitSpec, GraphSpec)


class Benchmark(NamedTuple):
    """A dataset/task pair."""

    dataset: str
    task: str

    def __str__(self) -> str:
        return f"{self.dataset}.{self.task}"


class Cell(NamedTuple):
    """A benchmark and a classifier."""

    dataset: str
    task: str
    classifier: str

    def __str__(self) -> str:
        return f"{self.dataset}.{self.task}.{self.classifier}"


@dataclass(frozen=True)
class Grid:
    """Everything that a run covers, in the order of `experiments.yml`.

    Attributes:
        tasks: The tasks of every dataset.
        classifiers: Specification of every classifier.
        datasets: Specification of every dataset.
        task_specs: Specification of every task.
        splits: Specification of every split scheme that a task names.
        graphs: Specification of every graph that `experiments.yml` or a classifier names, and of what those are made
            from.
        corpora: Specification of every corpus that a dataset or a graph names.
        downloads: The kind, `corpora` or `graphs`, of every entry whose public files can be fetched, whether the run
            covers it or not.
        search: What a search tries.
        submission: The predictions that are handed in, if any are.
    """

    tasks: dict[str, tuple[str, ...]]
    classifiers: dict[str, ClassifierSpec]
    datasets: dict[str, DatasetSpec]
    task_specs: dict[str, TaskSpec]
    splits: dict[str, SplitSpec]
    graphs: dict[str, GraphSpec]
    corpora: dict[str, CorpusSpec]
    downloads: dict[str, str]
    search: SearchSpec
    submission: Submission | None

    @property
    def benchmarks(self) -> list[Benchmark]:
        """Every dataset/task pair."""
        return [Benchmark(dataset, task) for dataset, tasks in self.tasks.items() for task in tasks]

    @property
    def cells(self) -> list[Cell]:
        """Every benchmark with every classifier."""
        return [Cell(*benchmark, classifier) for benchmark in self.benchmarks for classifier in self.classifiers]

    @property
    def searched_cells(self) -> list[Cell]:
        """The cells that a search covers."""
        search = self.search
        return [
            cell
            for cell in self.cells
            if (search.benchmarks is None or cell.task in search.benchmarks.get(cell.dataset, []))
            and (search.classifiers is None or cell.classifier in search.classifiers)
        ]

    def metrics(self, cell: Cell) -> tuple[str, ...]:
        """Metrics whose lists of neighbours serve a setting known for a cell."""
        spec = self.classifiers[cell.classifier]
        return spec.list_metrics_of(spec.known_for(cell.dataset, cell.task))

    def searched_metrics(self, classifier: str) -> tuple[str, ...]:
        """Metrics whose lists of neighbours serve a setting that a search tries with a classifier."""
        spec = self.classifiers[classifier]
        if not spec.uses_rows:
            return ()
        settings: list[dict[str, Any]] = []
        for cell in self.searched_cells:
            if cell.classifier == classifier:
                drawn = self.search.for_classifier(classifier).settings(spec, f"{cell.dataset}.{cell.task}")
                settings += [*spec.known_for(cell.dataset, cell.task), *map(spec.in_full, drawn)]
        return spec.list_metrics_of(settings)


def read_grid(experiments: Mapping[str, Any], parameters: Mapping[str, Any]) -> Grid:
    """Build the grid from the configuration.

    Args:
        experiments: `experiments.yml`: `benchmarks` (dataset: list of tasks), `classifiers` (list) and, if graphs are
            wanted that no classifier names, `graphs` (list).
        parameters: The kinds `corpora`, `datasets`, `tasks`, `splits`, `graphs`, `classifiers`, each name: entry; every
            entry holds its name (see `l1000_bench.config`).

    Raises:
        InputError: If a name is unknown or given twice, or an entry has unknown, missing or impossible values.
    """
    check_experiments(experiments)
    try:
        search = SearchSpec(**parameters["search"])
    except TypeError as error:
        raise InputError(f"search: {error}; its keys are {', '.join(SearchSpec.__dataclass_fields__)}.") from error
    tasks = {dataset: tuple(names) for dataset, names in experiments["benchmarks"].items()}
    used_tasks = list(dict.fromkeys(task for names in tasks.values() for task in names))
    datasets = _read("datasets", DatasetSpec, tasks, parameters)
    task_specs = _read("tasks", TaskSpec, used_tasks, parameters)
    if set(parameters["modeling"]) != {"threads"}:
        raise InputError(f"modeling has the keys {sorted(parameters['modeling'])}; it takes threads.")
    classifiers = {
        name: _read_classifier(entry, parameters)
        for name, entry in _entries("classifiers", experiments["classifiers"], parameters).items()
    }
    graphs = _read_graphs(
        [*experiments.get("graphs", []), *(g for c in classifiers.values() for g in c.searched_graphs)], parameters
    )
    twice = sorted(set(graphs) & {*datasets, *(dataset.corpus for dataset in datasets.values())})
    if twice:
        raise InputError(f"graphs.{twice[0]} has the name of a dataset or corpus, so their files mix; rename one.")
    used_corpora = [*(dataset.corpus for dataset in datasets.values()), *(graph.corpus for graph in graphs.values())]
    return Grid(
        tasks=tasks,
        classifiers=classifiers,
        datasets=datasets,
        task_specs=task_specs,
        splits=_read("splits", SplitSpec, dict.fromkeys(task.split for task in task_specs.values()), parameters),
        graphs=graphs,
        corpora=_read("corpora", CorpusSpec, dict.fromkeys(used_corpora), parameters),
        downloads=_downloads(parameters),
        search=_check_search(search, parameters),
        submission=Submission.read(parameters["submission"], tasks, classifiers),
    )


def check_experiments(experiments: Mapping[str, Any]) -> None:
    """Check the form of `experiments.yml`, before anything is derived from it.

    Raises:
        InputError: If a key is unknown or missing, or a list of names is none, is empty, or names something twice.
    """
    keys = set(experiments) - {"graphs"}
    if keys != {"benchmarks", "classifiers"} or not isinstance(experiments["benchmarks"], Mapping):
        raise InputError(
            f"experiments.yml has the keys {sorted(experiments)}; it takes benchmarks (each dataset with a list "
            "of tasks), classifiers (a list), and graphs (a list, if any beside those of the classifiers)."
        )
    _check_names("benchmarks", list(experiments["benchmarks"]))
    for dataset, names in experiments["benchmarks"].items():
        _check_names(f"benchmarks.{dataset}", names)
    for kind in sorted({"classifiers", "graphs"} & set(experiments)):
        _check_names(kind, experiments[kind])


def _check_names(place: str, names: Any) -> None:
    if not isinstance(names, Sequence) or isinstance(names, str) or not names:
        raise InputError(f"experiments.yml: {place} is {names!r}; it takes a list of names, at least one.")
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise InputError(f"experiments.yml: {place} names {twice[0]!r} twice; name it once.")
    odd = [name for name in names if not str(name).isidentifier()]
    if odd:
        raise InputError(f"experiments.yml: {place} names {odd[0]!r}; a name is letters, digits and underscores.")


def _entries(kind: str, names: Sequence[str] | Mapping[str, Any], parameters: Mapping[str, Any]) -> dict[str, Any]:
    known = parameters.get(kind, {})
    for name in names:
        if name not in known:
            raise InputError(
                f"experiments.yml, or an entry it names, asks for {name!r} among the {kind}; there are "
                f"{', '.join(sorted(known)) or 'none'}: correct the name or add parameters/{kind}/{name}.yml."
            )
        if not isinstance(known[name], Mapping):
            raise InputError(f"{kind}.{name} holds {known[name]!r}; it takes keys and values.")
    return {name: known[name] for name in names}


def _read_classifier(entry: Mapping[str, Any], parameters: Mapping[str, Any]) -> ClassifierSpec:
    spec = ClassifierSpec.from_config(entry)
    check_spaces(spec)
    for dataset, tasks in spec.known.items():
        for kind, name in [("datasets", dataset), *(("tasks", task) for task in tasks)]:
            if name not in parameters[kind]:
                raise InputError(
                    f"classifiers.{spec.name}: known names {name!r}, which is none of the {kind} "
                    f"{', '.join(sorted(parameters[kind]))}; correct the name."
                )
    return spec


def _check_search(search: SearchSpec, parameters: Mapping[str, Any]) -> SearchSpec:
    """Refuse what names no entry of the configuration; what is not in the grid is not searched."""
    searched = {"classifiers": search.classifiers or [], "budgets": search.budgets, "resources": search.resources}
    named = [(f"search.{key}", "classifiers", name) for key, names in searched.items() for name in names]
    for dataset, tasks in (search.benchmarks or {}).items():
        named += [("search.benchmarks", "datasets", dataset), *(("search.benchmarks", "tasks", task) for task in tasks)]
    for place, kind, name in named:
        if name not in parameters[kind]:
            there = ", ".join(sorted(parameters[kind]))
            raise InputError(f"{place} names {name!r}, which is none of the {kind} {there}; correct the name.")
    return search


def _read_graphs(names: Sequence[str], parameters: Mapping[str, Any]) -> dict[str, GraphSpec]:
    """Read the graphs, what a control is made from before the control."""
    wanted = _read("graphs", GraphSpec, dict.fromkeys(names), parameters)
    originals = dict.fromkeys(spec.of for spec in wanted.values() if spec.of)
    return _read("graphs", GraphSpec, originals, parameters) | wanted


def _downloads(parameters: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for kind in ("corpora", "graphs"):
        for name, entry in parameters.get(kind, {}).items():
            if not isinstance(entry, Mapping) or entry.get("download") is None:
                continue
            if name in found:
                raise InputError(f"{name!r} is a corpus and a graph with download; rename one, since both go by it.")
            found[name] = kind
    return found


def _read(
    kind: str, spec: type[Spec], names: Sequence[str] | Mapping[str, Any], parameters: Mapping[str, Any]
) -> dict[str, Spec]:
    specs: dict[str, Spec] = {}
    for name, entry in _entries(kind, names, parameters).items():
        try:
            specs[name] = spec(**entry)
        except InputError as error:
            raise InputError(f"{kind}.{name}: {error}") from error
        except TypeError as error:
            allowed = ", ".join(key for key in spec.__dataclass_fields__ if key != "name")
            raise InputError(f"{kind}.{name}: {error}; its keys are {allowed}.") from error
    return specs


_active: list[Grid] = []  # empty, or the one grid of this process


def activate(grid: Grid) -> None:
    """Make a grid the one that the pipelines are built from."""
    _active[:] = [grid]


def active() -> Grid:
    """Return the grid that the pipelines are built from.

    Raises:
        LookupError: If none was activated.
    """
    if not _active:
        raise LookupError("no grid is active; call l1000_bench.grid.activate first")
    return _active[0]
