"""What a run is, in words: the rows and remarks of the report's first box."""

from __future__ import annotations

import platform
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

import pandas as pd

from l1000_bench.report.content import ReportContent
from l1000_bench.report.figures.style import BASELINE
from l1000_bench.report.names import display
from l1000_bench.report.tables import summarise_run
from l1000_bench.report.wording import count_of, listed, listing

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
        generalisation: By task the tasks that it is set `against`, and what is `unseen` in training (None where folds
            are dealt per sample).
    """

    environment: str
    names: dict[str, str]
    corpora: list[dict[str, Any]]
    splits: list[dict[str, Any]]
    threads: int
    budgets: dict[str, Any] = field(default_factory=dict)
    graphs: dict[str, str] = field(default_factory=dict)
    seeds: dict[str, Any] = field(default_factory=dict)
    generalisation: dict[str, dict[str, Any]] = field(default_factory=dict)


def about_rows(run: RunDescription, splits: pd.DataFrame) -> list[tuple[str, str]]:
    """Return (what, value) rows that say what the run is.

    Args:
        run: Its description.
        splits: The rows that describe its splits, see `ReportContent.splits`.
    """
    rows = [("Corpus", "; ".join(f"{corpus['label']} ({corpus['kind']})" for corpus in run.corpora))]
    rows += [
        (f"Generator: {corpus['label']}", listed(corpus["generator"])) for corpus in run.corpora if corpus["generator"]
    ]
    rows += [(f"Split: {scheme}", _parameters(run, own)) for scheme, own in splits.groupby("scheme", sort=False)]
    rows += [("Environment", run.environment), ("Threads per fit", str(run.threads))]
    return [*rows, ("Budgets", listed(run.budgets))] if run.budgets else rows


def _parameters(run: RunDescription, splits: pd.DataFrame) -> str:
    """Return the parameters of a scheme, and where datasets have their own, whose they are."""
    datasets = splits.groupby("parameters", sort=False)["dataset"].unique()
    if len(datasets) == 1:
        return str(datasets.index[0])
    named = {text: listing([display(run.names, name) for name in names]) for text, names in datasets.items()}
    return "; ".join(f"{text} ({names})" for text, names in named.items())


def seed_rows(run: RunDescription) -> list[tuple[str, str]]:
    """Return (what, seed) rows of what is drawn by chance."""
    given = {f"Corpus: {corpus['label']}": corpus["generator"] or {} for corpus in run.corpora}
    given |= {f"Folds: {scheme['label']}": scheme.get("params") or {} for scheme in run.splits}
    seeds = {what: str(parameters["seed"]) for what, parameters in given.items() if "seed" in parameters}
    return list((seeds | {what: str(seed) for what, seed in run.seeds.items()}).items())


def effort_rows(content: ReportContent) -> list[tuple[str, str]]:
    """Return (what, value) rows that say how much was run: the size of the grid, and the settings tried in a cell."""
    benchmarks, classifiers = content.benchmarks, content.classifiers
    counts = [
        count_of(len(benchmarks), "benchmark", "benchmarks"),
        count_of(len(classifiers), "classifier", "classifiers"),
    ]
    cells, whole = len(summarise_run(content)), len(benchmarks) * len(classifiers)
    said = [" × ".join(counts), *([f"{cells:,} of {whole:,} pairs"] if cells < whole else [])]
    outside = set(classifiers) & set(content.external)
    rows = [("Grid", ", ".join([*said, *([f"{len(outside)} from outside"] if outside else [])]))]
    trials = content.settings["n_trials"]
    if len(trials):
        few, many = int(trials.min()), int(trials.max())
        tried = f"{few:,}" if few == many else f"{few:,} to {many:,}"
        rows.append(("Settings tried per classifier and benchmark", tried))
    return rows


def effort_remarks(content: ReportContent) -> list[str]:
    """Return a sentence where some classifiers were tuned more than others on the same benchmark, else none."""
    settings = content.settings
    tuned = settings[(settings["classifier"] != BASELINE) & settings["aside"].isna()]
    trials = tuned.groupby(["dataset", "task"], sort=False)["n_trials"]
    uneven = trials.min() < trials.max()
    if not uneven.any():
        return []
    few, many = int(trials.min()[uneven].min()), int(trials.max()[uneven].max())
    return [
        f"Classifiers were not tuned alike: between {few:,} and {many:,} settings were tried on one benchmark. Those "
        "with fewer may do better than shown."
    ]


def remarks(run: RunDescription, paper_reason: str) -> list[str]:
    """Return the sentences that a reader must not miss; where there are several split schemes, each names its own.

    Args:
        run: What the run is.
        paper_reason: Why the paper's numbers stand beside ours, or why not.
    """
    of_corpora = [corpus["remark"] for corpus in run.corpora if corpus.get("remark")]
    said = {scheme["label"]: scheme["remark"] for scheme in run.splits if scheme.get("remark")}
    several = len(run.splits) > 1
    of_splits = [f"{label}: {remark}" if several else remark for label, remark in said.items()]
    return [*of_corpora, *of_splits, paper_reason]


def environment_versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that numbers depend on."""
    return {"python": platform.python_version(), **{package: version(package) for package in PACKAGES}}
