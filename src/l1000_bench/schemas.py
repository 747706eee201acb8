"""Pandera schemas of the tables that cross from one pipeline to the next; they check and never clean."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from l1000_bench.io.parts import Profiles
from l1000_bench.neighbours.lists import METRICS, NeighbourLists

ROLES = ("train", "dev", "test", "unused")


def _is_text(column: pd.Series) -> bool:
    values = column.cat.categories if isinstance(column.dtype, pd.CategoricalDtype) else column.dropna()
    return bool(pd.api.types.is_string_dtype(values) or len(values) == 0)


def _text(*, nullable: bool = False, unique: bool = False, regex: bool = False) -> pa.Column:
    """A column of strings, plain or categorical; with `regex` all columns whose names fit, if any."""
    checks = pa.Check(_is_text, error="holds text")
    return pa.Column(nullable=nullable, unique=unique, regex=regex, required=not regex, checks=checks)


def _fraction() -> pa.Column:
    return pa.Column(float, pa.Check.in_range(0, 1), nullable=True)


def _count() -> pa.Column:
    return pa.Column("int64", pa.Check.ge(0))


def _number() -> pa.Column:
    return pa.Column(float, nullable=True)


RAW_SAMPLES = pa.DataFrameSchema(
    {
        "sample_id": _text(unique=True),
        **{
            name: _text(nullable=True)
            for name in ("plate_id", "plate_set", "well", "cell_id", "pert_id", "pert_iname", "pert_type")
        },
        "dose": _number(),
        "dose_unit": _text(nullable=True),
        "time": _number(),
        "time_unit": _text(nullable=True),
        "sig_id": _text(nullable=True),
        "qc_pass": pa.Column("boolean", nullable=True),
        "distil_cc": _number(),
        "tas": _number(),
        **{name: _text(nullable=True) for name in ("primary_site", "subtype", "inchi_key", "subject_id")},
    }
)

SAMPLES = RAW_SAMPLES.add_columns({"moa": _text(nullable=True), "perturbagen": _text(nullable=True)})

GENE_INFO = pa.DataFrameSchema(
    {"pr_gene_id": _text(unique=True), "pr_gene_symbol": _text(), "pr_is_lm": pa.Column(checks=pa.Check.isin(["1"]))}
)

ANNOTATIONS = pa.DataFrameSchema(
    {"matched_by": pa.Column(checks=pa.Check.isin(["pert_id", "inchi_key", "name"])), "key": _text(), "moa": _text()},
    unique=["matched_by", "key"],
)

AUDIT = pa.DataFrameSchema(
    {"rule": _text(), "before": _count(), "dropped": _count(), "after": _count(), "why": _text()},
    checks=pa.Check(lambda audit: bool((audit["before"] - audit["dropped"] == audit["after"]).all()), error="adds up"),
)

SPLIT = pa.DataFrameSchema(
    {"rotation": _count(), "sample_id": _text(), "role": pa.Column(checks=pa.Check.isin(ROLES))},
    unique=["rotation", "sample_id"],
)

EDGES = pa.DataFrameSchema(
    {"gene_a": _text(), "gene_b": _text(), "weight": pa.Column("float64", pa.Check.gt(0))},
    checks=pa.Check(lambda edges: edges["gene_a"] != edges["gene_b"], error="joins two genes"),
    unique=["gene_a", "gene_b"],
)

GRAPH_STATISTICS = pa.DataFrameSchema(
    {
        "label": _text(),
        **{name: _count() for name in ("genes", "vertices", "edges", "components", "largest_component", "raw_genes")},
        "convolved_components": _count(),
        "degree_.*": pa.Column(float, pa.Check.ge(1), regex=True),
    }
)

COARSENINGS = pa.DataFrameSchema(
    {"label": _text(), "coarsening": _text(), "level": _count(), "vertices": _count(), "raw_genes": _count()},
    unique=["coarsening", "level"],
)

TRIALS = pa.DataFrameSchema(
    {
        "trial_id": _text(),
        "params": _text(),
        "rotation": _count(),
        **{f"{role}_{metric}": _fraction() for role in ("dev", "test") for metric in ("accuracy", "macro_f1")},
        "error": _text(nullable=True),
    },
    unique=["trial_id", "rotation"],
)

COSTS = pa.DataFrameSchema(
    {
        "trial_id": _text(),
        "rotation": _count(),
        "fit_seconds": pa.Column(float, pa.Check.ge(0), nullable=True),
        "predict_seconds": pa.Column(float, pa.Check.ge(0), nullable=True),
        "peak_rss_mib": pa.Column(float, pa.Check.ge(0)),
    },
    unique=["trial_id", "rotation"],
)

PREDICTIONS = pa.DataFrameSchema(
    {
        "sample_id": _text(),
        "rotation": _count(),
        "role": pa.Column(checks=pa.Check.isin(["dev", "test"])),
        "y_true": _text(),
        "y_pred": _text(),
        "probability:.*": pa.Column("float32", pa.Check.in_range(0, 1), regex=True, required=False),
    },
    unique=["rotation", "sample_id"],
)

SCORES = pa.DataFrameSchema(
    {
        "classifier": _text(),
        "rotation": _count(),
        "role": pa.Column(checks=pa.Check.isin(["dev", "test"])),
        "n_samples": _count(),
        **{name: _fraction() for name in ("accuracy", "macro_f1", "balanced_accuracy")},
        "mcc": pa.Column(float, pa.Check.in_range(-1, 1), nullable=True),
        **{name: _fraction() for name in ("top3_accuracy", "top5_accuracy", "calibration_error")},
        "log_loss": pa.Column(float, pa.Check.ge(0), nullable=True),
    },
    unique=["classifier", "rotation", "role"],
)

POOLED = pa.DataFrameSchema(
    {"rotation": _count(), "sample_id": _text(), "y_true": _text(), "predicted:.*": _text(regex=True)},
    unique=["rotation", "sample_id"],
)

RELIABILITY = pa.DataFrameSchema(
    {
        "classifier": _text(),
        "bin": _count(),
        "low": _fraction(),
        "high": _fraction(),
        "n_samples": pa.Column("int64", pa.Check.ge(1)),
        "confidence": _fraction(),
        "accuracy": _fraction(),
    },
    unique=["classifier", "bin"],
)

CLASS_SCORES = pa.DataFrameSchema(
    {
        "classifier": _text(),
        "label": _text(),
        **{name: _fraction() for name in ("precision", "recall", "f1")},
        "support": _count(),
    },
    unique=["classifier", "label"],
)

CONFUSIONS = pa.DataFrameSchema(
    {"classifier": _text(), "y_true": _text(), "y_pred": _text(), "n_samples": pa.Column("int64", pa.Check.ge(1))},
    unique=["classifier", "y_true", "y_pred"],
)

BREAKDOWNS = pa.DataFrameSchema(
    {
        "classifier": _text(),
        "column": pa.Column(checks=pa.Check.isin(["cell_id", "subject_id", "dose", "time"])),
        "value": _text(),
        "n_samples": pa.Column("int64", pa.Check.ge(1)),
        "accuracy": _fraction(),
        "macro_f1": _fraction(),
    },
    unique=["classifier", "column", "value"],
)

INTERVALS = pa.DataFrameSchema(
    {
        "classifier": _text(),
        "metric": _text(),
        "cluster": pa.Column(checks=pa.Check.isin(["plate", "compound"])),
        "n_clusters": _count(),
        **{name: _fraction() for name in ("estimate", "ci_low", "ci_high")},
    },
    unique=["classifier", "metric", "cluster"],
)

COMPARISONS = pa.DataFrameSchema(
    {
        "metric": _text(),
        "classifier_a": _text(),
        "classifier_b": _text(),
        "n_rotations": _count(),
        **{name: _number() for name in ("difference", "effect_size", "only_a", "only_b")},
        **{
            f"{test}{name}": _number()
            for test, names in {
                "": ("ci_low", "ci_high", "t"),
                "corrected_": ("ci_low", "ci_high", "t"),
                "plate_": ("ci_low", "ci_high"),
                "compound_": ("ci_low", "ci_high"),
            }.items()
            for name in names
        },
        **{
            f"{test}{name}": _fraction()
            for test in ("", "corrected_", "wilcoxon_", "mcnemar_")
            for name in ("p", "p_adjusted")
        },
    },
    unique=["metric", "classifier_a", "classifier_b"],
)

RANKS = pa.DataFrameSchema(
    {
        "metric": _text(),
        "classifier": _text(),
        "mean_rank": pa.Column(float, pa.Check.ge(1)),
        "n_benchmarks": _count(),
        "n_classifiers": _count(),
        "chi_squared": _number(),
        "p": _fraction(),
        "f": _number(),
        "f_p": _fraction(),
        "critical_difference": _number(),
    },
    unique=["metric", "classifier"],
)

BETWEEN = pa.DataFrameSchema(
    {
        **{name: _text() for name in ("task", "dataset_a", "dataset_b", "classifier", "metric")},
        "test": pa.Column(checks=pa.Check.isin(["paired", "welch"])),
        "n_a": _count(),
        "n_b": _count(),
        **{name: _number() for name in ("difference", "ci_low", "ci_high", "t")},
        "p": _fraction(),
        "p_adjusted": _fraction(),
    },
    unique=["task", "dataset_a", "dataset_b", "classifier", "metric"],
)


def check_profiles(profiles: Profiles) -> Profiles:
    """Validate stored profiles by their index alone: ids unique, at least one gene; no block is read.

    Raises:
        ValueError: If an id is doubled or there are no genes.
    """
    for kind, ids in (("sample_id", profiles.sample_ids), ("gene", profiles.gene_ids)):
        if len(set(ids)) != len(ids):
            raise ValueError(f"doubled {kind} among {len(ids)}")
    if len(profiles.gene_ids) == 0:
        raise ValueError("profiles have no gene column")
    return profiles


def check_neighbours(lists: NeighbourLists) -> NeighbourLists:
    """Validate stored lists of neighbours by what their arrays must have in common; no list is read.

    Raises:
        ValueError: If the metric is unknown, or the arrays speak of different numbers of lists or training sets.
    """
    if lists.metric not in METRICS:
        raise ValueError(f"neighbours by the unknown metric {lists.metric!r}")
    sizes = {len(lists.rows), len(lists.indices), len(lists.distances), int(lists.starts[-1])}
    if len(sizes) > 1 or len(lists.starts) != len(lists.training_sets) + 1:
        raise ValueError(
            f"lists of neighbours for {sorted(sizes)} profiles and {len(lists.training_sets)} training sets"
        )
    return lists
