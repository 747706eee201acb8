from pathlib import Path
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
    assert (spec.level, spec.quality, spec.clip, spec.memory_mib) == (None, None, None, 256)
    assert SplitSpec("s", "stratified", "S", {"n_folds": 3, "seed": 1}).params == {"n_folds": 3, "seed": 1}
    assert TaskSpec("t", "moa", "T", "s").split == "s"


@pytest.mark.parametrize("missing_values", ["error", "drop_profiles", "impute_zero"])
def test_every_rule_for_missing_values(missing_values: str) -> None:
    assert DatasetSpec(**DATASET, missing_values=missing_values).missing_values == missing_values


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"missing_values": "ignore"}, "missing_values is 'ignore'; it can be error, drop_profiles, impute_zero"),
        ({"level": 2}, "level is 2; it can be 3, 4, 5"),
        ({"level": "5"}, "level is '5'; it takes a whole number"),
        ({"clip": 0}, "clip is 0; it takes a number above 0"),
        ({"clip": float("nan")}, "clip is nan; it takes a number above 0"),
        ({"clip": "10"}, "clip is '10'; it takes a number"),
        ({"memory_mib": 0}, "memory_mib is 0; it takes a whole number, at least 1"),
        ({"quality": {}}, "quality asks for nothing; give qc_pass: true, distil_cc_at_least or tas_at_least"),
        ({"quality": {"qc_pass": False}}, "quality asks for nothing"),
        ({"quality": {"qc_pass": "yes"}}, "quality: qc_pass is 'yes'; it takes true or false"),
        ({"quality": {"tas_at_least": "0.2"}}, "quality: tas_at_least is '0.2'; it takes a number"),
        ({"quality": {"tas": 0.2}}, "curation rule quality: .*'tas' is not known here; its keys are .*tas_at_least"),
        ({"quality": [0.2]}, "quality is .*; it takes keys and values"),
        ({"stratify_by": []}, "stratify_by is empty; name at least one column"),
        ({"rules": [{"rule": "single_moa"}, {"rule": "two_moas"}]}, "unknown curation rule 'two_moas'"),
        ({"rules": [{"rule": "class_threshold", "column": "moa"}]}, "class_threshold: .*columns"),
    ],
)
def test_a_wrong_dataset_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        DatasetSpec(**(DATASET | change))


@pytest.mark.parametrize(
    ("corpus_level", "level", "expected"), [(3, None, 3), (4, None, 4), (5, None, 5), (3, 4, 4), (3, 5, 5), (4, 5, 5)]
)
def test_levels_rise_or_stay(corpus_level: int, level: int | None, expected: int) -> None:
    assert DatasetSpec(**DATASET, level=level).level_of(corpus_level) == expected


@pytest.mark.parametrize(("corpus_level", "level"), [(4, 3), (5, 3), (5, 4)])
def test_a_level_below_the_corpus_is_refused(corpus_level: int, level: int) -> None:
    with pytest.raises(
        InputError, match=rf"datasets\.a: level is {level}, and c holds profiles of level {corpus_level}"
    ):
        DatasetSpec(**DATASET, level=level).level_of(corpus_level)


@pytest.mark.parametrize(
    ("scheme", "params", "message"),
    [
        ("stratifed", {}, "unknown split scheme 'stratifed'; there are cell_held_out, compound_grouped"),
        ("rotate", {}, "unknown split scheme 'rotate'"),
        ("no_such_module:scheme", {}, "cannot import the split scheme 'no_such_module:scheme'"),
        ("math:no_such", {}, "cannot import the split scheme 'math:no_such'"),
        ("math:pi", {}, "split scheme math:pi is no function"),
        ("stratified", {"n_folds": 3}, r"split scheme stratified: .*'seed' is missing; its keys are n_folds"),
        ("stratified", {"folds": 3, "seed": 1}, "split scheme stratified: .*'n_folds'"),
    ],
)
def test_a_wrong_split_scheme_is_refused(scheme: str, params: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        SplitSpec("s", scheme, "S", params)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"splits": {"stratified": 15}}, r"splits\.stratified is 15; it takes parameters of the split scheme"),
        ({"splits": [15]}, "splits is .*; it takes keys and values"),
    ],
)
def test_a_dataset_sets_parameters_of_splits_by_their_names(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        DatasetSpec(**(DATASET | change))


def test_what_a_dataset_sets_for_a_split_must_fit_its_scheme() -> None:
    scheme = SplitSpec("folds", "stratified", "S", {"n_folds": 3, "seed": 1})
    assert scheme.params_for(DatasetSpec(**DATASET, splits={"folds": {"n_folds": 7}})) == {"n_folds": 7, "seed": 1}
    assert scheme.params_for(DatasetSpec(**DATASET, splits={"other": {"n_folds": 7}})) == {"n_folds": 3, "seed": 1}
    with pytest.raises(InputError, match=r"datasets\.a: splits\.folds: split scheme stratified: .*n_flods"):
        scheme.params_for(DatasetSpec(**DATASET, splits={"folds": {"n_flods": 7}}))


def test_a_task_names_other_tasks_alone() -> None:
    assert TaskSpec("t", "moa", "T", "s", against=["u"], settings_from="u").against == ["u"]
    for own in ({"against": ["t"]}, {"settings_from": "t"}):
        with pytest.raises(InputError, match=r"it names itself \(t\) under against or settings_from"):
            TaskSpec("t", "moa", "T", "s", **own)


# What the numbers of a split can be, and what it can promise

GROUPED = ["replicate_grouped", "plate_grouped", "compound_grouped", "cell_held_out"]
FOLDS = {"n_folds": 3, "seed": 1}
RANGE = "it is a whole number, at least 3 with a dev fold and 2 without."


def sentence(scheme: SplitSpec, **own: Any) -> str:
    with pytest.raises(InputError) as caught:
        scheme.params_for(DatasetSpec(**DATASET, splits={scheme.name: own} if own else {}))
    return str(caught.value)


@pytest.mark.parametrize("scheme", ["stratified", *GROUPED])
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_folds": 2}, f"n_folds is 2; {RANGE}"),
        ({"n_folds": 2, "dev": True}, f"n_folds is 2; {RANGE}"),
        ({"n_folds": 1, "dev": False}, f"n_folds is 1; {RANGE}"),
        ({"seed": -1}, "seed is -1; it is a whole number, at least 0."),
    ],
)
def test_folds_and_seeds_out_of_range_are_found_when_the_configuration_is_read(
    scheme: str, change: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError) as caught:
        SplitSpec("s", scheme, "S", FOLDS | change)
    assert str(caught.value) == f"split scheme {scheme}: {message}"
    assert sentence(SplitSpec("s", scheme, "S", FOLDS), **change) == (
        f"datasets.a: splits.s: split scheme {scheme}: {message}"
    )


