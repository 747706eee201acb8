"""Nodes of one benchmark: everything here reads tables and nothing of the models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from l1000_bench.curation.groups import compound_clusters, value_groups
from l1000_bench.curation.label_text import class_labels
from l1000_bench.curation.rules import is_vehicle
from l1000_bench.curation.spec import DatasetSpec, SplitSpec, TaskSpec
from l1000_bench.curation.splits import left_out_classes, split_digest
from l1000_bench.errors import InputError
from l1000_bench.io.parts import Profiles
from l1000_bench.pipelines.evaluation.options import EvaluationOptions
from l1000_bench.report.content import LEFT_OUT
from l1000_bench.report.wording import listed
from l1000_bench.statistics.bootstrap import CLUSTERS, Resampling, cluster_codes, interval_table, resample_clusters
from l1000_bench.statistics.breakdowns import breakdowns
from l1000_bench.statistics.classes import class_scores, confusions
from l1000_bench.statistics.comparisons import compare_classifiers, size_ratios
from l1000_bench.statistics.coverage import check_predictions
from l1000_bench.statistics.pooled import encode, pool
from l1000_bench.statistics.probabilities import no_reliability, reliability_table
from l1000_bench.statistics.scores import no_scores, score_table
from l1000_bench.statistics.split_counts import split_counts, used_samples
from l1000_bench.statistics.submissions import with_truth

PREFIX = "predictions:"  # so that no classifier's name is taken for another input


def score(
    split: pd.DataFrame,
    samples: pd.DataFrame,
    dataset: DatasetSpec,
    task: TaskSpec,
    external: Mapping[str, pd.DataFrame],
    **predictions: pd.DataFrame,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Check and score the prediction tables of one benchmark.

    Args:
        split: Its frozen split.
        samples: The dataset's samples, whose labels are the truth.
        dataset: Names the benchmark, with the task.
        task: Names the label column.
        external: The tables that outside methods handed in, by name.
        predictions: The table of every classifier of the grid, keyed `predictions:NAME`.

    Returns:
        The scores, the reliability and the pooled test labels. A classifier whose table has no row, as it stepped
        aside or no trial came to its end, is in none of them; without any other, the first two have no row.

    Raises:
        InputError: If a table does not follow the split, its labels are not the samples', its probabilities are none,
            or an outside method has the name of a classifier.
    """
    place = f"{dataset.name}.{task.name}"
    truth = class_labels(samples, task.label_column).set_axis(samples["sample_id"].astype("str"))
    own = {name.removeprefix(PREFIX): table for name, table in predictions.items()}
    twice = sorted(own.keys() & external.keys())
    if twice:
        raise InputError(f"{place}: {twice[0]!r} names a submission and a classifier of the grid; rename its file.")
    tables = {name: table for name, table in own.items() if not table.empty}  # empty without a complete trial
    for name, table in tables.items():
        check_predictions(table, split, truth, f"{place}.{name}")
    tables |= {name: with_truth(table, split, truth, f"{place}.{name}") for name, table in external.items()}
    classes = np.sort(truth.dropna().unique().astype(object))
    scores = [_named(name, score_table(table, classes)) for name, table in tables.items()]
    reliability = [_named(name, reliability_table(table, classes)) for name, table in tables.items()]
    pooled = pool(split, truth, tables)
    none = _named("", no_reliability())
    return _stacked(scores, no_scores()), _stacked(reliability, none), pooled


def _stacked(tables: list[pd.DataFrame], none: pd.DataFrame) -> pd.DataFrame:
    """Put the tables of all classifiers below one another; `none` where there are none."""
    return pd.concat(tables, ignore_index=True) if tables else none


def _named(classifier: str, table: pd.DataFrame) -> pd.DataFrame:
    name = pd.Series(classifier, table.index, dtype="str", name="classifier")
    return pd.concat([name, table], axis="columns")


