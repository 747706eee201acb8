from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT
from l1000_bench import settings
from l1000_bench.config import BenchConfigLoader
from l1000_bench.errors import InputError
from l1000_bench.grid import Grid, read_grid
from l1000_bench.search.cell import CellSpec
from l1000_bench.search.search_spec import SearchSpec


def loader(conf: Path, env: str | None = None) -> BenchConfigLoader:
    options: dict[str, Any] = dict(settings.CONFIG_LOADER_ARGS)
    return BenchConfigLoader(conf_source=str(conf), env=env, **options)


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    """A copy of the configuration that a test may change."""
    shutil.copytree(ROOT / "conf", tmp_path / "conf", ignore=shutil.ignore_patterns("local"))
    (tmp_path / "conf" / "local").mkdir()
    return tmp_path / "conf"


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def grid_of(conf: Path, env: str | None = None) -> Grid:
    configuration = loader(conf, env)
    return read_grid(configuration["experiments"], configuration["parameters"])


def test_loaders_keep_an_environment_of_their_own() -> None:
    base, test = loader(ROOT / "conf"), loader(ROOT / "conf", "test")
    for _ in range(2):  # turn by turn, since resolvers are shared by the process
        assert base["catalog"]["report"]["filepath"] == "data/08_reporting/base/report.html"
        assert test["catalog"]["report"]["filepath"] == "data/08_reporting/test/report.html"
        assert test["parameters"]["corpora"]["synthetic"]["folder"] == "data/01_raw/test/synthetic"
        assert base["parameters"]["corpora"]["synthetic"]["folder"] == "data/01_raw/base/synthetic"
        assert base["catalog"]["synthetic.gene_info"]["filepath"].startswith("data/01_raw/base/synthetic/")
    assert base["parameters"]["run"]["environment"] == "base"
    assert test["parameters"]["run"]["environment"] == "test"


def test_an_environment_changes_the_values_it_names_and_no_other() -> None:
    base, test = (loader(ROOT / "conf", env)["parameters"] for env in (None, "test"))
    assert base["splits"]["stratified"]["params"] == {"n_folds": 5, "seed": 1}
    assert test["splits"]["stratified"]["params"] == {"n_folds": 3, "seed": 1}
    assert base["corpora"]["synthetic"]["generator"] == {"seed": 2020, "graph_signal": 1.0}
    generator = test["corpora"]["synthetic"]["generator"]
    assert generator["seed"] == 7
    assert generator["graph_signal"] == 1.0
    assert test["corpora"]["synthetic"]["files"] == base["corpora"]["synthetic"]["files"]


def test_every_entry_knows_its_name() -> None:
    parameters = loader(ROOT / "conf")["parameters"]
    for kind in ("corpora", "datasets", "tasks", "splits", "classifiers"):
        assert parameters[kind]
        for name, entry in parameters[kind].items():
            assert entry["name"] == name


ORDER = """
import json
from test_config import ROOT, loader
loaded = loader(ROOT / "conf", "test")
print(json.dumps([loaded["parameters"], loaded["catalog"]], default=str))
"""


def test_the_order_is_the_same_in_every_process() -> None:
    def printed(hash_seed: str) -> str:
        environment = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT / "tests")}
        command = [sys.executable, "-c", ORDER]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    first, *others = (printed(seed) for seed in ("0", "1", "2"))
    assert others == [first, first]
    parameters = json.loads(first)[0]
    assert list(parameters["classifiers"]) == sorted(parameters["classifiers"])


