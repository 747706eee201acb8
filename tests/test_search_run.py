"""The search as a user runs it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pandas as pd
import pytest
import yaml

from conftest import KEDRO, Project
from l1000_bench.search.best_trials import best_trial

SEARCH = "--pipelines=search"
BENCHMARKS, CLASSIFIERS = ("primary_site", "moa"), ("linear", "decision_tree", "knn")
TRIALS, ROTATIONS = 4, 3  # the known setting, and three that are drawn


@pytest.fixture(scope="session")
def searched(finished: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A finished project whose search came to its end; tests only read it."""
    project = Project(tmp_path_factory.mktemp("searched") / "project")
    shutil.copytree(finished.folder / "data", project.folder / "data")
    project.run(SEARCH)
    return project


@pytest.fixture
def searching(finished: Project, tmp_path: Path) -> Project:
    """A copy of the finished project in which nothing was searched."""
    project = Project(tmp_path / "project")
    shutil.copytree(finished.folder / "data", project.folder / "data")
    return project


def cell(project: Project, task: str, classifier: str) -> Path:
    return project.data("06_models", "lincs_full", task, classifier)


def tables(project: Project) -> dict[str, bytes]:
    """The tables of the searched cells, byte by byte, without the costs."""
    return {
        f"{task}.{classifier}.{name}": (folder / name).read_bytes()
        for task in BENCHMARKS
        for classifier in CLASSIFIERS
        for folder, names in (
            (cell(project, task, classifier), ("trials.parquet", "searched.parquet")),
            (project.data("07_model_output", "lincs_full", task, classifier), ("predictions.parquet",)),
        )
        for name in names
    } | {
        name: project.data("08_reporting", name).read_bytes()
        for name in ("search_results.csv", "best_settings.md", "known_settings.yml")
    }


def records(project: Project) -> dict[str, int]:
    """The records of the searched cells and their inodes, which change when a rotation is run again."""
    files = [
        path
        for task in BENCHMARKS
        for classifier in CLASSIFIERS
        for path in (cell(project, task, classifier) / "records").glob("[!.]*.json")
    ]
    return {str(path.relative_to(project.folder)): path.stat().st_ino for path in files}


def test_a_search_tries_what_is_known_what_is_drawn_and_what_is_best_elsewhere(searched: Project) -> None:
    for classifier in CLASSIFIERS:
        own, every = {}, {}
        for task in BENCHMARKS:
            own[task] = pd.read_parquet(cell(searched, task, classifier) / "searched.parquet")
            every[task] = pd.read_parquet(cell(searched, task, classifier) / "trials.parquet")
            assert own[task]["trial_id"].nunique() == TRIALS
            pd.testing.assert_frame_equal(every[task].iloc[: len(own[task])], own[task])
        for task, other in (BENCHMARKS, BENCHMARKS[::-1]):
            complete = own[other][own[other].groupby("trial_id")["error"].transform("count") == 0]
            best = complete.groupby("trial_id", sort=False)["dev_accuracy"].mean().idxmax()
            assert set(every[task]["trial_id"]) == {*own[task]["trial_id"], best}
        known, drawn = own["moa"]["trial_id"].iloc[0], own["moa"]["trial_id"].unique()[1:]
        assert own["primary_site"]["trial_id"].iloc[0] == known  # the entry's parameters, on both
        assert not {*drawn} & {*own["primary_site"]["trial_id"].unique()[1:]}  # every benchmark has its own draws


def test_predictions_are_those_of_the_best_trial(searched: Project) -> None:
    for task in BENCHMARKS:
        for classifier in CLASSIFIERS:
            trials = pd.read_parquet(cell(searched, task, classifier) / "trials.parquet")
            predictions = pd.read_parquet(
                searched.data("07_model_output", "lincs_full", task, classifier, "predictions.parquet")
            )
            right = (predictions["y_true"] == predictions["y_pred"]).astype(float)
            grouped = right.groupby([predictions["rotation"], predictions["role"].astype("str")])
            accuracies = grouped.mean().unstack()
            complete = trials[trials.groupby("trial_id")["error"].transform("count") == 0]
            means = complete.groupby("trial_id", sort=False)["dev_accuracy"].mean()
            best = complete[complete["trial_id"] == means.idxmax()].sort_values("rotation")
            for role in ("dev", "test"):
                assert accuracies[role].to_list() == pytest.approx(best[f"{role}_accuracy"].to_list())


def test_a_second_search_runs_nothing_and_gives_the_same(searched: Project, searching: Project) -> None:
    shutil.rmtree(searching.folder / "data")
    shutil.copytree(searched.folder / "data", searching.folder / "data")
    before = records(searching)
    log = searching.run("--pipelines=graph_prep,search")
    assert records(searching) == before
    assert tables(searching) == tables(searched)
    assert "0 rotations run" in log


def test_the_parallel_runner_finds_the_same(searched: Project, searching: Project) -> None:
    searching.run(SEARCH, "--runner=ParallelRunner")
    assert tables(searching) == tables(searched)


def test_one_worker_finds_the_same_as_two(searched: Project, searching: Project) -> None:
    searching.run(SEARCH, "--params=search.workers=1")
    assert tables(searching) == tables(searched)


