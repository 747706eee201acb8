"""How often each test finds a difference where there is none, and how often where there is one.

    python benchmarks/significance.py [--runs 1000] [--processes 2]

In every run data are drawn afresh, and two classifiers are trained anew in every rotation of the project's split (K
folds, fold i dev, fold i + 1 test, the others train). They are the same learner on one half of the features each. In a
null both halves say the same of the class, through noise of their own, so that the two are exchangeable; in the other
runs the first half says it louder. Plates and compounds shift both halves alike. Prints per null how often each test of
the accuracies is significant at 5 %, and beside it how often it is where there is a difference, which is measured on
many fresh samples. A bootstrap interval counts where it leaves out zero. The last line is one JSON object.

With five rotations Wilcoxon's p cannot fall below 2/32. McNemar's test and the bootstrap see one set of trained models
and so not what training on other samples would change: they are too often significant for learners that are unstable.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn import config_context
from sklearn.base import ClassifierMixin
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.tree import DecisionTreeClassifier
from threadpoolctl import threadpool_limits

from l1000_bench.curation.folds import deal_folds
from l1000_bench.statistics.bootstrap import Resampling, percentile_interval, resample_clusters
from l1000_bench.statistics.pooled import Labels
from l1000_bench.statistics.tests import corrected_t, mcnemar, paired_t, wilcoxon_p

LEARNERS: dict[str, Callable[[], ClassifierMixin]] = {
    "LDA (stable)": LinearDiscriminantAnalysis,
    "tree (unstable)": lambda: DecisionTreeClassifier(random_state=0),
}
ROTATIONS = (10, 5)
TESTS = ("paired_t", "corrected_t", "wilcoxon", "mcnemar", "plate", "compound")
ALPHA = 0.05
N_SAMPLES, N_CLASSES, N_PLATES, N_COMPOUNDS, HALF = 300, 3, 30, 60, 8
SIGNAL, MORE_SIGNAL = 1.5, 2.2  # how far class means lie from zero, in standard deviations of the noise
SHIFT = 0.3  # standard deviation of plates and compounds, in units of the signal
RESAMPLES = 500
FRESH, FRESH_RUNS = 5000, 100


class Setting(NamedTuple):
    """A number of rotations, a learner, and the signal of the first half of the features."""

    rotations: int
    learner: str
    signal: float


class Drawn(NamedTuple):
    """Features (n, 2 * HALF), and per sample (n,) its class, plate and compound."""

    features: NDArray[np.float64]
    classes: NDArray[np.intp]
    plates: NDArray[np.intp]
    compounds: NDArray[np.intp]


def draw(rng: np.random.Generator, n: int, signal: float) -> Drawn:
    """Draw samples; the halves of the features say the same of class, plate and compound, but for its strength."""
    compounds, plates = rng.permutation(n) % N_COMPOUNDS, rng.permutation(n) % N_PLATES
    classes = compounds % N_CLASSES
    shifts = SHIFT * rng.standard_normal((N_PLATES + N_COMPOUNDS, HALF))
    told = np.eye(N_CLASSES, HALF)[classes] + shifts[plates] + shifts[N_PLATES + compounds]  # (n, HALF)
    features = np.hstack([signal * told, SIGNAL * told]) + rng.standard_normal((n, 2 * HALF))
    return Drawn(features, classes, plates, compounds)


def predictions(
    learner: str, drawn: Drawn, train: NDArray[np.bool_], test: NDArray[np.bool_]
) -> list[NDArray[np.intp]]:
    """Train the two classifiers, and predict the classes of the test samples."""
    found = []
    for half in (slice(0, HALF), slice(HALF, 2 * HALF)):
        estimator: Any = LEARNERS[learner]()
        estimator.fit(drawn.features[train, half], drawn.classes[train])
        found.append(estimator.predict(drawn.features[test, half]))
    return found


def significant(setting: Setting, seed: int) -> NDArray[np.bool_]:
    """Run one cross-validation, and return which of `TESTS` find a difference in accuracy."""
    rng = np.random.default_rng([seed, setting.rotations])
    drawn, k = draw(rng, N_SAMPLES, setting.signal), setting.rotations
    table = pd.DataFrame({"sample_id": np.arange(N_SAMPLES).astype(str), "class": drawn.classes})
    folds = deal_folds(table, ["class"], k, seed)
    predicted = np.empty((2, N_SAMPLES), dtype=np.intp)
    for rotation in range(k):
        test = folds == (rotation + 1) % k
        predicted[:, test] = predictions(setting.learner, drawn, ~test & (folds != rotation), test)
    right = predicted == drawn.classes
    a, b = (np.array([own[folds == fold].mean() for fold in range(k)]) for own in right)
    sizes = np.bincount(folds)
    ratio = float(np.mean([sizes[(i + 1) % k] / (N_SAMPLES - sizes[i] - sizes[(i + 1) % k]) for i in range(k)]))
    p = [paired_t(a, b)["p"], corrected_t(a, b, ratio)["p"], wilcoxon_p(a, b), mcnemar(*right)["mcnemar_p"]]
    both = {"a": predicted[0], "b": predicted[1]}
    labels = Labels(np.arange(N_CLASSES).astype(object), folds.astype(np.intp), drawn.classes, both)
    apart = [differs(labels, clusters, seed) for clusters in (drawn.plates, drawn.compounds)]
    return np.array([*(value <= ALPHA for value in p), *apart])


def differs(labels: Labels, clusters: NDArray[np.intp], seed: int) -> bool:
    """Return whether the bootstrap interval of the difference in accuracy leaves out zero."""
    resampled = resample_clusters(labels, clusters, Resampling(RESAMPLES, seed))
    low, high = percentile_interval(resampled.scores["a"][0] - resampled.scores["b"][0], resampled.n_clusters)
    return low > 0 or high < 0


def true_difference(setting: Setting, seed: int) -> float:
    """Train on as many samples as a rotation does, and return the difference in accuracy on many fresh ones."""
    n_train = N_SAMPLES * (setting.rotations - 2) // setting.rotations
    drawn = draw(np.random.default_rng([seed, 0]), n_train + FRESH, setting.signal)
    train = np.arange(n_train + FRESH) < n_train
    a, b = (found == drawn.classes[~train] for found in predictions(setting.learner, drawn, train, ~train))
    return float(a.mean() - b.mean())


def rates(setting: Setting, first: int, runs: int) -> tuple[NDArray[np.float64], float]:
    """Return how many of some runs are significant by each test, and the mean true difference in accuracy."""
    with config_context(assume_finite=True, skip_parameter_validation=True), threadpool_limits(1):
        found = np.array([significant(setting, first + run) for run in range(runs)])
        differences = [true_difference(setting, first + run) for run in range(FRESH_RUNS)]
    return found.mean(axis=0), float(np.mean(differences))


def main() -> None:
    """Simulate, print a table, and the JSON object on the last line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    settings = [Setting(*values) for values in product(ROTATIONS, LEARNERS, (SIGNAL, MORE_SIGNAL))]
    with ProcessPoolExecutor(options.processes) as pool:
        found = list(pool.map(rates, settings, range(0, 10**6 * len(settings), 10**6), [options.runs] * len(settings)))
    report(dict(zip(settings, found, strict=True)), options.runs)


