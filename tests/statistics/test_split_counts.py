from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from l1000_bench.statistics.split_counts import split_counts, used_samples

# Six samples, the last without a label and unused; `d` is trained on alone, `e` trains in one rotation and is unused in
# the other. Rotation 0 tests `c`, whose class it does not train on; rotation 1 tests `a` and `c`, `c` so twice.
LABELS = pd.Series(["x", "x", "y", "x", "y", None], index=list("abcdef"), dtype="str")
ROLES = {
    0: {"a": "train", "b": "test", "c": "test", "d": "train", "e": "unused", "f": "unused"},
    1: {"a": "test", "b": "dev", "c": "test", "d": "train", "e": "train", "f": "unused"},
}
SPLIT = pd.DataFrame(
    [(rotation, sample, role) for rotation, roles in ROLES.items() for sample, role in roles.items()],
    columns=["rotation", "sample_id", "role"],
)


@pytest.mark.parametrize("kind", ["str", "category", "object"])
def test_samples_are_counted_by_what_becomes_of_them(kind: str) -> None:
    split = SPLIT.astype({"sample_id": kind, "role": kind})
    assert split_counts(split, LABELS) == {
        "n_rotations": 2, "n_samples": 6, "n_unused": 1, "n_untested": 2, "n_trained": 2,
        "n_tested": 4, "n_unseen": 1, "n_one_class": 0,
    }  # fmt: skip
    assert sorted(used_samples(split)) == list("abcde")


def test_counts_agree_with_a_count_one_by_one() -> None:
    rng = np.random.default_rng(5)
    ids = [f"s{number}" for number in range(40)]
    labels = pd.Series(rng.choice(["a", "b", "c", "d"], 40), index=ids, dtype="str")
    rows = [
        (rotation, sample, role)
        for rotation in range(3)
        for sample, role in zip(
            ids, rng.choice(["train", "dev", "test", "unused"], 40, p=[0.1, 0.2, 0.3, 0.4]), strict=True
        )
    ]
    split = pd.DataFrame(rows, columns=["rotation", "sample_id", "role"])
    unseen = 0
    for rotation in range(3):
        trained = {labels[s] for r, s, role in rows if r == rotation and role == "train"}
        unseen += sum(labels[s] not in trained for r, s, role in rows if r == rotation and role == "test")
    roles = {sample: {role for _, s, role in rows if s == sample} for sample in ids}
    found = split_counts(split.sample(frac=1, random_state=1), labels)
    assert unseen > 0
    assert found == {
        "n_rotations": 3,
        "n_samples": 40,
        "n_unused": sum(own == {"unused"} for own in roles.values()),
        "n_untested": sum("test" not in own and own != {"unused"} for own in roles.values()),
        "n_trained": round(sum(role == "train" for _, _, role in rows) / 3),
        "n_tested": sum(role == "test" for _, _, role in rows),
        "n_unseen": unseen,
        "n_one_class": 0,
    }


def test_test_parts_of_one_class_are_counted() -> None:
    rows = [(0, "a", "test"), (0, "b", "test"), (0, "c", "train"), (1, "a", "test"), (1, "c", "test"), (2, "c", "test")]
    split = pd.DataFrame(rows, columns=["rotation", "sample_id", "role"])
    assert split_counts(split, LABELS)["n_one_class"] == 2  # a and b are both x; c stands alone


def test_a_rotation_that_trains_on_nothing_counts_in_the_mean() -> None:
    split = SPLIT.assign(role=SPLIT["role"].where((SPLIT["rotation"] == 0) | (SPLIT["role"] != "train"), "unused"))
    assert split_counts(split, LABELS)["n_trained"] == 1  # two in one of two rotations
    five = pd.concat([SPLIT, SPLIT[SPLIT["rotation"] == 0].assign(rotation=2, role="train")])
    assert split_counts(five, LABELS)["n_trained"] == 3  # two, two and six: 3.3
