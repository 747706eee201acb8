"""The same classifiers on two views of one corpus at different levels, such as profiles and signatures."""

from __future__ import annotations

from typing import Any, NamedTuple

import pandas as pd

from l1000_bench.statistics.tests import METRICS, adjust_within, paired_t, welch

BETWEEN: dict[str, Any] = {
    **dict.fromkeys(("task", "dataset_a", "dataset_b", "classifier", "metric", "test"), "str"),
    "n_a": "int64", "n_b": "int64",
    **dict.fromkeys(("difference", "ci_low", "ci_high", "t", "p", "p_adjusted"), "float64"),
}  # fmt: skip


class View(NamedTuple):
    """One view of a corpus, with its split and the scores on it."""

    dataset: str
    samples: pd.DataFrame
    split: pd.DataFrame
    scores: pd.DataFrame


def compare_views(low: View, high: View, task: str) -> pd.DataFrame:
    """Compare the test scores of every classifier on two views.

    Where the two share their folds by replicate group (see `folds_are_shared`) rotations are paired (Student's t-test),
    else they are not (Welch's); p is adjusted over the classifiers, each metric by itself. The two views are tested on
    different samples, so a difference is one of the tasks as much as of the classifier.

    Args:
        low: The view of the lower level.
        high: The view of the higher level.
        task: Their task.

    Returns:
        The between table, a being the lower level, with the classifiers that have scores on both.
    """
    kind = "paired" if folds_are_shared(low, high) else "welch"
    a, b = (view.scores[view.scores["role"] == "test"] for view in (low, high))
    names = {"task": task, "dataset_a": low.dataset, "dataset_b": high.dataset}
    rows = []
    for metric in METRICS:
        wide_a, wide_b = (t.pivot(index="rotation", columns="classifier", values=metric) for t in (a, b))
        for name in (name for name in dict.fromkeys(a["classifier"]) if name in wide_b):
            one, two = wide_a[name].to_numpy(), wide_b[name].to_numpy()
            keys = {"classifier": name, "metric": metric, "test": kind, "n_a": len(one), "n_b": len(two)}
            rows.append(names | keys | (paired_t if kind == "paired" else welch)(one, two))
    table = pd.DataFrame(rows, columns=list(BETWEEN)).astype(BETWEEN)
    return table.assign(p_adjusted=adjust_within(table, ["metric"], "p"))


def folds_are_shared(low: View, high: View) -> bool:
    """Return whether every sample of the higher level has the role, in every rotation, of all that it was made of.

    Args:
        low: The view of the lower level.
        high: The view of the higher level; its unused samples do not count.
    """
    keys = ["rotation", "sample_id", "role"]
    below, above = (view.split[keys].astype({"sample_id": "str", "role": "str"}) for view in (low, high))
    above = above[above["role"] != "unused"]
    made = made_of(low.samples, set(above["sample_id"]))
    below = below.assign(sample_id=below["sample_id"].map(made)).dropna()
    both = above.merge(below, on=["rotation", "sample_id"], how="left")
    return (
        len(above) > 0
        and set(above["rotation"]) == set(below["rotation"])
        and bool((both["role_x"] == both["role_y"]).all())
    )


def made_of(samples: pd.DataFrame, wanted: set[str]) -> pd.Series:
    """Name for every sample of a lower level the sample of a higher level that it is part of.

    A sample of level 4 is itself at level 3; a signature bears the sig_id of its replicates, or `plate_set:well` (see
    `l1000_bench.curation.replicates.group_replicates`).

    Args:
        samples: The samples table of the lower level.
        wanted: Ids of the higher level's samples.

    Returns:
        Ids of the higher level indexed by sample_id, missing where there is none.
    """
    plates = samples["plate_set"].astype("str") + ":" + samples["well"].astype("str")
    ways = [samples["sample_id"].astype("str"), samples["sig_id"].astype("str"), plates]
    found = [names.where(names.isin(wanted)) for names in ways]
    best = max(found, key=lambda names: int(names.notna().sum()))
    return best.set_axis(ways[0])
