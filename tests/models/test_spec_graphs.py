from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from l1000_bench.errors import InputError
from l1000_bench.graphs.choice import Pyramids
from l1000_bench.graphs.pyramid import Pyramid
from l1000_bench.models.spec import ClassifierSpec

NET: dict[str, Any] = {
    "name": "net",
    "class": "l1000_bench.models.chebnet.ChebNetClassifier",
    "label": "Net",
    "params": {"pyramid": {"graph": "links", "cutoff": 0.5}, "filters": [3], "K": [2], "pool": [2], "n_jobs": 3},
}
GENES = [f"g{number:02d}" for number in range(40)]
LINKS = pd.DataFrame({"gene_a": GENES[:-1], "gene_b": GENES[1:]}, dtype="str").assign(weight=1.0)  # a path


def spec(**changes: Any) -> ClassifierSpec:
    return ClassifierSpec.from_config({**NET, **changes})


def pyramid_of(spec: ClassifierSpec, setting: dict[str, Any]) -> Pyramid | None:
    pyramids = Pyramids(GENES, {"links": LINKS, "weak": LINKS.assign(weight=0.25)})
    found = spec.build(setting, threads=1, pyramids=pyramids).named_steps["classifier"].pyramid
    assert found is None or isinstance(found, Pyramid)
    return found


def test_a_setting_says_of_a_pyramid_what_it_changes() -> None:
    assert spec().in_full({"K": [9]}) == {**NET["params"], "K": [9]}
    full = spec().in_full({"pyramid": {"cutoff": 0.9, "levels": 4}})
    assert full["pyramid"] == {"graph": "links", "cutoff": 0.9, "levels": 4}
    assert spec().in_full({"pyramid": None})["pyramid"] is None
    assert spec(params={}).in_full({"pyramid": {"graph": "weak"}}) == {"pyramid": {"graph": "weak"}}
    assert spec().params == NET["params"]


@pytest.mark.parametrize(
    ("changes", "graphs"),
    [
        ({}, ("links",)),
        ({"params": {}}, ()),
        ({"params": {"pyramid": None}}, ()),
        ({"known": {"full": {"moa": [{}, {"pyramid": {"graph": "weak"}}]}}}, ("links", "weak")),
        ({"space": {"pyramid": {"cutoff": 0.5}}, "modern_space": {"pyramid": {"graph": "b"}}}, ("links", "b")),
        ({"space": {"pyramid": {"graph": {"choice": ["b", "links"], "weights": [1, 2]}}}}, ("links", "b")),
        ({"space": {"pyramid": {"graph": {"mixture": ["b", {"choice": ["c", "d"]}]}}}}, ("links", "b", "c", "d")),
        ({"space": {"pyramid": {"choice": [{"graph": "b"}, {"graph": "c", "cutoff": 0.5}]}}}, ("links", "b", "c")),
        ({"space": {"_how": {"mixture": [{"pyramid": {"graph": "b"}}, {"pyramid": {"graph": "c"}}]}}},
         ("links", "b", "c")),
        ({"space": {"K": {"choice": [[1]]}, "class_weight": {"graph": 2.0}}}, ("links",)),
    ],
)  # fmt: skip
def test_every_graph_that_a_setting_can_ask_for_is_known(changes: dict[str, Any], graphs: tuple[str, ...]) -> None:
    assert spec(**changes).searched_graphs == graphs


def test_the_graphs_of_the_spaces_are_asked_for_by_a_search_alone() -> None:
    known = {"full": {"moa": [{}, {"pyramid": {"graph": "weak"}}]}}
    spaces = {"space": {"pyramid": {"graph": "b"}}, "modern_space": {"pyramid": {"graph": {"choice": ["c", "links"]}}}}
    assert spec(known=known, **spaces).graphs == ("links", "weak")
    assert spec(known=known, **spaces).searched_graphs == ("links", "weak", "b", "c")


@pytest.mark.parametrize(("pyramid", "graphs"), [({"graph": "rewired"}, ("rewired",)), (None, ())])
def test_a_fixed_graph_is_the_only_one(pyramid: dict[str, str] | None, graphs: tuple[str, ...]) -> None:
    space = {"pyramid": {"graph": {"choice": ["b", "links"]}}}
    fixed = spec(fixed={"pyramid": pyramid}, known={"full": {"moa": [space]}}, space=space, modern_space=space)
    assert (fixed.graphs, fixed.searched_graphs) == (graphs, graphs)


@pytest.mark.parametrize(("pool", "levels"), [([1], 0), ([2], 1), ([8], 3)])
def test_the_estimator_is_handed_the_pyramid_that_its_pooling_needs(pool: list[int], levels: int) -> None:
    pyramid = pyramid_of(spec(), {"pool": pool})
    assert pyramid is not None
    assert (pyramid.levels, pyramid.gene_ids, len(pyramid.raw)) == (levels, tuple(GENES), 0)


def test_the_trials_of_one_graph_share_its_pyramid() -> None:
    pyramids = Pyramids(GENES, {"links": LINKS})
    first, second = (spec().build({"K": [K]}, threads=1, pyramids=pyramids)[-1].pyramid for K in (1, 5))
    assert first is second


