"""The configured spaces against the paper's distributions, written down anew with scipy (McDermott et al. 2020)."""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from goodness import WORST_P, Cdf, cdf_p_value, counts_p_value, p_value
from numpy.typing import NDArray
from scipy import stats

from l1000_bench.config import BenchConfigLoader
from l1000_bench.search.spaces import Space, read_value
from l1000_bench.settings import CONFIG_LOADER_ARGS

CONF = Path(__file__).parents[2] / "conf"
N_DRAWS = 5_000


def equal(*options: Any) -> dict[str, float]:
    """Options of equal weight, by their JSON where they are no text."""
    names = [option if isinstance(option, str) else json.dumps(option) for option in options]
    return {name: names.count(name) / len(names) for name in names}


class Mixed:
    """An equal mixture of discrete distributions."""

    def __init__(self, *parts: Any) -> None:
        self.parts = parts

    def cdf(self, k: NDArray[Any]) -> Any:
        return sum(part.cdf(k) for part in self.parts) / len(self.parts)

    def pmf(self, k: NDArray[Any]) -> Any:
        return sum(part.pmf(k) for part in self.parts) / len(self.parts)


TREES = {
    "min_weight_fraction_leaf": stats.beta(1, 100, 0, 0.5),
    "min_impurity_decrease": stats.beta(1, 1000),
}
PAPER: dict[str, dict[str, Any]] = {
    "linear": {
        "loss": equal("hinge", "log_loss", "modified_huber", "squared_hinge", "perceptron"),
        "penalty": equal("l2", "l1", "elasticnet"),
        "alpha": stats.truncexpon(8),
        "l1_ratio": stats.uniform(0, 1),
        "learning_rate": equal("optimal", "invscaling", "constant"),
        "eta0": stats.lognorm(3, 0, math.exp(-6)),
        "power_t": stats.lognorm(1.5, 0, math.exp(-2)),
    },
    "knn": {
        "n_neighbors": stats.geom(0.1),
        "weights": equal("uniform", "distance"),
        "p": stats.geom(0.3),
        "metric": equal("minkowski", "chebyshev", "canberra", "correlation"),
    },
    "decision_tree": {
        **TREES,
        "criterion": equal("gini", "gini", "entropy"),
        "max_depth": equal(None, 2, 5, 10, 25, 100),
        "splitter": equal("best", "best", "random"),
        "min_samples_split": stats.geom(0.9, 1),
        "min_samples_leaf": stats.geom(0.9),
        "max_leaf_nodes": equal(None, 2, 5, 10, 25, 100),
        "max_features": equal(None, "sqrt", "log2", 10, 25, 100, 250),
    },
    "random_forest": {
        **TREES,
        "n_estimators": Mixed(stats.poisson(50), stats.poisson(200), stats.poisson(400)),
        "criterion": equal("gini", "entropy"),
        "max_depth": equal(None, 10, 25, 100),
        "min_samples_split": stats.geom(0.8, 1),
        "min_samples_leaf": stats.geom(0.8),
        "max_leaf_nodes": equal(None, 25, 100, 250, 500),
    },
    "ffann": {
        "alpha": stats.truncexpon(8),
        "activation": equal("logistic", "tanh", "relu"),
        "solver": equal("lbfgs", "sgd", "adam"),
        "learning_rate": equal("constant", "invscaling", "adaptive"),
        "learning_rate_init": stats.truncexpon(2),
        "power_t": stats.uniform(0, 1),
        "momentum": stats.beta(90, 10),
        "nesterovs_momentum": equal(True, False),
        "early_stopping": equal(True, False),
        "max_iter": stats.randint(100, 400),
        "beta_1": stats.beta(90, 10),
        "beta_2": stats.beta(999, 1),
        "epsilon": stats.beta(1, 1e8),
    },
    "gcnn": {
        "pooling": equal("average", "max", "max"),
        "dropout": stats.beta(6, 9),  # of a probability to keep beta(9, 6)
        "l2": stats.beta(1, 99),
        "learning_rate": stats.beta(1, 250),
        "decay_rate": stats.beta(98, 2),
        "decay_steps": stats.poisson(390),
        "momentum": stats.beta(23.25, 1.75),
        "batch_size": stats.randint(15, 150),
        "epochs": equal(200, 300, 350),
        "optimizer": equal("momentum"),
        "initializer": equal("truncated_normal"),
    },
}
SHAPES = {"ffann": {"hidden_layer_sizes"}, "gcnn": {"filters", "K", "pool", "hidden"}}


