from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import pytest
import yaml
from goodness import WORST_P, cdf_p_value
from numpy.typing import NDArray
from scipy import stats

from l1000_bench.errors import InputError
from l1000_bench.models.chebnet import ChebNetClassifier
from l1000_bench.search.spaces import Space, read_value

PAPERS_STEP = {
    "mixture": [{"poisson_of_previous": 0.5, "plus": 2}, "same", {"poisson_of_previous": 2, "plus": 2}],
}
# The paper's space of the GCNN: keep probability beta(9, 6) is drop probability beta(6, 9).
GCNN = """
_graph_layers:
  graph_layers:
    number: {dist: geom, p: 0.5}
    filters:
      first: {dist: randint, low: 5, high: 45}
      next: {mixture: [{poisson_of_previous: 1.5, plus: 2}, same, {poisson_of_previous: 0.6666666666666666, plus: 2}]}
    K:
      first: {dist: randint, low: 2, high: 35}
      next: {mixture: [{poisson_of_previous: 1.5, plus: 2}, same, {poisson_of_previous: 0.6666666666666666, plus: 2}]}
    pool: {choice: [2, 2, 2, 4, 4]}
    smallest_component: 839
pooling: {choice: [average, max, max]}
hidden:
  layers:
    number: {dist: geom, p: 0.5, loc: -1}
    first: {dist: dlaplace, a: 0.1, loc: 150}
    next: {mixture: [{poisson_of_previous: 0.5, plus: 2}, same, {poisson_of_previous: 2, plus: 2}]}
dropout: {dist: beta, a: 6, b: 9}
l2: {dist: beta, a: 1, b: 99}
learning_rate: {dist: beta, a: 1, b: 250}
decay_rate: {dist: beta, a: 98, b: 2}
decay_steps: {dist: poisson, mu: 390}
momentum: {dist: beta, a: 23.25, b: 1.75}
batch_size: {dist: randint, low: 15, high: 150}
"""


def lists(n: int, **layers: Any) -> list[list[int]]:
    rng = np.random.default_rng(3)
    value = read_value({"layers": layers}, "hidden")
    return [value.draw(rng) for _ in range(n)]


def graph_layers(**changes: Any) -> dict[str, Any]:
    layers = yaml.safe_load(GCNN)["_graph_layers"]["graph_layers"] | changes
    return {"graph_layers": {key: value for key, value in layers.items() if value is not None}}


def p_value(observed: list[Any], expected: Mapping[Any, float]) -> float:
    counts = [observed.count(key) for key in expected]
    assert sum(counts) == len(observed)  # nothing but what was expected
    return float(stats.chisquare(counts, np.array(list(expected.values())) * len(observed)).pvalue)


def binned_p_value(sizes: list[int], pmf: NDArray[np.float64]) -> float:
    """Chi-square of sizes against their probabilities, over bins of about a tenth each."""
    bins = np.minimum(np.cumsum(pmf) * 10, 9.999).astype(int)  # monotone in the size
    expected = np.bincount(bins, weights=pmf, minlength=10)
    counts = np.bincount(bins[sizes], minlength=10)
    filled = expected > 1e-9
    assert counts[~filled].sum() == 0
    return float(stats.chisquare(counts[filled], len(sizes) * expected[filled] / expected.sum()).pvalue)


def papers_transition(size: int) -> NDArray[np.float64]:
    """(size, size) probabilities from a size to the next: a third each of Poisson(p / 2) + 2, p, Poisson(2 p) + 2."""
    previous, following = np.arange(size)[:, None], np.arange(size)[None, :]
    halved, doubled = (stats.poisson(factor * previous).pmf(following - 2) for factor in (0.5, 2))
    probabilities: NDArray[np.float64] = (halved + doubled + np.eye(size)) / 3
    return probabilities


