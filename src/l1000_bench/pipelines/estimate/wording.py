"""What an estimate tells: remarks, the table of hours and the proposal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from textwrap import fill

import pandas as pd

from l1000_bench.search.plan import Graphs, Planned
from l1000_bench.search.probe import Measured
from l1000_bench.search.selection import RULE, Selection
from l1000_bench.search.workload import Size

SIGNS = {"about": "", "at most": "<", "more than": ">", "unknown": "?"}
WIDTH = 110


def remark(probes: Sequence[tuple[Planned, Measured]], size: Size, graphs: Graphs) -> str:
    """Say what a cell was measured with, where that is not its own profiles and graph.

    Args:
        probes: Those of the cell.
        size: Of its benchmark.
        graphs: Of the grid.
    """
    said = []
    for planned, measured in probes:
        said += [] if planned.subsample.is_real else ["stand-in profiles (Gaussian clusters)"]
        for name, edges in planned.probe.edges.items():
            kind = "graph" if name in graphs.made else "stand-in graph"
            padded = f", convolved as {measured.vertices:,} with padding" if measured.vertices else ""
            vertices = len({*edges["gene_a"], *edges["gene_b"]})
            said.append(f"{kind} of {vertices:,} vertices and {len(edges['gene_a']):,} edges{padded}")
        said += [f"measured with {planned.n_classes} classes"] if planned.n_classes != size.n_classes else []
        stopping = measured.may_stop and measured.passes_needed is None and measured.points
        said += ["all passes are counted; it may stop before"] if stopping else []
    return "; ".join(dict.fromkeys(said))


def table_of_hours(estimates: pd.DataFrame, cores: int, memory_gib: float) -> str:
    """Return the hours of every cell, classifiers by benchmarks, and what else a reader must know.

    Args:
        estimates: The estimates table.
        cores: Of this machine.
        memory_gib: Of this machine.
    """
    benchmark = estimates["dataset"] + "." + estimates["task"]
    hours = [f"{SIGNS[bound]}{_hours(h)}" for bound, h in zip(estimates["bound"], estimates["hours"], strict=True)]
    cells = estimates.assign(benchmark=benchmark, shown=hours)
    table = cells.pivot(index="classifier", columns="benchmark", values="shown")
    table = table.loc[list(cells["classifier"].unique()), list(cells["benchmark"].unique())]
    by_classifier = cells.groupby("classifier")
    table["all"] = [_hours(by_classifier.get_group(name)["hours"].sum()) for name in table.index]
    table["GiB"] = [f"{by_classifier.get_group(name)['peak_gib'].max():.1f}" for name in table.index]
    names = cells["benchmark"] + "." + cells["classifier"]
    too_large = names[cells["peak_gib"] > memory_gib]
    lines = [
        "Estimated, not measured: hours of every cell on this machine, from fits on subsamples, extrapolated",
        f"({cores} cores, {memory_gib:.1f} GiB; < at most, > more than, ? failed; GiB is the largest cell's peak):",
        "",
        table.rename_axis(index=None, columns=None).to_string(),
        "",
        f"All {len(cells)} cells in turn: {_hours(cells['hours'].sum())} hours; data and report come on top.",
        f"Do not fit in {memory_gib:.1f} GiB: {', '.join(too_large) or 'none'}.",
    ]
    said = cells["remark"].dropna().astype("str").str.split("; ").explode()
    general = [text for text in said.unique() if "stand-in profiles" in text or "graph of" in text]
    return "\n".join([*lines, *(f"Measured with {text}." for text in general)])


def _hours(hours: float) -> str:
    if math.isnan(hours):
        return "-"
    return f"{hours:,.0f}" if hours >= 10 else f"{hours:.2g}" if hours >= 0.01 else "0.01"


def proposal(selection: Selection | None, estimates: pd.DataFrame, budget_hours: float, environment: str) -> str:
    """Word a proposal as an `experiments.yml`.

    Args:
        selection: What is proposed; None where nothing fits.
        estimates: The estimates table.
        budget_hours: What it was given.
        environment: Of the run.
    """
    if selection is None:
        return f"# No cell of this grid fits into {budget_hours:g} hours and this machine's memory.\n"
    benchmarks: dict[str, list[str]] = {}
    for dataset, task in selection.benchmarks:
        benchmarks.setdefault(dataset, []).append(task)
    inside = pd.MultiIndex.from_frame(estimates[["dataset", "task"]]).isin(selection.benchmarks)
    inside &= estimates["classifier"].isin(selection.classifiers).to_numpy()
    left = estimates[~inside]
    without = [name for name in estimates["classifier"].unique() if name not in selection.classifiers]
    comments = [
        f"A first selection within {budget_hours:g} hours: {inside.sum()} of {len(estimates)} cells, about "
        f"{_hours(selection.hours)} hours. It leaves out {len(left)} cells of about {_hours(left['hours'].sum())} hours"
        + (f", and the classifiers {', '.join(without)} altogether." if without else "."),
        RULE,
        "To run it (the environment's own experiments.yml, where there is one, is to be kept aside):",
    ]
    folder = f"conf/{environment}/experiments.yml"
    commands = [
        f"cp data/08_reporting/{environment}/first_selection.yml {folder}",
        f".venv/bin/kedro run --env={environment}",
    ]
    cheapest = left[left["classifier"].isin(without)].sort_values("hours", kind="stable").head(3)
    if len(cheapest):
        named = cheapest["dataset"] + "." + cheapest["task"] + "." + cheapest["classifier"]
        hours = [f"{name} ({_hours(h)} h)" for name, h in zip(named, cheapest["hours"], strict=True)]
        comments.insert(1, f"The cheapest cells of those classifiers are {', '.join(hours)}.")
    lines = [fill(text, WIDTH, initial_indent="# ", subsequent_indent="# ") for text in comments]
    return "\n".join(
        [
            *lines,
            *(f"#   {command}" for command in commands),
            "benchmarks:",
            *(f"  {dataset}: [{', '.join(tasks)}]" for dataset, tasks in benchmarks.items()),
            f"classifiers: [{', '.join(selection.classifiers)}]",
            "",
        ]
    )
