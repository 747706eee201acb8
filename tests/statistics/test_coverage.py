from typing import Any

import pandas as pd
import pytest

from l1000_bench.errors import InputError
from l1000_bench.statistics.coverage import check_coverage, check_labels, check_predictions, check_probabilities

ROLES = {0: "dev", 1: "test", 2: "train", 3: "unused"}
SPLIT = pd.DataFrame(
    [(rotation, f"s{n}", ROLES[(n + rotation) % 4]) for rotation in range(2) for n in range(16)],
    columns=["rotation", "sample_id", "role"],
)
HELD_OUT = SPLIT[SPLIT["role"].isin(["dev", "test"])]


@pytest.mark.parametrize("kind", ["str", "category", "object"])
def test_a_table_that_follows_the_split_is_accepted_in_any_order(kind: str) -> None:
    kinds = {"sample_id": kind, "role": kind}
    predictions = HELD_OUT.sample(frac=1, random_state=1).assign(y_pred="x").astype(kinds)
    check_coverage(predictions, SPLIT.astype(kinds), "a.moa.knn")
    check_coverage(predictions, SPLIT.astype("object"), "a.moa.knn")


def refusal(predictions: pd.DataFrame) -> str:
    with pytest.raises(InputError) as error:
        check_coverage(predictions, SPLIT, "a.moa.knn")
    return str(error.value)


def test_missing_predictions_are_counted_and_five_are_named() -> None:
    assert refusal(HELD_OUT.drop(HELD_OUT.index[3])).startswith(
        "a.moa.knn: 1 prediction(s) missing: rotation 0, s5, test. The predictions do not follow the frozen split"
    )
    message = refusal(HELD_OUT[HELD_OUT["rotation"] == 0])
    assert message.startswith("a.moa.knn: 8 prediction(s) missing: rotation 1, ")
    assert message.count("rotation 1, s") == 5
    assert "16 prediction(s) missing" in refusal(HELD_OUT.iloc[:0])


def test_samples_that_were_not_held_out_there_are_refused() -> None:
    train = SPLIT[SPLIT["role"] == "train"].assign(role="test")
    assert "8 prediction(s) not held out there: rotation 0, s10, test; " in refusal(pd.concat([HELD_OUT, train]))
    stranger = pd.DataFrame({"rotation": [1], "sample_id": ["x"], "role": ["dev"]})
    assert "1 prediction(s) not held out there: rotation 1, x, dev. " in refusal(pd.concat([HELD_OUT, stranger]))
    other = HELD_OUT.iloc[:1].assign(rotation=2)
    assert "1 prediction(s) not held out there: rotation 2, s0, dev. " in refusal(pd.concat([HELD_OUT, other]))


def test_a_role_that_is_swapped_is_refused() -> None:
    swapped = HELD_OUT.replace({"role": {"dev": "test", "test": "dev"}})
    assert "16 prediction(s) missing: rotation 0, s0, dev; " in refusal(swapped)


def test_doubled_predictions_are_refused() -> None:
    message = refusal(pd.concat([HELD_OUT, HELD_OUT.iloc[[0, 2]], HELD_OUT.iloc[[0]]]))
    assert "3 prediction(s) doubled: rotation 0, s0, dev; rotation 0, s4, dev; rotation 0, s0, dev. " in message


# Labels and probabilities

TRUTH = pd.Series(["x", "y"] * 8, index=[f"s{n}" for n in range(16)], dtype="str")
PROBABILITIES = {"probability:x": 0.25, "probability:y": 0.75}


def labelled(**changes: Any) -> pd.DataFrame:
    table = HELD_OUT.reset_index(drop=True)
    table = table.assign(y_true=table["sample_id"].map(TRUTH), y_pred="x", **PROBABILITIES)
    for column, (rows, value) in changes.items():
        table.loc[rows, column.replace("probability_", "probability:")] = value
    return table


def test_own_labels_and_probabilities_are_accepted() -> None:
    check_predictions(labelled(), SPLIT, TRUTH, "a.moa.knn")
    check_probabilities(labelled().drop(columns=list(PROBABILITIES)), ["x", "y"], "a.moa.knn")


def test_labels_of_no_class_are_counted_and_five_are_named() -> None:
    table = labelled(y_pred=([1, 2, 3, 5, 7, 8], "z"))
    with pytest.raises(InputError) as error:
        check_labels(table, TRUTH, "a.moa.knn")
    message = str(error.value)
    assert message.startswith("a.moa.knn: the predicted label 'z' is none of the 2 classes (6 prediction(s) of such")
    assert message.count("; rotation ") == 4
    named = table.iloc[7]
    assert f"rotation {named['rotation']}, {named['sample_id']}, {named['role']}); predict" in message


def test_another_truth_is_refused() -> None:
    with pytest.raises(InputError, match=r"a\.moa\.knn: 2 prediction\(s\) have another true label .* 'z' for "):
        check_labels(labelled(y_true=([4, 6], "z")), TRUTH, "a.moa.knn")


@pytest.mark.parametrize("value", [0.5, 1.5, -0.5, None])
def test_probabilities_that_are_none_are_counted_and_named(value: float | None) -> None:
    table = labelled(probability_x=([2, 9], value))
    first = table.iloc[2]
    with pytest.raises(InputError) as error:
        check_predictions(table, SPLIT, TRUTH, "a.moa.knn")
    assert str(error.value).startswith(
        "a.moa.knn: the probabilities of 2 prediction(s) do not all lie between 0 and 1 and sum to one: rotation "
        f"{first['rotation']}, {first['sample_id']}, {first['role']}; rotation"
    )


def test_probabilities_outside_0_to_1_are_refused_though_they_sum_to_one() -> None:
    table = labelled(probability_x=([3], 1.5), probability_y=([3], -0.5))
    with pytest.raises(InputError, match=r"the probabilities of 1 prediction\(s\)"):
        check_probabilities(table, ["x", "y"], "a.moa.knn")


def test_rounded_probabilities_are_accepted() -> None:
    check_probabilities(labelled(probability_x=([3], 0.258)), ["x", "y"], "a.moa.knn")
    with pytest.raises(InputError, match=r"the probabilities of 1 prediction\(s\)"):
        check_probabilities(labelled(probability_x=([3], 0.262)), ["x", "y"], "a.moa.knn")


@pytest.mark.parametrize("classes", [["x"], ["x", "y", "z"], ["x", "z"]])
def test_every_class_has_one_column(classes: list[str]) -> None:
    odd = {"x", "y"} ^ set(classes)
    with pytest.raises(
        InputError, match=rf"{len(odd)} of the classes with a probability .*the first is \['{min(odd)}'\]"
    ):
        check_probabilities(labelled(), classes, "a.moa.knn")


def test_classes_that_fell_out_of_a_split_may_have_probabilities_and_need_none() -> None:
    check_probabilities(labelled(), ["x", "y"], "a.moa.knn", ["x", "y", "z"])
    check_probabilities(labelled(), ["x"], "a.moa.knn", ["x", "y"])
    with pytest.raises(InputError, match=r"benchmark's 2 have no match among the others, the first is \['y'\]"):
        check_probabilities(labelled(), ["x", "z"], "a.moa.knn", ["x", "z"])
