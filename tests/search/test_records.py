from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from l1000_bench.models.fit import Prediction
from l1000_bench.search.records import MEMORY, TIME, Record, RecordStore, counts_today

SCORED = Record({"dev_accuracy": 0.1 + 0.2, "test_accuracy": 1.0}, None, 1.5, 0.25, 100.0)
PREDICTED = {
    "dev": Prediction(np.array([0, 2, 1]), np.array([[0.25, 0.5, 0.25]] * 3)),
    "test": Prediction(np.array([1, 1]), None),
}


@pytest.fixture
def store(tmp_path: Path) -> RecordStore:
    return RecordStore(tmp_path / "not" / "there yet")


def test_a_record_comes_back_as_it_was(store: RecordStore) -> None:
    assert store.read("key", 3) is None
    assert store.write("key", 3, SCORED) == SCORED
    assert store.read("key", 3) == SCORED
    assert store.read("key", 2) is None
    assert SCORED.seconds == 1.75
    assert Record(error="x").seconds == 0


def test_predictions_come_back_with_their_probabilities(store: RecordStore) -> None:
    store.write("key", 0, SCORED, PREDICTED)
    back = store.predictions("key", 0)
    assert back is not None
    assert list(back) == ["dev", "test"]
    for role, prediction in PREDICTED.items():
        np.testing.assert_array_equal(back[role].codes, prediction.codes)
        assert back[role].codes.dtype == np.intp
    np.testing.assert_array_equal(back["dev"].probabilities, np.full((3, 3), [0.25, 0.5, 0.25]))
    assert back["test"].probabilities is None


def test_dropped_predictions_are_gone_and_their_record_stays(store: RecordStore) -> None:
    store.write("key", 0, SCORED, PREDICTED)
    store.drop_predictions("key", 0)
    store.drop_predictions("key", 0)
    assert store.predictions("key", 0) is None
    record = store.read("key", 0)
    assert record is not None
    assert record.scores == SCORED.scores


def test_predictions_of_another_record_do_not_count(store: RecordStore) -> None:
    store.write("key", 0, SCORED, PREDICTED)
    store.write("key", 0, SCORED)  # as if a writer had died between the two files
    assert store.predictions("key", 0) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"scores": {}, "unknown": 1}', '"x"'])
def test_what_is_no_whole_record_is_none(store: RecordStore, text: str) -> None:
    store.write("key", 0, SCORED)
    (store.folder / "key.0.json").write_text(text)
    assert store.read("key", 0) is None


def test_a_record_is_one_line_of_json(store: RecordStore) -> None:
    store.write("key", 0, SCORED)
    text = (store.folder / "key.0.json").read_text()
    assert "\n" not in text
    assert json.loads(text)["scores"]["dev_accuracy"] == 0.1 + 0.2


def test_a_record_counts_until_its_budget_grows() -> None:
    limits = {TIME: 20.0, MEMORY: None}
    assert counts_today(SCORED, limits)
    assert counts_today(Record(error="ValueError: no"), limits)
    assert counts_today(Record(error=f"{TIME}: …", limit=20.0), limits)
    assert counts_today(Record(error=f"{TIME}: …", limit=30.0), limits)
    assert not counts_today(Record(error=f"{TIME}: …", limit=10.0), limits)
    assert not counts_today(Record(error=f"{MEMORY}: …", limit=10.0), limits)
    assert not counts_today(Record(error=f"{TIME}: …", limit=10.0), {TIME: None})
