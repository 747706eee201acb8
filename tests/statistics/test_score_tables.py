from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import balanced_accuracy_score, matthews_corrcoef, top_k_accuracy_score

from l1000_bench.statistics.metrics import score_predictions
from l1000_bench.statistics.scores import label_scores, score_table

CLASSES = np.array([f"class {code}" for code in range(7)], dtype=object)
COLUMNS = [
    "rotation", "role", "n_samples", "accuracy", "macro_f1", "balanced_accuracy", "mcc", "top3_accuracy",
    "top5_accuracy", "log_loss", "calibration_error",
]  # fmt: skip


def predictions(n: int = 300, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    true = rng.integers(0, 7, n)
    values = rng.dirichlet(np.full(7, 0.5), n).astype(np.float32)
    values[np.arange(n), true] += np.float32(0.2)
    values /= values.sum(axis=1, keepdims=True)
    table = pd.DataFrame(
        {
            "rotation": rng.integers(0, 3, n), "role": rng.choice(["dev", "test"], n),
            "y_true": CLASSES[true], "y_pred": CLASSES[values.argmax(axis=1)],
            **{f"probability:{label}": values[:, code] for code, label in enumerate(CLASSES)},
        }
    )  # fmt: skip
    return table.astype({"role": "str", "y_true": "str", "y_pred": "str"})


def test_labels_by_hand() -> None:
    # Recalls 2/3, 1/2 and 0. Matthews for several classes (Gorodkin 2004): with s samples, c right, t_k true and p_k
    # predicted of class k, (c s - sum t p) / sqrt((s² - sum p²)(s² - sum t²)).
    true, predicted = np.array([0, 0, 0, 1, 1, 2]), np.array([0, 0, 1, 1, 3, 0])
    found = label_scores(true, predicted)
    assert found["balanced_accuracy"] == pytest.approx((2 / 3 + 1 / 2 + 0) / 3)
    mixed = 3 * 3 + 2 * 2 + 1 * 0 + 0 * 1
    root = ((36 - (9 + 4 + 1)) * (36 - (9 + 4 + 1))) ** 0.5
    assert found["mcc"] == pytest.approx((3 * 6 - mixed) / root)


@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")
def test_scikit_learn_agrees_in_every_rotation_and_role() -> None:
    table = predictions()
    found = score_table(table, CLASSES)
    assert found.columns.tolist() == COLUMNS
    pd.testing.assert_frame_equal(found[COLUMNS[:5]], score_predictions(table))
    for row in found.to_dict("records"):
        own = table[(table["rotation"] == row["rotation"]) & (table["role"] == row["role"])]
        true, predicted = own["y_true"].to_numpy(dtype=object), own["y_pred"].to_numpy(dtype=object)
        assert row["balanced_accuracy"] == pytest.approx(balanced_accuracy_score(true, predicted))
        assert row["mcc"] == pytest.approx(matthews_corrcoef(true, predicted))
        values = own[[f"probability:{label}" for label in CLASSES]].to_numpy()
        for k, score in ((3, row["top3_accuracy"]), (5, row["top5_accuracy"])):
            assert score == pytest.approx(top_k_accuracy_score(true, values, k=k, labels=list(CLASSES)))
        positions = [list(CLASSES).index(label) for label in true]
        assert row["log_loss"] == pytest.approx(-np.log(values[np.arange(len(own)), positions]).mean(), rel=1e-5)


def test_a_class_that_is_absent_from_a_fold_is_no_part_of_its_balanced_accuracy() -> None:
    table = predictions(60)
    table.loc[(table["rotation"] == 0) & (table["role"] == "test"), ["y_true", "y_pred"]] = CLASSES[2]
    row = score_table(table, CLASSES).iloc[1]
    assert (row["rotation"], row["role"]) == (0, "test")
    assert (row["accuracy"], row["macro_f1"], row["balanced_accuracy"]) == (1, 1, 1)
    assert np.isfinite(row["log_loss"])


def test_without_probabilities_only_labels_are_scored() -> None:
    table = predictions()
    found = score_table(table.filter(regex="^(?!probability)"), CLASSES)
    assert found.columns.tolist() == COLUMNS
    assert found[COLUMNS[7:]].isna().all(axis=None)
    pd.testing.assert_frame_equal(found[COLUMNS[:7]], score_table(table, CLASSES)[COLUMNS[:7]])


@pytest.mark.parametrize("kind", ["str", "category", "object"])
def test_the_truth_scores_one(kind: str) -> None:
    table = predictions().assign(y_pred=lambda t: t["y_true"])
    for code, label in enumerate(CLASSES):
        table[f"probability:{label}"] = (table["y_true"] == label).astype("float32")
    found = score_table(table.astype({"role": kind, "y_true": kind, "y_pred": kind}), CLASSES)
    ones = ["accuracy", "macro_f1", "balanced_accuracy", "mcc", "top3_accuracy", "top5_accuracy"]
    assert found[ones].to_numpy() == pytest.approx(1)
    assert found[["log_loss", "calibration_error"]].to_numpy() == pytest.approx(0, abs=2e-7)


@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")
def test_without_a_dev_part_the_test_scores_are_the_same() -> None:
    table = predictions()
    whole = score_table(table, CLASSES)
    alone = score_table(table[table["role"] == "test"], CLASSES)
    pd.testing.assert_frame_equal(alone, whole[whole["role"] == "test"].reset_index(drop=True))


def test_a_class_that_the_training_part_lacks_is_wrong_and_costs_the_most() -> None:
    table = predictions().query("rotation == 0 and role == 'test'").copy()
    rest = table["probability:class 6"].to_numpy()
    table = table.assign(
        **{"probability:class 6": np.float32(0), "probability:class 0": table["probability:class 0"] + rest}
    )
    last = table["y_true"] == "class 6"
    table["y_pred"] = table["y_pred"].mask(table["y_pred"] == "class 6", "class 0")
    found = score_table(table[last], CLASSES).iloc[0]
    assert found[["accuracy", "balanced_accuracy", "macro_f1"]].tolist() == [0, 0, 0]
    assert found["log_loss"] == pytest.approx(-np.log(np.finfo(np.float32).eps))
