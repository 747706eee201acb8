"""A small made-up report: benchmark (full, site) with three classifiers and two rotations, (full, moa) with one."""

from __future__ import annotations

import dataclasses
from typing import Any

import pandas as pd

from l1000_bench.report.content import COLUMNS, ReportContent

MALICIOUS = "</script><img src=x onerror=alert(1)> | carcinoma"

# benchmark, classifier -> dev accuracies, test accuracies, test macro-F1 of the two rotations
_SCORES = {
    ("full", "site", "knn"): ((0.9, 0.7), (0.9, 0.8), (0.8, 0.6)),
    ("full", "site", "linear"): ((0.8, 0.8), (0.8, 0.8), (0.65, 0.65)),
    ("full", "site", "majority"): ((0.3, 0.3), (0.3, 0.2), (0.05, 0.05)),
    ("full", "moa", "knn"): ((0.5, 0.5), (0.4, 0.5), (0.3, 0.3)),
}

_COMPARISONS = [
    # knn is the best; linear's order in its pair differs between the metrics on purpose
    ("full", "site", "accuracy", "knn", "linear", 2, 0.05, -0.585, 0.685, 1.0, 0.5, 0.5),
    ("full", "site", "accuracy", "knn", "majority", 2, 0.6, 0.6, 0.6, float("inf"), 0.0, 0.0),
    ("full", "site", "accuracy", "linear", "majority", 2, 0.55, -0.085, 1.185, 11.0, 0.0577, 0.0866),
    ("full", "site", "macro_f1", "linear", "knn", 2, -0.05, -1.32, 1.22, -0.5, None, None),
    ("full", "site", "macro_f1", "knn", "majority", 2, 0.65, -0.62, 1.92, 6.5, 0.01, 0.02),
    ("full", "site", "macro_f1", "linear", "majority", 2, 0.6, 0.6, 0.6, float("inf"), 0.0, 0.0),
]


_GRAPHS = [
    ("RegNetwork", 978, 839, 2748, 1, 839, 1, 139, 1.0, 4.0, 103.0),
    (MALICIOUS, 978, 1000, 1400, 3, 700, 2, 178, 1.0, 1.5, 12.0),
]
# graph, label, coarsening, level, vertices, raw genes: the second graph has one level less, the third the first's label
_COARSENINGS = [
    *(("regnetwork", "RegNetwork", "published", level, 2400 // 2**level, 139) for level in range(3)),
    *(("regnetwork", "RegNetwork", "compact", level, 840 // 2**level, 139) for level in range(3)),
    *(("odd", MALICIOUS, "compact", level, 801 - level, 178) for level in range(2)),
    *(("strict", "RegNetwork", "published", level, 64 // 2**level, 900) for level in range(3)),
]


def score_rows() -> pd.DataFrame:
    rows = []
    for (dataset, task, classifier), (dev, test, f1) in _SCORES.items():
        for rotation in (0, 1):
            rows.append((dataset, task, classifier, rotation, "dev", 10, dev[rotation], dev[rotation]))
            rows.append((dataset, task, classifier, rotation, "test", 10, test[rotation], f1[rotation]))
    return frame("scores", rows)


def frame(name: str, rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(COLUMNS[name]))


def made_up(**changes: Any) -> ReportContent:
    """The made-up content, some fields replaced."""
    benchmarks = [("full", "site"), ("full", "moa")]
    content = ReportContent(
        title="Made-up report",
        about=[("Corpus", "made up"), ("Seed", "7")],
        remarks=["This corpus is synthetic."],
        names={"full": "Full corpus", "site": "Primary site", "knn": "KNN", "majority": "Majority class"},
        table_one=frame(
            "table_one",
            [(*pair, 1234, 978, 2, "PC3", 1000, "VCAP", 234, 2, "lung", 900, MALICIOUS, 334) for pair in benchmarks],
        ),
        class_counts=frame(
            "class_counts", [(*pair, *row) for pair in benchmarks for row in ((MALICIOUS, 334), ("lung", 900))]
        ),
        audit=frame("audit", [("full", "has_moa", 1300, 66, 1234, "No label, no task.")]),
        splits=frame("splits", [(*pair, "folds", 2, 1234, 4, "ab" * 32) for pair in benchmarks]),
        scores=score_rows(),
        comparisons=frame("comparisons", _COMPARISONS),
        settings=frame(
            "settings", [("full", "site", "knn", 3, 1, 1, '{"n_neighbors": 5, "metric": "cosine"}', 0.5, -0.01)]
        ),
        costs=frame("costs", [("full", "site", "knn", 1.25, 0.5, 321.0)]),
        graphs=frame("graphs", _GRAPHS),
        coarsenings=frame("coarsenings", _COARSENINGS),
        paper=None,
        alpha=0.05,
        versions={"pandas": "3.1", "numpy": "2.4"},
        run={"Commit": "abc1234"},
    )
    return dataclasses.replace(content, **changes)


def empty() -> ReportContent:
    """The made-up content with no row in any table."""
    names = [name for name in COLUMNS if name != "paper"]
    return made_up(about=[], remarks=[], versions={}, run={}, **{name: frame(name, []) for name in names})


def paper_rows() -> pd.DataFrame:
    return frame(
        "paper", [("full", "site", "knn", 89.6, 0.30, 87.2, 0.61), ("full", "site", "majority", 27.9, 0.16, 3.63, 0.02)]
    )
