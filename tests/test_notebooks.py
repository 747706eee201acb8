from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pandas as pd
import pytest
from nbconvert.preprocessors import ExecutePreprocessor
from scipy.spatial.distance import cdist
from scipy.stats import mannwhitneyu
from sklearn.linear_model import RidgeClassifier
from sklearn.metrics import accuracy_score
from sklearn.preprocessing import StandardScaler

from conftest import ROOT, Project
from l1000_bench.curation.splits import split_digest
from l1000_bench.io.submission_file import read_submission

BOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
EXTENSION = "%load_ext kedro.ipython"
DATASET, TASK = "lincs_full", "primary_site"  # the first benchmark of the grid
# What is asked of a notebook when it has ended.
ANSWERS = {
    "01_explore_profiles": "[separation.to_dict(), knn_accuracy.to_dict(), list(map(str, samples.index[rows]))]",
    "02_compare_classifiers": "[leaderboard['accuracy'].to_dict(), shares.sum(axis=1).tolist(), counts.sum().tolist()]",
    "03_gene_graph": "[degrees.to_dict(), hubs['symbol'].to_dict(), parts['real'].to_dict()]",
    "04_add_your_own_classifier": "[leaderboard[('accuracy', 'mean')].to_dict(), handed_in.to_csv(index=False)]",
}
FORGET = "for name in set(globals()) - _kedro:\n    if not name.startswith('_'):\n        del globals()[name]"


def code(text: str) -> Any:
    return nbformat.v4.new_code_cell(text)


