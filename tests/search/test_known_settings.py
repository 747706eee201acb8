from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest
import yaml
from omegaconf import OmegaConf

from l1000_bench.errors import InputError
from l1000_bench.models.spec import ClassifierSpec
from l1000_bench.search.known_settings import beyond, known_yaml
from l1000_bench.search.spaces import Space

LINEAR: dict[str, Any] = {
    "name": "linear",
    "class": "sklearn.linear_model.SGDClassifier",
    "label": "Linear",
    "params": {"loss": "log_loss", "alpha": 0.01, "max_iter": 5, "random_state": 101},
}
NET: dict[str, Any] = {
    "name": "net",
    "class": "l1000_bench.models.chebnet.ChebNetClassifier",
    "label": "Net",
    "params": {"pyramid": {"graph": "links", "coarsening": "compact"}, "K": [5], "epochs": 1},
    "space": {
        "pyramid": {"graph": {"choice": ["links", "others"]}, "cutoff": {"choice": [None, 0.25]}},
        "K": {"choice": [[5], [7]]},
        "l2": {"dist": "loguniform", "low": 1e-12, "high": 1.0},
        "class_weight": {"choice": [None, "balanced"]},
        "preprocess": {"choice": [[], [{"clip": 10}, "standardize"]]},
    },
}
CONTROL = {**NET, "name": "control", "fixed": {"pyramid": {"graph": "rewired", "cutoff": None}}}


def specs(*entries: dict[str, Any]) -> dict[str, ClassifierSpec]:
    return {entry["name"]: ClassifierSpec.from_config(entry) for entry in entries}


def best(*rows: tuple[str, dict[str, Any] | None]) -> pd.DataFrame:
    """The columns that are read, of cells and their settings in full; None where no trial is complete."""
    cells = [
        [*name.split("."), None if full is None else "abc", None if full is None else json.dumps(full)]
        for name, full in rows
    ]
    return pd.DataFrame(cells, columns=["dataset", "task", "classifier", "trial_id", "params"]).astype("str")


def settings_in(text: str, reader: str) -> dict[str, dict[str, dict[str, list[dict[str, Any]]]]]:
    """Known settings by classifier, dataset and task, as the project's loader or any YAML reader finds them."""
    content: Any = OmegaConf.to_container(OmegaConf.create(text)) if reader == "omegaconf" else yaml.safe_load(text)
    return {name: entry["known"] for name, entry in content["classifiers"].items()}


def test_only_what_the_entry_does_not_say_is_written() -> None:
    linear, net = specs(LINEAR, NET).values()
    full = {**LINEAR["params"], "alpha": 1e-05, "penalty": "l1"}
    assert beyond(linear, full, "a.b.linear") == {"alpha": 1e-05, "penalty": "l1"}
    assert beyond(linear, LINEAR["params"], "a.b.linear") == {}
    pyramid = {"graph": "links", "coarsening": "compact", "cutoff": 0.25}
    assert beyond(net, {**NET["params"], "pyramid": pyramid}, "a.b.net") == {"pyramid": {"cutoff": 0.25}}
    assert beyond(net, {**NET["params"], "pyramid": None}, "a.b.net") == {"pyramid": None}


def test_the_document_stands_in_the_order_of_the_cells() -> None:
    table = best(
        ("full.moa.linear", {**LINEAR["params"], "alpha": 1e-05, "penalty": None}),
        ("full.moa.net", {**NET["params"], "K": [7], "preprocess": []}),
        ("full.site.net", None),
        ("prostate.moa.linear", LINEAR["params"]),
    )
    assert known_yaml(table, specs(LINEAR, NET)) == (
        "classifiers:\n"
        "  linear:\n"
        "    known:\n"
        "      full:\n"
        "        moa:\n"
        "        - {alpha: 1.0e-05, penalty: null}\n"
        "      prostate:\n"
        "        moa:\n"
        "        - {}\n"
        "  net:\n"
        "    known:\n"
        "      full:\n"
        "        moa:\n"
        "        - K: [7]\n"
        "          preprocess: []\n"
    )
    assert yaml.safe_load(known_yaml(best(), {})) == {"classifiers": {}}


@pytest.mark.parametrize("reader", ["yaml", "omegaconf"])
@pytest.mark.parametrize("entry", [NET, CONTROL], ids=["net", "control"])
def test_what_is_read_back_leads_to_the_same_settings_in_full(entry: dict[str, Any], reader: str) -> None:
    spec = specs(entry)[entry["name"]]
    fulls = [spec.in_full(setting) for setting in Space.read(spec.space).settings(60, seed=2)]
    table = best(*((f"full.t{number}.{spec.name}", full) for number, full in enumerate(fulls)))
    read = settings_in(known_yaml(table, {spec.name: spec}), reader)[spec.name]["full"]
    again = ClassifierSpec.from_config({**entry, "known": {"full": read}})
    for number, full in enumerate(fulls):
        (setting,) = again.known["full"][f"t{number}"]
        assert json.dumps(again.in_full(setting), sort_keys=True) == json.dumps(full, sort_keys=True)
        assert not set(setting) & {"epochs"}
    assert any(full["l2"] < 1e-5 for full in fulls)  # those that YAML reads as text without a point


@pytest.mark.parametrize("reader", ["yaml", "omegaconf"])
@pytest.mark.parametrize(
    "value", [1e-05, 5e-324, 1e16, 1.7e308, 0.1 + 0.2, 2.0, -3e-07, 1, True, None, "on", "12", "", [1e-07, [2.0]]]
)
def test_a_value_is_read_back_as_exactly_what_it_was(value: Any, reader: str) -> None:
    spec = specs(LINEAR)["linear"]
    full = {**LINEAR["params"], "penalty": value}
    read = settings_in(known_yaml(best(("f.m.linear", full)), {"linear": spec}), reader)["linear"]["f"]["m"][0]
    assert json.dumps(read) == json.dumps({"penalty": value})


def test_a_number_of_another_kind_is_another_value() -> None:
    spec = specs(LINEAR)["linear"]
    full = {**LINEAR["params"], "max_iter": 5.0}
    assert json.dumps(beyond(spec, full, "a.b.linear")) == '{"max_iter": 5.0}'


def test_a_setting_that_the_entry_no_longer_leads_to_is_refused() -> None:
    table = best(("full.moa.linear", {"loss": "hinge"}))
    with pytest.raises(InputError, match=r"^full\.moa\.linear: the entry classifiers\.linear completes .* was tried"):
        known_yaml(table, specs(LINEAR))
    with pytest.raises(InputError, match=r"full\.moa\.control: .* the entry's params have changed"):
        full = specs(CONTROL)["control"].in_full({})
        known_yaml(best(("full.moa.control", {**full, "pyramid": {"graph": "links"}})), specs(CONTROL))


def test_a_classifier_without_an_entry_is_refused() -> None:
    with pytest.raises(InputError, match=r"full\.moa\.net: there is no classifier 'net' among linear\."):
        known_yaml(best(("full.moa.net", {})), specs(LINEAR))
