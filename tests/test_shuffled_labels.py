"""Where labels say nothing, no classifier of the grid may score above or below chance.

A leak (a fold that is trained on, preprocessing that has seen test profiles, labels that reach a prediction) would show
as a balanced accuracy beyond chance on labels that are shuffled over the samples.

The balanced accuracy of pooled predictions is B = (1 / C) sum_c r_c with recalls r_c = sum_g a_gc / sum_g n_gc: cluster
g has n_gc samples of class c, a_gc of them predicted right. If the labels say nothing, what is predicted for a sample
does not depend on its label: r_c has the mean of the share of samples predicted as c, these shares add up to 1, and so
B has the mean 1 / C, whatever the classifier and however unequal the classes.

Samples of one treatment (perturbagen, cell line, dose, time) look alike and are predicted alike, so it is treatments
that count as independent. As a function of the clusters' sums, B is changed to first order (delta method) by cluster g
as much as

    u_g = (1 / C) sum_c (a_gc - r_c n_gc) / n_c,        n_c = sum_g n_gc,

and the u_g add up to 0, so that the standard error is sqrt(G / (G - 1) sum_g u_g^2) for G clusters (Cochran 1977,
section 6.3, for one ratio). It is compared with a bootstrap of the clusters below.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.pipeline import Pipeline

from l1000_bench.config import BenchConfigLoader
from l1000_bench.curation.splits import SplitRequest, make_split
from l1000_bench.models.fit import fit, predict
from l1000_bench.models.spec import ClassifierSpec
from l1000_bench.settings import CONFIG_LOADER_ARGS
from l1000_bench.statistics.scores import label_scores
from l1000_bench.synthetic.corpus import SyntheticSpec, make_corpus

CONF = Path(__file__).parents[1] / "conf"
LOADER = BenchConfigLoader(conf_source=str(CONF), env="test", **CONFIG_LOADER_ARGS)
# The networks are of the same training loop, which their own tests look at, and take their time.
SPECS = {
    name: spec
    for name, entry in LOADER["parameters"]["classifiers"].items()
    if "epochs" not in (spec := ClassifierSpec.from_config(entry)).params
}
TREATMENT = ["pert_id", "cell_id", "dose", "time"]
N_FOLDS = 5
SHUFFLES = (1, 2)
STANDARD_ERRORS = 3.5  # beyond which one normal number in 2,000 lies

Codes = NDArray[np.intp]


class View(NamedTuple):
    """Profiles (n, 978), labelled samples, and class codes and treatments (n,)."""

    profiles: NDArray[np.float32]
    samples: pd.DataFrame
    codes: Codes
    treatments: Codes


class Pooled(NamedTuple):
    """True and predicted class codes (n,), every sample once."""

    true: Codes
    predicted: Codes


@cache
def view() -> View:
    """A small synthetic corpus: compounds with one mechanism and the vehicle, in landmark genes."""
    corpus = make_corpus(SyntheticSpec(seed=17, n_cell_lines=3, n_compounds=24, n_moas=4, n_replicates=3))
    names = {"inst_id": "sample_id", "pert_dose": "dose", "pert_time": "time"}
    order = pd.Index(corpus.sample_ids)
    samples = corpus.inst_info.rename(columns=names).set_index("sample_id").loc[order].reset_index()
    mechanisms = corpus.drugs.set_index("pert_iname")["moa"]
    moa = samples["pert_iname"].map(mechanisms).mask(samples["pert_type"] == "ctl_vehicle", "DMSO").fillna("")
    kept = ((moa != "") & ~moa.str.contains("|", regex=False)).to_numpy(dtype=bool)
    samples = samples.assign(moa=moa)[kept].reset_index(drop=True)
    landmarks = corpus.gene_info.set_index("pr_gene_id")["pr_is_lm"].loc[pd.Index(corpus.gene_ids)].to_numpy() == "1"
    codes = np.unique(samples["moa"].to_numpy(dtype=object), return_inverse=True)[1]
    treatments = np.asarray(samples.groupby(TREATMENT, sort=True).ngroup(), dtype=np.intp)
    return View(corpus.matrix[kept][:, landmarks], samples, codes, treatments)


def shuffled(seed: int) -> Codes:
    return np.random.default_rng(seed).permutation(view().codes)


def cross_validated(build: Any, codes: Codes, spec: ClassifierSpec | None = None) -> Pooled:
    """Predict every sample in the rotation in which it is tested.

    The folds are stratified by the class alone: by cell line too, they would carry what the shuffle did to the classes'
    shares in a cell line from the training part into the test part.
    """
    profiles, samples, _, _ = view()
    request = SplitRequest(samples.assign(label=codes.astype(str)), "label", ["label"], "made.up")
    split = make_split(request, "stratified", {"n_folds": N_FOLDS, "seed": 3})
    place = pd.Series(np.arange(len(samples)), samples["sample_id"].to_numpy(dtype=object))
    predicted = np.full(len(codes), -1)
    for _, part in split.groupby("rotation"):
        train, test = (
            place[part.loc[part["role"] == role, "sample_id"].astype(object)].to_numpy() for role in ("train", "test")
        )
        assert spec is None or spec.steps_aside(codes[train]) is None
        estimator = fit(build(), profiles[train], codes[train], 1, train)
        assert (predicted[test] == -1).all()
        predicted[test] = predict(estimator, profiles[test], 1, test).codes
    assert (predicted >= 0).all()
    return Pooled(codes, predicted)


def balanced_accuracy(pooled: Pooled) -> float:
    return label_scores(*pooled)["balanced_accuracy"]


def standard_error(pooled: Pooled, clusters: Codes) -> float:
    """The clustered standard error of the balanced accuracy, derived at the top."""
    classes, numbers = np.unique(pooled.true, return_inverse=True)
    shape = (clusters.max() + 1, len(classes))
    n, a = np.zeros(shape), np.zeros(shape)  # n_gc, a_gc
    np.add.at(n, (clusters, numbers), 1)
    np.add.at(a, (clusters, numbers), pooled.true == pooled.predicted)
    n, a = n[n.sum(axis=1) > 0], a[n.sum(axis=1) > 0]
    r = a.sum(axis=0) / n.sum(axis=0)
    u = ((a - r * n) / n.sum(axis=0)).mean(axis=1)
    return float(np.sqrt(len(u) / (len(u) - 1) * (u**2).sum()))


def distance(pooled: Pooled) -> tuple[float, float]:
    """How far the balanced accuracy is from chance, and how far it may be."""
    chance = 1 / len(np.unique(pooled.true))
    return balanced_accuracy(pooled) - chance, STANDARD_ERRORS * standard_error(pooled, view().treatments) + 1e-12


# The controls


class Truth(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Knows the class of every sample by its row, and tells it in a share of the cases."""

    uses_rows = True

    def __init__(self, codes: Codes, share: float = 1.0) -> None:
        self.codes = codes
        self.share = share

    def fit(self, X: NDArray[np.float32], y: Codes, rows: Codes | None = None) -> Truth:
        assert rows is not None
        np.testing.assert_array_equal(y, self.codes[rows])
        self.classes_ = np.unique(y)
        return self

    def predict(self, X: NDArray[np.float32], rows: Codes | None = None) -> Codes:
        assert rows is not None
        generator = np.random.default_rng(len(rows))
        guess = generator.choice(self.classes_, size=len(rows))
        return np.where(generator.random(len(rows)) < self.share, self.codes[rows], guess)


