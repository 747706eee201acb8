from __future__ import annotations

import hashlib
from typing import Any

import pandas as pd
import pytest

from l1000_bench.errors import InputError
from l1000_bench.statistics.submissions import with_truth

ROLES = {0: ("dev", "test", "train"), 1: ("train", "dev", "test"), 2: ("test", "train", "dev")}
SPLIT = pd.DataFrame(
    [(rotation, sample, role) for rotation, roles in ROLES.items() for sample, role in zip("abc", roles, strict=True)]
    + [(rotation, "unlabelled", "unused") for rotation in ROLES],
    columns=["rotation", "sample_id", "role"],
)
TRUTH = pd.Series(["lung", "skin", "lung", None], index=["a", "b", "c", "unlabelled"], dtype="str")
# By hand: what `split_digest` says it is the SHA-256 of.
LINES = "".join(
    f"{rotation}\t{sample}\t{role}\n"
    for rotation, roles in ROLES.items()
    for sample, role in [*zip("abc", roles, strict=True), ("unlabelled", "unused")]
)
DIGEST = hashlib.sha256(LINES.encode()).hexdigest()


def submitted(**changes: Any) -> pd.DataFrame:
    rows = SPLIT[SPLIT["role"].isin(["dev", "test"])].sample(frac=1, random_state=0)
    return rows.reset_index(drop=True).assign(y_pred="lung", split_sha256=DIGEST).assign(**changes)


def checked(frame: pd.DataFrame) -> pd.DataFrame:
    return with_truth(frame, SPLIT, TRUTH, "full.site.mine")


def test_the_truth_is_looked_up_row_by_row() -> None:
    frame = submitted()
    found = checked(frame)
    assert found["y_true"].tolist() == [{"a": "lung", "b": "skin", "c": "lung"}[name] for name in frame["sample_id"]]
    assert list(found.columns) == ["rotation", "sample_id", "role", "y_true", "y_pred"]
    others = ["rotation", "role", "y_pred"]
    pd.testing.assert_frame_equal(found[others], frame[others])


def test_probabilities_of_every_class_are_kept() -> None:
    probabilities = {"probability:lung": 0.25, "probability:skin": 0.75}
    found = checked(submitted(**probabilities))
    assert (found[list(probabilities)].iloc[0] == [0.25, 0.75]).all()


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (
            submitted(split_sha256="1" * 64),
            rf"made on the split 1{{12}}…, this benchmark's is {DIGEST}, and a submission",
        ),
        (
            submitted().drop(columns="split_sha256"),
            rf"no column split_sha256 names .*; this benchmark's is {DIGEST}, and",
        ),
        (submitted().iloc[1:], r"1 prediction\(s\) missing: rotation"),
        (pd.concat([submitted(), submitted().iloc[:2]]), r"2 prediction\(s\) doubled: rotation"),
        (submitted(rotation=0), r"prediction\(s\) missing"),
        (submitted(sample_id=["x", *submitted()["sample_id"][1:]]), r"1 prediction\(s\) missing: rotation"),
        (submitted(y_pred="liver"), r"predicted label 'liver' is none of the 2 classes \(6 prediction\(s\) of such"),
        (submitted(**{"probability:lung": 1.0}), r"1 of the classes with a probability .* the first is \['skin'\]"),
        (
            submitted(**{"probability:lung": 1.0, "probability:skin": 0.0, "probability:liver": 0.0}),
            r"the first is \['liver'\]; give every class one column",
        ),
    ],
)
def test_what_does_not_follow_the_benchmark_is_refused(frame: pd.DataFrame, message: str) -> None:
    with pytest.raises(InputError, match=rf"full\.site\.mine: .*{message}"):
        checked(frame)


def test_a_sample_predicted_where_it_trains_is_refused() -> None:
    trained = pd.DataFrame(
        [(0, "c", "test", "lung", DIGEST)], columns=["rotation", "sample_id", "role", "y_pred", "split_sha256"]
    )
    with pytest.raises(InputError, match=r"1 prediction\(s\) not held out there: rotation 0, c, test"):
        checked(pd.concat([submitted(), trained]))
