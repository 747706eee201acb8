from __future__ import annotations

import logging

import pytest

from l1000_bench.search import progress
from l1000_bench.search.progress import Progress
from l1000_bench.search.records import Record
from l1000_bench.search.schedule import Rules, Schedule


def ran(schedule: Schedule, told: Progress, dev: float | None) -> None:
    trial, rotation = schedule.begin() or (9, 9)
    record = Record(error="ValueError: no") if dev is None else Record({"dev_accuracy": dev}, fit_seconds=1.0)
    schedule.put(trial, rotation, record)
    told.tell()


def test_a_log_is_told_now_and_then_and_at_the_end(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    clock = iter([100.0, 110.0, 131.0, 140.0, 150.0, 172.0, 175.0])
    monkeypatch.setattr("l1000_bench.search.progress.time.monotonic", lambda: next(clock))
    schedule = Schedule(3, [0, 1], Rules())
    told = Progress("full.moa.knn", schedule)
    for dev in (0.5, 0.7, None, 0.9, 0.25):
        ran(schedule, told, dev)
    told.close()
    assert caplog.messages == [
        # 2 rotations in 31 s: the 4 that are left take 62
        "full.moa.knn: 1/3 trials, best 60.0 % dev, 1 min 02 s left",
        # 5 in 72 s: one is left
        "full.moa.knn: 2/3 trials, best 60.0 % dev, 1 failed, 14 s left",
        "full.moa.knn: 2/3 trials, best 60.0 % dev, 1 failed; 5 rotations run in 1 min 15 s",
    ]


def test_a_single_trial_needs_no_summary(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    schedule = Schedule(1, [0, 1], Rules())
    told = Progress("full.moa.knn", schedule)
    ran(schedule, told, 0.5)
    told.close()
    assert caplog.messages == []


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (59.6, "1 min 00 s"), (61, "1 min 01 s"), (3600, "1 h 00 min"), (9000, "2 h 30 min")],
)
def test_durations_are_written_to_read(seconds: float, text: str) -> None:
    assert progress._duration(seconds) == text
