"""Nodes of the estimate pipeline."""

from __future__ import annotations

import logging
from typing import Any

import pandas as pd
from tqdm import tqdm

from l1000_bench.curation.spec import DatasetSpec, SplitSpec
from l1000_bench.graphs.spec import GraphSpec
from l1000_bench.pipelines.estimate.machine import this_machine
from l1000_bench.pipelines.estimate.wording import proposal, remark, table_of_hours
from l1000_bench.search.benchmark_data import encode_labels
from l1000_bench.search.cell import CellSpec
from l1000_bench.search.estimate import EstimateOptions, cell_row, distinct_settings, probe_key, setting_cost
from l1000_bench.search.plan import Graphs, Planned, plan_probes
from l1000_bench.search.probe import Measured, run_probe
from l1000_bench.search.selection import select
from l1000_bench.search.workload import AtHand, draw_subsample, expected_size, measured_split, stand_in

logger = logging.getLogger(__name__)

CELL, GRAPH, BENCHMARK, EDGES = "cell:", "graph:", "benchmark:", "edges:"  # of the inputs' names
START_SECONDS = 5.0  # of a probe's process, roughly
BUSY = 0.5  # of the cores, taken by others before the measuring


def gather(
    cell: CellSpec,
    dataset: DatasetSpec,
    scheme: SplitSpec,
    paper: dict[str, Any],
    estimate: EstimateOptions,
    **made: Any,
) -> AtHand:
    """Find the size of a benchmark, and profiles to measure with: its own where it was curated, else stand-ins.

    Args:
        cell: Any cell of the benchmark.
        dataset: Its dataset.
        scheme: The scheme of its split.
        paper: n_samples and n_classes of the paper's benchmarks, by dataset and task.
        estimate: How it is estimated.
        made: The dataset's profiles and samples, the split and the edges of every graph, None where they were not made
            yet.

    Raises:
        InputError: If the size is not known.
    """
    place = f"{cell.dataset}.{cell.task}"
    expected = {"n_rotations": scheme.params_for(dataset).get("n_folds")}
    for known in (paper, estimate.expected):
        expected |= (known.get(cell.dataset) or {}).get(cell.task) or {}
    if made["profiles"] is None or made["samples"] is None:
        size = expected_size(place, expected)
        genes = _stand_in_genes(_named(made, EDGES), estimate.n_genes)
        return AtHand(size, stand_in(max(estimate.sizes_of(size)), genes, size.n_classes, estimate.seed))
    codes, classes = encode_labels(made["samples"], cell.label_column)
    counts = {"n_samples": int((codes >= 0).sum()), "n_classes": len(classes)}
    split = {} if made["split"] is None else measured_split(made["split"])
    size = expected_size(place, expected | counts | split)
    n = max(estimate.sizes_of(size))
    return AtHand(size, draw_subsample(made["profiles"], made["samples"], cell.label_column, n, estimate.seed))


def _named(inputs: dict[str, Any], prefix: str) -> dict[str, Any]:
    """Return the inputs of a prefix by their names; those that were not made are left out."""
    named = {name.removeprefix(prefix): value for name, value in inputs.items() if name.startswith(prefix)}
    return {name: value for name, value in named.items() if value is not None}


def _stand_in_genes(edges: dict[str, pd.DataFrame], n_genes: int) -> list[str]:
    """Name the genes of stand-ins: those of the graphs that were made, and numbered ones."""
    genes = sorted({str(gene) for table in edges.values() for gene in (*table["gene_a"], *table["gene_b"])})
    return [*genes, *(f"stand_in_{number}" for number in range(n_genes - len(genes)))]


def _cells(inputs: dict[str, Any]) -> list[CellSpec]:
    """Return the cells, which Kedro hands over as they stand in the configuration where a node takes any number."""
    return [cell if isinstance(cell, CellSpec) else CellSpec(**cell) for cell in _named(inputs, CELL).values()]


