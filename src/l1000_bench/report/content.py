"""What the report page shows: plain frames and texts, gathered by the caller."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from l1000_bench.errors import InputError

Benchmark = tuple[str, str]  # dataset, task

# Frame of `ReportContent` -> the columns that it must hold.
COLUMNS: dict[str, tuple[str, ...]] = {
    "table_one": (
        "dataset", "task", "n_samples", "n_genes", "n_cell_lines",
        "most_frequent_cell", "most_frequent_cell_count", "least_frequent_cell", "least_frequent_cell_count",
        "n_classes", "most_frequent_class", "most_frequent_class_count",
        "least_frequent_class", "least_frequent_class_count",
    ),
    "class_counts": ("dataset", "task", "label", "n_samples"),
    "audit": ("dataset", "rule", "before", "dropped", "after", "why"),
    "splits": ("dataset", "task", "scheme", "n_rotations", "n_samples", "n_unused", "sha256"),
    "scores": ("dataset", "task", "classifier", "rotation", "role", "n_samples", "accuracy", "macro_f1"),
    "comparisons": (
        "dataset", "task", "metric", "classifier_a", "classifier_b", "n_rotations",
        "difference", "ci_low", "ci_high", "t", "p", "p_adjusted",
    ),
    "settings": (
        "dataset", "task", "classifier", "n_trials", "n_failed", "n_stopped", "params",
        "per_rotation_test_accuracy_mean", "difference",
    ),
    "costs": ("dataset", "task", "classifier", "fit_seconds", "predict_seconds", "peak_rss_mib"),
    "graphs": (
        "label", "genes", "vertices", "edges", "components", "largest_component", "convolved_components", "raw_genes",
        "degree_min", "degree_q50", "degree_max",
    ),
    "coarsenings": ("graph", "label", "coarsening", "level", "vertices", "raw_genes"),
    "paper": (
        "dataset", "task", "classifier", "accuracy_mean", "accuracy_std", "macro_f1_mean", "macro_f1_std",
    ),
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class ReportContent:
    """One run, ready to be laid out; rows are shown in the order in which the frames hold them.

    Attributes:
        title: Heading of the page.
        about: (what, value) rows of the box "What this run is": corpus, environment, kind, seed, folds, budgets.
        remarks: Plain sentences shown prominently in that box.
        names: Raw name of a dataset, task or classifier -> the name to display; the raw name where there is none.
        table_one: One row per benchmark. Counts of samples, genes, cell lines and classes; for cells and classes the
            most and the least frequent one by name and count (samples).
        class_counts: One row per benchmark and class: `label` and its number of samples.
        audit: One row per dataset and curation rule: samples `before`, `dropped`, `after`, and `why`.
        splits: One row per benchmark: fold `scheme`, numbers of rotations, of samples and of samples in no fold,
            and the SHA-256 of the split table.
        scores: One row per benchmark, classifier, rotation and role (`dev` or `test`): number of samples, accuracy
            and macro-F1 as fractions 0..1. Benchmarks and classifiers are ordered by first appearance here.
        comparisons: One row per benchmark, metric (`accuracy` or `macro_f1`) and pair of classifiers: mean
            `difference` a - b and its unadjusted 95 % confidence interval (fractions), t, p, and p adjusted within
            benchmark and metric.
        settings: One row per benchmark and classifier: numbers of trials run, failed and stopped early; `params` of the
            chosen setting as JSON text (missing where none was chosen); the mean test accuracy with every rotation's
            own choice, and its difference from that of the chosen setting.
        costs: One row per benchmark and classifier: mean seconds to fit and to predict per rotation, and mean peak
            resident memory (MiB). Differs between runs, so it stands in the run-specific block.
        paper: Published means and standard deviations (percent) under the same raw names, or None.
        alpha: Level at which adjusted p values are read, 0..1.
        versions: Package -> version.
        run: What differs between runs of one content: time, commit, seconds.
        graphs: One row per gene graph, see `graphs.edges.graph_statistics`; None in a run without one.
        coarsenings: One row per gene graph, coarsening and level: its vertices, fake ones too. None likewise.
    """

    title: str
    about: list[tuple[str, str]]
    remarks: list[str]
    names: dict[str, str]
    table_one: pd.DataFrame
    class_counts: pd.DataFrame
    audit: pd.DataFrame
    splits: pd.DataFrame
    scores: pd.DataFrame
    comparisons: pd.DataFrame
    settings: pd.DataFrame
    costs: pd.DataFrame
    paper: pd.DataFrame | None
    alpha: float
    versions: dict[str, str]
    run: dict[str, str]
    graphs: pd.DataFrame | None = None
    coarsenings: pd.DataFrame | None = None

    def __post_init__(self) -> None:
        if not 0 < self.alpha < 1:
            raise InputError(f"Report: alpha must lie between 0 and 1, but is {self.alpha}; give a level such as 0.05.")
        for frame, columns in COLUMNS.items():
            held: pd.DataFrame | None = getattr(self, frame)
            missing = [column for column in columns if held is not None and column not in held.columns]
            if missing:
                raise InputError(f"Report: table {frame} lacks the columns {', '.join(missing)}; add them.")


def display(names: Mapping[str, str], key: str) -> str:
    """Return the display name of a dataset, task or classifier; the raw name where there is none."""
    return names.get(key, key)


def benchmarks_of(frame: pd.DataFrame) -> list[Benchmark]:
    """List the (dataset, task) pairs of a frame in order of first appearance."""
    pairs = frame[["dataset", "task"]].drop_duplicates()
    return [(str(dataset), str(task)) for dataset, task in pairs.itertuples(index=False)]


def only(frame: pd.DataFrame, benchmark: Benchmark) -> pd.DataFrame:
    """Return the rows of a frame that belong to one benchmark."""
    dataset, task = benchmark
    return frame[(frame["dataset"] == dataset) & (frame["task"] == task)]


def title_of(names: Mapping[str, str], benchmark: Benchmark) -> str:
    """Return the display name of a benchmark, "dataset, task"."""
    dataset, task = benchmark
    return f"{display(names, dataset)}, {display(names, task)}"