def test_the_next_sizes_depend_on_the_one_before_as_published() -> None:
    drawn = lists(6000, number=3, first=20, next=PAPERS_STEP)
    transition = papers_transition(400)
    assert {sizes[0] for sizes in drawn} == {20}
    second, third = transition[20], transition[20] @ transition
    assert second[20] == pytest.approx(1 / 3, abs=0.01)  # the hand number behind the matrix
    assert binned_p_value([sizes[1] for sizes in drawn], second) > WORST_P
    assert binned_p_value([sizes[2] for sizes in drawn], third) > WORST_P
    assert binned_p_value([sizes[2] for sizes in drawn], second) < WORST_P
    staying = [sizes for sizes in drawn if sizes[1] >= 40]
    assert np.mean([sizes[2] == sizes[1] for sizes in staying]) == pytest.approx(1 / 3, abs=0.04)


def test_the_number_and_the_first_size_of_the_papers_hidden_layers() -> None:
    number, first = {"dist": "geom", "p": 0.5, "loc": -1}, {"dist": "dlaplace", "a": 0.1, "loc": 150}
    drawn = lists(4000, number=number, first=first, next=PAPERS_STEP)
    lengths = [min(len(sizes), 4) for sizes in drawn]
    assert p_value(lengths, {0: 1 / 2, 1: 1 / 4, 2: 1 / 8, 3: 1 / 16, 4: 1 / 16}) > WORST_P
    assert binned_p_value([sizes[0] for sizes in drawn if sizes], stats.dlaplace(0.1, 150).pmf(np.arange(600))) > 0.001


def test_sizes_by_layer_and_sizes_that_do_not_depend() -> None:
    first = [{"dist": "poisson", "mu": mu} for mu in (978, 778)]
    drawn = np.array(lists(3000, number=4, first=first, next={"dist": "poisson", "mu": 50}))
    np.testing.assert_allclose(drawn.mean(axis=0), [978, 778, 50, 50], rtol=0.01)
    np.testing.assert_allclose(drawn.var(axis=0), [978, 778, 50, 50], rtol=0.1)  # as of Poisson
    assert abs(np.corrcoef(drawn[:, 2], drawn[:, 3])[0, 1]) < 0.06
    shorter = lists(200, number={"choice": [0, 1]}, first=first)
    assert {len(sizes) for sizes in shorter} == {0, 1}
    assert lists(1, number=3, first=[7, 5]) == [[7, 5, 5]]  # `next` is `same` unless given


def test_sizes_are_raised_before_the_next_is_drawn() -> None:
    drawn = lists(4000, number=2, first={"dist": "poisson", "mu": 1}, next="same", least=2)
    assert all(sizes[0] == sizes[1] for sizes in drawn)
    at_most_two = stats.poisson(1).cdf(2)  # 0, 1 and 2 all become 2
    assert np.mean([sizes[0] == 2 for sizes in drawn]) == pytest.approx(at_most_two, abs=0.02)
    assert min(sizes[0] for sizes in drawn) == 2
    assert lists(1, number=-3, first=5) == [[]]


def test_the_weights_of_the_steps() -> None:
    step = {"mixture": ["same", {"poisson_of_previous": 100}], "weights": [3, 1]}
    drawn = lists(3000, number=2, first=10, next=step)
    assert np.mean([sizes[1] == 10 for sizes in drawn]) == pytest.approx(0.75, abs=0.03)


def test_the_next_size_follows_its_weights_and_its_least_given_the_one_before() -> None:
    parts = ["same", {"poisson_of_previous": 0.5, "plus": 1}, {"dist": "poisson", "mu": 20}]
    first, step = {"dist": "poisson", "mu": 30}, {"mixture": parts, "weights": [1, 2, 1]}
    previous, sizes = np.array(lists(10_000, number=2, first=first, next=step, least=12)).T

    def cdf(k: NDArray[Any]) -> Any:
        halved, alone = stats.poisson(0.5 * previous).cdf(k - 1), stats.poisson(20).cdf(k)
        return (k >= 12) * ((k >= previous) + 2 * halved + alone) / 4

    assert cdf_p_value(previous, lambda k: (k >= 12) * stats.poisson(30).cdf(k), whole=True) > WORST_P
    assert cdf_p_value(sizes, cdf, whole=True) > WORST_P
    assert cdf_p_value(sizes - 1, cdf, whole=True) < WORST_P