def estimate_cells(estimate: EstimateOptions, **inputs: Any) -> pd.DataFrame:
    """Measure what the cells need and extrapolate it.

    Args:
        estimate: How.
        inputs: Every cell, benchmark and graph, and the edges of every graph, None where they were not made yet.

    Returns:
        The estimates table: one row per cell, see `search.estimate.cell_row`.
    """
    cells, at_hand = _cells(inputs), _named(inputs, BENCHMARK)
    entries = {
        name: graph if isinstance(graph, GraphSpec) else GraphSpec(**graph)
        for name, graph in _named(inputs, GRAPH).items()
    }
    graphs = Graphs(entries, _named(inputs, EDGES), estimate)
    pairs = _within_limits([(cell, at_hand[f"{cell.dataset}.{cell.task}"]) for cell in cells])
    planned = plan_probes(pairs, graphs)
    logger.info(
        "Measuring %d settings for %d cells, each in a process of its own: about %.0f minutes.",
        len(planned), len(cells), len(planned) * (estimate.seconds + START_SECONDS) / 60,
    )  # fmt: skip
    machine = this_machine()
    if machine.load > BUSY * machine.cores:
        logger.warning(
            "This machine is busy (load %.1f on %d cores), so that the hours will come out too large.",
            machine.load, machine.cores,
        )  # fmt: skip
    measured = {
        key: run_probe(plan.probe, plan.subsample, estimate.seconds_at_most)
        for key, plan in tqdm(planned.items(), desc="estimate", unit="probe", leave=False, disable=None)
    }
    return pd.DataFrame([_row(cell, benchmark, planned, measured, graphs) for cell, benchmark in pairs])


def _within_limits(pairs: list[tuple[CellSpec, AtHand]]) -> list[tuple[CellSpec, AtHand]]:
    """Leave out the cells whose classifier steps aside there, and name them."""
    most = [cell.classifier_spec().limits.get("samples") for cell, _ in pairs]
    aside = [limit is not None and pair[1].size.n_train > limit for pair, limit in zip(pairs, most, strict=True)]
    named = [str(pair[0]) for pair, out in zip(pairs, aside, strict=True) if out]
    if named:
        logger.info("Not estimated, since the classifier steps aside: %s.", ", ".join(named))
    return [pair for pair, out in zip(pairs, aside, strict=True) if not out]


def _row(
    cell: CellSpec, at_hand: AtHand, planned: dict[str, Planned], measured: dict[str, Measured], graphs: Graphs
) -> dict[str, Any]:
    spec, size = cell.classifier_spec(), at_hand.size
    settings = distinct_settings(cell)
    keys = [probe_key(spec, setting, size.n_classes, graphs.options) for setting in settings]
    costs = [
        setting_cost(size, _passes(setting, measured[key], graphs.options), measured[key], graphs.options)
        for setting, key in zip(settings, keys, strict=True)
    ]
    probes = {key: (planned[key], measured[key]) for key in keys}
    return cell_row(cell, size, costs, remark(list(probes.values()), size, graphs))


def _passes(setting: dict[str, Any], measured: Measured, options: EstimateOptions) -> int:
    """Return the passes of a setting; where it does not say, those of its probe, which left them to the estimator."""
    said = [setting[name] for name in options.passes if isinstance(setting.get(name), int)]
    return int(said[0]) if said and measured.counted else measured.passes


def propose(estimate: EstimateOptions, run: dict[str, Any], estimates: pd.DataFrame, **inputs: Any) -> str:
    """Log the hours and memory of the grid, and propose what to run first.

    Args:
        estimate: Gives the budget.
        run: Gives the environment.
        estimates: The estimates table.
        inputs: Every cell.

    Returns:
        The proposal in the form of an `experiments.yml`, with what it is as comments.
    """
    machine = this_machine()
    kinds = {cell.classifier["name"]: str(cell.classifier["class"]) for cell in _cells(inputs)}
    selection = select(estimates, kinds, estimate.budget_hours, machine.memory_gib)
    logger.info("%s", table_of_hours(estimates, machine.cores, machine.memory_gib))
    text = proposal(selection, estimates, estimate.budget_hours, run["environment"])
    logger.info("%s", text)
    return text
