"""Settings that did well elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from l1000_bench.search.best_trials import chosen_setting


def best_of_others(trials: Mapping[str, pd.DataFrame]) -> list[dict[str, Any]]:
    """Return the best setting of each of some trials tables, in full; one without a complete trial has none.

    Args:
        trials: By any name; the settings come in the order of the names, so that it does not matter who finished first.
    """
    chosen = [chosen_setting(table) for _, table in sorted(trials.items())]
    return [setting for setting in chosen if setting is not None]
