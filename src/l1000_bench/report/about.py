"""What a run is, in words: the rows and remarks of the report's first box."""

from __future__ import annotations

import platform
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from l1000_bench.report.content import ReportContent, benchmarks_of
from l1000_bench.report.figures.style import BASELINE
from l1000_bench.report.wording import count_of

PACKAGES = (
    "l1000_bench", "kedro", "keras", "numpy", "pandas", "pyarrow", "scikit-learn", "scipy", "statsmodels", "tensorflow",
)  # fmt: skip


@dataclass(frozen=True)
class RunDescription:
    """What the run is (`params:run`, made from the configuration).

    Attributes:
        environment: Kedro environment.
        names: Display names of datasets, tasks and classifiers.
        corpora: label, kind, remark and generator of every corpus used.
        splits: The split schemes used: label, scheme, params, and a remark on what their numbers promise.
        threads: Threads of one fit.
        budgets: What the run was given to spend, such as the epochs of its networks: words -> value.
        graphs: Display names of gene graphs.
        seeds: What is drawn by chance -> its seed, beside those of the corpora and splits.
    """

    environment: str
    names: dict[str, str]
    corpora: list[dict[str, Any]]
    splits: list[dict[str, Any]]
    threads: int
    budgets: dict[str, Any] = field(default_factory=dict)
    graphs: dict[str, str] = field(default_factory=dict)
    seeds: dict[str, Any] = field(default_factory=dict)


def about_rows(run: RunDescription) -> list[tuple[str, str]]:
    """Return (what, value) rows that say what the run is."""
    rows = [("Corpus", "; ".join(f"{corpus['label']} ({corpus['kind']})" for corpus in run.corpora))]
    rows += [
        ("Generator of the synthetic corpus", _listing(corpus["generator"]))
        for corpus in run.corpora
        if corpus["generator"]
    ]
    rows += [(f"Split: {scheme['label']}", _listing(scheme["params"])) for scheme in run.splits]
    rows += [("Environment", run.environment), ("Threads per fit", str(run.threads))]
    return [*rows, ("Budgets", _listing(run.budgets))] if run.budgets else rows


def seed_rows(run: RunDescription) -> list[tuple[str, str]]:
    """Return (what, seed) rows of what is drawn by chance."""
    given = {f"Corpus: {corpus['label']}": corpus["generator"] or {} for corpus in run.corpora}
    given |= {f"Folds: {scheme['label']}": scheme["params"] for scheme in run.splits}
    seeds = {what: str(parameters["seed"]) for what, parameters in given.items() if "seed" in parameters}
    return list((seeds | {what: str(seed) for what, seed in run.seeds.items()}).items())


def effort_rows(content: ReportContent) -> list[tuple[str, str]]:
    """Return (what, value) rows that say how much was run: the size of the grid, and the settings tried in a cell."""
    counts = [
        count_of(len(benchmarks_of(content.scores)), "benchmark", "benchmarks"),
        count_of(len(content.classifiers), "classifier", "classifiers"),
    ]
    outside = set(content.classifiers) & set(content.external)
    rows = [("Grid", " × ".join(counts) + (f", {len(outside)} from outside" if outside else ""))]
    trials = content.settings["n_trials"]
    if len(trials):
        few, many = int(trials.min()), int(trials.max())
        tried = f"{few:,}" if few == many else f"{few:,} to {many:,}"
        rows.append(("Settings tried per classifier and benchmark", tried))
    return rows


def effort_remarks(content: ReportContent) -> list[str]:
    """Return a sentence where some classifiers were tuned more than others on the same benchmark, else none."""
    tuned = content.settings[content.settings["classifier"] != BASELINE]
    trials = tuned.groupby(["dataset", "task"], sort=False)["n_trials"]
    uneven = trials.min() < trials.max()
    if not uneven.any():
        return []
    few, many = int(trials.min()[uneven].min()), int(trials.max()[uneven].max())
    return [
        f"Classifiers were not tuned alike: between {few:,} and {many:,} settings were tried on one benchmark. Those "
        "with fewer may do better than shown."
    ]


def _listing(parameters: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in sorted(parameters.items()))


def remarks(run: RunDescription, paper_reason: str) -> list[str]:
    """Return the sentences that a reader must not miss.

    Args:
        run: What the run is.
        paper_reason: Why the paper's numbers stand beside ours, or why not.
    """
    return [*[entry["remark"] for entry in [*run.corpora, *run.splits] if entry.get("remark")], paper_reason]


def environment_versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that numbers depend on."""
    return {"python": platform.python_version(), **{package: version(package) for package in PACKAGES}}
