"""What cmapPy 4.0.1 needs to run on numpy 2 and pandas 3; for tests alone."""

from typing import Any

import numpy as np
import pandas as pd
import pytest


def repair(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give cmapPy back `np.string_` and `pd.to_numeric(errors="ignore")`, for one test."""
    strict: Any = pd.to_numeric

    def to_numeric(values: Any, errors: str = "raise", **options: Any) -> Any:
        if errors != "ignore":
            return strict(values, errors=errors, **options)
        try:
            return strict(values, **options)
        except (TypeError, ValueError):
            return values

    monkeypatch.setattr(np, "string_", np.bytes_, raising=False)
    monkeypatch.setattr(pd, "to_numeric", to_numeric)