@cache
def gcnn_settings() -> list[dict[str, Any]]:
    rng = np.random.default_rng(0)
    space = Space.read(yaml.safe_load(GCNN))
    return [space.sample(rng) for _ in range(2000)]


def test_every_graph_network_of_the_papers_space_keeps_the_papers_bounds() -> None:
    for setting in gcnn_settings():
        number = len(setting["filters"])
        assert 1 <= number == len(setting["K"]) == len(setting["pool"])
        assert number <= np.log2(839) - 1
        assert np.log2(setting["pool"]).sum() + 1 <= np.log2(839)
        assert set(setting["pool"]) <= {2, 4}
        assert 5 <= setting["filters"][0] <= 44
        assert 2 <= setting["K"][0] <= 34
        assert all(type(size) is int for name in ("filters", "K", "pool", "hidden") for size in setting[name])
    assert max(len(setting["filters"]) for setting in gcnn_settings()) >= 6  # the bounds were in play


def test_every_graph_network_of_the_papers_space_is_accepted() -> None:
    for setting in gcnn_settings():
        classifier = ChebNetClassifier(**setting)
        assert classifier._network_plan(n_genes=978, n_classes=12).head.hidden == tuple(setting["hidden"])
        assert classifier._training_plan(n_samples=1000).batch_size == setting["batch_size"]
        assert len(classifier._convolutions().levels) == len(setting["pool"]) + 1


def test_graph_layers_follow_the_paper() -> None:
    settings = gcnn_settings()
    lengths = [min(len(setting["K"]), 4) for setting in settings]
    assert p_value(lengths, {1: 1 / 2, 2: 1 / 4, 3: 1 / 8, 4: 1 / 8}) > WORST_P
    assert p_value([setting["filters"][0] for setting in settings], dict.fromkeys(range(5, 45), 1 / 40)) > WORST_P
    assert p_value([setting["K"][0] for setting in settings], dict.fromkeys(range(2, 35), 1 / 33)) > WORST_P
    assert p_value([setting["pool"][0] for setting in settings if len(setting["pool"]) == 1], {2: 0.6, 4: 0.4}) > 0.001
    steps = [setting["filters"][1] - setting["filters"][0] for setting in settings if len(setting["filters"]) > 1]
    assert np.mean(np.array(steps) == 0) == pytest.approx(1 / 3 + 0.03, abs=0.06)  # and sometimes by chance


@pytest.mark.parametrize("bound", [{"smallest_component": 16}, {"smallest_component": None, "coarsenings": 3}])
def test_tight_bounds_cut_the_distributions_off(bound: dict[str, int | None]) -> None:
    value = read_value(graph_layers(**bound), "_graph_layers")
    rng = np.random.default_rng(1)
    pools = [tuple(value.draw(rng)["pool"]) for _ in range(3000)]
    # log2(16) = 4: up to 3 layers, with probabilities 4 : 2 : 1; (4, 4) and all but (2, 2, 2) pool too often.
    one, two = {(2,): 0.6, (4,): 0.4}, {(2, 2): 0.36 / 0.84, (2, 4): 0.24 / 0.84, (4, 2): 0.24 / 0.84}
    expected = {pool: p * 4 / 7 for pool, p in one.items()} | {pool: p * 2 / 7 for pool, p in two.items()}
    assert p_value(pools, expected | {(2, 2, 2): 1 / 7}) > WORST_P


