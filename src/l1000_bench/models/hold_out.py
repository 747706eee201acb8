"""The part of the training profiles that early stopping is judged on."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

from l1000_bench.errors import InputError

Rows = NDArray[np.intp]


def hold_out(codes: Rows, fraction: float, seed: int) -> tuple[Rows, Rows]:
    """Hold out profiles so that no class is missing in training.

    They are drawn in proportion to the classes. That needs two profiles of every class, as many held out as there are
    classes, and a fraction that leaves one of each; without, they are drawn from all but one profile of every class,
    which chance chooses.

    Args:
        codes: (n,) the classes.
        fraction: Share to hold out, rounded up to whole profiles.
        seed: Seed of the draw.

    Returns:
        Positions of the profiles that are kept and held out.

    Raises:
        InputError: If no class has a second profile.
    """
    classes, counts = np.unique(codes, return_counts=True)
    held = math.ceil(fraction * len(codes))
    if counts.min() >= 2 and min(held, len(codes) - held) >= len(classes):
        kept, out = train_test_split(np.arange(len(codes)), test_size=fraction, stratify=codes, random_state=seed)
        if len(np.unique(codes[kept])) == len(classes):  # a large fraction can take all of a small class
            return kept, out
    order = np.random.default_rng(seed).permutation(len(codes))
    staying = np.unique(codes[order], return_index=True)[1]  # of every class the first in that order
    free = np.delete(order, staying)
    if not len(free):
        raise InputError(
            f"early_stopping holds profiles out, but each of the {len(classes)} classes has one training profile; set "
            "early_stopping to false, or raise the class threshold."
        )
    return np.sort(np.concatenate([order[staying], free[held:]])), np.sort(free[:held])
