from collections import Counter

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import classification_report

from l1000_bench.statistics.breakdowns import breakdowns, values_with_units
from l1000_bench.statistics.classes import class_scores, confusions
from l1000_bench.statistics.metrics import accuracy, macro_f1
from l1000_bench.statistics.pooled import Labels

CLASSES = np.array(["lung", "prostate", "skin"], dtype=object)
# Of svm nothing is said to be skin.
HAND = Labels(
    CLASSES, np.array([0, 1, 0, 1, 0, 1]), np.array([0, 0, 0, 1, 1, 2]),
    {"knn": np.array([0, 0, 1, 1, 0, 2]), "svm": np.array([0, 0, 0, 1, 1, 0])},
)  # fmt: skip


def drawn(n: int = 400) -> Labels:
    rng = np.random.default_rng(4)
    classes = np.array([f"class {code}" for code in range(6)], dtype=object)
    true = rng.integers(0, 6, n)
    right = rng.uniform(size=n) < 0.5
    rotations = np.arange(n) % 3
    return Labels(
        classes, rotations, true, {"a": np.where(right, true, rng.integers(0, 6, n)), "b": rng.integers(0, 5, n)}
    )


def test_class_scores_by_hand() -> None:
    found = {(name, label): scores for name, label, *scores in class_scores(HAND).itertuples(index=False)}
    assert found["knn", "lung"] == pytest.approx([2 / 3, 2 / 3, 2 / 3, 3])
    assert found["knn", "prostate"] == pytest.approx([1 / 2, 1 / 2, 1 / 2, 2])
    assert found["svm", "lung"] == pytest.approx([3 / 4, 1, 6 / 7, 3])
    assert found["svm", "skin"] == [0, 0, 0, 1]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.UndefinedMetricWarning")
def test_class_scores_are_those_of_scikit_learns_report() -> None:
    labels = drawn()
    found = class_scores(labels)
    for name, predicted in labels.predicted.items():
        own = found[found["classifier"] == name].set_index("label")
        report = classification_report(labels.classes[labels.true], labels.classes[predicted], output_dict=True)
        for label, scores in ((label, report[label]) for label in own.index):
            expected = [scores["precision"], scores["recall"], scores["f1-score"], scores["support"]]
            assert own.loc[label, ["precision", "recall", "f1", "support"]].tolist() == pytest.approx(expected)
        assert own["f1"].mean() == pytest.approx(macro_f1(labels.true, predicted))
        assert own["support"].sum() == len(labels.true)


def test_confusions_by_hand() -> None:
    found = confusions(HAND)
    knn = found[found["classifier"] == "knn"].drop(columns="classifier")
    assert [tuple(row) for row in knn.itertuples(index=False)] == [
        ("lung", "lung", 2), ("lung", "prostate", 1), ("prostate", "lung", 1), ("prostate", "prostate", 1),
        ("skin", "skin", 1),
    ]  # fmt: skip


def test_confusions_are_counts_of_pairs() -> None:
    labels = drawn()
    found = confusions(labels)
    for name, predicted in labels.predicted.items():
        expected = Counter(zip(labels.classes[labels.true], labels.classes[predicted], strict=True))
        own = found[found["classifier"] == name].drop(columns="classifier")
        assert {(true, label): n for true, label, n in own.itertuples(index=False)} == dict(expected)


# Breakdowns

SAMPLES = pd.DataFrame(
    {
        "sample_id": list("fedcba"),
        "cell_id": ["VCAP", "PC3", "VCAP", "PC3", "VCAP", "PC3"],
        "dose": [10.0, np.nan, 0.37, 10.0, 3.0, 100.0],
        "dose_unit": ["um", None, "um", "um", "ng", "um"],
        "time": [np.nan] * 6,
        "time_unit": ["h"] * 6,
    }
).astype({"sample_id": "str", "cell_id": "str", "dose_unit": "str", "time_unit": "str"})
IDS = pd.Series(list("abcdef"), dtype="str")


def test_a_breakdown_by_hand() -> None:
    found = breakdowns(HAND, IDS, SAMPLES)
    knn = found[found["classifier"] == "knn"].drop(columns="classifier")
    parts = {(column, value): scores for column, value, *scores in knn.itertuples(index=False)}
    assert list(parts) == [
        ("cell_id", "PC3"), ("cell_id", "VCAP"),
        ("dose", "3 ng"), ("dose", "0.37 um"), ("dose", "10 um"), ("dose", "100 um"), ("dose", "none given"),
    ]  # fmt: skip
    # PC3 holds a, c and e: lung right, lung as prostate, prostate as lung.
    assert parts["cell_id", "PC3"] == pytest.approx([3, 1 / 3, (2 * 1 / 4 + 0) / 2])
    # 10 um holds c and f: lung as prostate, skin right.
    assert parts["dose", "10 um"] == pytest.approx([2, 1 / 2, 1 / 3])
    assert parts["dose", "none given"] == [1, 0, 0]


def test_every_part_is_scored_as_if_alone() -> None:
    labels = drawn()
    rng = np.random.default_rng(5)
    samples = pd.DataFrame(
        {
            "sample_id": [f"s{i}" for i in range(400)], "cell_id": rng.choice(["A", "B", "C"], 400),
            "time": rng.choice([6.0, 24.0, np.nan], 400), "time_unit": "h", "subject_id": rng.choice(["P1", "P2"], 400),
        }
    ).astype({"sample_id": "str"})  # fmt: skip
    found = breakdowns(labels, samples["sample_id"], samples.sample(frac=1, random_state=1))
    assert set(found["column"]) == {"cell_id", "subject_id", "time"}  # the samples have no column of doses
    times = samples["time"].map({6.0: "6 h", 24.0: "24 h"}).fillna("none given")
    texts = {name: samples[name].astype("str") for name in ("cell_id", "subject_id")} | {"time": times}
    for row in found.to_dict("records"):
        own = (texts[row["column"]] == row["value"]).to_numpy()
        true, predicted = labels.true[own], labels.predicted[row["classifier"]][own]
        assert row["n_samples"] == own.sum()
        assert row["accuracy"] == pytest.approx(accuracy(true, predicted))
        assert row["macro_f1"] == pytest.approx(macro_f1(true, predicted))
    assert found.groupby(["classifier", "column"])["n_samples"].sum().tolist() == [400] * 6


def test_values_stand_in_the_order_of_their_numbers() -> None:
    samples = pd.DataFrame({"time": [120.0, 6.0, np.nan, 24.0, 6.0], "time_unit": ["h", "h", None, "h", "h"]})
    codes, names = values_with_units(samples, "time")
    assert names == ["6 h", "24 h", "120 h", "none given"]
    assert codes.tolist() == [2, 0, 3, 1, 0]


def test_nothing_known_of_the_samples_makes_an_empty_table() -> None:
    samples = SAMPLES.assign(cell_id=pd.Series([None] * 6, dtype="str"), dose=np.nan)
    found = breakdowns(HAND, IDS, samples)
    assert len(found) == 0
    assert found.columns.tolist() == ["classifier", "column", "value", "n_samples", "accuracy", "macro_f1"]


def test_without_predictions_there_are_columns_alone() -> None:
    nobody = Labels(np.array(["x", "y"], dtype=object), np.array([0, 0]), np.array([0, 1]), {})
    assert class_scores(nobody).columns.tolist() == ["classifier", "label", "precision", "recall", "f1", "support"]
    assert confusions(nobody).columns.tolist() == ["classifier", "y_true", "y_pred", "n_samples"]
    assert len(class_scores(nobody)) == len(confusions(nobody)) == 0
