from __future__ import annotations

from typing import Any

import pytest

from l1000_bench.errors import InputError
from l1000_bench.models.spec import ClassifierSpec
from l1000_bench.search.cell import CellSpec
from l1000_bench.search.search_spec import SearchSpec, check_spaces

FOREST: dict[str, Any] = {
    "name": "forest",
    "class": "sklearn.ensemble.RandomForestClassifier",
    "label": "Forest",
    "params": {"n_estimators": 7, "random_state": 3},
    "known": {"full": {"moa": [{"max_depth": 2}, {"n_estimators": 9}]}},
    "space": {"max_depth": {"choice": [4, 5]}, "criterion": "entropy"},
    "modern_space": {"max_depth": {"dist": "randint", "low": 100, "high": 100_000}},
}
NET: dict[str, Any] = {
    "name": "net",
    "class": "l1000_bench.models.chebnet.ChebNetClassifier",
    "label": "Net",
    "params": {"pyramid": {"graph": "links", "cutoff": 0.5}, "epochs": 1},
}


def spec(**changes: Any) -> ClassifierSpec:
    return ClassifierSpec.from_config({**FOREST, **changes})


def cell(entry: dict[str, Any] = FOREST, **changes: Any) -> CellSpec:
    fields = {
        "dataset": "full", "task": "moa", "label_column": "moa", "classifier": entry, "directed_graphs": [],
        "control_graphs": [], "threads": 1,
    }  # fmt: skip
    return CellSpec(**{**fields, **changes})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"space": "old"}, r"space is 'old'; it can be paper or modern"),
        ({"space": None}, "space is None; it takes text"),
        ({"trials": -1}, r"trials is -1; it must be above 0"),
        ({"trials": 0}, r"trials is 0; it must be above 0"),
        ({"seed": -2}, r"seed is -2; it cannot be negative"),
        ({"seconds": 0}, r"seconds is 0; it must be above 0, or null for no bound"),
        ({"trial_seconds": -1.5}, r"trial_seconds is -1\.5; it must be above 0, or null"),
        ({"trial_memory_mib": 0.0}, r"trial_memory_mib is 0\.0; it must be above 0, or null"),
        ({"trial_seconds": float("nan")}, r"trial_seconds is nan; it must be above 0, or null"),
        ({"workers": 0}, r"workers is 0; it must be above 0, or null"),
        ({"threads": 0}, r"threads is 0; it must be above 0"),
        ({"early_stop": 1}, "early_stop is 1; it takes true or false"),
        ({"classifiers": "knn"}, "classifiers is 'knn'; it takes a list"),
        (
            {"budgets": {"knn": {"hours": 1}}},
            r"budgets\.knn is \{'hours': 1\}; it takes some of trials, seconds",
        ),
        ({"budgets": {"knn": 3}}, r"budgets\.knn is 3; it takes some of trials, seconds"),
        ({"budgets": {"knn": {"trials": 0}}}, r"budgets\.knn: trials is 0; it must be above 0"),
        ({"benchmarks": {"full": None}}, r"benchmarks\.full is None; it takes a list of names"),
        ({"benchmarks": {"full": "moa"}}, r"benchmarks\.full is 'moa'; it takes a list of names"),
        ({"benchmarks": {"full": [["moa"]]}}, r"benchmarks\.full is \[\['moa'\]\]; it takes a list of names"),
        ({"classifiers": [{"knn": 1}]}, r"classifiers is \[\{'knn': 1\}\]; it takes a list of names"),
        ({"resources": {"gcnn": {"GPU": 0}}}, r"resources\.gcnn is \{'GPU': 0\}; it takes names with numbers"),
        ({"resources": {"gcnn": 1}}, r"resources\.gcnn is 1; it takes names with numbers above 0, such as"),
        ({"resources": {"gcnn": {"GPU": "1"}}}, r"resources\.gcnn is \{'GPU': '1'\}; it takes names"),
        ({"resources": {"gcnn": {"GPU": True}}}, r"resources\.gcnn is \{'GPU': True\}; it takes names"),
        ({"resources": {"gcnn": {1: 1}}}, r"resources\.gcnn is \{1: 1\}; it takes names with numbers"),
        ({"resources": {"gcnn": {"GPU": float("nan")}}}, r"resources\.gcnn is \{'GPU': nan\}; it takes names"),
        ({"trials": 2.5}, r"trials is 2\.5; it takes a whole number"),
        ({"trials": True}, "trials is True; it takes a whole number"),
        ({"seed": "x"}, "seed is 'x'; it takes a whole number"),
    ],
)
def test_a_search_that_cannot_be_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        SearchSpec(**{"space": "paper", "trials": 1, "seed": 0, **changes})


def test_what_a_search_can_cover_and_need_is_taken() -> None:
    search = SearchSpec(
        "paper",
        1,
        0,
        benchmarks={"full": ["moa"], "small": []},
        classifiers=["knn"],
        resources={"a": {"GPU": 0.5}, "b": {}},
    )
    assert search.resources["a"] == {"GPU": 0.5}


