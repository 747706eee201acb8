"""A made-up run of the paper's kind: every score is its mean ± 0.01 over two rotations, on dev folds ± 0.02."""

from __future__ import annotations

import dataclasses
from itertools import combinations
from typing import Any

import pandas as pd

from l1000_bench.report.content import COLUMNS, Benchmark, ReportContent

# test accuracy, test macro-F1; the dev accuracy is 0.05 higher
MEANS: dict[Benchmark, dict[str, tuple[float, float]]] = {
    ("full", "site"): {"gcnn": (0.90, 0.80), "knn": (0.88, 0.85), "linear": (0.60, 0.50)},
    ("full", "moa"): {"gcnn": (0.46, 0.30), "knn": (0.44, 0.28), "linear": (0.40, 0.20)},
    ("l5", "drug"): {"gcnn": (0.45, 0.44), "knn": (0.47, 0.45)},
    ("l4", "drug"): {"gcnn": (0.50, 0.49), "knn": (0.40, 0.39), "linear": (0.0, 0.0)},
    ("l4", "unseen"): {"gcnn": (0.45, 0.44), "knn": (0.30, 0.29), "linear": (0.0, 0.0)},
    ("extra", "cell"): {"gcnn": (0.99, 0.99), "knn": (0.98, 0.98)},
}
# Of a second corpus, whose classifiers are not the same on every dataset.
WEST: dict[Benchmark, dict[str, tuple[float, float]]] = {
    ("west_l3", "drug"): {"knn": (0.50, 0.40), "linear": (0.20, 0.10)},
    ("west_l4", "drug"): {"gcnn": (0.80, 0.70), "linear": (0.30, 0.20), "forest": (0.64, 0.60)},
    ("west_l4", "unseen"): {"gcnn": (0.60, 0.50), "forest": (0.48, 0.40), "knn": (0.10, 0.10)},
}
# adjusted p of the accuracies' comparisons where it is not 0.001
P = {("full", "site", "gcnn", "knn"): 0.2, ("l5", "drug", "gcnn", "knn"): 0.3}
NAMES = {
    "full": "Full view", "l4": "Lab, Level 4", "l5": "Lab, Level 5", "extra": "Extra", "site": "Primary site",
    "moa": "Mechanism", "drug": "Drug", "unseen": "Drug, unseen subject", "cell": "Cell line", "gcnn": "GCNN",
    "knn": "KNN", "linear": "Linear", "west_l3": "West, Level 3", "west_l4": "West, Level 4", "forest": "Forest",
}  # fmt: skip
SETTING = '{"reg_param": 0.5, "metric": "canberra"}'


def run(benchmarks: list[Benchmark] | None = None, **changes: Any) -> ReportContent:
    """The made-up run, with some of its benchmarks or those of the second corpus; some fields replaced."""
    shown = {benchmark: (MEANS | WEST)[benchmark] for benchmark in benchmarks or MEANS}
    cells = [(*benchmark, classifier) for benchmark, means in shown.items() for classifier in means]
    rows: dict[str, list[dict[str, Any]]] = {
        "table_one": [{"dataset": dataset, "task": task, "n_samples": 1234} for dataset, task in shown],
        "scores": [row for benchmark, means in shown.items() for row in _scores(benchmark, means)],
        "comparisons": [row for benchmark, means in shown.items() for row in _comparisons(benchmark, list(means))],
        "settings": [
            dict(zip(("dataset", "task", "classifier"), cell, strict=True), params=SETTING, n_trials=30)
            for cell in cells
        ],
    }
    frames = {name: frame(name, rows.get(name, [])) for name in ("class_counts", "audit", "splits", "costs", *rows)}
    fields: dict[str, Any] = {"about": [], "remarks": [], "versions": {}, "run": {}, "paper": None, **frames}
    content = ReportContent(title="Made up", names=NAMES, alpha=0.05, **fields)
    return dataclasses.replace(content, **changes)


def frame(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(rows).reindex(columns=list(COLUMNS[name]))


def _scores(benchmark: Benchmark, means: dict[str, tuple[float, float]]) -> list[dict[str, Any]]:
    dataset, task = benchmark
    return [
        {
            **{"dataset": dataset, "task": task, "classifier": classifier, "rotation": rotation, "role": role},
            **{"accuracy": accuracy + above + spread * sign, "macro_f1": macro_f1 + above + spread * sign},
        }
        for classifier, (accuracy, macro_f1) in means.items()
        for rotation, sign in ((0, -1), (1, 1))
        for role, above, spread in (("dev", 0.05, 0.02), ("test", 0.0, 0.01))
    ]


def _comparisons(benchmark: Benchmark, classifiers: list[str]) -> list[dict[str, Any]]:
    rows = []
    for metric in ("accuracy", "macro_f1"):
        for a, b in combinations(classifiers, 2):
            p = P.get((*benchmark, a, b), 0.001) if metric == "accuracy" else 0.001
            pair = {"metric": metric, "classifier_a": a, "classifier_b": b, "n_rotations": 2}
            dataset, task = benchmark
            rows.append({"dataset": dataset, "task": task, **pair, "p_adjusted": p, "corrected_p_adjusted": p})
    return rows


def between(*rows: tuple[Any, ...]) -> pd.DataFrame:
    """Comparisons of levels: dataset_a, dataset_b, task, classifier, metric, test, difference, p_adjusted."""
    columns = ["dataset_a", "dataset_b", "task", "classifier", "metric", "test", "difference", "p_adjusted"]
    return frame("between", [dict(zip(columns, row, strict=True)) for row in rows])


def paper(*rows: tuple[Any, ...]) -> pd.DataFrame:
    """The paper's rows: dataset, task, classifier, the four results and, where they are known, the two of dev folds."""
    columns = [*COLUMNS["paper"], "dev_accuracy_mean", "dev_accuracy_std"]
    return pd.DataFrame(rows, columns=columns[: len(rows[0])])


def texts(table: Any) -> list[list[str]]:
    """Every cell as it is printed, the best in asterisks."""
    return [[f"*{cell.text}*" if cell.strong else cell.text + cell.mark for cell in row] for row in table.rows]


def groups(table: Any) -> list[tuple[str, int]]:
    """The headings above the columns, each with the number of columns below it."""
    return [(group.text, group.span) for group in table.groups]