def test_a_search_that_is_killed_goes_on_where_it_was(searched: Project, searching: Project) -> None:
    environment = {**os.environ, "KEDRO_ENV": "test", "PYTHONWARNINGS": "ignore"}
    before = records(searching)
    search = subprocess.Popen(
        [*KEDRO, "run", SEARCH],
        cwd=searching.folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    while len(records(searching)) < len(before) + 20:
        assert search.poll() is None
        time.sleep(0.02)
    os.kill(search.pid, signal.SIGKILL)
    search.wait()
    there = records(searching)
    searching.run(SEARCH)
    after = records(searching)
    assert {name: after[name] for name in there} == there
    assert len(after) > len(there)
    assert tables(searching) == tables(searched)


def test_a_classifier_without_a_complete_trial_is_not_the_end(searching: Project) -> None:
    searching.replace(
        "test/parameters/search.yml", "  trials: 3", "  trials: 3\n  budgets: {decision_tree: {trial_seconds: 1.0e-9}}"
    )
    log = searching.run("--pipelines=search,evaluation")
    assert "lincs_full.moa.decision_tree: 4/4 trials, 4 failed" in log
    trials = pd.read_parquet(cell(searching, "moa", "decision_tree") / "trials.parquet")
    assert trials["error"].str.startswith("TimeBudget: ").all()
    best = searching.data("08_reporting", "best_settings.md").read_text()
    assert "| Decision tree | no trial of 4 came to its end | – | – |" in best
    scores = pd.read_parquet(searching.data("07_model_output", "lincs_full", "moa", "scores.parquet"))
    assert {"linear", "knn", "majority"} <= set(scores["classifier"])
    assert "decision_tree" not in set(scores["classifier"])


def test_the_best_settings_can_be_pasted_back_as_known(searched: Project, searching: Project) -> None:
    known = yaml.safe_load(searched.data("08_reporting", "known_settings.yml").read_text())
    for name, entry in known["classifiers"].items():
        path = searching.folder / "conf" / "test" / "parameters" / "classifiers" / f"{name}.yml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(yaml.safe_dump({"classifiers": {name: entry}}))
    shutil.copy(searched.data("08_reporting", "search_results.csv"), searching.data("08_reporting"))
    shutil.copy(searched.data("08_reporting", "search_results.csv.sha256"), searching.data("08_reporting"))
    told = searching.run("--pipelines=graph_prep,modeling", "--tags=linear,knn")
    assert "its results take the place of the last search's; to keep what that chose, copy " in told
    assert f"data/08_reporting/test/known_settings.yml into {searching.folder / 'conf/test/parameters'} first." in told
    for task in BENCHMARKS:
        for classifier in ("linear", "knn"):
            found = pd.read_parquet(cell(searched, task, classifier) / "trials.parquet")
            again = pd.read_parquet(cell(searching, task, classifier) / "trials.parquet")
            complete = found[found.groupby("trial_id")["error"].transform("count") == 0]
            best = complete.groupby("trial_id", sort=False)["dev_accuracy"].mean().idxmax()
            assert again["trial_id"].unique().tolist() == [best]


def test_a_search_of_one_benchmark_needs_nothing_of_others(searching: Project) -> None:
    searching.run(SEARCH, "--params=search.benchmarks.lincs_full=[moa],search.classifiers=[knn]")
    assert (cell(searching, "moa", "knn") / "searched.parquet").exists()
    assert not (cell(searching, "primary_site", "knn") / "searched.parquet").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([SEARCH, "--params=search.trials=0"], "search: trials is 0; it must be above 0, or null for no bound."),
        ([SEARCH, "--params=search.space=old"], "search: space is 'old'; it can be paper or modern."),
        ([SEARCH, "--params=search.classifiers=[knm]"], "search.classifiers names 'knm', which is none of the"),
        ([SEARCH, "--params=search.classifiers=[snn]"], "the search covers no cell: what search.benchmarks and"),
        (["--pipelines=modeling,search"], "the pipelines modeling and search make the same tables, so one run cannot"),
    ],
)
def test_a_search_that_cannot_be_is_refused(project: Project, arguments: list[str], message: str) -> None:
    assert message in project.refusal(*arguments)


def test_a_search_before_the_data_are_made_says_what_to_run(project: Project) -> None:
    said = project.refusal(SEARCH)
    assert "which no run has made yet: run `kedro run --env=test` first." in said


def test_part_of_a_search_says_which_pipeline_makes_the_rest(searching: Project) -> None:
    said = searching.refusal(SEARCH, "--namespaces=lincs_full.moa.linear")
    assert "lincs_full.primary_site.linear.searched" in said
    assert "run `kedro run --pipelines=search --env=test` first." in said


def test_a_space_with_an_unknown_parameter_is_refused_before_any_work(searching: Project) -> None:
    searching.replace("base/parameters/classifiers/decision_tree.yml", "ccp_alpha:", "cpp_alpha:")
    before = records(searching)
    assert "classifiers.decision_tree: sklearn.tree.DecisionTreeClassifier refuses" in searching.refusal(SEARCH)
    assert records(searching) == before


def test_unseen_subjects_are_predicted_with_the_setting_that_the_search_chose_per_sample(searching: Project) -> None:
    search = searching.folder / "conf" / "test" / "parameters" / "search.yml"
    search.write_text("search: {trials: 5, benchmarks: {neurobank_l4: [perturbagen]}, classifiers: [knn]}\n")
    searching.run(SEARCH)
    folder = searching.data("06_models", "neurobank_l4")
    chosen = best_trial(pd.read_parquet(folder / "perturbagen" / "knn" / "trials.parquet"))
    unseen = pd.read_parquet(folder / "perturbagen_unseen_subject" / "knn" / "trials.parquet")
    assert unseen["trial_id"].unique().tolist() == [chosen]
    assert unseen["error"].isna().all()
    predicted = pd.read_parquet(
        searching.data("07_model_output", "neurobank_l4", "perturbagen_unseen_subject", "knn", "predictions.parquet")
    )
    lines = predicted["sample_id"].astype("str").str.split("_").str[1]  # one of every subject
    assert set(predicted["role"]) == {"test"}
    assert predicted.groupby(lines)["rotation"].nunique().eq(1).all()
