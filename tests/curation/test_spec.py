from typing import Any

import pytest

from l1000_bench.curation.spec import DatasetSpec, SplitSpec, TaskSpec
from l1000_bench.errors import InputError

DATASET: dict[str, Any] = {
    "name": "a",
    "corpus": "c",
    "label": "A",
    "rules": [{"rule": "single_moa"}, {"rule": "class_threshold", "columns": ["moa"], "at_least": 3}],
    "stratify_by": ["cell_id"],
}


def test_the_defaults() -> None:
    spec = DatasetSpec(**DATASET)
    assert (spec.missing_values, spec.vehicle) == ("error", "DMSO")
    assert SplitSpec("s", "stratified", "S", {"n_folds": 3, "seed": 1}).params == {"n_folds": 3, "seed": 1}
    assert TaskSpec("t", "moa", "T", "s").split == "s"


@pytest.mark.parametrize("missing_values", ["error", "drop_profiles", "impute_zero"])
def test_every_rule_for_missing_values(missing_values: str) -> None:
    assert DatasetSpec(**DATASET, missing_values=missing_values).missing_values == missing_values


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"missing_values": "ignore"}, "missing_values is 'ignore'; it can be error, drop_profiles, impute_zero"),
        ({"stratify_by": []}, "stratify_by is empty; name at least one column"),
        ({"rules": [{"rule": "single_moa"}, {"rule": "two_moas"}]}, "unknown curation rule 'two_moas'"),
        ({"rules": [{"rule": "class_threshold", "column": "moa"}]}, "class_threshold: .*columns"),
    ],
)
def test_a_wrong_dataset_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        DatasetSpec(**(DATASET | change))


@pytest.mark.parametrize(
    ("scheme", "params", "message"),
    [
        ("stratifed", {}, "unknown split scheme 'stratifed'; the built-in one is stratified"),
        ("rotate", {}, "unknown split scheme 'rotate'"),
        ("no_such_module:scheme", {}, "unknown split scheme 'no_such_module:scheme'"),
        ("math:no_such", {}, "unknown split scheme 'math:no_such'"),
        ("math:pi", {}, "split scheme math:pi: .* name a function"),
        ("stratified", {"n_folds": 3}, r"split scheme stratified: missing .*'seed'; its parameters are \(request"),
        ("stratified", {"folds": 3, "seed": 1}, "split scheme stratified: .*'n_folds'"),
    ],
)
def test_a_wrong_split_scheme_is_refused(scheme: str, params: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        SplitSpec("s", scheme, "S", params)
