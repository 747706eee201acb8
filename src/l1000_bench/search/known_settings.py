"""The chosen settings as the `known` settings of classifiers' files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd
import yaml

from l1000_bench.errors import InputError
from l1000_bench.models.spec import ClassifierSpec


def known_yaml(best: pd.DataFrame, specs: Mapping[str, ClassifierSpec]) -> str:
    """Write the chosen settings as a document that an environment's `parameters` can hold.

    Args:
        best: As of `best_settings.best_settings`; cells without a complete trial are left out.
        specs: The entry of every classifier, whose `params` and `fixed` a setting does not repeat.

    Returns:
        YAML: `classifiers: {linear: {known: {lincs_full: {moa: [{...}]}}}}`.

    Raises:
        InputError: If a classifier has no entry, or its entry no longer leads to the setting.
    """
    classifiers: dict[str, Any] = {}
    for row in best[best["trial_id"].notna()].to_dict("records"):
        place = f"{row['dataset']}.{row['task']}.{row['classifier']}"
        spec = specs.get(row["classifier"])
        if spec is None:
            raise InputError(f"{place}: there is no classifier {row['classifier']!r} among {', '.join(specs)}.")
        tasks = classifiers.setdefault(row["classifier"], {"known": {}})["known"].setdefault(row["dataset"], {})
        tasks[row["task"]] = [beyond(spec, json.loads(row["params"]), place)]
    return yaml.safe_dump(
        {"classifiers": classifiers}, default_flow_style=None, sort_keys=False, allow_unicode=True, width=120
    )


def beyond(spec: ClassifierSpec, full: Mapping[str, Any], place: str) -> dict[str, Any]:
    """Return the setting that `spec.in_full` completes to the full one.

    Args:
        spec: The classifier.
        full: A setting in full.
        place: The cell, for messages.

    Raises:
        InputError: If there is none, since the entry has changed since the setting was tried.
    """
    implied = spec.in_full({})
    setting = _other(full, implied)
    if isinstance(full.get("pyramid"), Mapping) and isinstance(implied.get("pyramid"), Mapping):
        setting.pop("pyramid", None)
        pyramid = _other(full["pyramid"], implied["pyramid"])
        setting |= {"pyramid": pyramid} if pyramid else {}
    if not _equal(spec.in_full(setting), dict(full)):
        raise InputError(
            f"{place}: the entry classifiers.{spec.name} completes the chosen setting to {spec.in_full(setting)}, but "
            f"{dict(full)} was tried; the entry's params have changed: take them back, or run the search again."
        )
    return setting


def _other(full: Mapping[str, Any], implied: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in full.items() if name not in implied or not _equal(value, implied[name])}


def _equal(one: Any, other: Any) -> bool:
    """Compare values as their text would be: 1, 1.0 and true differ."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
