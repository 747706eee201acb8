"""The chosen setting of every cell: its scores under both ways to choose, as tables to read and as known settings."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from l1000_bench.search.best_trials import best_trial, chosen_per_rotation, complete_trials
from l1000_bench.search.records import ASIDE, STOPPED

KEYS = ["dataset", "task", "classifier"]
SCORES = ("dev_accuracy", "test_accuracy", "test_macro_f1")
PER_ROTATION = {f"per_rotation_{score}": score for score in ("test_accuracy", "test_macro_f1")}
NONE = "–"


def best_settings(trials: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Summarise the trials of every cell.

    Args:
        trials: The trials table of every cell, by its name `dataset.task.classifier`.

    Returns:
        One row per cell, in order:

        - dataset, task, classifier;
        - n_trials, and how many of them were n_complete, n_failed or n_stopped (given up, but without a failure); those
          of a classifier that stepped aside are none of these;
        - trial_id and params (JSON text) of the trial with the highest mean dev accuracy;
        - mean and standard deviation (ddof = 1) over rotations of its dev_accuracy, test_accuracy and test_macro_f1
          (`dev_accuracy_mean`, …), fractions;
        - the same of per_rotation_test_accuracy and per_rotation_test_macro_f1, where every rotation counts with the
          trial that is best in its own dev part;
        - difference: per_rotation_test_accuracy_mean - test_accuracy_mean;
        - aside: why the classifier stepped aside, a sentence; missing where it did not.

        Where no trial is complete, the trial and its scores are missing. On a split without a dev part so are
        dev_accuracy and what is chosen per rotation.
    """
    scores = [f"{name}_{moment}" for name in (*SCORES, *PER_ROTATION) for moment in ("mean", "std")]
    counts = ["n_trials", "n_complete", "n_failed", "n_stopped"]
    rows = [dict(zip(KEYS, name.split("."), strict=True)) | _summary(table) for name, table in trials.items()]
    best = pd.DataFrame(rows, columns=[*KEYS, *counts, "trial_id", "params", *scores, "difference", "aside"])
    kinds = dict.fromkeys(counts, "int64") | dict.fromkeys([*scores, "difference"], "float64")
    return best.astype(kinds | dict.fromkeys([*KEYS, "trial_id", "params", "aside"], "str"))


def _summary(trials: pd.DataFrame) -> dict[str, Any]:
    errors = trials[trials["error"].notna()]
    stopped, aside = (errors["error"].astype("str").str.startswith(kind) for kind in (STOPPED, ASIDE))
    failed = set(errors.loc[~stopped & ~aside, "trial_id"])
    summary: dict[str, Any] = {
        "n_trials": trials["trial_id"].nunique(),
        "n_complete": len(complete_trials(trials)),
        "n_failed": len(failed),
        "n_stopped": len(set(errors.loc[stopped, "trial_id"]) - failed),
        "aside": next((text.removeprefix(f"{ASIDE}: ") for text in errors.loc[aside, "error"]), None),
    }
    chosen, by_rotation = best_trial(trials), chosen_per_rotation(trials)
    if chosen is None or by_rotation is None:
        return summary
    one = trials[trials["trial_id"] == chosen]
    each = trials[trials["trial_id"] == trials["rotation"].map(by_rotation)]
    if one["dev_accuracy"].isna().any():  # a rotation without a dev part has nothing to choose by
        each = each.assign(**dict.fromkeys(PER_ROTATION.values(), np.nan))
    summary |= {"trial_id": chosen, "params": one["params"].iloc[0]}
    scores = {name: one[name] for name in SCORES} | {name: each[score] for name, score in PER_ROTATION.items()}
    for name, values in scores.items():
        summary |= {f"{name}_mean": values.mean(), f"{name}_std": values.std(ddof=1)}
    return summary | {"difference": summary["per_rotation_test_accuracy_mean"] - summary["test_accuracy_mean"]}


def settings_tables(best: pd.DataFrame, names: Mapping[str, str]) -> str:
    """Write the chosen settings in the layout of the paper's Tables VI to XI, as Markdown.

    Args:
        best: As of `best_settings`.
        names: Display names of datasets, tasks and classifiers; one without stands under its own.

    Returns:
        One table per benchmark: a row per classifier with its hyper-parameters, numbers to four digits, and the mean
        and standard deviation of its dev and test accuracy, in percent.
    """
    tables = []
    for _, part in best.groupby(["dataset", "task"], sort=False):
        heading = ": ".join(names.get(name, name) for name in part[["dataset", "task"]].iloc[0])
        tables.append(
            "\n".join(
                [
                    f"## {heading}",
                    "",
                    "| Classifier | Best hyper-parameters | Dev accuracy (%) | Test accuracy (%) |",
                    "|---|---|---|---|",
                    *(_line(row, names) for row in part.to_dict("records")),
                ]
            )
        )
    return "\n\n".join(tables) + "\n" if tables else ""


def _line(row: Mapping[Any, Any], names: Mapping[str, str]) -> str:
    if pd.isna(row["trial_id"]):
        aside = row["aside"]
        setting = f"no trial of {row['n_trials']:,} came to its end" if pd.isna(aside) else f"stepped aside: {aside}"
    else:
        setting = ", ".join(f"{name} = {_short(value)}" for name, value in json.loads(row["params"]).items())
    cells = [
        names.get(row["classifier"], row["classifier"]),
        setting or "none to choose",
        *(_percent(row[f"{name}_mean"], row[f"{name}_std"]) for name in ("dev_accuracy", "test_accuracy")),
    ]
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


def _short(value: Any) -> str:
    """Write a value to read, numbers that are not whole to four digits."""
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return f"[{', '.join(map(_short, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{name}: {_short(part)}' for name, part in value.items())}}}"
    return json.dumps(value)


def _percent(mean: float, std: float) -> str:
    if math.isnan(mean):
        return NONE
    return f"{100 * mean:.1f}" if np.isnan(std) else f"{100 * mean:.1f} ± {100 * std:.2f}"