@pytest.mark.parametrize("coarsenings", [3, 4])
def test_layers_may_do_without_pooling(coarsenings: int) -> None:
    changes = {"number": {"choice": [1, 2]}, "pool": {"choice": [1, 2, 4]}, "smallest_component": None}
    value = read_value(graph_layers(**changes, coarsenings=coarsenings), "_graph_layers")
    rng = np.random.default_rng(2)
    pools = [tuple(value.draw(rng)["pool"]) for _ in range(10_000)]
    two = [(a, b) for a in (1, 2, 4) for b in (1, 2, 4) if a * b <= 2**coarsenings]
    assert len(two) == {3: 8, 4: 9}[coarsenings]
    assert p_value(pools, dict.fromkeys([(1,), (2,), (4,)], 1 / 6) | dict.fromkeys(two, 1 / 2 / len(two))) > WORST_P


LAYERS: dict[str, Any] = {"number": 1, "first": 1}
WHOLE = "every value must be a whole number (round: true rounds)."


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ({"layers": 3}, "hidden holds 3; it takes the keys number, first, next, least."),
        ({"layers": {"number": 1}}, "hidden: the key 'first' is missing; its keys are number, first, next, least."),
        (
            {"layers": LAYERS | {"size": 3}},
            "hidden: the key 'size' is not known here; its keys are number, first, next, least.",
        ),
        ({"layers": LAYERS, "min": 3}, "hidden: the key 'min' is not known here; its keys are layers."),
        ({"layers": LAYERS | {"number": 1.5}}, f"hidden: number is 1.5; {WHOLE}"),
        ({"layers": LAYERS | {"first": {"dist": "norm"}}}, "hidden: first is {'dist': 'norm'}; " + WHOLE),
        ({"layers": LAYERS | {"first": []}}, "hidden: first is []; it takes a list with at least one entry."),
        ({"layers": LAYERS | {"least": 0}}, "hidden: least is 0; it takes a whole number, at least 1."),
        ({"layers": LAYERS | {"next": "other"}}, f"hidden: next is 'other'; {WHOLE}"),
        (
            {"layers": LAYERS | {"next": {"mixture": []}}},
            "hidden: next: mixture is []; it takes a list with at least one entry.",
        ),
        (
            {"layers": LAYERS | {"next": {"mixture": ["same"], "weights": [1, 1]}}},
            "hidden: next: weights is [1, 1]; it takes a list of 1 numbers, one per option.",
        ),
        (
            {"layers": LAYERS | {"next": {"poisson_of_previous": 0}}},
            "hidden: next: poisson_of_previous is 0; it takes a number above 0.",
        ),
        (
            {"layers": LAYERS | {"next": {"poisson_of_previous": 1, "plus": 0.5}}},
            "hidden: next: plus is 0.5; it takes a whole number.",
        ),
        (
            graph_layers(pool={"choice": [2, 3]}),
            "hidden: pool is {'choice': [2, 3]}; it takes a choice of powers of two.",
        ),
        (
            graph_layers(smallest_component=3),
            "hidden: smallest_component is 3; it takes a whole number, at least 4.",
        ),
        (
            graph_layers(smallest_component=None, coarsenings="2"),
            "hidden: coarsenings is '2'; it takes a whole number, at least 1.",
        ),
        (
            graph_layers(coarsenings=2),
            "hidden: give either smallest_component or coarsenings, which bound the pooling.",
        ),
        (
            graph_layers(filters=None),
            "hidden: the key 'filters' is missing; its keys are number, filters, K, pool, smallest_component, "
            "coarsenings.",
        ),
        (graph_layers(K=5), "hidden: K holds 5; it takes the keys first, next, least."),
        (
            graph_layers(number=4, smallest_component=16),
            "hidden: 10000 draws did not give a number of layers from 1 to 3; allow for more coarsenings or fewer "
            "layers.",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(spec: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError) as error:
        read_value(spec, "hidden")
    assert str(error.value) == sentence
