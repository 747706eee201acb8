"""Which classifiers a benchmark has, and where it takes its settings from."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT
from l1000_bench import settings
from l1000_bench.config import BenchConfigLoader
from l1000_bench.errors import InputError
from l1000_bench.experiments import Benchmark
from l1000_bench.grid import Cell, Grid, read_grid

EXPERIMENTS = """
benchmarks:
  lincs_full: [moa, primary_site]
  neurobank_l4: [perturbagen, perturbagen_unseen_subject]
classifiers: [majority, linear]
classifiers_of:
  neurobank_l4: [majority, knn]
  lincs_full.moa: [decision_tree]
"""

UNSEEN = "tasks/perturbagen_unseen_subject"


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "conf", tmp_path / "conf", ignore=shutil.ignore_patterns("local"))
    (tmp_path / "conf" / "local").mkdir()
    (tmp_path / "conf" / "test" / "experiments.yml").write_text(EXPERIMENTS)
    return tmp_path / "conf"


def grid_of(conf: Path, change: tuple[str, str] = ("", "")) -> Grid:
    path = conf / "test" / "experiments.yml"
    path.write_text(path.read_text().replace(*change))
    loader = BenchConfigLoader(conf_source=str(conf), env="test", **settings.CONFIG_LOADER_ARGS)
    return read_grid(loader["experiments"], loader["parameters"])


def test_a_benchmark_has_the_classifiers_of_its_task_or_else_of_its_dataset_or_else_of_all(conf: Path) -> None:
    grid = grid_of(conf)
    assert [str(cell) for cell in grid.cells] == [
        "lincs_full.moa.decision_tree", "lincs_full.primary_site.majority", "lincs_full.primary_site.linear",
        "neurobank_l4.perturbagen.majority", "neurobank_l4.perturbagen.knn",
        "neurobank_l4.perturbagen_unseen_subject.majority", "neurobank_l4.perturbagen_unseen_subject.knn",
    ]  # fmt: skip
    assert list(grid.classifiers) == ["majority", "linear", "decision_tree", "knn"]
    assert grid.chosen[Benchmark("lincs_full", "moa")] == ("decision_tree",)


def test_classifiers_of_a_benchmark_that_the_run_does_not_have_do_not_count(conf: Path) -> None:
    grid = grid_of(conf, ("  lincs_full.moa: [decision_tree]", "  lincs_prostate: [svc]\n  lincs_full.subtype: [svc]"))
    assert list(grid.classifiers) == ["majority", "linear", "knn"]


def test_a_cell_of_another_tasks_settings_is_not_searched(conf: Path) -> None:
    (conf / "test" / "parameters" / "search.yml").write_text(
        "search: {trials: 2, benchmarks: null, classifiers: null}\n"
    )
    grid = grid_of(conf)
    unseen = Cell("neurobank_l4", "perturbagen_unseen_subject", "knn")
    assert grid.source_of(unseen) == Cell("neurobank_l4", "perturbagen", "knn")
    assert grid.source_of(Cell("lincs_full", "moa", "linear")) is None
    assert set(grid.cells) - set(grid.searched_cells) == {unseen, unseen._replace(classifier="majority")}
    assert grid.metrics(unseen) == grid.metrics(unseen._replace(task="perturbagen")) == ("canberra",)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("lincs_full.moa:", "lincs_full.mao:"), r"classifiers_of names 'lincs_full\.mao', which is no dataset"),
        (("lincs_full.moa: [decision_tree]", "lincs_prostata: [knn]"), "classifiers_of names 'lincs_prostata'"),
        (("[decision_tree]", "decision_tree"), r"classifiers_of\.lincs_full\.moa is 'decision_tree'; it takes a list"),
        (("[decision_tree]", "[tree]"), "asks for 'tree' among the classifiers"),
        (("lincs_full.moa: [decision_tree]", "lincs_full: [tree]"), "asks for 'tree' among the classifiers"),
        (("classifiers: [majority, linear]", "classifiers: [majority, liner]"), "asks for 'liner' among"),
        (("[perturbagen, perturbagen_unseen_subject]", "[perturbagen_unseen_subject]"), (
            r"neurobank_l4\.perturbagen_unseen_subject takes its settings from neurobank_l4\.perturbagen, which the "
            "grid does not have with majority"
        )),
        (("lincs_full.moa: [decision_tree]", "neurobank_l4.perturbagen: [majority]"), "does not have with knn"),
    ],
)  # fmt: skip
def test_a_grid_that_does_not_fit_is_refused(conf: Path, change: tuple[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        grid_of(conf, change)


@pytest.mark.parametrize(
    ("path", "old", "new", "message"),
    [
        (UNSEEN, "[perturbagen]", "[pert]", r"tasks\.perturbagen_unseen_subject names the task"),
        (UNSEEN, "settings_from: perturbagen", "settings_from: pert", "names the task 'pert'"),
        (UNSEEN, "settings_from: perturbagen", "settings_from: perturbagen_unseen_subject",
         r"names itself \(perturbagen_unseen_subject\)"),
        ("classifiers/knn", "label:", "known: {neurobank_l4: {perturbagen_unseen_subject: [{}]}}\n    label:",
         r"classifiers\.knn: known has settings of neurobank_l4\.perturbagen_unseen_subject, which takes its setting "
         "from perturbagen; give them to that task"),
        ("splits/leave_one_subject_out", "One subject held out in each rotation", "Stratified folds, rotated",
         r"splits\.leave_one_subject_out has the label 'Stratified folds, rotated' of splits\.stratified"),
        ("datasets/neurobank_l4", "leave_one_subject_out:", "leave_one_out:", r"splits names 'leave_one_out'"),
        ("datasets/neurobank_l4", "exclude:", "without:", r"datasets\.neurobank_l4: splits\.leave_one_subject_out: "),
        ("tasks/perturbagen", "split: stratified", "split: stratifed", "asks for 'stratifed' among the splits"),
        ("splits/stratified", "scheme: stratified", "scheme: stratifed", "unknown split scheme 'stratifed'"),
    ],
)  # fmt: skip
def test_an_entry_that_does_not_fit_is_refused(conf: Path, path: str, old: str, new: str, message: str) -> None:
    file = conf / "base" / "parameters" / f"{path}.yml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    with pytest.raises(InputError, match=message):
        grid_of(conf)


def test_parameters_that_a_dataset_sets_for_a_split_win(conf: Path) -> None:
    grid = grid_of(conf)
    scheme, dataset = grid.splits["stratified"], grid.datasets["neurobank_l4"]
    own: dict[str, Any] = scheme.params_for(dataset)
    assert own == scheme.params | dataset.splits["stratified"]
    assert scheme.params_for(grid.datasets["lincs_full"]) == scheme.params