@cache
def classifiers(environment: str) -> dict[str, Any]:
    loader = BenchConfigLoader(conf_source=str(CONF), env=environment, **CONFIG_LOADER_ARGS)
    entries: dict[str, Any] = loader["parameters"]["classifiers"]
    return entries


def drawn(name: str, parameter: str, n: int = N_DRAWS, environment: str = "lincs") -> list[Any]:
    value = Space.read(classifiers(environment)[name]["space"]).parameters[parameter]
    rng = np.random.default_rng(11)
    return [value.draw(rng) for _ in range(n)]


@pytest.mark.parametrize("name", PAPER)
def test_a_space_has_the_papers_parameters_and_no_other(name: str) -> None:
    for environment in ("base", "mini", "lincs", "test"):
        space = Space.read(classifiers(environment)[name]["space"])
        assert space.keys == set(PAPER[name]) | SHAPES.get(name, set())


@pytest.mark.parametrize("name", PAPER)
def test_an_environment_changes_no_distribution_of_the_papers(name: str) -> None:
    base = classifiers("base")[name]["space"]
    for environment in ("mini", "lincs", "test"):
        other = classifiers(environment)[name]["space"]
        if name == "gcnn":  # whose layers are bounded by the graph
            bounds = {"smallest_component": base["_graph_layers"]["graph_layers"]["smallest_component"]}
            layers = {"graph_layers": {**other["_graph_layers"]["graph_layers"], **bounds}}
            other = {**other, "_graph_layers": layers}
        assert other == base


@pytest.mark.parametrize(("name", "parameter"), [(name, key) for name, space in PAPER.items() for key in space])
def test_a_parameter_follows_the_papers_distribution(name: str, parameter: str) -> None:
    expected = PAPER[name][parameter]
    if isinstance(expected, dict):
        assert counts_p_value(drawn(name, parameter, 3000), expected) > WORST_P
        return
    values = np.array(drawn(name, parameter))
    assert p_value(values, expected) > WORST_P
    moved = values * 1.2 if values.dtype.kind == "f" else values + math.ceil(values.std() / 5)
    assert p_value(moved, expected) < WORST_P  # so it can fail


# Layers


def by_layer(lists: list[list[int]], layer: int) -> NDArray[np.int64]:
    """(n, 2): the size of a layer and of the one before, in the lists that reach it."""
    return np.array([(sizes[layer], sizes[layer - 1]) for sizes in lists if len(sizes) > layer])


def papers_step(factor: float) -> Any:
    """Distribution function of the next size: a third each of Poisson(factor p) + 2, p and Poisson(p / factor) + 2."""

    def cdf(k: NDArray[Any], previous: NDArray[Any]) -> Any:
        more, less = (stats.poisson(mu).cdf(k - 2) for mu in (factor * previous, previous / factor))
        return (more + (k >= previous) + less) / 3

    return cdf


def given_previous(lists: list[list[int]], layer: int, cdf: Any) -> float:
    sizes, previous = by_layer(lists, layer).T
    return cdf_p_value(sizes, lambda k: cdf(k, previous), whole=True)


def geometric(most: int, least: int = 1) -> dict[int, float]:
    """Probabilities of a geometric number with p = 0.5 that is at most so large."""
    shares = {n: 0.5 ** (n - least + 1) for n in range(least, most + 1)}
    return {n: share / sum(shares.values()) for n, share in shares.items()}


def joined(numbers: list[int], most: int) -> list[int]:
    return [min(number, most) for number in numbers]


@cache
def graph_layers() -> dict[str, list[list[int]]]:
    layers = drawn("gcnn", "_graph_layers")
    return {name: [setting[name] for setting in layers] for name in ("filters", "K", "pool")}


def test_the_number_of_graph_layers_is_geometric_within_the_graphs_bound() -> None:
    numbers = [len(sizes) for sizes in graph_layers()["filters"]]
    assert numbers == [len(sizes) for sizes in graph_layers()["K"]] == [len(sizes) for sizes in graph_layers()["pool"]]
    bounded = geometric(8)  # log2(839) - 1 = 8.7
    assert max(numbers) <= 8
    expected = {n: bounded[n] for n in range(1, 6)} | {6: sum(bounded[n] for n in (6, 7, 8))}
    assert counts_p_value(joined(numbers, 6), expected) > WORST_P