def report(found: dict[Setting, tuple[NDArray[np.float64], float]], runs: int) -> None:
    """Print what was found."""
    print(f"{runs:,} runs, significant at {ALPHA:.0%} in per cent of them (standard error {error(runs):.1f} at 5 %)\n")
    print(f"{'learner':16} {'rotations':>9} {'difference':>11} " + " ".join(f"{test:>11}" for test in TESTS))
    for setting, (rate, difference) in found.items():
        shown = " ".join(f"{100 * value:11.1f}" for value in rate)
        truth = "none" if setting.signal == SIGNAL else f"{100 * difference:.1f} points"
        print(f"{setting.learner:16} {setting.rotations:9} {truth:>11} {shown}")
    nulls = np.array([rate for setting, (rate, _) in found.items() if setting.signal == SIGNAL])
    power = np.array([rate for setting, (rate, _) in found.items() if setting.signal != SIGNAL])
    figures = {f"{test}_fpr": round(float(nulls[:, i].max()), 4) for i, test in enumerate(TESTS)}
    figures |= {f"{test}_power": round(float(power[:, i].min()), 4) for i, test in enumerate(TESTS)}
    versions = {name: version(name) for name in ("numpy", "scipy", "scikit-learn", "statsmodels")}
    print(json.dumps({"name": "statistics", "ratios": {}, "figures": figures | {"runs": runs}, "versions": versions}))


def error(runs: int) -> float:
    """Return the standard error, in per cent, of a rate of 5 %."""
    return float(100 * np.sqrt(ALPHA * (1 - ALPHA) / runs))


if __name__ == "__main__":
    main()