def truth(codes: Codes, share: float = 1.0) -> Pooled:
    return cross_validated(lambda: Pipeline([("classifier", Truth(codes, share))]), codes)


def test_the_truth_scores_1_and_a_little_of_it_is_found_out() -> None:
    for seed in SHUFFLES:
        codes = shuffled(seed)
        assert balanced_accuracy(truth(codes)) == 1.0
        assert standard_error(truth(codes), view().treatments) == 0
        off, allowed = distance(truth(codes, share=0.15))
        assert off > allowed
        off, allowed = distance(truth(codes, share=0.0))
        assert abs(off) <= allowed


def test_the_labels_as_they_are_can_be_learned() -> None:
    for name in ("centroid", "linear", "knn_rank"):
        off, allowed = distance(cross_validated(lambda name=name: SPECS[name].build({}, 1), view().codes))
        assert off > 3 * allowed


def test_the_view_has_clusters_and_unequal_classes() -> None:
    counts = np.bincount(view().codes)
    assert len(counts) == 5
    assert counts.max() > 1.5 * counts.min()
    assert view().profiles.shape == (len(view().codes), 978)
    assert np.bincount(view().treatments).min() > 1  # replicates


# The standard error


def test_the_standard_error_of_a_case_worked_by_hand() -> None:
    # Class 0: 4 samples, 3 right; class 1: 2 samples, 1 right. Clusters {0, 1}, {2, 3}, {4, 5} of samples.
    pooled = Pooled(np.array([0, 0, 0, 1, 0, 1]), np.array([0, 0, 1, 1, 0, 0]))
    clusters = np.array([0, 0, 2, 2, 5, 5])
    # u = ((2 - 1.5) / 4, (0 - 0.75) / 4 + (1 - 0.5) / 2, (1 - 0.75) / 4 + (0 - 0.5) / 2) / 2
    u = np.array([0.125, 0.0625, -0.1875]) / 2
    assert balanced_accuracy(pooled) == (0.75 + 0.5) / 2
    assert standard_error(pooled, clusters) == pytest.approx(np.sqrt(1.5 * (u**2).sum()), rel=1e-12)


def test_the_standard_error_is_that_of_a_bootstrap_of_treatments() -> None:
    generator = np.random.default_rng(4)
    clusters = view().treatments
    n_clusters = clusters.max() + 1
    # All samples of a treatment get the same prediction: single samples would be taken for too much evidence.
    pooled = Pooled(shuffled(1), generator.integers(0, 5, n_clusters)[clusters])
    members = [np.flatnonzero(clusters == g) for g in range(n_clusters)]
    drawn = (np.concatenate([members[g] for g in generator.integers(0, n_clusters, n_clusters)]) for _ in range(800))
    scores = [balanced_accuracy(Pooled(pooled.true[rows], pooled.predicted[rows])) for rows in drawn]
    assert standard_error(pooled, clusters) == pytest.approx(float(np.std(scores)), rel=0.1)


# The grid


@pytest.mark.parametrize("name", sorted(SPECS))
def test_no_classifier_of_the_grid_tells_shuffled_labels(name: str) -> None:
    spec = SPECS[name]
    for seed in SHUFFLES:
        off, allowed = distance(cross_validated(lambda: spec.build({}, 1), shuffled(seed), spec))
        assert abs(off) <= allowed
        assert allowed < 0.12  # of a chance of 0.2, so that it says something
