from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from l1000_bench.errors import InputError
from l1000_bench.io.submission_spec import Submission

TASKS = {"full": ("moa", "site"), "prostate": ("moa",)}
GIVEN = {"file": "mine.csv", "name": "mine", "dataset": "prostate", "task": "moa"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the command is given, with the file."""
    (tmp_path / "mine.csv").touch()
    monkeypatch.chdir(tmp_path)


def read(**changes: Any) -> Submission | None:
    return Submission.read({**GIVEN, **changes}, TASKS, ["knn", "linear"])


def test_a_submission_names_its_benchmark_and_itself() -> None:
    assert read() == Submission("mine.csv", "mine", "prostate", "moa")
    assert str(read()) == "prostate.moa.mine"


def test_nothing_given_is_no_submission() -> None:
    assert read(**dict.fromkeys(GIVEN)) is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"file": None}, r"submission: file is None; it takes text\. Hand in with --params=submission\.file=PATH"),
        ({"file": "your.csv"}, r"submission\.file is your\.csv, which is no file; hand in with --params="),
        ({"name": 12}, r"submission: name is 12; it takes text"),
        ({"name": "my method"}, r"submission\.name: 'my method' cannot name a method"),
        ({"name": "knn"}, r"submission\.name is 'knn', which is a classifier of the grid"),
        ({"dataset": "lung"}, r"for lung\.moa, which is no benchmark .*there are full\.moa, full\.site, prostate\.moa"),
        ({"task": "site"}, r"for prostate\.site, which is no benchmark"),
        ({"benchmark": "x"}, r"submission: .*'benchmark' is not known here.* Hand in with --params="),
    ],
)
def test_a_submission_that_does_not_fit_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(**changes)
