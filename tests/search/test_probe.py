from __future__ import annotations

import dataclasses
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from l1000_bench.models.fit import fit as real_fit
from l1000_bench.search import probe_process
from l1000_bench.search.probe import Measured, Point, Probe, read_events, run_probe
from l1000_bench.search.probe_process import Measurement
from l1000_bench.search.workload import stand_in

GENES = [str(gene) for gene in range(30)]
DRAWN = stand_in(200, GENES, 3, seed=0)
TREE = {"name": "tree", "class": "sklearn.tree.DecisionTreeClassifier", "label": "Tree"}
LINEAR = {"name": "linear", "class": "sklearn.linear_model.SGDClassifier", "label": "Linear"}


def probe(classifier: dict[str, Any], setting: dict[str, Any] | None = None, **changes: Any) -> Probe:
    whole = Probe(classifier, setting or {}, 1, GENES, {}, [], [50, 100, 200], 10_000, 20, ["max_iter"], seconds=30.0)
    return dataclasses.replace(whole, **changes)


def test_a_probe_measures_every_size_in_a_process_of_its_own() -> None:
    measured = run_probe(probe(TREE), DRAWN, seconds_at_most=120)
    assert [point.size for point in measured.points] == [50, 100, 200]
    assert all(point.fit_seconds > 0 and point.predict_seconds > 0 for point in measured.points)
    assert (measured.passes, measured.may_stop, measured.stopped_at, measured.error) == (1, False, None, "")
    assert 0.02 < measured.points[0].peak_gib < 2


def test_a_probe_that_takes_too_long_is_stopped_and_says_at_which_size() -> None:
    measured = run_probe(probe(TREE), DRAWN, seconds_at_most=0.01)
    assert measured.points == ()
    assert measured.stopped_at is not None


def test_a_probe_that_fails_says_why() -> None:
    measured = run_probe(probe(LINEAR, {"loss": "none such"}), DRAWN, seconds_at_most=120)
    assert measured.points == ()
    assert "'loss' parameter of SGDClassifier" in measured.error


def test_what_was_measured_before_a_probe_was_stopped_is_read(tmp_path: Path) -> None:
    lines = [
        '{"passes": 7, "counted": true, "may_stop": true}',
        '{"begun": 50}',
        '{"point": {"size": 50, "fit_seconds": 1.0, "predict_seconds": 0.1, "peak_gib": 0.2}}',
        '{"begun": 100}',
        '{"poi',
    ]
    (tmp_path / "events").write_text("\n".join(lines))
    expected = Measured((Point(50, 1.0, 0.1, 0.2),), passes=7, counted=True, may_stop=True, stopped_at=100)
    assert read_events(tmp_path / "events", stopped=True) == expected


def events_of(task: Probe, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    DRAWN.profiles.tofile(folder / "profiles.f32")
    DRAWN.codes.astype("int64").tofile(folder / "codes.i64")
    monkeypatch.setattr(probe_process, "_hold_blocks_as_often", lambda share: None)
    events: list[dict[str, Any]] = []
    Measurement(task, folder, events.append).run()
    return events


def test_two_sizes_are_measured_even_when_the_seconds_are_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events = events_of(probe(TREE, seconds=1e-9), tmp_path, monkeypatch)
    assert [event["point"]["size"] for event in events if "point" in event] == [50, 100]


def test_one_pass_is_measured_and_the_passes_until_a_fit_stops_are_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def fit(estimator: Any, profiles: Any, codes: Any, threads: int) -> Any:
        asked.append(estimator[-1].max_iter)
        np.testing.assert_array_equal(profiles, DRAWN.profiles[: len(profiles)])
        return real_fit(estimator, profiles, codes, threads)

    monkeypatch.setattr(probe_process, "fit", fit)
    task = probe(LINEAR, {"max_iter": 900, "tol": 1e9, "n_iter_no_change": 1}, sizes=[100])
    ticks = iter([0.0, 10.0, 10.0, 20.0, 30.0, 30.0, 31.0, 40.0, 45.0])
    monkeypatch.setattr(time, "perf_counter", lambda: next(ticks))
    # First fit 10 s, its end at 10 + 100; one pass 10 s, predicting 1 s; then up to 5 passes in 50 s take but 5 s.
    events = events_of(dataclasses.replace(task, seconds=100.0), tmp_path, monkeypatch)
    assert asked == [1, 1, 5]
    found = {key: value for event in events for key, value in event.items()}
    assert found["passes"] == 900
    assert found["may_stop"] is True
    assert found["start_seconds"] == 0.0
    assert found["point"]["fit_seconds"] == 10.0
    assert found["point"]["predict_seconds"] == pytest.approx(1 / 20)
    assert found["passes_needed"] == 1.0
