"""Nodes of the evaluation pipeline: everything here reads tables and nothing of the models."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from l1000_bench.curation.labels import class_labels
from l1000_bench.curation.spec import SplitSpec, TaskSpec
from l1000_bench.curation.splits import split_digest
from l1000_bench.errors import InputError, check_field_types, require
from l1000_bench.io.parts import Profiles
from l1000_bench.report.about import RunDescription, about_rows, environment_versions, remarks
from l1000_bench.report.content import ReportContent
from l1000_bench.report.page import render
from l1000_bench.report.paper import paper_results
from l1000_bench.search.best_settings import best_settings
from l1000_bench.statistics.coverage import check_coverage, check_labels
from l1000_bench.statistics.metrics import score_predictions


@dataclass(frozen=True)
class EvaluationOptions:
    """How results are judged and shown (`parameters/evaluation.yml`).

    Attributes:
        alpha: Level at which adjusted p values are called significant; the intervals are of 95 % throughout.
        table_one_tolerance: Largest relative difference from the paper's Table I with which its numbers are shown.
        paper: The paper's Table I and results by dataset and task; empty where the run is not the paper's.
    """

    alpha: float
    table_one_tolerance: float
    paper: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_field_types(self)
        if not 0 < self.alpha < 1:
            raise InputError(f"evaluation.alpha is {self.alpha}; it lies between 0 and 1, usually at 0.05.")


PREFIX = "predictions:"  # so that no classifier's name is taken for another input


def score(split: pd.DataFrame, samples: pd.DataFrame, task: TaskSpec, **predictions: pd.DataFrame) -> pd.DataFrame:
    """Score the prediction tables of one benchmark.

    Args:
        split: Its frozen split.
        samples: The dataset's samples, whose labels are the truth.
        task: Names the label column.
        predictions: The table of every classifier, keyed `predictions:NAME`.

    Returns:
        The scores table.

    Raises:
        InputError: If a table does not follow the split, or its labels are not the samples'.
    """
    truth = class_labels(samples, task.label_column).set_axis(samples["sample_id"])
    tables = []
    for name, table in predictions.items():
        if table.empty:  # no trial of it is complete, as the table of settings tells
            continue
        classifier = name.removeprefix(PREFIX)
        check_coverage(table, split, f"{task.name}.{classifier}")
        check_labels(table, truth, f"{task.name}.{classifier}")
        scores = score_predictions(table)
        scores.insert(0, "classifier", classifier)
        tables.append(scores)
    require(len(tables) > 0, f"{task.name}: no classifier has a complete trial, so there is nothing to score.")
    return pd.concat(tables, ignore_index=True)


def describe_benchmark(
    samples: pd.DataFrame, profiles: Profiles, split: pd.DataFrame, task: TaskSpec, scheme: SplitSpec
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Count a benchmark's classes and cell lines.

    Returns:
        The class counts, the row of Table I, and the row that describes the split.
    """
    labels = class_labels(samples, task.label_column)
    classes = labels.value_counts()
    cells = samples.loc[labels.notna(), "cell_id"].value_counts()
    row: dict[str, Any] = {
        "n_samples": int(labels.notna().sum()),
        "n_genes": len(profiles.gene_ids),
        "n_cell_lines": len(cells),
    }
    row |= _extremes("cell", cells) | {"n_classes": len(classes)} | _extremes("class", classes)
    unused = split.loc[split["role"] == "unused", "sample_id"].nunique()
    description = {
        "scheme": scheme.label,
        "n_rotations": split["rotation"].nunique(),
        "n_samples": len(samples),
        "n_unused": unused,
        "sha256": split_digest(split),
    }
    counts = classes.rename_axis("label").reset_index(name="n_samples")
    counts = counts.sort_values(["n_samples", "label"], ascending=[False, True], ignore_index=True)
    return counts, pd.DataFrame([row]), pd.DataFrame([description])


def _extremes(what: str, counts: pd.Series) -> dict[str, Any]:
    ordered = counts.rename_axis("name").reset_index(name="count").sort_values(["count", "name"])
    extremes = {"most_frequent": ordered.iloc[-1], "least_frequent": ordered.iloc[0]}
    return {f"{word}_{what}": row["name"] for word, row in extremes.items()} | {
        f"{word}_{what}_count": int(row["count"]) for word, row in extremes.items()
    }


KEYS = ("dataset", "task", "classifier")


def stack(**tables: pd.DataFrame) -> pd.DataFrame:
    """Stack tables of one kind, with the columns dataset, task and classifier as far as their names go.

    Args:
        tables: Keyed `{dataset}`, `{dataset}.{task}` or `{dataset}.{task}.{classifier}`.
    """
    stacked = []
    for name, table in tables.items():
        keys = dict(zip(KEYS, name.split("."), strict=False))
        stacked.append(pd.concat([pd.DataFrame(keys, index=table.index), table], axis="columns"))
    return pd.concat(stacked, ignore_index=True)


def stack_graphs(**tables: pd.DataFrame) -> pd.DataFrame:
    """Stack tables of one kind, keyed by graph, with the column graph; each holds its graph's display name too."""
    return pd.concat([table.assign(graph=name) for name, table in tables.items()], ignore_index=True)


def summarise_trials(trials: pd.DataFrame) -> pd.DataFrame:
    """Return per cell the numbers of its trials, and the chosen one with its scores (see `best_settings`)."""
    return best_settings({".".join(map(str, cell)): table for cell, table in trials.groupby(list(KEYS), sort=False)})


def summarise_costs(costs: pd.DataFrame) -> pd.DataFrame:
    """Return per cell the mean seconds of a fit and of predicting, and the mean peak of resident memory."""
    columns = ["fit_seconds", "predict_seconds", "peak_rss_mib"]
    return costs.groupby(list(KEYS), sort=False)[columns].mean().reset_index()


def make_report(evaluation: EvaluationOptions, run: RunDescription, **tables: pd.DataFrame) -> str:
    """Lay everything out on one page.

    Args:
        evaluation: How results are judged and shown.
        run: What the run is.
        tables: The stacked tables: table_one, class_counts, audit, splits, scores, comparisons, settings, costs; and
            graphs and coarsenings in a run with graphs.

    Returns:
        A self-contained HTML page.
    """
    paper, reason = paper_results(tables["table_one"], evaluation.paper, evaluation.table_one_tolerance)
    content = ReportContent(
        title="L1000 Bench",
        about=about_rows(run),
        remarks=remarks(run, reason),
        names=run.names,
        paper=paper,
        alpha=evaluation.alpha,
        versions=environment_versions(),
        run={"Written": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"), "Commit": _commit()},
        **tables,
    )
    return render(content)


def _commit() -> str:
    unknown = "not run from a git checkout"
    try:
        git = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    except OSError:  # no git on this machine
        return unknown
    return git.stdout.strip() or unknown