def break_down(pooled: pd.DataFrame, samples: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return the scores per class, the confusions, and the scores per cell line, subject, dose and time.

    Args:
        pooled: The test labels of all rotations and classifiers.
        samples: The dataset's samples.
    """
    labels = encode(pooled)
    return class_scores(labels), confusions(labels), breakdowns(labels, pooled["sample_id"], samples)


def compare(  # noqa: PLR0913, PLR0917  # the inputs of the node
    scores: pd.DataFrame,
    pooled: pd.DataFrame,
    samples: pd.DataFrame,
    split: pd.DataFrame,
    dataset: DatasetSpec,
    evaluation: EvaluationOptions,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compare every pair of classifiers, and say how far the score of each is known.

    Args:
        scores: The scores table.
        pooled: The test labels of all rotations and classifiers.
        samples: The dataset's samples, which name their plates and compounds.
        split: The frozen split.
        dataset: Names the vehicle, whose wells are clustered by plate.
        evaluation: Number and seed of the resamples.

    Returns:
        The comparisons and the intervals.
    """
    labels = encode(pooled)
    resampling = Resampling(evaluation.resamples, evaluation.seed)
    groups = {
        "plate": value_groups(samples, "plate_id"),
        "compound": compound_clusters(samples, is_vehicle(samples, dataset.vehicle)),
    }
    resampled = {
        cluster: resample_clusters(labels, cluster_codes(pooled["sample_id"], samples, groups[cluster]), resampling)
        for cluster in CLUSTERS
    }
    comparisons = compare_classifiers(scores, labels, resampled, size_ratios(split))
    return comparisons, interval_table(resampled)


def describe_benchmark(  # noqa: PLR0913, PLR0917  # the inputs of the node
    samples: pd.DataFrame,
    profiles: Profiles,
    split: pd.DataFrame,
    dataset: DatasetSpec,
    task: TaskSpec,
    scheme: SplitSpec,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Count the classes and cell lines of a benchmark, over the labelled samples that its split uses.

    Args:
        samples: The dataset's samples.
        profiles: Its profiles, whose genes are counted.
        split: The frozen split.
        dataset: Has parameters of its own for some schemes.
        task: Names the label column.
        scheme: The split scheme.

    Returns:
        The class counts, the row of Table I, and the row that describes the split: its scheme's label and parameters,
        the counts of `split_counts`, has_dev (whether any rotation has a dev part), left_out (the classes that fell
        out, joined by "; ") and its sha256.
    """
    labels = class_labels(samples, task.label_column).set_axis(samples["sample_id"].astype("str"))
    used = labels[labels.index.isin(used_samples(split)) & labels.notna()]
    classes = used.value_counts()
    cells = samples["cell_id"].set_axis(labels.index).loc[used.index].value_counts()
    row: dict[str, Any] = {"n_samples": len(used), "n_genes": len(profiles.gene_ids), "n_cell_lines": len(cells)}
    row |= _extremes("cell", cells) | {"n_classes": len(classes)} | _extremes("class", classes)
    description = {
        "scheme": scheme.label,
        "parameters": listed(scheme.params_for(dataset)),
        **split_counts(split, labels),
        "has_dev": bool((split["role"] == "dev").any()),
        "left_out": LEFT_OUT.join(left_out_classes(split, labels)),
        "sha256": split_digest(split),
    }
    counts = classes.rename_axis("label").reset_index(name="n_samples")
    counts = counts.sort_values(["n_samples", "label"], ascending=[False, True], ignore_index=True)
    return counts, pd.DataFrame([row]), pd.DataFrame([description])


EXTREMES = ("most_frequent", "least_frequent")


def _extremes(what: str, counts: pd.Series) -> dict[str, Any]:
    if counts.empty:  # no sample has a known cell line
        return {f"{word}_{what}{end}": value for word in EXTREMES for end, value in (("", "–"), ("_count", 0))}
    ordered = counts.rename_axis("name").reset_index(name="count").sort_values(["count", "name"])
    extremes = dict(zip(EXTREMES, (ordered.iloc[-1], ordered.iloc[0]), strict=True))
    return {f"{word}_{what}": row["name"] for word, row in extremes.items()} | {
        f"{word}_{what}_count": int(row["count"]) for word, row in extremes.items()
    }
