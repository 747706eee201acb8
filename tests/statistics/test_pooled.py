import numpy as np
import pandas as pd
import pytest

from l1000_bench.statistics.pooled import encode, label_codes, pool

SPLIT = pd.DataFrame(
    [
        (0, "s1", "test"), (0, "s2", "dev"), (0, "s3", "train"), (0, "s4", "unused"),
        (1, "s1", "train"), (1, "s2", "test"), (1, "s3", "dev"), (1, "s4", "unused"),
    ],
    columns=["rotation", "sample_id", "role"],
)  # fmt: skip
TRUTH = pd.Series(["skin", "lung", "lung", None], index=["s1", "s2", "s3", "s4"], dtype="str")


def predictions(first: str, second: str) -> pd.DataFrame:
    """Of s1 and s2, in an order of their own, among dev predictions that must not matter."""
    rows = [(1, "s2", "test", second), (0, "s2", "dev", "dev"), (0, "s1", "test", first), (1, "s3", "dev", "dev")]
    return pd.DataFrame(rows, columns=["rotation", "sample_id", "role", "y_pred"])


@pytest.mark.parametrize("kind", ["str", "category", "object"])
def test_test_labels_stand_side_by_side_in_the_order_of_the_split(kind: str) -> None:
    kinds = {"sample_id": kind, "role": kind}
    tables = {
        "knn": predictions("skin", "skin").astype(kinds | {"y_pred": kind}),
        "y_true": predictions("lung", "lung"),
    }
    found = pool(SPLIT.astype(kinds), TRUTH, tables)
    assert found.astype("object").to_dict("list") == {
        "rotation": [0, 1], "sample_id": ["s1", "s2"], "y_true": ["skin", "lung"],
        "predicted:knn": ["skin", "skin"], "predicted:y_true": ["lung", "lung"],
    }  # fmt: skip


def test_labels_become_codes() -> None:
    labels = encode(pool(SPLIT, TRUTH, {"knn": predictions("skin", "skin"), "svm": predictions("lung", "skin")}))
    assert labels.classes.tolist() == ["lung", "skin"]
    assert labels.rotations.tolist() == [0, 1]
    assert labels.true.tolist() == [1, 0]
    assert {name: codes.tolist() for name, codes in labels.predicted.items()} == {"knn": [1, 1], "svm": [0, 1]}


def test_stored_and_loaded_labels_are_the_same(tmp_path: pytest.TempPathFactory) -> None:
    pooled = pool(SPLIT, TRUTH, {"knn": predictions("skin", "skin")})
    pooled.to_parquet(f"{tmp_path}/pooled.parquet", index=False)
    before, after = encode(pooled), encode(pd.read_parquet(f"{tmp_path}/pooled.parquet"))
    np.testing.assert_array_equal(before.classes, after.classes)
    np.testing.assert_array_equal(before.predicted["knn"], after.predicted["knn"])


def test_a_class_of_which_no_sample_is_tested_has_no_code() -> None:
    truth = pd.concat([TRUTH, pd.Series(["rare"], index=["s5"], dtype="str")])  # as one that fell out of the split
    pooled = pool(SPLIT, truth, {"knn": predictions("skin", "skin")})
    assert pooled["y_true"].cat.categories.tolist() == ["lung", "rare", "skin"]
    labels = encode(pooled)
    assert labels.classes.tolist() == ["lung", "skin"]
    assert labels.true.tolist() == [1, 0]


@pytest.mark.parametrize("kind", ["str", "category", "object"])
def test_what_is_no_class_has_no_position(kind: str) -> None:
    labels = pd.Series(["b", "z", None, "a"], dtype=kind)
    assert label_codes(labels, np.array(["a", "b"], dtype=object)).tolist() == [1, -1, -1, 0]
    assert label_codes(labels.iloc[:0], np.array(["a", "b"], dtype=object)).tolist() == []
