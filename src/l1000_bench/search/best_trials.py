"""Which trial is chosen: by dev accuracy among complete trials. No function here reads a test score.

Two ways to choose: the paper's takes one trial for all rotations, by the mean of their dev accuracies (McDermott et al.
2020, section 3.3). As every sample is in the dev part of one rotation, that trial was chosen on every sample, those of
the test parts included. The other way takes for every rotation the best trial on its own dev samples, none of which its
test part holds. Either way only complete trials are chosen from. So where trials were stopped early, the other way too
has seen samples of test parts: the stops follow the dev accuracies of the first two rotations, whose dev samples are
test samples of other rotations (the second's those of the first). With `early_stop: false` it has not.

A split without a dev part leaves nothing to choose by: there is one trial, and it is the chosen one.
"""

from __future__ import annotations

import json
from statistics import fmean
from typing import Any

import pandas as pd


def complete_trials(trials: pd.DataFrame) -> list[str]:
    """Return the trials without an error in any rotation, and with as many rotations as any other.

    Args:
        trials: One row per trial and rotation, see the trials table.

    Returns:
        Their trial_ids, in order of first appearance.
    """
    errors = trials.groupby("trial_id", sort=False)["error"]
    n_rows, n_errors = errors.size(), errors.count()
    complete = (n_errors == 0) & (n_rows == n_rows.max())
    return [str(name) for name in complete.index[complete.to_numpy()]]


def best_trial(trials: pd.DataFrame) -> str | None:
    """Choose the complete trial with the highest mean dev accuracy; the first of equals.

    The mean is that of the exact sum, as in `Schedule`, so that both find the same trials equal.

    Args:
        trials: One row per trial and rotation, see the trials table.

    Returns:
        Its trial_id, or None when no trial is complete.
    """
    complete = trials[trials["trial_id"].isin(complete_trials(trials))]
    complete = complete.assign(dev_accuracy=complete["dev_accuracy"].fillna(0.0))  # no dev part, so one trial alone
    means = {name: fmean(scores) for name, scores in complete.groupby("trial_id", sort=False)["dev_accuracy"]}
    return str(max(means, key=means.__getitem__)) if means else None


def chosen_setting(trials: pd.DataFrame) -> dict[str, Any] | None:
    """Return the setting of the chosen trial, in full; None when no trial is complete.

    Args:
        trials: One row per trial and rotation, see the trials table.
    """
    chosen = best_trial(trials)
    if chosen is None:
        return None
    setting: dict[str, Any] = json.loads(trials.loc[trials["trial_id"] == chosen, "params"].iloc[0])
    return setting


def chosen_per_rotation(trials: pd.DataFrame) -> pd.Series | None:
    """Choose for every rotation the complete trial with the best dev accuracy in it alone; the first of equals.

    Which trials are complete may have hung on other rotations, see above.

    Args:
        trials: One row per trial and rotation, see the trials table.

    Returns:
        trial_id by rotation, ascending; None when no trial is complete.
    """
    names = complete_trials(trials)
    if not names:
        return None
    by_rotation = trials.pivot(index="rotation", columns="trial_id", values="dev_accuracy")[names]
    return by_rotation.fillna(0.0).idxmax(axis=1).rename("trial_id")  # the first where there is no dev part
