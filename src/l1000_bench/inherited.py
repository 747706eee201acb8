"""Entries of the configuration that take over what another entry says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from l1000_bench.errors import InputError
from l1000_bench.graphs.spec import CONTROLS

Entry = dict[str, Any]


def complete_classifiers(entries: Mapping[str, Any]) -> dict[str, Any]:
    """Complete every classifier that is `like` another.

    It has the keys of the other and its own over them, parameter by parameter in `params`, `space` and `modern_space`.
    A parameter that it sets under `params` holds in all settings that it takes over, so that a control stays one
    whatever is tried; only a group of the space (`_graph_layers`) has to be given anew.

    Args:
        entries: The kind `classifiers` by name.

    Raises:
        InputError: If the other is not there, or is itself like another, or either holds no keys and values where
            they are merged.
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
    _check_merged(name, entry)
    _check_merged(entry["like"], other)
    own = {key: value for key, value in entry.items() if key != "like"}
    fixed = own.get("params") or {}
    spaces = {
        key: _merged(_without(other.get(key) or {}, fixed), own.get(key) or {}) for key in ("space", "modern_space")
    }
    known = _with_fixed(other.get("known") or {}, fixed)
    return {**other, "known": known, **own, **spaces, "params": _merged(other.get("params") or {}, fixed)}


def _is_whole(entry: Any) -> bool:
    return isinstance(entry, Mapping) and "like" not in entry


def _check_merged(name: str, entry: Mapping[str, Any]) -> None:
    """Refuse what is no mapping where entries are merged, since the grid reads them only afterwards."""
    for key in ("params", "space", "modern_space"):
        if not isinstance(entry.get(key) or {}, Mapping):
            raise InputError(f"classifiers.{name}: {key} is {entry[key]!r}; it takes keys and values.")


def _with_fixed(known: Any, fixed: Mapping[str, Any]) -> Any:
    """Return known settings with the fixed parameters over them; what is none stays, for the grid to refuse."""
    try:
        return {
            dataset: {task: [_merged(setting, fixed) for setting in settings] for task, settings in tasks.items()}
            for dataset, tasks in known.items()
        }
    except (AttributeError, TypeError):
        return known


def _merged(lower: Mapping[str, Any], upper: Mapping[str, Any]) -> Entry:
    """Return the lower mapping with the upper one over it; the description of a pyramid is merged key by key."""
    made = {**lower, **upper}
    if isinstance(lower.get("pyramid"), Mapping) and isinstance(upper.get("pyramid"), Mapping):
        made["pyramid"] = {**lower["pyramid"], **upper["pyramid"]}
    return made


def _without(space: Mapping[str, Any], fixed: Mapping[str, Any]) -> Entry:
    """Return the space without the parameters that are fixed; of a pyramid, without its fixed keys."""
    left = {key: value for key, value in space.items() if key not in fixed}
    if isinstance(space.get("pyramid"), Mapping) and isinstance(fixed.get("pyramid"), Mapping):
        left["pyramid"] = {key: value for key, value in space["pyramid"].items() if key not in fixed["pyramid"]}
    return left


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