@pytest.mark.parametrize("env", ["test", "mini", None])
def test_a_global_that_base_lacks_is_refused(conf: Path, env: str | None) -> None:
    path = conf / (env or "local") / "globals.yml"
    path.write_text((path.read_text() if path.exists() else "") + "\nn_flods: 4\n")
    with pytest.raises(InputError, match=r"globals\.yml sets globals\.n_flods, .* n_folds") as caught:
        loader(conf, env)["parameters"]
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("ending", ["yml", "yaml"])
@pytest.mark.parametrize(("kind", "alike"), [("classifiers", "knn"), ("datasets", "lincs_full"), ("tasks", "moa")])
def test_an_entry_that_base_lacks_is_refused(conf: Path, kind: str, alike: str, ending: str) -> None:
    path = conf / "test" / "parameters" / kind / f"mine.{ending}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{kind}:\n  mine:\n    label: Mine\n")
    with pytest.raises(InputError, match=rf"sets {kind}\.mine, which .*{alike}") as caught:
        loader(conf, "test")["parameters"]
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("ending", ["yml", "yaml"])
@pytest.mark.parametrize("folder", ["parameters/classifiers", "parameters/more/deep", "."])
def test_an_entry_given_twice_is_refused_with_both_files(conf: Path, folder: str, ending: str) -> None:
    name = f"parameters_more.{ending}" if folder == "." else f"other.{ending}"
    path = conf / "base" / folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("classifiers:\n  knn:\n    params: {n_neighbors: 99}\n")
    with pytest.raises(InputError, match=r"classifiers\.knn is defined in .* and again in") as caught:
        loader(conf, "test")["parameters"]
    assert str(path) in str(caught.value)
    assert str(conf / "base/parameters/classifiers/knn.yml") in str(caught.value)


def test_an_entry_of_base_may_be_changed_by_an_environment(conf: Path) -> None:
    path = conf / "test" / "parameters" / "classifiers" / "knn.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("classifiers:\n  knn:\n    params: {n_neighbors: 99}\n")
    params = loader(conf, "test")["parameters"]["classifiers"]["knn"]["params"]
    assert (params["n_neighbors"], params["metric"]) == (99, "canberra")


def test_a_file_that_is_no_yaml_is_named(conf: Path) -> None:
    path = conf / "base" / "parameters" / "classifiers" / "knn.yml"
    path.write_text("classifiers: [knn\n")
    with pytest.raises(InputError, match=r"knn\.yml cannot be read as YAML"):
        loader(conf)["parameters"]


@pytest.mark.parametrize(
    ("known", "words"),
    [
        ("{lincs_ful: {moa: [{n_neighbors: 3}]}}", "known names 'lincs_ful', which is none of the datasets"),
        ("{lincs_full: {mao: [{n_neighbors: 3}]}}", "known names 'mao', which is none of the tasks"),
        ("{lincs_full: {moa: {n_neighbors: 3}}}", "it takes a list of settings for every dataset and task"),
        ("{lincs_full: {moa: [{neighbours: 3}]}}", "neighbours"),
        ("[moa]", "known is .*; it takes keys and values"),
    ],
)
def test_known_settings_are_of_what_is_there(conf: Path, known: str, words: str) -> None:
    path = conf / "base" / "parameters" / "classifiers" / "knn.yml"
    path.write_text(path.read_text() + f"    known: {known}\n")
    with pytest.raises(InputError, match=rf"classifiers\.knn: .*{words}"):
        grid_of(conf, "test")


@pytest.mark.parametrize(
    ("path", "old", "new", "words"),
    [
        ("datasets/lincs_full.yml", "label: Full", "label: 3 #", r"datasets\.lincs_full: label is 3; .* text"),
        ("datasets/lincs_full.yml", "stratify_by: [cell_id, moa]", "stratify_by: cell_id",
         r"datasets\.lincs_full: stratify_by is 'cell_id'; it takes a list"),
        ("datasets/lincs_full.yml", "[cell_id, moa]", "[]", r"datasets\.lincs_full: stratify_by is empty"),
        ("datasets/all_profiles.yml", "rules: []", "rules: {}", None),
        ("datasets/lincs_prostate.yml", "values: [prostate]", "values: prostate", "takes a list, such as .prostate."),
        ("tasks/moa.yml", "label_column: moa", "label_column: [moa]", r"tasks\.moa: label_column is .*; it takes text"),
        ("tasks/moa.yml", "label_column: moa", "label_column:", r"tasks\.moa: label_column is None; it takes text"),
        ("splits/stratified.yml", "label: Stratified", "label: '' #", r"splits\.stratified: label is ''"),
        ("classifiers/knn.yml", "n_neighbors: 12", "n_neighbors: twelve", r"classifiers\.knn: .*n_neighbors"),
        ("classifiers/knn.yml", "label: K nearest", "label: 5 #", r"classifiers\.knn: label is 5; .* text"),
        ("corpora/synthetic.yml", "gene_info:", "gene_infos:", r"corpora\.synthetic: .*gene_infos"),
    ],
)  # fmt: skip
def test_an_entry_of_the_wrong_type_is_refused(conf: Path, path: str, old: str, new: str, words: str | None) -> None:
    replace(conf / "base" / "parameters" / path, old, new)
    if words is None:  # no task of this environment uses the dataset: what a run leaves out it does not judge
        assert "all_profiles" not in grid_of(conf, "test").datasets
        return
    with pytest.raises(InputError, match=words):
        grid_of(conf, "test")


