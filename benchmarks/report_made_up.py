"""A made-up run of any size for the report: confusions drawn at random, and all other tables made to fit them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l1000_bench.graphs.picture import graph_picture
from l1000_bench.report.content import COLUMNS, ReportContent
from l1000_bench.statistics.ranks import rank_classifiers
from l1000_bench.statistics.tests import adjust, corrected_t, effect_size, paired_t, wilcoxon_p

ROTATIONS = 5
METRICS = ("accuracy", "macro_f1")
NAMES = (
    "Majority class", "Linear classifier", "Decision tree", "Random forest", "Nearest neighbours",
    "Feed-forward network", "Feed-forward network (Keras)", "Self-normalising network", "Graph convolutional network",
    "The same, rewired graph", "The same, random graph", "The same without its graph", "GraphSAGE",
    "Graph network of Kipf and Welling", "Gradient boosting",
)  # fmt: skip
KINDS = ("inhibitor", "agonist", "antagonist", "blocker", "modulator")
TARGETS = ("Glucocorticoid receptor", "HDAC", "Dopamine receptor", "CDK", "Calcium channel", "PI3K", "Tubulin", "EGFR",
           "Serotonin receptor", "Proteasome")  # fmt: skip
TASKS = {"site": "Primary site", "subtype": "Subtype", "moa": "Mechanism of action"}
DATASETS = {"full": "All of LINCS, Level 4", "prostate": "Prostate cell lines, Level 4"}

Counts = NDArray[np.int_]


@dataclass(frozen=True)
class Size:
    """How much there is of a made-up run."""

    benchmarks: int
    classifiers: int
    classes: int
    trials: int = 30
    cell_lines: int = 36


def made_up_report(size: Size, seed: int = 0) -> ReportContent:
    """Make the content of a report in which every section has something to show."""
    rng = np.random.default_rng(seed)
    pairs = [(dataset, task) for dataset in DATASETS for task in TASKS][: size.benchmarks]
    classifiers = [f"method_{number}" for number in range(size.classifiers)]
    classifiers[0] = "majority"
    made = [Benchmark(pair, size, classifiers, rng) for pair in pairs]
    tables = {
        name: pd.concat([table for one in made if len(table := getattr(one, name)())], ignore_index=True)[
            list(COLUMNS[name])
        ]
        for name in TABLES
    }
    names = DATASETS | TASKS | dict(zip(classifiers, NAMES * (1 + size.classifiers // len(NAMES)), strict=False))
    genes = rng.integers(0, 300, (700, 2)).astype(str)
    edges = pd.DataFrame(genes[genes[:, 0] != genes[:, 1]], columns=["gene_a", "gene_b"])
    return ReportContent(
        title="L1000 Bench",
        about=[("Corpus", "Made-up corpus (synthetic)"), ("Split: five folds", "n_folds 5, seed 1"),
               ("Environment", "base"), ("Threads per fit", "1")],
        remarks=["This corpus is synthetic: its scores say how the code works and nothing of biology.",
                 "The paper's numbers are not shown beside ours: this run is not on the corpus of the paper."],
        names=names,
        **tables,
        audit=_frame("audit", [(dataset, f"rule {n}", 1000 - n, 1, 999 - n, "The rule drops one sample.")
                               for dataset in dict.fromkeys(pair[0] for pair in pairs) for n in range(4)]),
        paper=None,
        alpha=0.05,
        versions={"numpy": "2.4.0", "pandas": "3.1.0", "python": "3.11.9"},
        run={"Written": "2026-01-01 12:00 UTC", "Commit": "abc1234"},
        graphs=_frame("graphs", [("Made-up graph", 978, 300, 700, 1, 300, 1, 678, 1.0, 4.0, 12.0)]),
        coarsenings=_frame("coarsenings", [("made", "Made-up graph", "compact", n, 320 >> n, 678) for n in range(4)]),
        ranks=rank_classifiers(tables["scores"], 0.05),
        between=_between(pairs, classifiers, rng),
        hashes=_frame("hashes", [("Split", ".".join(pair), "ab12" * 16) for pair in pairs]),
        seeds=[("Folds", "1"), ("Classifiers", "101")],
        external=[classifiers[-1]],
        pictures={"Made-up graph": graph_picture(edges.assign(weight=1.0), "Made-up graph", {})},
    )  # fmt: skip


TABLES = (
    "table_one", "class_counts", "splits", "scores", "comparisons", "settings", "costs", "intervals", "class_scores",
    "confusions", "reliability", "breakdowns", "trials",
)  # fmt: skip


class Benchmark:
    """One made-up benchmark: a confusion matrix per classifier and rotation, from which its tables follow."""

    def __init__(self, pair: tuple[str, str], size: Size, classifiers: list[str], rng: np.random.Generator) -> None:
        self.pair, self.size, self.classifiers, self.rng = pair, size, classifiers, rng
        self.labels = [f"{target} {kind}" for kind in KINDS for target in TARGETS][: size.classes]
        self.samples = np.sort((30 + rng.pareto(1.2, size.classes) * 60).astype(int))[::-1]
        skills = 0.35 + 0.55 * rng.beta(4, 2, len(classifiers))
        self.counts = {name: self._draw(name, skill) for name, skill in zip(classifiers, skills, strict=True)}

    def _draw(self, name: str, skill: float) -> Counts:
        """Draw (n_rotations, n_classes, n_classes) predictions; wrong ones fall on large and neighbouring classes."""
        k = len(self.labels)
        shares = (
            np.exp(-np.abs(np.subtract.outer(np.arange(k), np.arange(k))) / 2) * self.samples**0.5 * (1 - np.eye(k))
        )
        shares *= (1 - skill) / shares.sum(axis=1, keepdims=True)
        shares += skill * np.eye(k)
        if name == "majority":
            shares = np.eye(k)[np.zeros(k, dtype=int)]
        each = self.samples // ROTATIONS + 1
        return np.array(
            [[self.rng.multinomial(n, row) for n, row in zip(each, shares, strict=True)] for _ in range(ROTATIONS)]
        )

    def _rows(self, name: str, rows: list[tuple[Any, ...]]) -> pd.DataFrame:
        return _frame(name, [(*self.pair, *row) for row in rows])

    def table_one(self) -> pd.DataFrame:
        """Return the row of Table I."""
        n, k, lines = int(self.samples.sum()), self.size.classes, self.size.cell_lines
        ends = (self.labels[0], int(self.samples[0]), k, self.labels[-1], int(self.samples[-1]))
        return self._rows("table_one", [(n, 978, lines, "MCF7", 900, "SW480", 20, k, *ends[:2], *ends[3:])])

    def class_counts(self) -> pd.DataFrame:
        """Return the samples of every class."""
        return self._rows("class_counts", list(zip(self.labels, self.samples.tolist(), strict=True)))

    def splits(self) -> pd.DataFrame:
        """Return the row that describes the split."""
        n = int(self.samples.sum())
        counts = (ROTATIONS, n, 0, 0, 3 * n // ROTATIONS, n, 0)
        return self._rows("splits", [("five folds", "n_folds 5, seed 1", *counts, 0, True, "", "0f" * 32)])

    def scores(self) -> pd.DataFrame:
        """Return the scores of every rotation."""
        rows: list[tuple[Any, ...]] = []
        for name, counts in self.counts.items():
            for rotation, role in [(rotation, role) for rotation in range(ROTATIONS) for role in ("dev", "test")]:
                own = counts[rotation - (role == "dev")]
                accuracy, macro_f1 = _scores(own)
                more = (
                    macro_f1,
                    accuracy - 0.05,
                    min(accuracy + 0.1, 1),
                    min(accuracy + 0.15, 1),
                    2 * (1 - accuracy),
                    0.06,
                )
                has = name != self.classifiers[-1]  # the last one gives no probabilities
                shown = more if has else (*more[:2], *[np.nan] * 4)
                rows.append((name, rotation, role, int(own.sum()), accuracy, macro_f1, *shown))
        return self._rows("scores", rows)

    def comparisons(self) -> pd.DataFrame:
        """Return the tests of all pairs."""
        scores = {name: np.array([_scores(own) for own in counts]) for name, counts in self.counts.items()}
        tables = []
        for place, metric in enumerate(METRICS):
            rows = [
                {"metric": metric, "classifier_a": a, "classifier_b": b}
                | _tests(scores[a][:, place], scores[b][:, place])
                for a, b in combinations(self.classifiers, 2)
            ]
            table = pd.DataFrame(rows)
            for name in ("", "corrected_", "wilcoxon_", "mcnemar_"):
                table[f"{name}p_adjusted"] = adjust(table[f"{name}p"].to_numpy())
            tables.append(table)
        return pd.concat(tables).assign(dataset=self.pair[0], task=self.pair[1])

    def settings(self) -> pd.DataFrame:
        """Return the chosen settings."""
        params = json.dumps({"alpha": 0.000123456, "hidden_layer_sizes": [512, 256], "activation": "relu"})
        return self._rows(
            "settings",
            [(name, self.size.trials, 1, 3, params, 0.61, 0.604, 0.6, -0.004, None) for name in self.classifiers],
        )

    def costs(self) -> pd.DataFrame:
        """Return seconds and memory; the last classifier has none, as one whose predictions were handed in."""
        return self._rows(
            "costs",
            [(name, 10 ** self.rng.uniform(-2, 3), 0.2, self.rng.uniform(200, 3000)) for name in self.classifiers[:-1]],
        )

    def intervals(self) -> pd.DataFrame:
        """Return intervals around the pooled scores."""
        rows = []
        for name, counts in self.counts.items():
            for metric, value in zip((*METRICS, "balanced_accuracy"), (*_scores(counts.sum(axis=0)), 0.5), strict=True):
                for cluster, n, width in (("plate", 48, 0.02), ("compound", 60, 0.06)):
                    rows.append((name, metric, cluster, n, value, max(value - width, 0), min(value + width, 1)))
        return self._rows("intervals", rows)

    def class_scores(self) -> pd.DataFrame:
        """Return precision, recall and F1 of every class."""
        rows = []
        for name, counts in self.counts.items():
            precision, recall, f1 = _class_scores(counts.sum(axis=0))
            support = counts.sum(axis=(0, 2)).tolist()
            rows += [(name, *row) for row in zip(self.labels, precision, recall, f1, support, strict=True)]
        return self._rows("class_scores", rows)

    def confusions(self) -> pd.DataFrame:
        """Return the pairs of true and predicted class that occur."""
        rows = []
        for name, counts in self.counts.items():
            pooled = counts.sum(axis=0)
            rows += [(name, self.labels[i], self.labels[j], int(pooled[i, j])) for i, j in np.argwhere(pooled)]
        return self._rows("confusions", rows)

    def reliability(self) -> pd.DataFrame:
        """Return the reliability of all but the baseline and the last classifier."""
        rows = []
        for name in self.classifiers[1:-1]:
            for number in range(3, 15):
                confidence = (number + 0.5) / 15
                accuracy = float(np.clip(confidence - 0.1 + self.rng.normal(0, 0.05), 0, 1))
                rows.append((name, number, number / 15, (number + 1) / 15, 40 * number, confidence, accuracy))
        return self._rows("reliability", rows)

    def breakdowns(self) -> pd.DataFrame:
        """Return the scores on cell lines, doses and times."""
        values = [("cell_id", f"CELL{n}", 400 // (n + 1) + 10) for n in range(self.size.cell_lines)]
        values += [("dose", f"{dose:g} um", 300) for dose in (0.04, 0.12, 0.37, 1.11, 3.33, 10)] + [
            ("dose", "none given", 80)
        ]
        values += [("time", f"{time} h", 900) for time in (6, 24)]
        rows: list[tuple[Any, ...]] = []
        for name, counts in self.counts.items():
            accuracy, macro_f1 = _scores(counts.sum(axis=0))
            for column, value, n in values:
                shift = self.rng.normal(0, 0.08)
                shown = (float(np.clip(score + shift, 0, 1)) for score in (accuracy, macro_f1))
                rows.append((name, column, value, n, *shown))
        return self._rows("breakdowns", rows)

    def trials(self) -> pd.DataFrame:
        """Return trials whose dev accuracies lie below that of the chosen one."""
        rows: list[tuple[Any, ...]] = []
        for name, counts in self.counts.items():
            accuracy = _scores(counts.sum(axis=0))[0]
            for trial, loss in enumerate(self.rng.exponential(0.1, self.size.trials if name != "majority" else 1)):
                dev = max(accuracy - loss, 0)
                rows += [
                    (name, f"t{trial}", rotation, dev, "failed" if trial == 3 else None)
                    for rotation in range(ROTATIONS)
                ]
        return self._rows("trials", rows)


def _frame(name: str, rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(COLUMNS[name]))


def _class_scores(counts: Counts) -> tuple[list[float], list[float], list[float]]:
    right, true, predicted = np.diag(counts), counts.sum(axis=1), counts.sum(axis=0)
    parts = (right / np.maximum(predicted, 1), right / np.maximum(true, 1), 2 * right / np.maximum(true + predicted, 1))
    precision, recall, f1 = (part.tolist() for part in parts)
    return precision, recall, f1


def _scores(counts: Counts) -> tuple[float, float]:
    return float(np.diag(counts).sum() / counts.sum()), float(np.mean(_class_scores(counts)[2]))


def _tests(a: NDArray[np.float64], b: NDArray[np.float64]) -> dict[str, float]:
    """Return every test of one pair; the parts that need samples are made up."""
    difference = float((a - b).mean())
    made_up = {"only_a": 40.0, "only_b": 30.0, "mcnemar_p": float(np.exp(-200 * difference**2))}
    bounds = {
        f"{name}_ci_{end}": difference + shift
        for name in ("plate", "compound")
        for end, shift in (("low", -0.03), ("high", 0.03))
    }
    return (
        {"n_rotations": len(a)}
        | paired_t(a, b)
        | {f"corrected_{key}": value for key, value in corrected_t(a, b, 1 / 3).items()}
        | {"wilcoxon_p": wilcoxon_p(a, b), "effect_size": effect_size(a, b)}
        | made_up
        | bounds
    )


def _between(pairs: list[tuple[str, str]], classifiers: list[str], rng: np.random.Generator) -> pd.DataFrame:
    rows = [
        (task, "full", "prostate", name, metric, "welch", 5, 5, float(rng.normal(0, 0.05)), -0.1, 0.1, 1.2, 0.25, 0.4)
        for task in dict.fromkeys(task for dataset, task in pairs if dataset == "prostate")
        for name in classifiers
        for metric in METRICS
    ]
    return _frame("between", rows)
