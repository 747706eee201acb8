"""What the schemes of `l1000_bench.curation.schemes` share: which samples can be used, and how they are dealt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l1000_bench.curation.folds import deal_folds, deal_groups, rotation_roles, split_table
from l1000_bench.curation.label_text import class_labels
from l1000_bench.curation.splits import DEV, ROLES, TEST, TRAIN, SplitRequest
from l1000_bench.errors import InputError

SmallClasses: TypeAlias = Literal["drop", "error", "keep"]
NAMED = 5  # how many classes a message names


@dataclass(frozen=True)
class Dealing:
    """How folds are dealt.

    Attributes:
        n_folds: K, at least 3 with a dev fold, 2 without.
        seed: Seed of the shuffle, at least 0.
        dev: Whether a fold is held out as dev.
        small_classes: What becomes of classes with too few groups: `drop` leaves them unused, `error` refuses them,
            `keep` keeps them.
        per_sample: Whether the samples that the groups allow are dealt one by one.
    """

    n_folds: int
    seed: int
    dev: bool = True
    small_classes: SmallClasses = "drop"
    per_sample: bool = False

    def check(self, place: str) -> None:
        """Refuse numbers out of range.

        Raises:
            InputError: Naming the place.
        """
        for name, value, least, words in (
            ("n_folds", self.n_folds, 3 if self.dev else 2, "at least 3 with a dev fold and 2 without"),
            ("seed", self.seed, 0, "at least 0"),
        ):
            if type(value) is not int or value < least:
                raise InputError(f"{place}: {name} is {value!r}; it is a whole number, {words}.")


@dataclass(frozen=True)
class Grouping:
    """Which samples belong together.

    Attributes:
        groups: (n_samples,) numbers, -1 where the group is unknown; such samples are not used.
        called: What the groups are, in the plural.
        needed: Fewest groups of a class that is not small.
        left_out: (n_samples,) samples that count as unlabelled, or None.
    """

    groups: NDArray[np.intp]
    called: str
    needed: int = 2
    left_out: NDArray[np.bool_] | None = None


def split_groups(request: SplitRequest, grouping: Grouping, dealing: Dealing) -> pd.DataFrame:
    """Deal whole groups to folds and rotate them.

    Args:
        request: Samples, labels, strata.
        grouping: Which samples belong together.
        dealing: How they are dealt.

    Returns:
        The split table, see `l1000_bench.curation.splits.make_split`.

    Raises:
        InputError: If a number is out of range, a class has too few groups and small_classes is `error`, fewer than two
            classes or fewer groups than folds are left, or a rotation has too little to train on or to test.
    """
    dealing.check(request.place)
    labels = class_labels(request.samples, request.label_column)
    if grouping.left_out is not None:
        labels = labels.mask(grouping.left_out)
    labels = _grouped_labels(labels, grouping, dealing.small_classes, request.place)
    used = labels.notna().to_numpy()
    groups = grouping.groups[used]
    n_groups, n_folds = len(np.unique(groups)), dealing.n_folds
    if n_groups < n_folds:
        raise InputError(
            f"{request.place}: {n_groups} {grouping.called} are left, fewer than the {n_folds} folds; lower n_folds, "
            "or curate a larger dataset."
        )
    folds = np.full(len(labels), -1)
    if dealing.per_sample:
        folds[used] = deal_folds(request.samples[used], request.stratify_by, n_folds, dealing.seed)
    else:
        folds[used] = deal_groups(labels[used].to_numpy(dtype=object), groups, n_folds, dealing.seed)
    return checked_split(request, labels, rotation_roles(folds, n_folds, dealing.dev))


def _grouped_labels(labels: pd.Series, grouping: Grouping, small_classes: SmallClasses, place: str) -> pd.Series:
    """Return the labels of the samples to use: known group, class not dropped."""
    known = labels.where(grouping.groups >= 0)
    if labels.notna().any() and not known.notna().any():
        raise InputError(
            f"{place}: the {grouping.called} of the labelled samples are all unknown; give the corpus a table that "
            "tells them, or choose another split."
        )
    found = pd.DataFrame({"label": known, "group": grouping.groups}).dropna().drop_duplicates()["label"].value_counts()
    n_groups = found.reindex(sorted(labels.dropna().unique()), fill_value=0)
    small = n_groups[n_groups < grouping.needed]
    if small_classes == "error":
        refuse_small(small, grouping.needed, grouping.called, place)
    left = known.where(~known.isin(small.index)) if small_classes == "drop" else known
    dropped = f"without those of fewer than {grouping.needed} {grouping.called}" if len(small) else "after curation"
    require_two_classes(left, dropped, place)
    return left


def refuse_small(small: pd.Series, needed: int, called: str, place: str) -> None:
    """Refuse classes that are too small.

    Args:
        small: Class -> how many groups it has; may be empty.
        needed: How many it needs.
        called: What the groups are, in the plural.
        place: Dataset and task.

    Raises:
        InputError: Naming the first of them.
    """
    if len(small):
        named = ", ".join(f"{name!r} has {size}" for name, size in small.iloc[:NAMED].items())
        raise InputError(
            f"{place}: {len(small)} class(es) have fewer than {needed} {called} ({named}"
            f"{', …' if len(small) > NAMED else ''}); set small_classes to drop or keep, or raise the dataset's class "
            "thresholds."
        )


def require_two_classes(labels: pd.Series, how: str, place: str) -> None:
    """Refuse to split fewer than two classes.

    Args:
        labels: (n_samples,) labels, missing where a sample is not used.
        how: Where or after what, in words that follow "is left".
        place: Dataset and task.

    Raises:
        InputError: Naming the class that is left, if any.
    """
    classes = labels.dropna().unique()
    if len(classes) < 2:
        left = f"only the class {classes[0]!r}" if len(classes) else "no class"
        raise InputError(
            f"{place}: {left} is left {how}, and a task needs two; see the dataset's audit and lower its "
            "class thresholds, or choose another split."
        )


def checked_split(request: SplitRequest, labels: pd.Series, roles: NDArray[np.intp]) -> pd.DataFrame:
    """Write roles as a split table if every rotation can be run.

    Args:
        request: The samples.
        labels: (n_samples,) labels of the samples that are used.
        roles: (n_rotations, n_samples) positions in `ROLES`.

    Returns:
        The split table, see `l1000_bench.curation.splits.make_split`.

    Raises:
        InputError: If a rotation trains on fewer than two classes, or tests, or develops, on no sample.
    """
    codes = pd.factorize(labels, sort=True)[0]
    for rotation, own in enumerate(roles):
        n_trained = len(np.unique(codes[own == TRAIN]))
        if n_trained < 2:
            raise InputError(
                f"{request.place}: rotation {rotation} would train on {n_trained} class(es), and a classifier needs "
                "two; curate a dataset whose classes spread over more groups, or choose another split."
            )
        for role in (DEV, TEST) if (roles == DEV).any() else (TEST,):
            if not (own == role).any():
                raise InputError(
                    f"{request.place}: rotation {rotation} would have no {ROLES[role]} sample; lower n_folds, or "
                    "curate a larger dataset."
                )
    return split_table(request.samples["sample_id"].to_numpy(dtype=object), roles)