def test_the_grid_of_the_test_environment_is_read() -> None:
    grid = grid_of(ROOT / "conf", "test")
    assert [str(benchmark) for benchmark in grid.benchmarks] == [
        "lincs_full.primary_site", "lincs_full.moa", "lincs_prostate.moa", "neurobank_l5.perturbagen",
        "neurobank_l4.perturbagen", "neurobank_l4.perturbagen_unseen_subject",
    ]  # fmt: skip
    assert len(grid.cells) == 3 * len(grid.classifiers) + 3 * 3


def test_an_environment_with_a_grid_of_its_own_has_its_own_classifiers_everywhere(conf: Path) -> None:
    assert loader(conf)["experiments"]["classifiers_of"]["lincs_prostate"]
    (conf / "test" / "experiments.yml").write_text("benchmarks: {lincs_prostate: [moa]}\nclassifiers: [knn]\n")
    assert [str(cell) for cell in grid_of(conf, "test").cells] == ["lincs_prostate.moa.knn"]
    (conf / "test" / "experiments.yml").unlink()
    assert loader(conf, "test")["experiments"] == loader(conf)["experiments"]


def test_trials_asked_for_on_the_command_line_are_searched() -> None:
    options: dict[str, Any] = {**settings.CONFIG_LOADER_ARGS, "runtime_params": {"search": {"trials": 5}}}
    parameters = BenchConfigLoader(conf_source=str(ROOT / "conf"), env="test", **options)["parameters"]
    search = SearchSpec(**parameters["search"])
    assert (search.trials, search.space, search.classifiers) == (5, "modern", ["linear", "decision_tree", "knn"])
    for name in ("knn", "gcnn", "majority"):
        cell = CellSpec(**parameters["cells"]["lincs_full"]["moa"][name])
        assert len(cell.settings()) == 1
        assert len(cell.searched_settings(search)) == (1 if name == "majority" else 6)


@pytest.mark.parametrize(
    ("search", "message"),
    [
        ({"trials": 0}, r"search: trials is 0; it must be above 0"),
        ({"trails": 3}, r"search: .*'trails' is not known here .*; its keys are space, trials, seed, seconds"),
        (
            {"classifiers": ["kn"]},
            r"search\.classifiers names 'kn', which is none of the classifiers adaboost",
        ),
        (
            {"budgets": {"svm": {"trials": 2}}},
            r"search\.budgets names 'svm', which is none of the classifiers",
        ),
        (
            {"resources": {"svm": {"GPU": 1}}},
            r"search\.resources names 'svm', which is none of the classifiers",
        ),
        (
            {"benchmarks": {"lincs_full": ["mao"]}},
            r"search\.benchmarks names 'mao', which is none of the tasks",
        ),
        (
            {"benchmarks": {"lincs_fool": ["moa"]}},
            r"search\.benchmarks names 'lincs_fool', which is none of the datasets",
        ),
    ],
)
def test_a_search_that_names_nothing_of_the_grid_is_refused(conf: Path, search: dict[str, Any], message: str) -> None:
    made = loader(conf, "test")
    parameters = made["parameters"]
    with pytest.raises(InputError, match=message):
        read_grid(made["experiments"], {**parameters, "search": {**parameters["search"], **search}})


def test_a_graph_cannot_have_the_name_of_a_dataset(conf: Path) -> None:
    replace(conf / "base/parameters/graphs/regulatory.yml", "  regulatory:", "  lincs_full:")
    replace(conf / "base/globals.yml", "graph: regulatory", "graph: lincs_full")
    made = loader(conf, "test")
    with pytest.raises(InputError, match=r"graphs\.lincs_full has the name of a dataset or corpus"):
        read_grid(made["experiments"], made["parameters"])
