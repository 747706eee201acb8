"""Profiles and rotations of the benchmark; needs numpy alone, for peers' environments."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

N_GENES = 978
N_TRAINING, N_QUERIES, K = 20_000, 500, 25
N_PROFILES, N_FOLDS = 20_000, 10  # of the cross-validation
N_CORPUS = 156_461  # profiles of the paper's largest dataset
GROUPS = 50


def profiles(n: int) -> NDArray[np.float32]:
    """Return (n, N_GENES) made-up profiles: noise around the centres of groups, clipped as Level 5 is."""
    rng = np.random.default_rng(0)
    values = rng.standard_normal((n, N_GENES), dtype=np.float32)
    centres = rng.standard_normal((GROUPS, N_GENES), dtype=np.float32) * np.float32(0.6)
    groups = rng.integers(0, GROUPS, n)
    for start in range(0, n, 4096):
        part = slice(start, start + 4096)
        values[part] += centres[groups[part]]
    return np.clip(values, -10, 10, out=values)


def folds(n: int) -> NDArray[np.intp]:
    """Return (n,) the fold of every profile; in rotation i fold i is dev, the next one test."""
    return np.random.default_rng(1).permutation(np.arange(n) % N_FOLDS)


def tell(folder: Path, name: str, neighbours: NDArray[Any]) -> None:
    """Write which neighbours were found, for the comparison; outside the clock."""
    (folder / f"{name}.json").write_text(json.dumps(neighbours.tolist()))


def agreement(folder: Path, name: str, other: str) -> float:
    """Return the share of neighbours (n, K) that two programs have in common."""
    found = [np.array(json.loads((folder / f"{one}.json").read_text())) for one in (name, other)]
    common = [len(np.intersect1d(mine, theirs)) for mine, theirs in zip(*found, strict=True)]
    return float(np.sum(common) / found[0].size)
