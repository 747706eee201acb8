"""Entries of the configuration that take over what another entry says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from l1000_bench.errors import InputError
from l1000_bench.graphs.choice import overlaid
from l1000_bench.graphs.spec import CONTROLS


def complete_classifiers(entries: Mapping[str, Any]) -> dict[str, Any]:
    """Complete every classifier that is `like` another.

    It has the keys of the other and its own over them. What it sets under `params` it sets as `fixed` too, which holds
    in all settings that it takes over or draws, so that a control stays one whatever is tried.

    Args:
        entries: The kind `classifiers` by name.

    Raises:
        InputError: If the other is not there, or is itself like another, or its `params` are no keys and values.
    """
    return {name: _like(name, entry, entries) for name, entry in entries.items()}


def _like(name: str, entry: Any, entries: Mapping[str, Any]) -> Any:
    if not isinstance(entry, Mapping) or "like" not in entry:
        return entry
    other = entries.get(str(entry["like"]))
    if not isinstance(other, Mapping) or "like" in other:
        fit = ", ".join(sorted(key for key, value in entries.items() if _is_whole(value)))
        raise InputError(
            f"classifiers.{name} is like {entry['like']!r}; it can be like an entry that is whole by itself: {fit}."
        )
    own = {key: value for key, value in entry.items() if key != "like" and value is not None}
    params = {key: held.get("params") or {} for key, held in ((name, own), (str(entry["like"]), other))}
    for key, value in params.items():
        if not isinstance(value, Mapping):
            raise InputError(f"classifiers.{key}: params is {value!r}; it takes keys and values.")
    fixed, taken = params.values()
    return {**other, **own, "params": overlaid(taken, fixed), "fixed": fixed}


def _is_whole(entry: Any) -> bool:
    return isinstance(entry, Mapping) and "like" not in entry


def complete_graphs(entries: Mapping[str, Any]) -> dict[str, Any]:
    """Give every control graph the corpus and the direction of the graph that it is made of.

    Args:
        entries: The kind `graphs` by name.

    Raises:
        InputError: If a control names no graph that is there, or another control, or says these things itself.
    """
    made: dict[str, Any] = {}
    for name, entry in entries.items():
        made[name] = entry
        if not isinstance(entry, Mapping) or entry.get("source") not in CONTROLS:
            continue
        original = entries.get(str(entry.get("of")))
        if not isinstance(original, Mapping) or not _is_original(original):
            fit = ", ".join(sorted(key for key, value in entries.items() if _is_original(value)))
            raise InputError(f"graphs.{name} is a control of {entry.get('of')!r}; it can be one of {fit}.")
        said = [key for key in ("corpus", "directed") if key in entry]
        if said:
            raise InputError(f"graphs.{name} sets {said[0]}, which a control has from {entry['of']}; leave it out.")
        made[name] = {**entry, "corpus": original.get("corpus"), "directed": original.get("directed", False)}
    return made


def _is_original(graph: Any) -> bool:
    return isinstance(graph, Mapping) and graph.get("source") not in CONTROLS
