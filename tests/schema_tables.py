from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

TEXTS = ("plate_id", "plate_set", "well", "cell_id", "pert_id", "pert_iname", "pert_type", "dose_unit", "time_unit")
MORE_TEXTS = ("sig_id", "primary_site", "subtype", "inchi_key", "subject_id")
RAW: dict[str, Any] = {
    "sample_id": ["a", "b"],
    **{name: ["x", None] for name in (*TEXTS, *MORE_TEXTS)},
    "dose": [10.0, None],
    "time": [24.0, None],
    "qc_pass": pd.array([True, None], dtype="boolean"),
    "distil_cc": [0.5, None],
    "tas": [None, 0.1],
}


GOOD: dict[str, dict[str, Any]] = {
    "RAW_SAMPLES": RAW,
    "SAMPLES": {**RAW, "moa": ["x", None], "perturbagen": ["one", None]},
    "GENE_INFO": {"pr_gene_id": ["9", "10"], "pr_gene_symbol": ["a", "a"], "pr_is_lm": ["1", "1"]},
    "ANNOTATIONS": {"matched_by": ["pert_id", "inchi_key", "name"], "key": ["k", "k", "k"], "moa": ["x", "x|y", "y"]},
    "AUDIT": {
        "rule": ["one", "two"], "before": [5, 3], "dropped": [2, 0], "after": [3, 3], "why": ["because", "so"],
    },
    "SPLIT": {"rotation": [0, 0, 1, 1], "sample_id": ["a", "b", "a", "b"], "role": ["train", "dev", "test", "unused"]},
    "EDGES": {"gene_a": ["10", "9"], "gene_b": ["9", "10"], "weight": [1.0, 0.25]},  # the two directions of a link
    "GRAPH_STATISTICS": {
        "label": ["Mine"],
        **{name: [0] for name in ("genes", "vertices", "edges", "components", "largest_component", "raw_genes")},
        "convolved_components": [2],
        **{f"degree_{name}": [1.0] for name in ("min", "q25", "max")},
    },
    "COARSENINGS": {
        "label": ["Mine", "Mine"], "coarsening": ["published", "compact"], "level": [0, 0], "vertices": [8, 0],
        "raw_genes": [970, 0],
    },
    "TRIALS": {
        "trial_id": ["t", "t"], "params": ["{}", "{}"], "rotation": [0, 1],
        **{f"{role}_{name}": [0.0, 1.0] for role in ("dev", "test") for name in ("accuracy", "macro_f1")},
        "error": [None, "ValueError: no"],
    },
    "COSTS": {
        "trial_id": ["t", "t"], "rotation": [0, 1], "fit_seconds": [0.0, None], "predict_seconds": [2.5, None],
        "peak_rss_mib": [100.0, 0.0],
    },
    "PREDICTIONS": {
        "sample_id": ["a", "a"], "rotation": [0, 1], "role": ["dev", "test"], "y_true": ["x", "x"],
        "y_pred": ["x", "y"],
        "probability:x": [np.float32(1), np.float32(0.25)], "probability:y": [np.float32(0), np.float32(0.75)],
    },
    "SCORES": {
        "classifier": ["knn", "knn"], "rotation": [0, 0], "role": ["dev", "test"], "n_samples": [5, 0],
        "accuracy": [0.0, 1.0], "macro_f1": [0.5, None], "balanced_accuracy": [0.0, 1.0], "mcc": [-1.0, 1.0],
        "top3_accuracy": [None, 1.0], "top5_accuracy": [None, 1.0], "log_loss": [15.9, None],
        "calibration_error": [None, 0.5],
    },
    "POOLED": {
        "rotation": [0, 1], "sample_id": ["a", "a"], "y_true": ["x", "x"], "predicted:knn": ["x", "y"],
        "predicted:mine": ["y", "y"],
    },
    "RELIABILITY": {
        "classifier": ["knn", "knn"], "bin": [0, 14], "low": [0.0, 14 / 15], "high": [1 / 15, 1.0], "n_samples": [1, 5],
        "confidence": [0.01, 1.0], "accuracy": [0.0, 1.0],
    },
    "CLASS_SCORES": {
        "classifier": ["knn", "knn"], "label": ["x", "y"], "precision": [0.0, 1.0], "recall": [1.0, 0.5],
        "f1": [0.0, 1.0], "support": [0, 5],
    },
    "CONFUSIONS": {"classifier": ["knn", "knn"], "y_true": ["x", "x"], "y_pred": ["x", "y"], "n_samples": [1, 5]},
    "BREAKDOWNS": {
        "classifier": ["knn"] * 3, "column": ["subject_id", "dose", "time"], "value": ["A", "10 um", "none given"],
        "n_samples": [1, 2, 3], "accuracy": [0.0, 0.5, 1.0], "macro_f1": [0.0, 0.5, 1.0],
    },
    "INTERVALS": {
        "classifier": ["knn", "knn"], "metric": ["accuracy", "accuracy"], "cluster": ["plate", "compound"],
        "n_clusters": [5, 1], "estimate": [0.5, 0.5], "ci_low": [0.4, None], "ci_high": [0.6, None],
    },
    "COMPARISONS": {
        "metric": ["accuracy", "macro_f1"], "classifier_a": ["a", "a"], "classifier_b": ["b", "b"],
        "n_rotations": [2, 0], "difference": [-0.5, None], "effect_size": [-3.0, None], "only_a": [5.0, None],
        "only_b": [0.0, None],
        **{f"{test}{name}": [-1.5, None] for test in ("", "corrected_") for name in ("ci_low", "ci_high", "t")},
        **{f"{test}ci_{end}": [-1.5, None] for test in ("plate_", "compound_") for end in ("low", "high")},
        **{f"{test}p": [0.0, None] for test in ("", "corrected_", "wilcoxon_", "mcnemar_")},
        **{f"{test}p_adjusted": [1.0, None] for test in ("", "corrected_", "wilcoxon_", "mcnemar_")},
    },
    "RANKS": {
        "metric": ["accuracy", "accuracy"], "classifier": ["a", "b"], "mean_rank": [1.0, 2.5], "n_benchmarks": [4, 4],
        "n_classifiers": [2, 2], "chi_squared": [9.28, None], "p": [0.01, None], "f": [3.69, None],
        "f_p": [0.02, None], "critical_difference": [1.25, None],
    },
    "BETWEEN": {
        "task": ["moa", "moa"], "dataset_a": ["l4", "l4"], "dataset_b": ["l5", "l5"], "classifier": ["a", "b"],
        "metric": ["accuracy", "accuracy"], "test": ["paired", "welch"], "n_a": [5, 5], "n_b": [5, 3],
        "difference": [-0.5, 0.5], "ci_low": [-1.0, None], "ci_high": [1.0, None], "t": [-1.5, None],
        "p": [0.0, None], "p_adjusted": [1.0, None],
    },
}  # fmt: skip