@pytest.mark.parametrize(("name", "first"), [("filters", stats.randint(5, 45)), ("K", stats.randint(2, 35))])
def test_the_sizes_of_graph_layers_follow_the_paper(name: str, first: Any) -> None:
    lists = graph_layers()[name]
    assert p_value([sizes[0] for sizes in lists], first) > WORST_P
    for layer in (1, 2, 3):
        assert given_previous(lists, layer, papers_step(1.5)) > WORST_P
    assert given_previous(lists, 1, papers_step(1.3)) < WORST_P


def test_pooling_sizes_follow_the_paper_given_the_bound() -> None:
    for number in range(1, 7):
        fours = [pool.count(4) for pool in graph_layers()["pool"] if len(pool) == number]
        # Of n sizes, each 4 with probability 0.4, so many that n + fours is at most 8.
        most = min(number, 8 - number)
        shares = stats.binom(number, 0.4).pmf(np.arange(most + 1))
        assert counts_p_value(fours, dict(enumerate(shares / shares.sum()))) > WORST_P


def test_the_dense_layers_of_the_graph_network_follow_the_paper() -> None:
    lists = drawn("gcnn", "hidden")
    expected = {n: 0.5 ** (n + 1) for n in range(5)} | {5: 0.5**5}
    assert counts_p_value(joined([len(sizes) for sizes in lists], 5), expected) > WORST_P
    first = [sizes[0] for sizes in lists if sizes]
    assert cdf_p_value(first, lambda k: (k >= 1) * stats.dlaplace(0.1, 150).cdf(k), whole=True) > WORST_P
    for layer in (1, 2, 3):
        assert given_previous(lists, layer, papers_step(2)) > WORST_P
    assert given_previous(lists, 1, papers_step(1.8)) < WORST_P


def part_of_ffann(number: int) -> list[list[int]]:
    value = read_value(classifiers("lincs")["ffann"]["space"]["hidden_layer_sizes"]["mixture"][number], "part")
    rng = np.random.default_rng(12)
    return [value.draw(rng) for _ in range(N_DRAWS)]


@pytest.mark.parametrize("number", [0, 1, 2])
def test_the_number_of_dense_layers_is_geometric(number: int) -> None:
    expected = {n: 0.5**n for n in range(1, 6)} | {6: 0.5**5}
    assert counts_p_value(joined([len(sizes) for sizes in part_of_ffann(number)], 6), expected) > WORST_P


def test_dense_layers_grow_narrower_by_200_genes_and_end_with_50() -> None:
    lists = part_of_ffann(0)
    for layer, mean in enumerate((978, 778, 578, 378, 178, 50, 50)):
        assert p_value([sizes[layer] for sizes in lists if len(sizes) > layer], stats.poisson(mean)) > WORST_P


def test_dense_layers_grow_narrower_by_a_quarter() -> None:
    lists = part_of_ffann(1)
    assert p_value([sizes[0] for sizes in lists], stats.poisson(978)) > WORST_P
    for layer in (1, 2, 3):
        assert given_previous(lists, layer, lambda k, previous: stats.poisson(0.75 * previous).cdf(k)) > WORST_P


def test_dense_layers_of_one_of_three_widths() -> None:
    lists = part_of_ffann(2)
    three = Mixed(stats.poisson(200), stats.poisson(500), stats.poisson(978))
    for layer in range(4):
        assert p_value([sizes[layer] for sizes in lists if len(sizes) > layer], three) > WORST_P
    sizes, previous = by_layer(lists, 1).T
    assert abs(np.corrcoef(sizes, previous)[0, 1]) < 4 / math.sqrt(len(sizes))


def test_the_three_kinds_of_dense_layers_are_drawn_equally_often() -> None:
    lists = drawn("ffann", "hidden_layer_sizes")
    one = stats.poisson(978)
    three = Mixed(stats.poisson(200), stats.poisson(500), one)
    assert p_value([sizes[0] for sizes in lists], Mixed(one, one, three)) > WORST_P
    sizes, previous = by_layer(lists, 1).T
    # How probable each kind is after the first size.
    shares = np.array([one.pmf(previous), one.pmf(previous), three.pmf(previous)])
    shares /= shares.sum(axis=0)

    def second(k: NDArray[Any]) -> Any:
        kinds: list[Cdf] = [stats.poisson(778).cdf, stats.poisson(0.75 * previous).cdf, three.cdf]
        return sum(share * cdf(k) for share, cdf in zip(shares, kinds, strict=True))

    assert cdf_p_value(sizes, second, whole=True) > WORST_P
