"""A small made-up report: benchmark (full, site) with three classifiers and two rotations, (full, moa) with one."""

from __future__ import annotations

import dataclasses
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from l1000_bench.report import cells
from l1000_bench.report.content import COLUMNS, ReportContent
from l1000_bench.report.tables import METRICS

MALICIOUS = "</script><img src=x onerror=alert(1)> | carcinoma"

# benchmark, classifier -> dev accuracies, test accuracies, test macro-F1 of the two rotations
_SCORES = {
    ("full", "site", "knn"): ((0.9, 0.7), (0.9, 0.8), (0.8, 0.6)),
    ("full", "site", "linear"): ((0.8, 0.8), (0.8, 0.8), (0.65, 0.65)),
    ("full", "site", "majority"): ((0.3, 0.3), (0.3, 0.2), (0.05, 0.05)),
    ("full", "moa", "knn"): ((0.5, 0.5), (0.4, 0.5), (0.3, 0.3)),
}

NAN = float("nan")
# metric, a, b, difference, t, then p and adjusted p of the paired and of the corrected test
_TESTS = [
    # knn is the best; linear's order in its pair differs between the metrics on purpose
    ("accuracy", "knn", "linear", 0.05, 1.0, (0.5, 0.5), (0.6, 0.6)),
    ("accuracy", "knn", "majority", 0.6, float("inf"), (0.0, 0.0), (0.0, 0.0)),
    ("accuracy", "linear", "majority", 0.55, 11.0, (0.0577, 0.0866), (0.07, 0.09)),
    ("macro_f1", "linear", "knn", -0.05, -0.5, (NAN, NAN), (NAN, NAN)),
    ("macro_f1", "knn", "majority", 0.65, 6.5, (0.01, 0.02), (0.02, 0.03)),
    ("macro_f1", "linear", "majority", 0.6, 99.0, (0.0, 0.0), (0.06, 0.06)),  # the paired test alone tells these apart
]


def comparison_rows() -> pd.DataFrame:
    rows = []
    for metric, a, b, difference, t, paired, corrected in _TESTS:
        bounds = (difference - 0.2, difference + 0.2)
        samples = (7.0, 2.0, 0.18, 0.27) if metric == "accuracy" else (NAN,) * 4
        tests = (*bounds, t, *paired, *bounds, t / 2, *corrected, 0.5, 0.5, *samples)
        rows.append(("full", "site", metric, a, b, 2, difference, *tests, *bounds, *bounds, 0.8))
    return frame("comparisons", rows)


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
            # linear gives no probabilities, and two classes leave no top three
            further = (0.5, 0.25, NAN, NAN, *((NAN, NAN) if classifier == "linear" else (0.75, 0.125)))
            rows.append((dataset, task, classifier, rotation, "dev", 10, dev[rotation], dev[rotation], *further))
            rows.append((dataset, task, classifier, rotation, "test", 10, test[rotation], f1[rotation], *further))
    return frame("scores", rows)


def frame(name: str, rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(COLUMNS[name]))


# knn's predictions of the 20 test samples: true class, predicted class, samples
_CONFUSIONS = [("lung", "lung", 9), ("lung", "skin", 3), (MALICIOUS, "lung", 2), (MALICIOUS, MALICIOUS, 6)]
# of trials in this order: the dev accuracies of both rotations; the second one failed in its second rotation
_TRIALS = {"first": (0.6, 0.5), "failed": (0.9, None), "better": (0.9, 0.7), "worse": (0.2, 0.4)}


def trial_rows() -> pd.DataFrame:
    rows: list[tuple[Any, ...]] = [("full", "site", "majority", "only", rotation, 0.3, None) for rotation in (0, 1)]
    for trial, accuracies in _TRIALS.items():
        for rotation, accuracy in enumerate(accuracies):
            error = "ValueError: no" if accuracy is None else None
            rows.append(("full", "site", "knn", trial, rotation, NAN if accuracy is None else accuracy, error))
    return frame("trials", rows)


def split_rows() -> pd.DataFrame:
    """A split by compound, (full, moa), has no dev part and loses five classes; the other has and loses none."""
    site = ("folds", "n_folds 2, seed 7", 2, 1234, 4, 0, 820, 20, 0, 0, True, "")
    moa = ("compounds", "n_folds 2, seed 7", 2, 1234, 34, 12, 600, 20, 3, 1, False, f"{MALICIOUS}; b; c; d; e")
    return frame("splits", [("full", "site", *site, "ab" * 32), ("full", "moa", *moa, "ab" * 32)])


def rank_rows() -> pd.DataFrame:
    statistics = (3, 3, 4.67, 0.097, 7.0, 0.0494, 1.5)
    ranks = {"knn": 1.0, "linear": 2.0, "majority": 3.0}
    return frame("ranks", [(metric, *pair, *statistics) for metric in METRICS for pair in ranks.items()])


