"""Nodes over the whole grid: everything here reads tables and nothing of the models."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from l1000_bench.io.parts import Profiles
from l1000_bench.pipelines.evaluation.options import EvaluationOptions
from l1000_bench.report.about import RunDescription, about_rows, environment_versions, remarks, seed_rows
from l1000_bench.report.content import ReportContent
from l1000_bench.report.page import render
from l1000_bench.report.paper import paper_results
from l1000_bench.report.paper_layout import PaperLayout
from l1000_bench.report.paper_tables import paper_tables
from l1000_bench.report.table_files import paper_table_files
from l1000_bench.search.best_settings import best_settings
from l1000_bench.search.identity import table_digest
from l1000_bench.statistics.between import BETWEEN, View, compare_views
from l1000_bench.statistics.ranks import rank_classifiers

KEYS = ("dataset", "task", "classifier")


def stack(**tables: pd.DataFrame) -> pd.DataFrame:
    """Stack tables of one kind, with the columns dataset, task and classifier as far as their names go.

    Args:
        tables: Keyed `{dataset}`, `{dataset}.{task}` or `{dataset}.{task}.{classifier}`.
    """
    stacked = []
    for name, table in tables.items():
        keys = dict(zip(KEYS, name.split("."), strict=False))
        stacked.append(pd.concat([pd.DataFrame(keys, index=table.index, dtype="str"), table], axis="columns"))
    return pd.concat(stacked, ignore_index=True)


def stack_graphs(**tables: pd.DataFrame) -> pd.DataFrame:
    """Stack tables of one kind, keyed by graph, with the column graph; each holds its graph's display name too."""
    return pd.concat([table.assign(graph=name) for name, table in tables.items()], ignore_index=True)


def compare_levels(scores: pd.DataFrame, **tables: pd.DataFrame) -> pd.DataFrame:
    """Compare the classifiers on datasets that are views of one corpus at different levels.

    Args:
        scores: The stacked scores.
        tables: Of every such pair, keyed `samples_low:LOW.HIGH.TASK`, `split_low:LOW.HIGH.TASK` and likewise
            `samples_high:…` and `split_high:…`; LOW and HIGH are the datasets of the lower and the higher level.

    Returns:
        The between table, empty where there is no pair.
    """
    compared = [pd.DataFrame(columns=list(BETWEEN)).astype(BETWEEN)]
    for pair in dict.fromkeys(name.partition(":")[2] for name in tables):
        low, high, task = pair.split(".")
        views = {}
        for end, dataset in (("low", low), ("high", high)):
            own = scores[(scores["dataset"] == dataset) & (scores["task"] == task)]
            views[end] = View(dataset, tables[f"samples_{end}:{pair}"], tables[f"split_{end}:{pair}"], own)
        compared.append(compare_views(views["low"], views["high"], task))
    return pd.concat(compared, ignore_index=True)


def rank(scores: pd.DataFrame, evaluation: EvaluationOptions) -> pd.DataFrame:
    """Rank the classifiers over all benchmarks.

    Args:
        scores: The stacked scores.
        evaluation: The level of the critical difference.

    Returns:
        The ranks table.
    """
    return rank_classifiers(scores, evaluation.alpha)


def summarise_trials(trials: pd.DataFrame) -> pd.DataFrame:
    """Return per cell the numbers of its trials, and the chosen one with its scores (see `best_settings`)."""
    return best_settings({".".join(map(str, cell)): table for cell, table in trials.groupby(list(KEYS), sort=False)})


def summarise_costs(costs: pd.DataFrame, settings: pd.DataFrame) -> pd.DataFrame:
    """Summarise what the chosen trial of every cell cost.

    Args:
        costs: The stacked costs of every trial and rotation.
        settings: The chosen trials, see `summarise_trials`.

    Returns:
        Per cell with a chosen trial its mean seconds to fit and to predict, and mean peak of resident memory, over
        rotations.
    """
    chosen = costs.merge(settings[[*KEYS, "trial_id"]], on=[*KEYS, "trial_id"])
    columns = ["fit_seconds", "predict_seconds", "peak_rss_mib"]
    return chosen.groupby(list(KEYS), sort=False)[columns].mean().reset_index()


def hash_data(splits: pd.DataFrame, **data: Profiles | pd.DataFrame) -> pd.DataFrame:
    """List what pins the data of a run.

    Args:
        splits: The stacked descriptions of the splits.
        data: Of every dataset the profiles and the samples, keyed `profiles:DATASET` and `samples:DATASET`.

    Returns:
        One row per dataset or benchmark: what, of (its name) and sha256.
    """
    rows = []
    for key, held in data.items():
        what, _, of = key.partition(":")
        rows.append((what, of, held.digest if isinstance(held, Profiles) else table_digest(held)))
    benchmarks = splits["dataset"].str.cat(splits["task"], sep=".")
    rows += [("split", of, sha256) for of, sha256 in zip(benchmarks, splits["sha256"], strict=True)]
    return pd.DataFrame(rows, columns=["what", "of", "sha256"])


PICTURE = "picture:"


def make_report(
    evaluation: EvaluationOptions, run: RunDescription, layout: PaperLayout, **shown: Any
) -> tuple[str, dict[str, str]]:
    """Lay everything out on one page, and as the paper's tables.

    Args:
        evaluation: How results are judged and shown.
        run: What the run is.
        layout: Which benchmarks fill which of the paper's tables.
        shown: The stacked tables by their names in `ReportContent`, and the pictures of the graphs, keyed
            `picture:GRAPH`.

    Returns:
        A self-contained HTML page, and the paper's tables as files by name.
    """
    tables = {name: table for name, table in shown.items() if not name.startswith(PICTURE)}
    pictures = {name.removeprefix(PICTURE): figure for name, figure in shown.items() if name not in tables}
    paper, reason = paper_results(tables["table_one"], evaluation.paper, evaluation.table_one_tolerance)
    own = set(tables["settings"]["classifier"])
    content = ReportContent(
        title="L1000 Bench",
        about=about_rows(run, tables["splits"]),
        remarks=remarks(run, reason),
        names=run.names,
        paper=paper,
        alpha=evaluation.alpha,
        versions=environment_versions(),
        run={"Written": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"), "Commit": _commit()},
        seeds=[*seed_rows(run), ("Resamples of the intervals", str(evaluation.seed))],
        external=[name for name in dict.fromkeys(tables["scores"]["classifier"]) if name not in own],
        pictures={run.graphs[graph]: figure for graph, figure in pictures.items()},
        generalisation=run.generalisation,
        **tables,
    )
    made = paper_tables(content, layout)
    content = replace(
        content, paper_tables=tuple(made.tables.values()), left_out=made.left_out, orderings=made.orderings
    )
    return render(content), paper_table_files(made.tables)


def _commit() -> str:
    unknown = "not run from a git checkout"
    try:
        git = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    except OSError:  # no git on this machine
        return unknown
    return git.stdout.strip() or unknown
