"""Votes from the stored neighbours of a finished run against scikit-learn's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import pairwise_distances
from sklearn.neighbors import KNeighborsClassifier

from conftest import Project
from l1000_bench.io.parts import Profiles
from l1000_bench.models.neighbours import NeighboursClassifier
from l1000_bench.neighbours.lists import NeighbourLists
from l1000_bench.neighbours.storage import load_lists, save_lists
from l1000_bench.search.benchmark_data import BenchmarkData, gather_benchmark
from l1000_bench.search.shared_neighbours import neighbour_work

METRICS = ("canberra", "manhattan", "euclidean", "chebyshev", "correlation", "cosine")


@pytest.fixture(scope="module")
def curated(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with some hundred curated profiles of the demo's kind."""
    project = Project(tmp_path_factory.mktemp("curated") / "project")
    project.replace("test/parameters/corpora/synthetic.yml", "n_replicates: 2", "n_replicates: 8")
    project.run("--pipelines=ingestion,curation,graph_prep", "--tags=ingestion,curation,knn")
    return project


@pytest.fixture(scope="module")
def profiles(curated: Project) -> Profiles:
    return Profiles(curated.data("03_primary", "lincs_full", "profiles"))


@pytest.fixture(scope="module")
def splits(curated: Project) -> dict[str, pd.DataFrame]:
    folder = curated.data("05_model_input", "lincs_full")
    return {path.parent.name: pd.read_parquet(path) for path in sorted(folder.glob("*/split.parquet"))}


@pytest.fixture(scope="module")
def benchmark(curated: Project, profiles: Profiles, splits: dict[str, pd.DataFrame]) -> BenchmarkData:
    samples = pd.read_parquet(curated.data("03_primary", "lincs_full", "samples.parquet"))
    return gather_benchmark(profiles, samples, splits["moa"], "moa", "lincs_full.moa.knn")


@pytest.mark.parametrize("metric", METRICS)
def test_votes_from_the_lists_are_those_of_scikit_learn(
    benchmark: BenchmarkData, profiles: Profiles, splits: dict[str, pd.DataFrame], metric: str
) -> None:
    """Every rotation, k and weighting; where the k-th and the next neighbour are as far, either may vote."""
    lists = neighbour_work(profiles, splits, metric).make()
    X = benchmark.profiles.astype(np.float64)
    exempt = compared = 0
    for roles in benchmark.rotations.values():
        train, rows = roles["train"], np.concatenate([roles["dev"], roles["test"]])
        codes, far = benchmark.codes[train], pairwise_distances(X[rows], X[train], metric=metric)
        nearest = np.sort(far, axis=1)
        for k in range(1, 51):
            tied = nearest[:, k - 1] == nearest[:, k]
            exempt, compared = exempt + int(tied.sum()), compared + len(rows)
            for weights in ("uniform", "distance"):
                theirs = KNeighborsClassifier(k, weights=weights, metric="precomputed")
                theirs.fit(np.zeros((len(train), len(train))), codes)
                ours = NeighboursClassifier(k, weights=weights, metric=metric, neighbours=lists)
                found = ours.fit(None, codes, rows=train).predict(None, rows=rows)
                np.testing.assert_array_equal(found[~tied], theirs.predict(far)[~tied])
    assert compared > 10_000
    assert exempt < compared / 1000


def test_the_lists_of_all_tasks_of_a_dataset_are_found_once(
    curated: Project, profiles: Profiles, splits: dict[str, pd.DataFrame]
) -> None:
    stored = load_lists(curated.data("04_feature", "lincs_full", "neighbours", "canberra"))
    assert isinstance(stored, NeighbourLists)
    assert len(splits) == 2
    assert len(stored.training_sets) == 3  # both tasks have the same three rotations
    assert len(stored.rows) == 2 * len(profiles)  # as dev and as test


def test_work_of_the_same_digest_is_not_done_again(
    profiles: Profiles, splits: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    first = neighbour_work(profiles, splits, "canberra")
    assert neighbour_work(profiles, dict(reversed(splits.items())), "cosine").digest != first.digest
    assert neighbour_work(profiles, {"moa": splits["moa"].iloc[:-1]}, "canberra").digest != first.digest
    save_lists(first.make(), first.digest, tmp_path / "lists")
    assert load_lists(tmp_path / "lists").folder == tmp_path / "lists"
