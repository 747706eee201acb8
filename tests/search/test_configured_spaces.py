"""Every space of every environment: what it draws can be built, and stays what its entry is for."""

from __future__ import annotations

import json
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from goodness import WORST_P, p_value
from scipy import stats
from sklearn.model_selection import ParameterSampler

from l1000_bench.config import BenchConfigLoader
from l1000_bench.graphs.choice import Pyramids
from l1000_bench.graphs.spec import CONTROLS
from l1000_bench.graphs.stand_in import stand_in_edges
from l1000_bench.models.spec import ClassifierSpec
from l1000_bench.search.spaces import Space
from l1000_bench.settings import CONFIG_LOADER_ARGS

CONF = Path(__file__).parents[2] / "conf"
GENES = [str(gene) for gene in range(978)]
EDGES = stand_in_edges(GENES, 839, 2748, seed=0)
STEPS: list[list[Any]] = [[], [{"clip": 10}], [{"clip": 10}, "standardize"], ["standardize"]]

every_environment = pytest.mark.parametrize("environment", ["base", "mini", "lincs", "test"])
every_space = pytest.mark.parametrize("kind", ["space", "modern_space"])


def loader(environment: str) -> BenchConfigLoader:
    return BenchConfigLoader(conf_source=str(CONF), env=environment, **CONFIG_LOADER_ARGS)


@cache
def parameters(environment: str) -> dict[str, Any]:
    return loader(environment)["parameters"]


@cache
def specs(environment: str) -> dict[str, ClassifierSpec]:
    entries = parameters(environment)["classifiers"]
    return {name: ClassifierSpec.from_config(entry) for name, entry in entries.items()}


def with_space(environment: str, kind: str) -> dict[str, ClassifierSpec]:
    return {name: spec for name, spec in specs(environment).items() if getattr(spec, kind)}


@cache
def settings(environment: str, name: str, kind: str) -> list[dict[str, Any]]:
    """Drawn settings, in full."""
    spec = specs(environment)[name]
    return [spec.in_full(setting) for setting in Space.read(getattr(spec, kind)).settings(60, seed=3)]


def values(environment: str, name: str, kind: str, *place: str) -> set[str]:
    found: set[str] = set()
    for setting in settings(environment, name, kind):
        value: Any = setting
        for key in place:
            value = value.get(key)
        found.add(json.dumps(value))
    return found


@every_space
@every_environment
def test_scikit_learns_sampler_takes_every_space_without_its_groups(environment: str, kind: str) -> None:
    for spec in with_space(environment, kind).values():
        space = Space.read(getattr(spec, kind))
        plain = {name: value for name, value in space.parameters.items() if not name.startswith("_")}
        first, second = (list(ParameterSampler(plain, 8, random_state=1)) for _ in range(2))
        assert first == second
        assert len({json.dumps(setting, sort_keys=True) for setting in first}) > 1
        for setting in first:
            spec.build(setting, threads=1)


@every_space
@every_environment
def test_more_settings_begin_with_the_fewer_and_the_seed_decides(environment: str, kind: str) -> None:
    for spec in with_space(environment, kind).values():
        space = Space.read(getattr(spec, kind))
        few, many, other = (space.settings(n, seed) for n, seed in ((4, 3), (12, 3), (4, 4)))
        assert many[:4] == few == Space.read(getattr(spec, kind)).settings(4, seed=3)
        assert other != few
        assert len({json.dumps(setting, sort_keys=True) for setting in many}) == 12


@every_space
@every_environment
def test_every_network_gets_the_pyramid_that_a_setting_asks_for(environment: str, kind: str) -> None:
    graphs = parameters(environment)["graphs"]
    controls = [name for name, graph in graphs.items() if graph["source"] in CONTROLS]
    networks = {name: spec for name, spec in with_space(environment, kind).items() if spec.graphs}
    assert set(networks) == {"gcnn", "gcnn_k1", "gcnn_random", "gcnn_rewired", "gcn", "sage"}
    for name, spec in networks.items():
        pyramids = Pyramids(GENES, dict.fromkeys(spec.searched_graphs, EDGES), controls=controls)
        for setting in settings(environment, name, kind)[:6]:
            network = spec.build(setting, threads=1, pyramids=pyramids)[-1]
            assert network.pyramid.levels == sum(size.bit_length() - 1 for size in setting["pool"])


@every_environment
def test_graph_networks_search_the_graph_its_cutoff_and_the_pooling(environment: str) -> None:
    searched = {"mini": ("collectri", "trrust"), "lincs": ("regnetwork",)}.get(environment, ("regulatory",))
    for name in ("gcnn", "gcnn_k1", "gcn", "sage"):
        spec = specs(environment)[name]
        assert spec.searched_graphs == searched
        found = partial(values, environment, name, "modern_space")
        assert found("pyramid", "graph") == {json.dumps(graph) for graph in searched}
        assert found("pyramid", "cutoff") == {"null", "0.2", "0.4"}
        assert found("pyramid", "coarsening") == {'"compact"'}
        pools = found("pool")
        assert pools == {"[1]", "[2]", "[4]", *(f"[{a}, {b}]" for a in (1, 2, 4) for b in (1, 2, 4))}


