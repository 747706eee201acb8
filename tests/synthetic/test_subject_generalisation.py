"""Do planted differences between subjects cost accuracy on a new one, and does nothing cost it where none are planted?

Per sample and with whole subjects held out, five rotations train on about 80 % of the same profiles and test each once,
so that training sets of one size are compared. The error of the difference of the two accuracies is that of a mean over
perturbagens: a perturbagen's profiles are right or wrong together. Within sampling error means within 3.5 of it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from conftest import ROOT
from l1000_bench.config import BenchConfigLoader
from l1000_bench.curation.splits import SplitRequest, make_split
from l1000_bench.models.fit import fit
from l1000_bench.models.spec import ClassifierSpec
from l1000_bench.settings import CONFIG_LOADER_ARGS
from l1000_bench.synthetic.subject_corpus import SubjectSpec, make_subject_corpus

SEEDS = (1, 2, 3)
N_ERRORS = 3.5
# What differs from the demo's settings, for the sake of time.
CLASSIFIERS: dict[str, dict[str, Any]] = {
    "linear": {"max_iter": 15},
    "centroid": {},
    "knn": {},
    "decision_tree": {},
    "random_forest": {"n_estimators": 20},
    "ffann": {"hidden_layer_sizes": [100]},
}


class Drop(NamedTuple):
    """What a new subject costs: the difference of the two accuracies, and its standard error."""

    difference: float
    error: float


def entries() -> dict[str, ClassifierSpec]:
    loader = BenchConfigLoader(conf_source=str(ROOT / "conf"), env="base", **CONFIG_LOADER_ARGS)
    parameters = loader["parameters"]["classifiers"]
    return {name: ClassifierSpec.from_config(parameters[name]) for name in CLASSIFIERS}


def hits(
    spec: ClassifierSpec, setting: dict[str, Any], X: NDArray[np.float32], y: NDArray[np.intp], split: pd.DataFrame
) -> NDArray[np.float64]:
    """Return 1 for every profile that is predicted rightly when its turn has come, (n_samples,)."""
    roles = split["role"].to_numpy(dtype=object).reshape(-1, len(y))  # (n_rotations, n_samples)
    assert ((roles == "test").sum(axis=0) == 1).all()
    found = np.zeros(len(y))
    for role in roles:
        assert (role == "train").sum() == pytest.approx(0.8 * len(y), rel=0.03)
        model = fit(spec.build(setting, threads=1), X[role == "train"], y[role == "train"], threads=1)
        found[role == "test"] = model.predict(X[role == "test"]) == y[role == "test"]
    return found


def drops(subject_strength: float) -> dict[tuple[str, int], Drop]:
    """Return the drop of every classifier on the corpora of three seeds."""
    found = {}
    specs = entries()
    for seed in SEEDS:
        spec = SubjectSpec(
            seed=seed, n_compounds=20, n_replicates=3, doses=(3.33, 10.0), subject_strength=subject_strength
        )
        corpus = make_subject_corpus(spec)
        rows = corpus.samples.set_index("sample").reindex(corpus.sample_ids.tolist()).reset_index()
        samples = rows.rename(columns={"sample": "sample_id", "donor": "subject_id", "compound": "perturbagen"})
        request = SplitRequest(samples, "perturbagen", ["subject_id", "perturbagen"], f"seed {seed}")
        per_sample = make_split(request, "stratified", {"n_folds": 5, "seed": 1, "dev": False})
        unseen = make_split(request, "leave_one_subject_out", {})
        y = pd.factorize(samples["perturbagen"])[0]
        for name, setting in CLASSIFIERS.items():
            here, there = (hits(specs[name], setting, corpus.matrix, y, split) for split in (per_sample, unseen))
            difference = here - there
            clusters = pd.Series(difference - difference.mean()).groupby(y).sum()
            found[name, seed] = Drop(difference.mean(), float(np.sqrt((clusters**2).sum())) / len(y))
    return found


def over_seeds(found: dict[tuple[str, int], Drop], name: str) -> Drop:
    of_seeds = [found[name, seed] for seed in SEEDS]
    errors = np.array([drop.error for drop in of_seeds])
    return Drop(float(np.mean([drop.difference for drop in of_seeds])), float(np.sqrt((errors**2).sum())) / len(SEEDS))


def test_every_classifier_loses_on_a_new_subject_where_subjects_differ() -> None:
    found = drops(1.0)
    assert {cell: drop for cell, drop in found.items() if drop.difference <= 0} == {}
    for name in CLASSIFIERS:
        drop = over_seeds(found, name)
        assert drop.difference > N_ERRORS * drop.error, (name, drop)


def test_no_classifier_loses_on_a_new_subject_where_subjects_do_not_differ() -> None:
    found = drops(0.0)
    far = {cell: drop for cell, drop in found.items() if abs(drop.difference) > N_ERRORS * drop.error}
    assert far == {}
    for name in CLASSIFIERS:
        drop = over_seeds(found, name)
        assert abs(drop.difference) < N_ERRORS * drop.error, (name, drop)