def test_a_setting_may_ask_for_another_graph_or_none() -> None:
    # The edges of the other graph weigh 0.25: the cutoff of the entry, 0.5, leaves none of them.
    pyramid = pyramid_of(spec(), {"pyramid": {"graph": "weak", "cutoff": 0.2, "levels": 4}})
    assert pyramid is not None
    assert pyramid.levels == 4
    assert pyramid_of(spec(), {"pyramid": None}) is None
    assert pyramid_of(spec(params={}), {}) is None


def test_without_pyramids_an_entry_is_checked_alone() -> None:
    pipeline = spec().build({"pyramid": {"graph": "unheard_of"}}, threads=2)
    assert pipeline.named_steps["classifier"].pyramid is None
    assert pipeline.named_steps["classifier"].n_jobs == 2


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"pyramid": {"graph": "weak"}}, r"the cutoff 0\.5 leaves none of the graph's 39 edges, .* is 0\.25"),
        ({"pyramid": {"graph": "roads"}}, "asks for the graph 'roads'; the graphs at hand are links, weak"),
        ({"pool": [32]}, r"no component of the graph has the 64 genes that 5 level\(s\) of pooling .* has 40"),
    ],
)
def test_a_pyramid_that_cannot_be_made_is_refused_by_name(setting: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=rf"classifiers\.net: .*{message}"):
        pyramid_of(spec(), setting)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"params": {"pyramid": "links"}}, "pyramid holds 'links'; it takes the keys graph, cutoff"),
        ({"params": {"pyramid": {"cutoff": 0.5}}}, "pyramid: .*'graph' is missing; its keys are graph"),
        (
            {"params": {"pyramid": {"graph": "links", "level": 1}}},
            "pyramid: .*'level' is not known here .*; its keys are graph",
        ),
        ({"known": {"full": {"moa": [{"pyramid": {"seed": "x"}}]}}}, "pyramid: seed is 'x'; it takes a whole"),
        ({"known": {"full": {"moa": ["K"]}}}, "known holds the setting 'K'; it takes parameters and their values"),
        ({"params": {"K": [0]}}, r"K is \(0,\); a Chebyshev filter has at least the term T_0"),
        ({"params": {"K": [2, 2]}}, r"filters .* must name the same layers"),
        ({"params": {"pool": [3]}}, r"pool is \(3,\); .* power of two"),
        ({"params": {"filters": 2}}, "filters is 2; it takes a list, one number per layer"),
        ({"params": {"filters": [2.5]}}, r"filters \(2\.5,\), .* must be whole numbers"),
        ({"params": {"K": 0}}, r"K is \(0,\); a Chebyshev filter has at least the term T_0"),
        ({"params": {"hidden": "wide"}}, "every layer needs at least 1 unit, in whole numbers"),
        ({"params": {"epochs": 2.5}}, r"epochs is 2\.5; it takes a whole number"),
        ({"params": {"batch_size": 1.5}}, r"batch_size is 1\.5; it takes a whole number"),
        ({"params": {"class_weight": "bal"}}, "class_weight is 'bal'; it takes None, balanced or a weight"),
        ({"params": {"jit_compile": "yes"}}, "jit_compile is 'yes'; it takes true or false"),
        ({"params": {"random_state": "a"}}, "ChebNetClassifier refuses {'random_state': 'a'}"),
        (
            {"params": {"pool": [4], "pyramid": {"graph": "g", "levels": 1}}},
            "has 1 levels, the pooling needs 2",
        ),
        ({"params": {"pyramid": {"graph": "g", "cutoff": -1}}}, "cutoff is -1; it takes a number that is not negative"),
        ({"class": "sklearn.naive_bayes.GaussianNB"}, r"GaussianNB refuses .*'pyramid'"),
    ],
)
def test_an_entry_that_no_network_can_have_is_refused_before_there_are_data(
    changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=rf"classifiers\.net: .*{message}"):
        spec(**changes)


def test_a_classifier_of_ones_own_gets_a_pyramid_without_levels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my_graph_classifier.py").write_text(
        "from sklearn.base import BaseEstimator, ClassifierMixin\n"
        "class Mine(ClassifierMixin, BaseEstimator):\n"
        "    def __init__(self, pyramid=None, depth=1):\n"
        "        if depth < 1:\n"
        "            raise ValueError('too shallow')\n"
        "        self.pyramid, self.depth = pyramid, depth\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    mine = {"class": "my_graph_classifier.Mine", "params": {"pyramid": {"graph": "links"}}}
    pyramid = pyramid_of(spec(**mine), {})
    assert pyramid is not None
    assert pyramid.levels == 0
    with pytest.raises(InputError, match=r"classifiers\.net: my_graph_classifier\.Mine refuses .*: too shallow"):
        spec(**mine, known={"full": {"moa": [{"depth": 0}]}})


def test_the_columns_of_the_profiles_say_where_a_gene_stands() -> None:
    pyramids = Pyramids(["a", *GENES], {"links": LINKS})
    built = [spec().build({"K": [K]}, threads=1, pyramids=pyramids).named_steps["classifier"] for K in (1, 5)]
    assert [estimator.K for estimator in built] == [[1], [5]]
    for estimator in built:
        (component,) = estimator.pyramid.components
        assert estimator.pyramid.raw.tolist() == [0]
        assert sorted(component.order[component.order >= 0].tolist()) == list(range(1, 41))