def optional_tables() -> dict[str, Any]:
    """What a whole run has beside the tables that every run has."""
    site = ("full", "site", "knn")
    intervals = [(0.85, 0.71, 0.93), (0.7, 0.55, 0.81)]
    return {
        "intervals": frame(
            "intervals",
            [
                (*site, metric, cluster, clusters, *bounds)
                for metric, bounds in zip(METRICS, intervals, strict=True)
                for cluster, clusters in (("plate", 12), ("compound", 5))
            ],
        ),
        "class_scores": frame(
            "class_scores",
            [(*site, "lung", 0.8182, 0.75, 0.7826, 12), (*site, MALICIOUS, 1.0, 0.75, 0.8571, 8),
             ("full", "site", "linear", "lung", 0.5, 0.6, 0.5455, 12)],
        ),
        "confusions": frame("confusions", [(*site, *row) for row in _CONFUSIONS]),
        "reliability": frame(
            "reliability", [(*site, 7, 7 / 15, 8 / 15, 5, 0.5, 0.4), (*site, 14, 14 / 15, 1.0, 15, 0.97, 1.0)]
        ),
        "breakdowns": frame(
            "breakdowns",
            [(*site, "cell_id", "PC3", 15, 0.9, 0.8), (*site, "cell_id", MALICIOUS, 5, 0.7, 0.6),
             ("full", "site", "linear", "cell_id", "PC3", 15, 0.5, 0.4),
             (*site, "dose", "10 um", 12, 0.95, 0.9), (*site, "dose", "none given", 8, 0.7, 0.5)],
        ),
        "trials": trial_rows(),
        "ranks": rank_rows(),
        "between": frame(
            "between",
            [("site", "full", "level5", "knn", "accuracy", "welch", 2, 3, -0.031, -0.1, 0.04, -1.1, 0.35, 0.35)],
        ),
        "hashes": frame("hashes", [("Split", "full.site", "cd" * 32)]),
    }  # fmt: skip


def unfinished(classifier: str) -> pd.DataFrame:
    """Settings of knn, and of a further classifier of which two trials failed and one was stopped."""
    settings = made_up().settings
    further = settings.assign(classifier=classifier, n_failed=2, params=None, dev_accuracy_mean=NAN)
    return pd.concat([settings, further], ignore_index=True)


_PAPER = pd.DataFrame({"name": ["KNN", MALICIOUS]})


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
        splits=split_rows(),
        scores=score_rows(),
        comparisons=comparison_rows(),
        settings=frame(
            "settings",
            [("full", "site", "knn", 3, 1, 1, '{"n_neighbors": 5, "metric": "cosine"}', 0.52, 0.51, 0.5, -0.01, None)],
        ),
        costs=frame("costs", [("full", "site", "knn", 1.25, 0.5, 321.0)]),
        graphs=frame("graphs", _GRAPHS),
        coarsenings=frame("coarsenings", _COARSENINGS),
        paper=None,
        alpha=0.05,
        versions={"pandas": "3.1", "numpy": "2.4"},
        run={"Commit": "abc1234"},
        **optional_tables(),
        seeds=[("Folds", "7")],
        external=["linear"],
        pictures={MALICIOUS: go.Figure(go.Scatter(x=[0, 1], y=[0, 1], mode="markers", name="2 genes"))},
        paper_tables=[cells.make_table("Table II: made up.", [cells.text("Classifier", "name")], _PAPER)],
        orderings="1 of 2 orderings is confirmed.",
        generalisation={"site": {"against": [], "unseen": None}, "moa": {"against": ["site"], "unseen": "compounds"}},
    )
    return dataclasses.replace(content, **changes)


def empty() -> ReportContent:
    """The made-up content with no row in any table."""
    names = [name for name in COLUMNS if name != "paper"]
    lists: dict[str, Any] = {"about": [], "remarks": [], "versions": {}, "run": {}, "seeds": [], "external": []}
    others: dict[str, Any] = {"pictures": {}, "paper_tables": [], "orderings": None, "generalisation": {}}
    return made_up(**lists, **others, **{name: frame(name, []) for name in names})


def bare() -> ReportContent:
    """The made-up content without anything that a run may lack."""
    return made_up(
        **dict.fromkeys((*optional_tables(), "graphs", "coarsenings", "orderings")),
        **{"seeds": [], "external": [], "pictures": {}, "paper_tables": [], "generalisation": {}},
    )


def paper_rows() -> pd.DataFrame:
    return frame(
        "paper", [("full", "site", "knn", 89.6, 0.30, 87.2, 0.61), ("full", "site", "majority", 27.9, 0.16, 3.63, 0.02)]
    )