def files(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def answers(finished: Project) -> dict[str, Any]:
    """What the notebooks find: run one after the other in one process, each without the names of the one before."""
    cells = [code(EXTENSION), code("_kedro = set(globals())")]
    for path in BOOKS:
        cells += [
            *nbformat.read(path, as_version=4).cells,
            code(f"import json\nprint(json.dumps({ANSWERS[path.stem]}))"),
        ]
        cells.append(code(FORGET))
    book = nbformat.v4.new_notebook(cells=cells)
    before = files(finished.folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KEDRO_ENV", "test")
        ExecutePreprocessor(timeout=300).preprocess(book, {"metadata": {"path": str(finished.folder)}})
    assert files(finished.folder) == before, "a notebook wrote into the project"
    said = [cell.outputs[-1].text for cell in book.cells if "json.dumps(" in cell.source]
    return {path.stem: json.loads(text) for path, text in zip(BOOKS, said, strict=True)}


@pytest.fixture(scope="module")
def profiles(finished: Project) -> pd.DataFrame:
    """(n_samples, n_genes) by sample, read without the project."""
    parts = sorted(finished.data("03_primary", DATASET, "profiles").glob("*.parquet"))
    return pd.concat([pd.read_parquet(part) for part in parts]).set_index("sample_id")


@pytest.fixture(scope="module")
def labels(finished: Project) -> pd.Series:
    samples = pd.read_parquet(finished.data("03_primary", DATASET, "samples.parquet"))
    return samples.set_index("sample_id")[TASK].astype(object)


def rotations(finished: Project) -> list[dict[str, list[str]]]:
    """The ids of every role in every rotation, as they stand in the dataset."""
    samples = pd.read_parquet(finished.data("03_primary", DATASET, "samples.parquet"))["sample_id"].tolist()
    split = pd.read_parquet(finished.data("05_model_input", DATASET, TASK, "split.parquet"))
    return [
        {str(role): sorted(ids, key=samples.index) for role, ids in rows.groupby("role", observed=True)["sample_id"]}
        for _, rows in split.groupby("rotation")
    ]


@pytest.mark.parametrize("path", BOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_stored_without_outputs_and_begins_with_kedro(path: Path) -> None:
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert cells[0].source == EXTENSION
    assert [(cell.outputs, cell.execution_count) for cell in cells] == [([], None)] * len(cells)


def test_the_distances_that_tell_classes_apart(
    answers: dict[str, Any], profiles: pd.DataFrame, labels: pd.Series
) -> None:
    separation, _, rows = answers["01_explore_profiles"]
    chosen = [int(row) for row in rows]
    values, names = profiles.to_numpy()[chosen], labels.to_numpy()[chosen]
    pairs = [(i, j) for i in range(len(chosen)) for j in range(i)]
    differences = (values[:, None] - values[None]).astype("float64")
    distances = {
        "euclidean": np.sqrt((differences**2).sum(axis=2)),
        "manhattan": np.abs(differences).sum(axis=2),
        "correlation": 1 - np.corrcoef(values),
    }
    for metric, between in distances.items():
        same = np.array([between[pair] for pair in pairs if names[pair[0]] == names[pair[1]]])
        other = np.array([between[pair] for pair in pairs if names[pair[0]] != names[pair[1]]])
        nearer = mannwhitneyu(other, same).statistic / (len(same) * len(other))
        assert separation[metric] == pytest.approx(nearer, abs=1e-6)


def test_five_nearest_neighbours(
    answers: dict[str, Any], finished: Project, profiles: pd.DataFrame, labels: pd.Series
) -> None:
    _, accuracy, _ = answers["01_explore_profiles"]
    first = rotations(finished)[0]
    between = cdist(profiles.loc[first["test"]], profiles.loc[first["train"]], "canberra")
    nearest = labels[first["train"]].to_numpy()[np.argsort(between, axis=1, kind="stable")[:, :5]]
    voted = [sorted(set(votes), key=lambda label: (-list(votes).count(label), label))[0] for votes in nearest]
    assert accuracy["canberra"] == pytest.approx((labels[first["test"]].to_numpy() == voted).mean(), abs=1e-12)


def test_the_leaderboard_is_that_of_the_predictions(answers: dict[str, Any], finished: Project) -> None:
    leaderboard, shares, counts = answers["02_compare_classifiers"]
    found = {}
    for path in finished.data("07_model_output", DATASET, TASK).glob("*/predictions.parquet"):
        table = pd.read_parquet(path).query("role == 'test'")
        rotation = [accuracy_score(rows["y_true"], rows["y_pred"]) for _, rows in table.groupby("rotation")]
        found[path.parent.name] = np.mean(rotation)
    assert leaderboard == pytest.approx(found, abs=1e-12)
    assert list(leaderboard.values()) == sorted(leaderboard.values(), reverse=True)
    assert shares == pytest.approx([1] * len(shares), abs=1e-12)
    assert np.sum(counts) == len(pd.read_parquet(finished.data("03_primary", DATASET, "samples.parquet")))


def test_the_degrees_of_the_graph(answers: dict[str, Any], finished: Project) -> None:
    degrees, symbols, real = answers["03_gene_graph"]
    edges = pd.read_parquet(finished.data("04_feature", "regulatory", "edges.parquet"))
    ends = edges[["gene_a", "gene_b"]].to_numpy(dtype=object).ravel().tolist()
    assert degrees == {gene: ends.count(gene) for gene in set(ends)}
    assert list(symbols) == list(degrees)[:10]
    assert all(symbol.startswith("SYNG") for symbol in symbols.values())
    assert real["0"] == len(degrees)


def test_the_added_classifier_is_scored_as_scikit_learn_alone_scores_it(
    answers: dict[str, Any], finished: Project, profiles: pd.DataFrame, labels: pd.Series
) -> None:
    leaderboard, _ = answers["04_add_your_own_classifier"]
    found = []
    for ids in rotations(finished):
        scaler = StandardScaler().fit(profiles.loc[ids["train"]].clip(-10, 10).to_numpy())
        parts = {role: scaler.transform(profiles.loc[rows].clip(-10, 10).to_numpy()) for role, rows in ids.items()}
        ridge = RidgeClassifier(alpha=1000.0).fit(parts["train"], labels[ids["train"]].to_numpy())
        found.append(ridge.score(parts["test"], labels[ids["test"]].to_numpy()))
    assert leaderboard.pop("ridge") == pytest.approx(np.mean(found), abs=1e-12)
    assert leaderboard == pytest.approx(answers["02_compare_classifiers"][0], abs=1e-12)


def test_what_is_shown_to_be_handed_in_is_accepted(answers: dict[str, Any], finished: Project, tmp_path: Path) -> None:
    _, text = answers["04_add_your_own_classifier"]
    (tmp_path / "ridge.csv").write_text(text)
    found = read_submission(tmp_path / "ridge.csv")
    split = pd.read_parquet(finished.data("05_model_input", DATASET, TASK, "split.parquet"))
    assert len(found) == split["role"].isin(["dev", "test"]).sum()
    assert set(found["split_sha256"]) == {split_digest(split)}
