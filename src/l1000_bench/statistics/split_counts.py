"""How many samples a split trains on and tests, and how many it never tests."""

from __future__ import annotations

import pandas as pd


def used_samples(split: pd.DataFrame) -> pd.Index:
    """Return the ids of the samples that a split uses: those that train, dev or test holds in any rotation.

    Args:
        split: The split table.
    """
    used: pd.Index = pd.Index(split.loc[split["role"] != "unused", "sample_id"].astype("str").unique())
    return used


def split_counts(split: pd.DataFrame, labels: pd.Series) -> dict[str, int]:
    """Count the samples of a split by what becomes of them.

    Args:
        split: The split table.
        labels: The label of every sample, indexed by sample_id.

    Returns:
        - n_rotations;
        - n_samples: all of the split, and n_unused, those that no part holds in any rotation;
        - n_untested: used samples that no test part holds;
        - n_trained: samples of the training part, the mean over rotations, rounded to a whole number;
        - n_tested: samples of all test parts together, so that one which is tested in two rotations counts twice;
        - n_unseen: those among them whose class has no sample in the training part of their rotation;
        - n_one_class: rotations whose test part holds samples of one class only.
    """
    table = pd.DataFrame({"rotation": split["rotation"], "sample_id": split["sample_id"].astype("str")})
    trained, tested = (table[split["role"] == role] for role in ("train", "test"))
    used = used_samples(split)
    trained_classes, tested_classes = (
        pd.MultiIndex.from_arrays([part["rotation"], part["sample_id"].map(labels).astype("str")])
        for part in (trained, tested)
    )
    return {
        "n_rotations": split["rotation"].nunique(),
        "n_samples": table["sample_id"].nunique(),
        "n_unused": table["sample_id"].nunique() - len(used),
        "n_untested": len(used.difference(pd.Index(tested["sample_id"]))),
        "n_trained": round(len(trained) / table["rotation"].nunique()),
        "n_tested": len(tested),
        "n_unseen": int((~tested_classes.isin(trained_classes.unique())).sum()),
        "n_one_class": int((tested_classes.unique().get_level_values("rotation").value_counts() == 1).sum()),
    }
