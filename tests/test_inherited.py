from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from l1000_bench.errors import InputError
from l1000_bench.inherited import complete_classifiers, complete_graphs

NET: dict[str, Any] = {
    "name": "net",
    "class": "a.Net",
    "label": "Net",
    "params": {"pyramid": {"graph": "links", "cutoff": 0.5}, "K": [5], "epochs": 9},
    "preprocess": [{"clip": 10}],
    "known": {
        "full": {"moa": [{"K": [7], "epochs": 3}, {"pyramid": {"graph": "other", "levels": 2}}], "site": [{}]},
        "prostate": {"moa": [{"filters": [2]}]},
    },
    "space": {"K": {"choice": [[2], [3]]}, "pyramid": {"graph": {"choice": ["links", "other"]}, "cutoff": 0.7}},
    "modern_space": {"_layers": {"graph_layers": {}}, "dropout": {"choice": [0.1]}, "filters": [8]},
}


def completed(**own: Any) -> dict[str, Any]:
    """An entry that is like NET; NET itself must not change."""
    before = deepcopy(NET)
    made = complete_classifiers({"control": {"like": "net", "name": "control", **own}, "net": NET})
    assert NET == made["net"] == before
    found = made["control"]
    assert isinstance(found, dict)
    return found


def test_what_an_entry_does_not_say_is_the_others() -> None:
    assert completed(label="Control") == {**NET, "name": "control", "label": "Control"}


def test_entries_of_their_own_stay_as_they_are() -> None:
    entries = {"net": NET, "empty": None, "text": "knn"}
    assert complete_classifiers(entries) == entries


def test_a_fixed_parameter_holds_in_every_setting() -> None:
    made = completed(params={"K": [1]})
    assert made["params"] == {"pyramid": {"graph": "links", "cutoff": 0.5}, "K": [1], "epochs": 9}
    assert made["known"]["full"] == {
        "moa": [{"K": [1], "epochs": 3}, {"pyramid": {"graph": "other", "levels": 2}, "K": [1]}],
        "site": [{"K": [1]}],
    }
    assert made["known"]["prostate"] == {"moa": [{"filters": [2], "K": [1]}]}
    assert made["space"] == {"pyramid": NET["space"]["pyramid"]}
    assert made["modern_space"] == NET["modern_space"]


def test_of_a_pyramid_each_key_is_fixed_by_itself() -> None:
    made = completed(params={"pyramid": {"graph": "rewired"}})
    assert made["params"]["pyramid"] == {"graph": "rewired", "cutoff": 0.5}
    settings = made["known"]["full"]["moa"]
    assert [setting["pyramid"]["graph"] for setting in settings] == ["rewired", "rewired"]
    assert settings[1]["pyramid"] == {"graph": "rewired", "levels": 2}
    assert made["space"]["pyramid"] == {"cutoff": 0.7}


def test_a_pyramid_that_is_taken_away_stays_away() -> None:
    made = completed(params={"pyramid": None})
    assert made["params"]["pyramid"] is None
    assert all(setting["pyramid"] is None for setting in made["known"]["full"]["moa"])
    assert "pyramid" not in made["space"]


def test_the_entrys_own_words_come_over_the_others() -> None:
    known = {"full": {"site": [{"epochs": 1}]}}
    made = completed(
        params={"K": [1]},
        preprocess=["standardize"],
        known=known,
        space={"K": {"choice": [[1]]}, "pyramid": {"cutoff": 0.9, "seed": 4}},
        modern_space={"_layers": "mine"},
    )
    assert made["preprocess"] == ["standardize"]
    assert made["known"] == known
    assert made["space"] == {
        "K": {"choice": [[1]]},
        "pyramid": {"graph": {"choice": ["links", "other"]}, "cutoff": 0.9, "seed": 4},
    }
    assert made["modern_space"] == {"_layers": "mine", "dropout": {"choice": [0.1]}, "filters": [8]}


def test_keys_left_empty_fix_nothing() -> None:
    made = completed(params=None, space=None, modern_space=None)
    assert {key: made[key] for key in ("params", "space", "modern_space", "known")} == {
        key: NET[key] for key in ("params", "space", "modern_space", "known")
    }


@pytest.mark.parametrize("other", ["nut", "chain", "empty", "text", None, ["net"]])
def test_the_other_must_be_there_and_whole(other: Any) -> None:
    entries = {"me": {"like": other}, "net": NET, "chain": {"like": "net"}, "empty": None, "text": "knn", "a": {}}
    with pytest.raises(InputError, match=r"classifiers\.me is like .*; it can be like an entry .* whole .*: a, net\.$"):
        complete_classifiers(entries)


@pytest.mark.parametrize("key", ["params", "space", "modern_space"])
def test_what_cannot_be_merged_is_refused_where_it_stands(key: str) -> None:
    with pytest.raises(InputError, match=rf"classifiers\.me: {key} is \['K'\]; it takes keys and values"):
        complete_classifiers({"me": {"like": "net", key: ["K"]}, "net": NET})
    with pytest.raises(InputError, match=rf"classifiers\.net: {key} is 'K'; it takes keys and values"):
        complete_classifiers({"me": {"like": "net"}, "net": {**NET, key: "K"}})


@pytest.mark.parametrize("known", [["moa"], {"full": None}, {"full": {"moa": 3}}, {"full": {"moa": ["K"]}}, "moa"])
def test_known_settings_that_are_none_are_left_for_the_grid_to_refuse(known: Any) -> None:
    made = complete_classifiers({"me": {"like": "net", "params": {"K": [1]}}, "net": {**NET, "known": known}})
    assert made["me"]["known"] == known


# Graphs

LINKS: dict[str, Any] = {"source": "trrust", "corpus": "raw", "directed": True, "pyramid": {"levels": 2}}


def test_a_control_has_the_corpus_and_the_direction_of_its_graph() -> None:
    control = {"source": "rewired", "of": "links", "pyramid": {"levels": 1}}
    other = {"source": "random", "of": "plain"}
    plain = {"source": "corpus", "corpus": "mini"}
    made = complete_graphs({"control": control, "links": LINKS, "other": other, "plain": plain, "empty": None})
    assert made == {
        "control": {**control, "corpus": "raw", "directed": True},
        "links": LINKS,
        "other": {**other, "corpus": "mini", "directed": False},
        "plain": plain,
        "empty": None,
    }
    assert list(made) == ["control", "links", "other", "plain", "empty"]


@pytest.mark.parametrize("of", ["lynx", "other", "empty", "text", None, 3])
def test_a_control_is_of_a_graph_that_is_there_and_no_control(of: Any) -> None:
    entries = {
        "control": {"source": "random", "of": of},
        "other": {"source": "rewired", "of": "links"},
        "plain": {"source": "corpus"},
        "links": LINKS,
        "empty": None,
        "text": "trrust",
    }
    with pytest.raises(InputError, match=rf"graphs\.control is a control of {of!r}; it can be one of links, plain\.$"):
        complete_graphs(entries)


@pytest.mark.parametrize("key", ["corpus", "directed"])
def test_a_control_says_nothing_that_it_takes_over(key: str) -> None:
    entries = {"control": {"source": "rewired", "of": "links", key: LINKS[key]}, "links": LINKS}
    with pytest.raises(InputError, match=rf"graphs\.control sets {key}, which a control has from links; leave it out"):
        complete_graphs(entries)
