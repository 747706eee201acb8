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
    assert completed(label="Control") == {**NET, "name": "control", "label": "Control", "fixed": {}}


def test_entries_of_their_own_stay_as_they_are() -> None:
    entries = {"net": NET, "empty": None, "text": "knn"}
    assert complete_classifiers(entries) == entries


def test_what_it_sets_is_fixed_and_the_rest_taken_over() -> None:
    made = completed(params={"K": [1], "pyramid": {"graph": "rewired"}})
    assert made["params"] == {"pyramid": {"graph": "rewired", "cutoff": 0.5}, "K": [1], "epochs": 9}
    assert made["fixed"] == {"K": [1], "pyramid": {"graph": "rewired"}}
    assert {key: made[key] for key in ("known", "space", "modern_space")} == {
        key: NET[key] for key in ("known", "space", "modern_space")
    }


def test_a_pyramid_that_is_taken_away_stays_away() -> None:
    made = completed(params={"pyramid": None})
    assert made["params"]["pyramid"] is None
    assert made["fixed"] == {"pyramid": None}


def test_the_entrys_own_words_come_in_place_of_the_others() -> None:
    own = {"preprocess": ["standardize"], "known": {"full": {"site": [{"epochs": 1}]}}, "space": {"K": 2}}
    made = completed(**own)
    assert {key: made[key] for key in own} == own
    assert made["modern_space"] == NET["modern_space"]


def test_keys_left_empty_change_nothing() -> None:
    assert completed(params=None, space=None, label=None) == {**NET, "name": "control", "fixed": {}}


@pytest.mark.parametrize("other", ["nut", "chain", "empty", "text", None, ["net"]])
def test_the_other_must_be_there_and_whole(other: Any) -> None:
    entries = {"me": {"like": other}, "net": NET, "chain": {"like": "net"}, "empty": None, "text": "knn", "a": {}}
    with pytest.raises(InputError, match=r"classifiers\.me is like .*; it can be like an entry .* whole .*: a, net\.$"):
        complete_classifiers(entries)


def test_parameters_that_cannot_be_merged_are_refused_where_they_stand() -> None:
    with pytest.raises(InputError, match=r"classifiers\.me: params is \['K'\]; it takes keys and values"):
        complete_classifiers({"me": {"like": "net", "params": ["K"]}, "net": NET})
    with pytest.raises(InputError, match=r"classifiers\.net: params is 'K'; it takes keys and values"):
        complete_classifiers({"me": {"like": "net"}, "net": {**NET, "params": "K"}})


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