class Bad(NamedTuple):
    schema: str
    column: str
    values: list[Any]


BAD = [
    Bad("RAW_SAMPLES", "sample_id", ["a", "a"]),
    Bad("RAW_SAMPLES", "sample_id", ["a", None]),
    Bad("RAW_SAMPLES", "sample_id", [1, 2]),
    *(Bad("RAW_SAMPLES", name, [1, 2]) for name in (*TEXTS, *MORE_TEXTS)),
    Bad("RAW_SAMPLES", "dose", ["10", "20"]),
    Bad("RAW_SAMPLES", "time", [24, 6]),
    Bad("RAW_SAMPLES", "qc_pass", ["1", "0"]),
    Bad("RAW_SAMPLES", "distil_cc", ["0.1", None]),
    Bad("RAW_SAMPLES", "tas", [1, 0]),
    Bad("GENE_INFO", "pr_gene_id", ["9", "9"]),
    Bad("GENE_INFO", "pr_gene_symbol", ["a", None]),
    Bad("GENE_INFO", "pr_is_lm", ["1", "0"]),
    Bad("SAMPLES", "sample_id", ["a", "a"]),
    Bad("SAMPLES", "moa", [1, 2]),
    Bad("SAMPLES", "perturbagen", [1.5, 2.5]),
    Bad("ANNOTATIONS", "matched_by", ["pert_id", "smiles", "name"]),
    Bad("ANNOTATIONS", "matched_by", ["name", "name", "pert_id"]),
    Bad("ANNOTATIONS", "key", ["k", None, "k"]),
    Bad("ANNOTATIONS", "moa", ["x", None, "y"]),
    Bad("AUDIT", "rule", ["one", None]),
    Bad("AUDIT", "before", [6, 3]),
    Bad("AUDIT", "before", [5.0, 3.0]),
    Bad("AUDIT", "dropped", [1, 0]),
    Bad("AUDIT", "dropped", [2, -1]),
    Bad("AUDIT", "after", [4, 3]),
    Bad("AUDIT", "why", ["because", None]),
    Bad("SPLIT", "rotation", [0, 0, 1, -1]),
    Bad("SPLIT", "sample_id", ["a", "a", "a", "b"]),
    Bad("SPLIT", "sample_id", ["a", None, "a", "b"]),
    Bad("SPLIT", "role", ["train", "dev", "test", "validation"]),
    Bad("EDGES", "gene_a", [10, 9]),
    Bad("EDGES", "gene_a", ["10", None]),
    Bad("EDGES", "gene_a", ["9", "9"]),  # a gene with itself
    Bad("EDGES", "gene_b", ["9", "9"]),
    Bad("EDGES", "gene_b", [None, "10"]),
    Bad("EDGES", "weight", [1.0, 0.0]),
    Bad("EDGES", "weight", [1.0, -0.5]),
    Bad("EDGES", "weight", [1.0, None]),
    Bad("EDGES", "weight", [1, 2]),
    Bad("GRAPH_STATISTICS", "label", [None]),
    *(
        Bad("GRAPH_STATISTICS", name, [wrong])
        for name in ("genes", "vertices", "edges", "components", "largest_component", "raw_genes")
        for wrong in (-1, 0.5)
    ),
    Bad("GRAPH_STATISTICS", "convolved_components", [-1]),
    Bad("GRAPH_STATISTICS", "degree_q25", [0.5]),
    Bad("GRAPH_STATISTICS", "degree_max", [None]),
    Bad("GRAPH_STATISTICS", "degree_min", [1]),
    Bad("COARSENINGS", "label", ["Mine", 3]),
    Bad("COARSENINGS", "coarsening", ["compact", "compact"]),
    Bad("COARSENINGS", "coarsening", ["compact", None]),
    Bad("COARSENINGS", "level", [0, -1]),
    Bad("COARSENINGS", "vertices", [8, 7.5]),
    Bad("COARSENINGS", "raw_genes", [970, -1]),
    Bad("TRIALS", "trial_id", ["t", None]),
    Bad("TRIALS", "params", [None, "{}"]),
    Bad("TRIALS", "rotation", [0, 0]),
    Bad("TRIALS", "rotation", [0, -1]),
    *(
        Bad("TRIALS", f"{role}_{metric}", [0.5, wrong])
        for role in ("dev", "test")
        for metric in ("accuracy", "macro_f1")
        for wrong in (1.01, -0.01)
    ),
    Bad("TRIALS", "error", [None, 3]),
    Bad("COSTS", "trial_id", ["t", None]),
    Bad("COSTS", "rotation", [1, 1]),
    Bad("COSTS", "fit_seconds", [0.0, -1.0]),
    Bad("COSTS", "predict_seconds", [-0.1, 1.0]),
    Bad("COSTS", "peak_rss_mib", [100.0, None]),
    Bad("COSTS", "peak_rss_mib", [100.0, -1.0]),
    Bad("PREDICTIONS", "sample_id", ["a", None]),
    Bad("PREDICTIONS", "rotation", [0, 0]),
    Bad("PREDICTIONS", "role", ["dev", "train"]),
    Bad("PREDICTIONS", "y_true", ["x", None]),
    Bad("PREDICTIONS", "y_pred", [None, "x"]),
    Bad("PREDICTIONS", "probability:x", [np.float32(1.5), np.float32(0)]),
    Bad("PREDICTIONS", "probability:y", [np.float64(0.5), np.float64(0)]),
    Bad("SCORES", "classifier", [None, "knn"]),
    Bad("SCORES", "rotation", [0, -1]),
    Bad("SCORES", "role", ["dev", "dev"]),
    Bad("SCORES", "role", ["dev", "train"]),
    Bad("SCORES", "n_samples", [5, -1]),
    Bad("SCORES", "accuracy", [0.5, 50.0]),
    Bad("SCORES", "macro_f1", [-0.5, 0.5]),
    Bad("COMPARISONS", "metric", ["accuracy", "accuracy"]),
    Bad("COMPARISONS", "classifier_a", ["a", None]),
    Bad("COMPARISONS", "classifier_b", [None, "b"]),
    Bad("COMPARISONS", "n_rotations", [2, -2]),
    *(
        Bad("COMPARISONS", name, ["low", "high"])
        for name in GOOD["COMPARISONS"]
        if name == "difference" or name.endswith(("_size", "only_a", "only_b", "ci_low", "ci_high", "t"))
    ),
    *(
        Bad("COMPARISONS", name, [0.5, wrong])
        for name in GOOD["COMPARISONS"]
        if name.endswith(("p", "p_adjusted"))
        for wrong in (1.5, -0.5)
    ),
    Bad("SCORES", "balanced_accuracy", [0.5, 1.5]),
    Bad("SCORES", "mcc", [0.5, -1.5]),
    Bad("SCORES", "top3_accuracy", [0.5, 1.5]),
    Bad("SCORES", "top5_accuracy", [-0.5, 0.5]),
    Bad("SCORES", "log_loss", [-0.5, 0.5]),
    Bad("SCORES", "calibration_error", [0.5, 1.5]),
    Bad("POOLED", "rotation", [0, 0]),
    Bad("POOLED", "sample_id", ["a", None]),
    Bad("POOLED", "y_true", ["x", None]),
    Bad("POOLED", "predicted:mine", ["x", None]),
    Bad("RELIABILITY", "classifier", ["knn", None]),
    Bad("RELIABILITY", "bin", [0, 0]),
    Bad("RELIABILITY", "low", [-0.5, 0.5]),
    Bad("RELIABILITY", "high", [0.5, 1.5]),
    Bad("RELIABILITY", "n_samples", [0, 5]),
    Bad("RELIABILITY", "confidence", [0.5, 1.5]),
    Bad("RELIABILITY", "accuracy", [0.5, 1.5]),
    Bad("CLASS_SCORES", "classifier", ["knn", None]),
    Bad("CLASS_SCORES", "label", ["x", "x"]),
    *(Bad("CLASS_SCORES", name, [0.5, 1.5]) for name in ("precision", "recall", "f1")),
    Bad("CLASS_SCORES", "support", [0, -1]),
    Bad("CONFUSIONS", "classifier", ["knn", None]),
    Bad("CONFUSIONS", "y_true", ["x", None]),
    Bad("CONFUSIONS", "y_pred", ["x", "x"]),
    Bad("CONFUSIONS", "n_samples", [0, 5]),
    Bad("BREAKDOWNS", "classifier", ["knn", "knn", None]),
    Bad("BREAKDOWNS", "column", ["cell_id", "dose", "plate_id"]),
    Bad("BREAKDOWNS", "value", ["A", "10 um", None]),
    Bad("BREAKDOWNS", "n_samples", [0, 1, 2]),
    Bad("BREAKDOWNS", "accuracy", [0.5, 0.5, 1.5]),
    Bad("BREAKDOWNS", "macro_f1", [0.5, 0.5, -1.5]),
    Bad("INTERVALS", "classifier", ["knn", None]),
    Bad("INTERVALS", "metric", ["accuracy", None]),
    Bad("INTERVALS", "cluster", ["plate", "plate"]),
    Bad("INTERVALS", "cluster", ["plate", "well"]),
    Bad("INTERVALS", "n_clusters", [5, -1]),
    *(Bad("INTERVALS", name, [0.5, 1.5]) for name in ("estimate", "ci_low", "ci_high")),
    Bad("RANKS", "metric", ["accuracy", None]),
    Bad("RANKS", "classifier", ["a", "a"]),
    Bad("RANKS", "mean_rank", [0.5, 2.5]),
    Bad("RANKS", "n_benchmarks", [4, -1]),
    Bad("RANKS", "n_classifiers", [4.5, 2.5]),
    *(Bad("RANKS", name, ["low", "high"]) for name in ("chi_squared", "f", "critical_difference")),
    *(Bad("RANKS", name, [0.5, 1.5]) for name in ("p", "f_p")),
    *(Bad("BETWEEN", name, ["x", None]) for name in ("task", "dataset_a", "dataset_b", "metric")),
    Bad("BETWEEN", "classifier", ["a", "a"]),
    Bad("BETWEEN", "test", ["paired", "unpaired"]),
    *(Bad("BETWEEN", name, [5, -1]) for name in ("n_a", "n_b")),
    *(Bad("BETWEEN", name, ["low", "high"]) for name in ("difference", "ci_low", "ci_high", "t")),
    *(Bad("BETWEEN", name, [0.5, 1.5]) for name in ("p", "p_adjusted")),
]
