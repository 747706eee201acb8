"""Scores by what the samples are and what was done to them: cell line, subject, dose, time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l1000_bench.statistics.counts import count, rates
from l1000_bench.statistics.pooled import Labels

# Column of the samples -> that of its unit.
UNITS = {"cell_id": None, "subject_id": None, "dose": "dose_unit", "time": "time_unit"}
NONE_GIVEN = "none given"
_BREAKDOWNS: dict[str, Any] = {
    "classifier": "str", "column": "str", "value": "str", "n_samples": "int64", "accuracy": "float64",
    "macro_f1": "float64",
}  # fmt: skip


def breakdowns(labels: Labels, sample_ids: pd.Series, samples: pd.DataFrame) -> pd.DataFrame:
    """Score the samples of every cell line, subject, dose and time by themselves.

    Args:
        labels: Test labels of all rotations together.
        sample_ids: (n,) whose they are.
        samples: The samples table.

    Returns:
        classifier, column, value (a dose or time with its unit; `none given` where there is none, as of vehicle wells),
        n_samples, accuracy, macro_f1 (fractions; over the classes that occur there). A column without any value is left
        out.
    """
    own = samples.set_index(samples["sample_id"].astype("str")).loc[pd.Index(sample_ids.astype("str"))]
    columns = [column for column in UNITS if column in own and own[column].notna().any()]
    values = {column: values_with_units(own, column) for column in columns}
    tables = [
        _breakdown(labels, name, *values[column]).assign(column=column)
        for name in labels.predicted
        for column in columns
    ]
    empty = pd.DataFrame(columns=list(_BREAKDOWNS))
    return pd.concat(tables or [empty], ignore_index=True)[list(_BREAKDOWNS)].astype(_BREAKDOWNS)


def values_with_units(samples: pd.DataFrame, column: str) -> tuple[NDArray[np.intp], list[str]]:
    """Write the values of a column of the samples with their unit.

    Args:
        samples: (n,) rows.
        column: One of `UNITS`.

    Returns:
        (n,) codes and the texts they stand for, in the order of units and numbers, `none given` last.
    """
    unit = UNITS[column]
    units = samples[unit].fillna("") if unit else pd.Series("", samples.index)
    pairs = pd.DataFrame({"unit": units.to_numpy(dtype=object), "value": samples[column].to_numpy()})
    known = pairs.dropna().drop_duplicates().sort_values(["unit", "value"])
    texts = {pair: _text(*pair) for pair in known.itertuples(index=False, name=None)}
    names = list(dict.fromkeys([*texts.values(), NONE_GIVEN]))
    codes = {pair: names.index(text) for pair, text in texts.items()}
    none = names.index(NONE_GIVEN)
    return np.array([codes.get(pair, none) for pair in pairs.itertuples(index=False, name=None)], dtype=np.intp), names


def _text(unit: str, value: str | float) -> str:
    return f"{value if isinstance(value, str) else format(value, 'g')} {unit}".strip()


def _breakdown(labels: Labels, classifier: str, codes: NDArray[np.intp], names: list[str]) -> pd.DataFrame:
    n_classes = len(labels.classes)
    counted = count(labels.true, labels.predicted[classifier], codes, (n_classes, len(names)))
    counts = counted.toarray().reshape(3, n_classes, len(names))
    accuracy, macro_f1, _ = rates(counts, counts)
    columns = {"n_samples": counts[0].sum(axis=0), "accuracy": accuracy, "macro_f1": macro_f1}
    table = pd.DataFrame({"classifier": classifier, "value": names, **columns})
    return table[table["n_samples"] > 0]
