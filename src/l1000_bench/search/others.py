"""Settings that did well elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from l1000_bench.search.best_trials import best_trial


def best_of_others(trials: Mapping[str, pd.DataFrame]) -> list[dict[str, Any]]:
    """Return the best setting of each of some trials tables, in full; one without a complete trial has none.

    Args:
        trials: By any name; the settings come in the order of the names, so that it does not matter who finished first.
    """
    settings = []
    for _, table in sorted(trials.items()):
        chosen = best_trial(table)
        if chosen is not None:
            settings.append(json.loads(table.loc[table["trial_id"] == chosen, "params"].iloc[0]))
    return settings