def test_two_folds_without_dev_are_in_range() -> None:
    two = {"n_folds": 2, "seed": 0, "dev": False}
    assert SplitSpec("s", "stratified", "S", FOLDS).params_for(DatasetSpec(**DATASET, splits={"s": two})) == two


def test_the_numbers_of_a_scheme_of_ones_own_are_its_own_affair(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "half_schemes.py").write_text("def halves(request, n_folds, seed): ...\n")
    monkeypatch.syspath_prepend(tmp_path)
    params = {"n_folds": 1, "seed": -1}
    assert SplitSpec("s", "half_schemes:halves", "S", params).params_for(DatasetSpec(**DATASET)) == params
    with pytest.raises(InputError, match=r"split scheme half_schemes:halves: .*'seed' is missing; its keys"):
        SplitSpec("s", "half_schemes:halves", "S", {"n_folds": 1})


@pytest.mark.parametrize("scheme", GROUPED)
def test_samples_dealt_one_by_one_promise_nothing_unseen(scheme: str) -> None:
    words = (
        "unseen is 'plates', and per_sample: true deals the same samples one by one, so nothing is unseen: remove "
        "unseen or per_sample."
    )
    promised = SplitSpec("s", scheme, "S", FOLDS, unseen="plates")
    assert sentence(promised, per_sample=True) == f"datasets.a: splits.s: {words}"
    control = SplitSpec("s", scheme, "S", FOLDS | {"per_sample": True}, unseen="plates")
    assert sentence(control) == f"splits.s: {words}"
    grouped = DatasetSpec(**DATASET, splits={"s": {"per_sample": False}})
    assert control.params_for(grouped) == FOLDS | {"per_sample": False}
    unpromised = SplitSpec("s", scheme, "S", FOLDS | {"per_sample": True})
    assert unpromised.params_for(DatasetSpec(**DATASET)) == FOLDS | {"per_sample": True}


def test_folds_that_are_dealt_per_sample_cannot_promise_anything_unseen() -> None:
    with pytest.raises(InputError, match="unseen is 'compounds', and the scheme stratified deals samples one by one"):
        SplitSpec("s", "stratified", "S", FOLDS, unseen="compounds")


@pytest.mark.parametrize(
    ("scheme", "params", "own", "has_dev"),
    [
        ("stratified", FOLDS, {}, True),
        ("stratified", FOLDS | {"dev": False}, {}, False),
        ("plate_grouped", FOLDS, {"dev": False}, False),
        ("leave_one_subject_out", {}, {}, False),
        ("transfer", {"train": "a == 1", "test": "a == 2"}, {}, False),
        ("l1000_bench.curation.schemes:stratified", FOLDS, {}, None),
    ],
)
def test_whether_there_is_a_dev_part_is_known_before_a_split_is_made(
    scheme: str, params: dict[str, Any], own: dict[str, Any], has_dev: bool | None
) -> None:
    assert SplitSpec("s", scheme, "S", params).has_dev(DatasetSpec(**DATASET, splits={"s": own})) is has_dev


def test_a_dataset_cannot_change_the_queries_that_a_split_is_named_after() -> None:
    scheme = SplitSpec(
        "a_to_b", "transfer", "A to B", {"train": "cell_id == 'A'", "test": "cell_id == 'B'"}, unseen="B"
    )
    assert scheme.params_for(DatasetSpec(**DATASET, splits={"a_to_b": {"small_classes": "keep"}}))
    with pytest.raises(InputError, match=r"datasets\.a: splits\.a_to_b: it sets test, .*write a split of its own"):
        scheme.params_for(DatasetSpec(**DATASET, splits={"a_to_b": {"test": "cell_id == 'C'"}}))