@every_space
@every_environment
def test_a_control_keeps_its_graph_uncut(environment: str, kind: str) -> None:
    for name, graph in (("gcnn_rewired", "rewired"), ("gcnn_random", "random")):
        spec = specs(environment)[name]
        assert spec.searched_graphs == spec.graphs == (graph,)
        assert values(environment, name, kind, "pyramid", "graph") == {f'"{graph}"'}
        assert values(environment, name, kind, "pyramid", "cutoff") == {"null"}


@every_space
@every_environment
def test_what_a_layer_does_not_read_is_not_searched(environment: str, kind: str) -> None:
    for name in ("sage", "gcn", "gcnn_k1"):
        assert values(environment, name, kind, "K") == {"1"}


@every_environment
def test_a_search_reads_no_graph_that_a_plain_run_does_without(environment: str) -> None:
    named = set(loader(environment)["experiments"].get("graphs", []))
    named |= {graph for spec in specs(environment).values() for graph in spec.graphs}
    for spec in specs(environment).values():
        assert set(spec.searched_graphs) <= named


@every_environment
def test_preprocessing_is_searched_where_it_can_matter(environment: str) -> None:
    networks = {"ffann", "ffann_keras", "snn", "gcnn", "gcnn_k1", "gcnn_random", "gcnn_rewired", "gcn", "sage"}
    machines = {"naive_bayes", "qda", "svc", "nu_svc"}
    every = dict.fromkeys({"linear", "logistic", "lda", "ridge", "centroid", *networks, *machines}, STEPS)
    signs: list[list[Any]] = [["sign"], [{"sign": 0.5}], [{"sign": 1.0}], [{"sign": 2.0}]]
    ranks: list[list[Any]] = [["rank"], ["rank", "standardize"]]
    own = {"linear_sign": signs, "knn_sign": signs, "linear_rank": ranks, "knn_rank": ranks}
    searched = every | own | {"gaussian_process": STEPS[1:]}  # whose length scale and variance are of one size
    for name in with_space(environment, "modern_space"):
        found = values(environment, name, "modern_space", "preprocess")
        assert found == {json.dumps(option) for option in searched.get(name, [None])}, name
    for name in with_space(environment, "space"):
        assert values(environment, name, "space", "preprocess") == {"null"}  # the paper's had none of its own


@every_environment
def test_signs_and_ranks_are_what_their_entries_are_of(environment: str) -> None:
    for name in ("linear_sign", "linear_rank", "knn_sign", "knn_rank"):
        spec = specs(environment)[name]
        kind = name.partition("_")[2].title()
        drawn = Space.read(spec.modern_space).settings(20, seed=3)
        for setting in [*drawn, *spec.known_for("lincs_full", "moa")]:
            assert type(spec.build(setting, threads=1)[0]).__name__ == kind
        assert spec.known_for("lincs_full", "moa") == [spec.params]  # none of the paper's
        assert not spec.list_metrics_of([spec.params, *drawn])


PAPER: dict[str, dict[str, Any]] = {
    "qda": {"reg_param": stats.beta(1, 9)},
    "svc": {"C": stats.beta(1, 10), "degree": stats.geom(0.5, 1), "coef0": stats.truncexpon(8)},
    "nu_svc": {"nu": stats.beta(3, 3), "degree": stats.geom(0.5, 1), "coef0": stats.truncexpon(8)},
    "adaboost": {"learning_rate": stats.beta(1, 999)},
    "gaussian_process": {"n_restarts_optimizer": stats.geom(0.9)},
}
KERNELS = {"svc": {"rbf", "poly", "sigmoid"}, "nu_svc": {"rbf", "poly", "sigmoid"}}


@pytest.mark.parametrize("name", PAPER)
def test_what_the_paper_dropped_is_drawn_as_in_the_paper(name: str) -> None:
    space = Space.read(specs("base")[name].space)
    rng = np.random.default_rng(6)
    for parameter, expected in PAPER[name].items():
        drawn = [space.parameters[parameter].draw(rng) for _ in range(3000)]
        assert p_value(drawn, expected) > WORST_P
        moved = [value + 1 if isinstance(value, int) else value * 1.2 + 0.02 for value in drawn]
        assert p_value(moved, expected) < WORST_P  # so it can fail
    if name in KERNELS:
        assert {setting["kernel"] for setting in settings("base", name, "space")} == KERNELS[name]


@every_space
@every_environment
def test_the_neighbours_of_profiles_as_they_are_serve_every_setting_of_knn(environment: str, kind: str) -> None:
    spec = specs(environment)["knn"]
    assert all(len(spec.build(setting, threads=1)) == 1 for setting in settings(environment, "knn", kind)[:10])
