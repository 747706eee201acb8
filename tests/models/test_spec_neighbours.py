from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from l1000_bench.models.spec import ClassifierSpec

CLASSES = """
from sklearn.base import BaseEstimator, ClassifierMixin

class Nearest(ClassifierMixin, BaseEstimator):
    uses_rows = True
    def __init__(self, metric="canberra", neighbours=None):
        self.metric, self.neighbours = metric, neighbours
    @property
    def list_metric(self):
        return None if self.metric == "odd" else self.metric

class Unlisted(ClassifierMixin, BaseEstimator):
    uses_rows = True
    def __init__(self, neighbours=None):
        self.neighbours = neighbours

class Without(Nearest):
    uses_rows = False
"""


class Lists:
    """Neighbours that are never copied."""

    def __deepcopy__(self, memo: object) -> Lists:
        raise AssertionError("copied")


LISTS = {"canberra": Lists(), "cosine": Lists()}


@pytest.fixture(autouse=True)
def classes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_neighbours.py").write_text(CLASSES)
    monkeypatch.syspath_prepend(tmp_path)


def handed(setting: dict[str, Any], kind: str = "Nearest", preprocess: tuple[Any, ...] = ()) -> Any:
    entry = {"name": "near", "class": f"my_neighbours.{kind}", "label": "Near", "preprocess": list(preprocess)}
    spec = ClassifierSpec.from_config(entry)
    return spec.build(setting, threads=1, neighbours=LISTS)[-1].neighbours


def test_an_estimator_that_uses_rows_is_handed_the_very_lists_of_its_metric() -> None:
    assert handed({}) is LISTS["canberra"]
    assert handed({"metric": "cosine"}) is LISTS["cosine"]
    assert handed({"preprocess": []}, preprocess=("standardize",)) is LISTS["canberra"]


@pytest.mark.parametrize(
    ("setting", "kind"),
    [
        ({"metric": "euclidean"}, "Nearest"),  # of which there are no lists
        ({"metric": "odd"}, "Nearest"),  # of which there cannot be any
        ({"preprocess": [{"clip": 10}]}, "Nearest"),  # the lists are of profiles as they are
        ({}, "Unlisted"),
        ({}, "Without"),
    ],
)
def test_other_estimators_are_handed_nothing(setting: dict[str, Any], kind: str) -> None:
    assert handed(setting, kind) is None


def test_the_entrys_own_preprocessing_counts_too() -> None:
    assert handed({}, preprocess=({"clip": 10},)) is None
