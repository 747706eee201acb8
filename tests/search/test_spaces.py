from __future__ import annotations

import json
import logging
from datetime import date
from typing import Any

import numpy as np
import pytest
import yaml
from goodness import WORST_P, cdf_p_value
from scipy import stats
from sklearn.model_selection import ParameterSampler

from l1000_bench.errors import InputError
from l1000_bench.search.spaces import Space

EVERYTHING: dict[str, Any] = yaml.safe_load("""
loss: hinge
sizes: [5, 3]
nothing: null
alpha: {dist: truncexpon, b: 8}
depth: {choice: [null, 2, [3, 4], {a: 1}]}
trees: {mixture: [{dist: poisson, mu: 50}, {dist: poisson, mu: 400}, 7]}
hidden: {layers: {number: {dist: geom, p: 0.5, loc: -1}, first: 100, next: {poisson_of_previous: 0.5, plus: 2}}}
pyramid: {graph: regnetwork, cutoff: {dist: uniform, low: 0, high: 0.8}, coarsening: {choice: [published, compact]}}
_metric: {mixture: [{metric: minkowski, p: {choice: [1, 2]}}, {metric: canberra}]}
""")


def samples(mapping: dict[str, Any], n: int, seed: int = 0) -> list[dict[str, Any]]:
    rng = np.random.default_rng(seed)
    space = Space.read(mapping)
    return [space.sample(rng) for _ in range(n)]


def counted_p(values: list[Any], expected: dict[Any, float]) -> float:
    counts = [values.count(key) for key in expected]
    assert sum(counts) == len(values)
    return float(stats.chisquare(counts, np.array(list(expected.values())) * len(values)).pvalue)


def test_a_setting_holds_plain_values_by_parameter() -> None:
    for setting in samples(EVERYTHING, 50):
        assert (setting["loss"], setting["sizes"], setting["nothing"]) == ("hinge", [5, 3], None)
        assert 0 < setting["alpha"] < 8
        assert setting["depth"] in [None, 2, [3, 4], {"a": 1}]
        assert setting["trees"] == 7 or 20 < setting["trees"] < 80 or 300 < setting["trees"] < 500
        assert list(setting["pyramid"]) == ["graph", "cutoff", "coarsening"]
        assert setting["pyramid"]["graph"] == "regnetwork" and 0 <= setting["pyramid"]["cutoff"] <= 0.8
        assert "_metric" not in setting
        assert ("p" in setting) == (setting["metric"] == "minkowski")
        assert json.loads(json.dumps(setting)) == setting


def test_choices_follow_their_weights() -> None:
    mapping = {
        "equal": {"choice": ["gini", "gini", "entropy"]},
        "weighted": {"choice": [True, False, None], "weights": [1, 2.5, 0.5]},
        "mixed": {"mixture": ["a", {"choice": ["b", "c"]}], "weights": [1, 3]},
    }
    drawn = samples(mapping, 10_000)
    assert counted_p([setting["equal"] for setting in drawn], {"gini": 2 / 3, "entropy": 1 / 3}) > WORST_P
    weighted = {True: 0.25, False: 0.625, None: 0.125}
    assert counted_p([setting["weighted"] for setting in drawn], weighted) > WORST_P
    assert counted_p([setting["mixed"] for setting in drawn], {"a": 0.25, "b": 0.375, "c": 0.375}) > WORST_P


def test_a_mixture_is_the_papers_number_of_trees() -> None:
    means = (50, 200, 400)
    space = {"n_estimators": {"mixture": [{"dist": "poisson", "mu": mean} for mean in means]}}
    drawn = [setting["n_estimators"] for setting in samples(space, 10_000)]
    assert cdf_p_value(drawn, lambda k: sum(stats.poisson(mean).cdf(k) for mean in means) / 3, whole=True) > WORST_P


def test_a_mixture_of_a_number_and_distributions_follows_its_weights() -> None:
    parts = [0.0, {"dist": "loguniform", "low": 1e-6, "high": 0.01}, {"dist": "norm", "loc": 5}]
    space = {"ccp_alpha": {"mixture": parts, "weights": [2, 5, 3]}}
    drawn = np.array([setting["ccp_alpha"] for setting in samples(space, 10_000)])
    assert stats.binomtest(int((drawn == 0).sum()), 10_000, 0.2).pvalue > WORST_P
    rest = drawn[drawn != 0]
    small, large = stats.reciprocal(1e-6, 0.01), stats.norm(5, 1)
    assert stats.kstest(rest, lambda x: 0.625 * small.cdf(x) + 0.375 * large.cdf(x)).pvalue > WORST_P
    assert stats.kstest(rest, lambda x: 0.5 * small.cdf(x) + 0.5 * large.cdf(x)).pvalue < WORST_P


def test_parameters_are_drawn_independently() -> None:
    mapping = {name: {"dist": "uniform", "low": 0, "high": 1} for name in ("a", "b")}
    drawn = np.array([[setting["a"], setting["b"]] for setting in samples(mapping, 4000)])
    assert abs(np.corrcoef(drawn.T)[0, 1]) < 4 / np.sqrt(4000)
    assert stats.kstest(drawn[:, 0], "uniform").pvalue > WORST_P
    assert abs(np.corrcoef(drawn[:-1, 0], drawn[1:, 0])[0, 1]) < 4 / np.sqrt(4000)  # nor from one setting to the next