def test_settings_come_from_the_space_that_is_asked_for() -> None:
    paper = SearchSpec("paper", trials=2, seed=0).settings(spec(), "full.moa")
    assert paper == [{"max_depth": 4, "criterion": "entropy"}, {"max_depth": 5, "criterion": "entropy"}]
    modern = SearchSpec("modern", trials=5, seed=0).settings(spec(), "full.moa")
    assert [list(setting) for setting in modern] == [["max_depth"]] * 5
    assert all(100 <= setting["max_depth"] < 100_000 for setting in modern)
    assert len({setting["max_depth"] for setting in modern}) == 5


def test_more_trials_begin_with_the_same_settings_and_another_seed_with_others() -> None:
    few, many, other = (
        SearchSpec("modern", n, seed).settings(spec(), "full.moa") for n, seed in ((3, 0), (8, 0), (3, 1))
    )
    assert len(many) == 8
    assert many[:3] == few
    assert other != few
    assert SearchSpec("modern", 3, 0).settings(spec(), "full.site") != few


def test_no_space_gives_no_settings() -> None:
    assert SearchSpec("modern", trials=9, seed=0).settings(spec(modern_space={}), "full.moa") == []


def test_a_classifier_has_budgets_of_its_own() -> None:
    search = SearchSpec("modern", 9, 0, trial_seconds=5, budgets={"forest": {"trials": 2, "seconds": 60}})
    own, other = search.for_classifier("forest"), search.for_classifier("linear")
    assert (own.trials, own.seconds, own.trial_seconds) == (2, 60, 5)
    assert (other.trials, other.seconds, other.trial_seconds) == (9, None, 5)


def test_nothing_is_stopped_early_in_the_space_of_the_paper() -> None:
    assert SearchSpec("modern", 1, 0).rules.early_stop
    assert not SearchSpec("modern", 1, 0, early_stop=False).rules.early_stop
    assert not SearchSpec("paper", 1, 0).rules.early_stop


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"space": {"max_depth": {"dist": "randnt"}}}, r"classifiers\.forest: space: max_depth: .* 'randnt'"),
        ({"space": {"max_depth": {"choice": []}}}, r"classifiers\.forest: space: max_depth: choice is \[\]"),
        ({"modern_space": {"_a": 3}}, r"classifiers\.forest: modern_space: _a: a group"),
        ({"space": {"criterion": "guess"}}, r"classifiers\.forest: .*'criterion'"),
        ({"modern_space": {"depth": 3}}, r"classifiers\.forest: .* refuses .*'depth': 3"),
    ],
)
def test_a_space_that_gives_nothing_to_fit_is_refused(changes: dict[str, Any], message: str) -> None:
    check_spaces(spec())
    with pytest.raises(InputError, match=message):
        check_spaces(spec(**changes))


def test_a_space_of_pyramids_is_tried_over_the_pyramid_of_the_entry() -> None:
    net = ClassifierSpec.from_config({**NET, "modern_space": {"pyramid": {"coarsening": "compact"}}})
    check_spaces(net)
    bad = ClassifierSpec.from_config({**NET, "modern_space": {"pyramid": {"coarsening": "tight"}}})
    with pytest.raises(InputError, match=r"classifiers\.net: .*unknown coarsening 'tight'"):
        check_spaces(bad)


def test_a_cell_tries_what_is_known_and_then_what_is_drawn() -> None:
    search = SearchSpec("paper", trials=2, seed=0)
    fixed = {"n_estimators": 7, "random_state": 3}
    drawn = [{**fixed, "max_depth": depth, "criterion": "entropy"} for depth in (4, 5)]
    known = [{**fixed, "max_depth": 2}, {**fixed, "n_estimators": 9}]
    assert cell().searched_settings(search) == [*known, *drawn]
    assert cell().settings() == known
    assert cell(task="site").searched_settings(search) == [fixed, *drawn]
    assert cell(dataset="prostate").settings() == [fixed]


def test_the_pyramid_of_a_setting_is_in_full() -> None:
    entry = {
        **NET,
        "known": {"full": {"moa": [{"pyramid": {"seed": 4}}]}},
        "space": {"pyramid": {"cutoff": {"choice": [0.7]}, "graph": "other"}},
    }
    settings = cell(entry).searched_settings(SearchSpec("paper", trials=1, seed=0))
    assert [setting["pyramid"] for setting in settings] == [
        {"graph": "links", "cutoff": 0.5, "seed": 4},
        {"graph": "other", "cutoff": 0.7},
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"threads": 0}, r"modeling\.threads is 0; a fit needs at least 1"),
        ({"threads": 1.5}, r"threads is 1\.5; it takes a whole number"),
        ({"label_column": None}, "label_column is None; it takes text"),
        ({"directed_graphs": "links"}, "directed_graphs is 'links'; it takes a list"),
    ],
)
def test_a_cell_that_cannot_be_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        cell(**changes)


def test_a_cell_is_called_by_its_three_names() -> None:
    assert str(cell()) == "full.moa.forest"
    assert cell().classifier_spec() == spec()
