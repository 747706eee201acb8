"""The grid of experiments: datasets x tasks x classifiers, read and checked before anything runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from l1000_bench.configured import check_keys, make_from
from l1000_bench.curation.spec import DatasetSpec, SplitSpec, TaskSpec
from l1000_bench.errors import InputError
from l1000_bench.experiments import Benchmark, check_experiments, chosen_classifiers, used_classifiers
from l1000_bench.graphs.spec import GraphSpec
from l1000_bench.grid_names import check_known, check_labels, check_places, check_search, check_sources, check_splits
from l1000_bench.io.corpus import CorpusSpec
from l1000_bench.io.submission_spec import Submission
from l1000_bench.models.spec import ClassifierSpec
from l1000_bench.search.search_spec import SearchSpec, check_spaces

Spec = TypeVar("Spec", CorpusSpec, DatasetSpec, TaskSpec, SplitSpec, GraphSpec)


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
        chosen: The classifiers of every benchmark.
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
    chosen: dict[Benchmark, tuple[str, ...]]
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
        """Every benchmark with its classifiers."""
        return [Cell(*benchmark, classifier) for benchmark in self.benchmarks for classifier in self.chosen[benchmark]]

    @property
    def searched_cells(self) -> list[Cell]:
        """The cells that a search covers; those that take their setting from another one are none of them."""
        search = self.search
        return [
            cell
            for cell in self.cells
            if (search.benchmarks is None or cell.task in search.benchmarks.get(cell.dataset, []))
            and (search.classifiers is None or cell.classifier in search.classifiers)
            and self.source_of(cell) is None
        ]

    def source_of(self, cell: Cell) -> Cell | None:
        """Return the cell whose chosen setting a cell takes; None where it has settings of its own."""
        task = self.task_specs[cell.task].settings_from
        return cell._replace(task=task) if task else None

    def metrics(self, cell: Cell) -> tuple[str, ...]:
        """Metrics whose lists of neighbours serve a setting known for a cell."""
        spec = self.classifiers[cell.classifier]
        source = self.source_of(cell) or cell
        return spec.list_metrics_of(spec.known_for(source.dataset, source.task))

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
        experiments: `experiments.yml`: `benchmarks` (dataset: list of tasks), `classifiers` (list) and, where they are
            wanted, `classifiers_of` (dataset or dataset.task: list, in place of those) and `graphs` (list of graphs
            that no classifier names).
        parameters: The kinds `corpora`, `datasets`, `tasks`, `splits`, `graphs`, `classifiers`, each name: entry; every
            entry holds its name (see `l1000_bench.config`).

    Raises:
        InputError: If a name is unknown or given twice, or an entry has unknown, missing or impossible values.
    """
    check_experiments(experiments)
    tasks = {dataset: tuple(names) for dataset, names in experiments["benchmarks"].items()}
    used_tasks = list(dict.fromkeys(task for names in tasks.values() for task in names))
    datasets = _read("datasets", DatasetSpec, tasks, parameters)
    task_specs = _read("tasks", TaskSpec, used_tasks, parameters)
    check_keys(parameters["modeling"], ["threads"], [], "modeling")
    check_places(experiments.get("classifiers_of", {}), parameters)
    chosen = chosen_classifiers(experiments)
    classifiers = _read_classifiers(experiments, parameters)
    graphs = _read_graphs(
        [*experiments.get("graphs", []), *(g for c in classifiers.values() for g in c.searched_graphs)], parameters
    )
    twice = sorted(set(graphs) & {*datasets, *(dataset.corpus for dataset in datasets.values())})
    if twice:
        raise InputError(f"graphs.{twice[0]} has the name of a dataset or corpus, so their files mix; rename one.")
    splits = _read("splits", SplitSpec, dict.fromkeys(task.split for task in task_specs.values()), parameters)
    for dataset in datasets.values():
        check_splits(dataset, [splits[task_specs[task].split] for task in tasks[dataset.name]], parameters)
    check_labels(splits)
    check_sources(task_specs, chosen, parameters)
    has_dev = {pair: splits[task_specs[pair.task].split].has_dev(datasets[pair.dataset]) for pair in chosen}
    check_known(chosen, classifiers, has_dev, task_specs)
    used_corpora = [*(dataset.corpus for dataset in datasets.values()), *(graph.corpus for graph in graphs.values())]
    return Grid(
        tasks=tasks,
        chosen=chosen,
        classifiers=classifiers,
        datasets=datasets,
        task_specs=task_specs,
        splits=splits,
        graphs=graphs,
        corpora=_read("corpora", CorpusSpec, dict.fromkeys(used_corpora), parameters),
        downloads=_downloads(parameters),
        search=check_search(make_from(SearchSpec, parameters["search"], "search"), parameters),
        submission=Submission.read(parameters["submission"], tasks, classifiers),
    )


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


def _read_classifiers(experiments: Mapping[str, Any], parameters: Mapping[str, Any]) -> dict[str, ClassifierSpec]:
    """Read the classifiers that a benchmark has; the names of the others must be those of entries, too."""
    lists = [experiments["classifiers"], *experiments.get("classifiers_of", {}).values()]
    entries = _entries("classifiers", [name for names in lists for name in names], parameters)
    return {name: _read_classifier(entries[name], parameters) for name in used_classifiers(experiments)}


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
        written = {key: value for key, value in entry.items() if key != "name"}  # which the loader has set
        specs[name] = make_from(spec, written, f"{kind}.{name}", name=name)
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