def test_the_same_generator_gives_the_same_setting() -> None:
    assert samples(EVERYTHING, 5, seed=3) == samples(EVERYTHING, 5, seed=3)
    assert samples(EVERYTHING, 5, seed=3) != samples(EVERYTHING, 5, seed=4)
    space, rng = Space.read(EVERYTHING), np.random.default_rng(3)
    assert space.sample(rng) != space.sample(rng)


def test_a_parameter_more_leaves_the_others_alone() -> None:
    smaller = {name: EVERYTHING[name] for name in reversed(EVERYTHING) if name not in ("alpha", "_metric")}
    for small, large in zip(samples(smaller, 20), samples(EVERYTHING, 20), strict=True):
        assert small == {name: large[name] for name in small}


def test_settings_are_reproducible_and_differ() -> None:
    space = Space.read(EVERYTHING)
    settings = space.settings(40, seed=1)
    assert settings == Space.read(EVERYTHING).settings(40, seed=1)
    assert settings[:10] == space.settings(10, seed=1)
    assert settings != space.settings(40, seed=2)
    assert len({json.dumps(setting) for setting in settings}) == 40


def test_a_small_space_gives_all_its_settings() -> None:
    mapping = {
        "criterion": {"choice": ["gini", "gini", "entropy"]},
        "depth": {"mixture": [{"choice": [1, 2]}, {"dist": "randint", "low": 2, "high": 4}]},  # 1, 2, 3
        "_metric": {"mixture": [{"metric": "minkowski", "p": {"choice": [1, 2]}}, {"metric": "canberra"}]},
        "seed": 5,
    }
    space = Space.read(mapping)
    every = space.settings(18, seed=0)  # 2 x 3 x 3
    assert len({json.dumps(setting) for setting in every}) == len(every) == 18
    assert space.settings(1000, seed=9) == every
    fewer = space.settings(17, seed=0)
    assert len(fewer) == 17 and all(setting in every for setting in fewer)
    assert len({json.dumps(setting) for setting in fewer}) == 17
    assert Space.read({}).settings(3, seed=0) == [{}]
    assert space.settings(0, seed=0) == []


def test_improbable_settings_are_not_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        settings = Space.read({"depth": {"dist": "geom", "p": 1.0}}).settings(3, seed=0)
    assert settings == [{"depth": 1}]
    assert "The search space gave 1 different settings, not the 3 asked for." in caplog.text


def test_a_changed_setting_does_not_change_the_space() -> None:
    space = Space.read({"sizes": [5, 3], "depth": {"choice": [[1]]}})
    for setting in (space.sample(np.random.default_rng(0)), space.settings(1, seed=0)[0]):
        setting["sizes"].append(9)
        setting["depth"].append(9)
    assert space.sample(np.random.default_rng(0)) == {"sizes": [5, 3], "depth": [1]}


def test_scikit_learns_sampler_takes_the_parameters() -> None:
    parameters = Space.read({name: EVERYTHING[name] for name in EVERYTHING if name != "_metric"}).parameters
    first, second = (list(ParameterSampler(parameters, 4, random_state=0)) for _ in range(2))
    assert first == second
    assert {setting["loss"] for setting in first} == {"hinge"}
    assert len({setting["alpha"] for setting in first}) == 4


EXPON = "loc, scale, min, max, round."
GROUP = "_group: a group gives several parameters, so every draw must be a mapping."


@pytest.mark.parametrize(
    ("mapping", "sentence"),
    [
        (None, "a search space holds None; it takes parameters and their values."),
        ({"": 1}, "a search space: a parameter is called ''; its name is text."),
        ({"weight": {0: 1}}, "weight: a parameter is called 0; its name is text."),
        ({"c": {"choice": []}}, "c: choice is []; it takes a list with at least one entry."),
        ({"c": {"choice": "ab"}}, "c: choice is 'ab'; it takes a list with at least one entry."),
        ({"c": {"mixture": []}}, "c: mixture is []; it takes a list with at least one entry."),
        ({"c": {"choice": [1], "p": [1]}}, "c: the key 'p' is not known here; its keys are choice, weights."),
        ({"c": {"mixture": [1], "dist": "expon", "b": 2}}, "c: expon has no argument 'mixture'; it has " + EXPON),
        (
            {"c": {"choice": [1, 2], "weights": [1]}},
            "c: weights is [1]; it takes a list of 2 numbers, one per option.",
        ),
        ({"c": {"choice": [1, 2], "weights": [1, 0]}}, "c: a weight is 0; it takes a number above 0."),
        ({"c": {"mixture": [1, 2], "weights": [1, "1"]}}, "c: a weight is '1'; it takes a number above 0."),
        (
            {"c": {"choice": [1, date(2020, 1, 2)]}},
            "c holds datetime.date(2020, 1, 2); values are numbers, text, true, false, null, lists and mappings of "
            "such.",
        ),
        ({"pyramid": {"cutoff": {"dist": "geom"}}}, "pyramid.cutoff: geom needs the argument 'p'."),
        ({"_group": {"choice": [{"a": 1}, 2]}}, GROUP),
        ({"_group": 3}, GROUP),
        ({"_group": {"mixture": [{"a": 1}, {"dist": "norm"}]}}, GROUP),
        ({"a": 1, "_group": {"choice": [{"a": 1}, {"b": 2}]}}, "a is given twice, by a and by _group; remove one."),
        (
            {"pyramid": {"_group": {"cutoff": 1}, "cutoff": 2}},
            "pyramid.cutoff is given twice, by _group and by cutoff; remove one.",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(mapping: Any, sentence: str) -> None:
    with pytest.raises(InputError) as error:
        Space.read(mapping)
    assert str(error.value) == sentence
