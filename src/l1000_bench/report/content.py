"""What the report page shows: plain frames and texts, gathered by the caller."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd
import plotly.graph_objects as go

from l1000_bench.errors import InputError

if TYPE_CHECKING:
    from l1000_bench.report.cells import Table
from l1000_bench.report.names import display

Benchmark = tuple[str, str]  # dataset, task
KEYS = ("dataset", "task", "classifier")
LEFT_OUT = "; "  # between the classes that fell out of a split

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
    "splits": (
        "dataset", "task", "scheme", "parameters", "n_rotations", "n_samples", "n_unused", "n_untested", "n_trained",
        "n_tested", "n_unseen", "n_one_class", "has_dev", "left_out", "sha256",
    ),
    "scores": (
        *KEYS, "rotation", "role", "n_samples", "accuracy", "macro_f1", "balanced_accuracy", "mcc",
        "top3_accuracy", "top5_accuracy", "log_loss", "calibration_error",
    ),
    "comparisons": (
        "dataset", "task", "metric", "classifier_a", "classifier_b", "n_rotations", "difference",
        "ci_low", "ci_high", "t", "p", "p_adjusted",
        "corrected_ci_low", "corrected_ci_high", "corrected_t", "corrected_p", "corrected_p_adjusted",
        "wilcoxon_p", "wilcoxon_p_adjusted", "only_a", "only_b", "mcnemar_p", "mcnemar_p_adjusted",
        "plate_ci_low", "plate_ci_high", "compound_ci_low", "compound_ci_high", "effect_size",
    ),
    "settings": (
        *KEYS, "n_trials", "n_failed", "n_stopped", "params", "dev_accuracy_mean",
        "test_accuracy_mean", "per_rotation_test_accuracy_mean", "difference", "aside",
    ),
    "costs": (*KEYS, "fit_seconds", "predict_seconds", "peak_rss_mib"),
    "graphs": (
        "label", "genes", "vertices", "edges", "components", "largest_component", "convolved_components", "raw_genes",
        "degree_min", "degree_q50", "degree_max",
    ),
    "coarsenings": ("graph", "label", "coarsening", "level", "vertices", "raw_genes"),
    "paper": (*KEYS, "accuracy_mean", "accuracy_std", "macro_f1_mean", "macro_f1_std"),
    "intervals": (*KEYS, "metric", "cluster", "n_clusters", "estimate", "ci_low", "ci_high"),
    "class_scores": (*KEYS, "label", "precision", "recall", "f1", "support"),
    "confusions": (*KEYS, "y_true", "y_pred", "n_samples"),
    "reliability": (*KEYS, "bin", "low", "high", "n_samples", "confidence", "accuracy"),
    "breakdowns": (*KEYS, "column", "value", "n_samples", "accuracy", "macro_f1"),
    "trials": (*KEYS, "trial_id", "rotation", "dev_accuracy", "error"),
    "ranks": (
        "metric", "classifier", "mean_rank", "n_benchmarks", "n_classifiers", "chi_squared", "p", "f", "f_p",
        "critical_difference",
    ),
    "between": (
        "task", "dataset_a", "dataset_b", "classifier", "metric", "test", "n_a", "n_b", "difference",
        "ci_low", "ci_high", "t", "p", "p_adjusted",
    ),
    "hashes": ("what", "of", "sha256"),
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
        splits: One row per benchmark: fold `scheme` and its parameters, the counts of `statistics.split_counts`,
            whether there is a dev part, the classes that fell out (joined by `LEFT_OUT`), and the SHA-256 of the split
            table.
        scores: One row per benchmark, classifier, rotation and role (`dev` or `test`): number of samples and the
            metrics, fractions 0..1 but for the log-loss (nats) and MCC (-1..1); NaN where a metric has no value.
            Benchmarks and classifiers are ordered by first appearance here; a classifier without a complete trial
            has no rows, and a benchmark has none where that holds for all of its classifiers.
        comparisons: One row per benchmark, metric (`accuracy` or `macro_f1`) and pair of classifiers: mean
            `difference` a - b (a fraction) with the intervals, statistics and p values of every test, those that are
            called adjusted within benchmark, metric and test. What is said to differ follows `corrected_p_adjusted`.
        settings: One row per benchmark and classifier: numbers of trials run, failed and stopped early; `params` of the
            chosen setting as JSON text (missing where none was chosen) with its mean dev and test accuracy; the mean
            test accuracy with every rotation's own choice, and the difference of the two (fractions); `aside`, why the
            classifier was not run there, or missing. What needs dev accuracies is NaN where a split has no dev part.
        costs: One row per benchmark and classifier, of the chosen setting: mean seconds to fit and to predict per
            rotation, and mean peak resident memory (MiB). Differs between runs, so it stands in the run-specific block.
        paper: Published means and standard deviations (percent) under the same raw names, or None.
        alpha: Level at which adjusted p values are read, 0..1.
        versions: Package -> version.
        run: What differs between runs of one content: time, commit, seconds.
        graphs: One row per gene graph, see `graphs.edges.graph_statistics`; None in a run without one.
        coarsenings: One row per gene graph, coarsening and level: its vertices, fake ones too. None likewise.
        intervals: Cluster bootstrap of the mean test score over rotations (fractions), one row per benchmark,
            classifier, metric and `cluster` (`plate` or `compound`). None, here and below, where a run has nothing of
            the kind.
        class_scores: One row per benchmark, classifier and class, of the pooled test predictions.
        confusions: One row per benchmark, classifier and pair of true and predicted class that occurs: its samples.
        reliability: One row per benchmark, classifier with probabilities, and filled bin of the confidence.
        breakdowns: One row per benchmark, classifier, `column` of the samples and its `value`.
        trials: One row per benchmark, classifier, trial and rotation, in the order in which the trials were made.
        ranks: One row per metric and classifier: its mean rank over the benchmarks, and the metric's statistics.
        between: One row per task, pair of datasets of one corpus, classifier and metric.
        hashes: One row per stored table that pins the data: what it is, of which dataset or benchmark, its SHA-256.
        seeds: (what is drawn, its seed) rows.
        external: Raw names of the outside methods, whose predictions were handed in.
        pictures: Display name of a gene graph -> its picture.
        paper_tables: The run in the layout of the paper's tables.
        left_out: Which of the paper's tables the run cannot show, and why.
        orderings: How many of the paper's orderings the run confirms, as a sentence.
        generalisation: By task the tasks that it is set `against`, the first of the run first, and what is `unseen` in
            training, in words such as "compounds"; None where folds are dealt per sample.
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
    intervals: pd.DataFrame | None = None
    class_scores: pd.DataFrame | None = None
    confusions: pd.DataFrame | None = None
    reliability: pd.DataFrame | None = None
    breakdowns: pd.DataFrame | None = None
    trials: pd.DataFrame | None = None
    ranks: pd.DataFrame | None = None
    between: pd.DataFrame | None = None
    hashes: pd.DataFrame | None = None
    seeds: Sequence[tuple[str, str]] = ()
    external: Collection[str] = ()
    pictures: Mapping[str, go.Figure] = field(default_factory=dict)
    paper_tables: Sequence[Table] = ()
    left_out: str = ""
    orderings: str | None = None
    generalisation: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0 < self.alpha < 1:
            raise InputError(f"Report: alpha must lie between 0 and 1, but is {self.alpha}; give a level such as 0.05.")
        for frame, columns in COLUMNS.items():
            held: pd.DataFrame | None = getattr(self, frame)
            missing = [column for column in columns if held is not None and column not in held.columns]
            if missing:
                raise InputError(f"Report: table {frame} lacks the columns {', '.join(missing)}; add them.")

    def table(self, name: str) -> pd.DataFrame:
        """Return a frame by the name of its field; one without rows where the run has nothing of the kind."""
        held: pd.DataFrame | None = getattr(self, name)
        return pd.DataFrame(columns=list(COLUMNS[name])) if held is None else held

    @property
    def classifiers(self) -> list[str]:
        """Raw names of the classifiers in order of first appearance: those with scores, then those without any."""
        return list(dict.fromkeys([*self.scores["classifier"], *self.settings["classifier"]]))

    @property
    def benchmarks(self) -> list[Benchmark]:
        """Benchmarks in order of first appearance: those with scores, then those where no classifier has any."""
        return list(dict.fromkeys([*benchmarks_of(self.scores), *benchmarks_of(self.settings)]))


def benchmarks_of(frame: pd.DataFrame) -> list[Benchmark]:
    """List the (dataset, task) pairs of a frame in order of first appearance."""
    pairs = frame[["dataset", "task"]].drop_duplicates()
    return [(str(dataset), str(task)) for dataset, task in pairs.itertuples(index=False)]


def only(frame: pd.DataFrame, benchmark: Benchmark) -> pd.DataFrame:
    """Return the rows of a frame that belong to one benchmark."""
    dataset, task = benchmark
    return frame[(frame["dataset"] == dataset) & (frame["task"] == task)]


def unseen_in(content: ReportContent, benchmark: Benchmark) -> str | None:
    """Return what the test parts of a benchmark hold that no training part has seen; None where nothing is meant."""
    unseen: str | None = content.generalisation.get(benchmark[1], {}).get("unseen")
    return unseen


def title_of(names: Mapping[str, str], benchmark: Benchmark) -> str:
    """Return the display name of a benchmark, "dataset, task"."""
    dataset, task = benchmark
    return f"{display(names, dataset)}, {display(names, task)}"
