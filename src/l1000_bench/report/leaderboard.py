"""The leaderboard of a benchmark, and the winners of all benchmarks at a glance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pandas as pd

from l1000_bench.report import cells
from l1000_bench.report.cells import Cell, Column, Row, Table, make_table
from l1000_bench.report.content import Benchmark, ReportContent, benchmarks_of, only, title_of, unseen_in
from l1000_bench.report.draft import capital, marks_notes, metric_values, standing_column
from l1000_bench.report.figures.style import BASELINE
from l1000_bench.report.findings import failures_sentence, short_listing, standing_names
from l1000_bench.report.names import display
from l1000_bench.report.split_words import one_class_sentence, split_of, unseen_classes_sentence
from l1000_bench.report.tables import (
    BEST,
    FURTHER,
    LEVEL,
    METRICS,
    UNTESTED,
    best_first,
    standings,
    summarise_run,
)
from l1000_bench.report.wording import NONE, count_of, listing, mean_std

CLUSTERS = {"plate": "plates", "compound": "compounds"}
OUTSIDE = "§"
_HEADS = {
    "balanced_accuracy": ("Balanced accuracy (%)", 1),
    "mcc": ("MCC", 3),
    "top3_accuracy": ("Top\u00a03 (%)", 1),
    "top5_accuracy": ("Top\u00a05 (%)", 1),
    "log_loss": ("Log loss", 3),
    "calibration_error": ("Calibration error (%)", 1),
}  # fmt: skip
_SHOWN_LEVEL = 3


def leaderboard(content: ReportContent, rows: pd.DataFrame, benchmark: Benchmark) -> Table:
    """Rank the classifiers of a benchmark by mean test accuracy.

    Args:
        content: Of the page.
        rows: Of `standings`.
        benchmark: Which one.
    """
    part = only(rows, benchmark)
    frame = best_first(only(summarise_run(content), benchmark))
    intervals = only(content.table("intervals"), benchmark)
    values = metric_values(part).drop(columns=["dataset", "task"])
    frame = frame.merge(values, "left", "classifier").merge(_wide(intervals), "left", "classifier")
    heads = [cells.count("Rank", "rank", "rank"), _name_column(content)]
    further = [name for name in FURTHER if frame[f"{name}_mean"].notna().any()]
    grouped = [
        ("", heads),
        *(_metric_columns(frame, metric, capital(words)) for metric, words in METRICS.items()),
        ("", [cells.number(_HEADS[name][0], f"{name}_mean", _HEADS[name][1]) for name in further]),
    ]
    laid = cells.make_grouped_table(_caption(content, frame, benchmark), grouped, frame, row_heads=2)
    return replace(laid, notes=_notes(content, part, intervals, benchmark))


def _metric_columns(frame: pd.DataFrame, metric: str, words: str) -> tuple[str, list[Column]]:
    """The mean of a metric and, where the run has them, its intervals beside it under one heading."""
    bounds = [
        cells.interval(f"95 % by {name}", f"{metric} {name} ci_low", f"{metric} {name} ci_high", 1)
        for name in CLUSTERS
        if f"{metric} {name} ci_low" in frame
    ]
    if not bounds:
        return "", [standing_column(f"{words} (%)", f"{metric} ")]
    return f"{words} (%)", [standing_column("Mean ± std", f"{metric} "), *bounds]


def _name_column(content: ReportContent) -> Column:
    def cell(row: Row) -> Cell:
        name = display(content.names, row["classifier"])
        return Cell(name, name.casefold(), mark=OUTSIDE if row["classifier"] in content.external else "")

    return Column("Classifier", cell)


def _wide(intervals: pd.DataFrame) -> pd.DataFrame:
    """Put the bounds of every metric and cluster side by side, such as "accuracy plate ci_low"."""
    wide = intervals.pivot(index="classifier", columns=["metric", "cluster"], values=["ci_low", "ci_high"])
    wide.columns = wide.columns.map(lambda name: f"{name[1]} {name[2]} {name[0]}")
    return wide.reset_index()


def _caption(content: ReportContent, summary: pd.DataFrame, benchmark: Benchmark) -> str:
    test = only(content.scores, benchmark).query("role == 'test'")
    run = len(summary) - int(only(content.settings, benchmark)["aside"].notna().sum())
    name = f"Leaderboard of {title_of(content.names, benchmark)}"
    if not run:
        return f"{name}: every classifier stepped aside."
    start = f"{name}: {count_of(run, 'classifier', 'classifiers')}"
    if test.empty:
        return f"{start}, {'which has no score' if run == 1 else 'none of which has a score'}."
    samples = int(test.groupby("classifier", sort=False, observed=True)["n_samples"].sum().max())
    over = count_of(int(summary["n_rotations"].max()), "rotation", "rotations")
    return f"{start} by mean test accuracy, {over}, {samples:,} test samples."


def _notes(
    content: ReportContent, part: pd.DataFrame, intervals: pd.DataFrame, benchmark: Benchmark
) -> tuple[str, ...]:
    failures = failures_sentence(only(content.settings, benchmark), content.names)
    notes = [*marks_notes(part, content.alpha), *([failures] if failures else [])]
    counts = intervals.groupby("cluster", sort=False)["n_clusters"].max()
    drawn = [f"{counts[name]:,} {words}" for name, words in CLUSTERS.items() if name in counts.index]
    if drawn:
        notes.append(f"95 %: of the mean over rotations, by bootstrap over {listing(drawn)}.")
    if set(part["classifier"]) & set(content.external):
        notes.append(f"{OUTSIDE} outside method: its predictions were handed in, it was not trained here.")
    return (*notes, *_split_notes(content, benchmark))


def _split_notes(content: ReportContent, benchmark: Benchmark) -> list[str]:
    """Say what no training part has seen, be it meant or not."""
    unseen, split = unseen_in(content, benchmark), split_of(content, benchmark)
    said = [f"Tested with {unseen} unseen in training." if unseen else ""]
    return list(filter(None, [*said, unseen_classes_sentence(split), one_class_sentence(split)]))


def winners(content: ReportContent) -> Table:
    """Name the classifier with the highest mean of every benchmark, and those that stand level with it."""
    rows = standings(content)
    frame = pd.DataFrame([_winner(content, only(rows, benchmark), benchmark) for benchmark in benchmarks_of(rows)])
    columns = [cells.text("Benchmark", "benchmark")]
    for metric, words in METRICS.items():
        columns += [
            Column(f"Highest {words}", _winner_cell(f"{metric} best")),
            cells.text("Cannot be told apart from it", f"{metric} level"),
        ]
    if len(frame) and frame["baseline"].ne(NONE).any():
        columns.append(cells.text("Accuracy of the baseline", "baseline"))
    return make_table(
        "Winners: the highest mean test score of every benchmark in percent, ± standard deviation over rotations.",
        columns,
        frame,
    )


def _winner_cell(key: str) -> Callable[[Row], Cell]:
    return lambda row: Cell(row[key], row[key].casefold(), row[key] != NONE)


def _winner(content: ReportContent, rows: pd.DataFrame, benchmark: Benchmark) -> dict[str, str]:
    row = {"benchmark": title_of(content.names, benchmark), "baseline": NONE}
    for metric in METRICS:
        part = rows[rows["metric"] == metric]
        row |= {f"{metric} best": _highest(part, content.names), f"{metric} level": _level(part, content.names)}
    baseline = rows[(rows["metric"] == "accuracy") & (rows["classifier"] == BASELINE) & rows["mean"].notna()]
    for name, mean, std in baseline[["classifier", "mean", "std"]].itertuples(index=False):
        row["baseline"] = f"{mean_std(mean, std)} ({display(content.names, name)})"
    return row


def _highest(part: pd.DataFrame, names: Mapping[str, str]) -> str:
    known = part[part["mean"].notna()].sort_values("mean", ascending=False, kind="stable")
    if known.empty:
        return NONE
    best = standing_names(known, BEST, names) or [display(names, known["classifier"].iloc[0])]
    score = mean_std(known["mean"].iloc[0], known["std"].iloc[0]).replace(" ", "\u00a0")  # kept on one line
    return f"{listing(best)}: {score}"


def _level(part: pd.DataFrame, names: Mapping[str, str]) -> str:
    level, untested = standing_names(part, LEVEL, names), standing_names(part, UNTESTED, names)
    if part["mean"].notna().sum() < 2:
        return "nothing to compare"
    if level:
        return short_listing(level, _SHOWN_LEVEL)
    return "not tested" if untested else "none: it differs from all others"
