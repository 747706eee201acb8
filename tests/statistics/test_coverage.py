import pandas as pd
import pytest

from l1000_bench.errors import InputError
from l1000_bench.statistics.coverage import check_coverage

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
