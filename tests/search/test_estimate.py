from __future__ import annotations

import dataclasses
import math
from typing import Any

import pytest

from l1000_bench.errors import InputError
from l1000_bench.models.spec import ClassifierSpec
from l1000_bench.search.cell import CellSpec
from l1000_bench.search.estimate import Cost, EstimateOptions, cell_row, distinct_settings, probe_key, setting_cost
from l1000_bench.search.probe import Measured, Point
from l1000_bench.search.workload import Size

VALUES: dict[str, Any] = {
    "sizes": [100, 200, 400], "seconds": 1.0, "seconds_at_most": 30.0, "predicted": 50, "passes": ["max_iter"],
    "without_cost": ["alpha"], "budget_hours": 8.0, "seed": 0, "n_genes": 978,
    "graph": {"n_vertices": 839, "n_edges": 2748}, "expected": {},
}  # fmt: skip
OPTIONS = EstimateOptions(**VALUES)
SIZE = Size(1000, 4, 10)  # 800 train, 200 are scored
LINEAR = {"name": "linear", "class": "sklearn.linear_model.SGDClassifier", "label": "Linear"}


def points(fit: float = 0.01, predict: float = 1e-4) -> tuple[Point, ...]:
    """Fits of 0.01 n^1.5 seconds, predictions of 0.0001 n^0.5 seconds a profile, and 0.5 GiB + 0.001 GiB n."""
    return tuple(Point(n, fit * n**1.5, predict * n**0.5, 0.5 + 1e-3 * n) for n in OPTIONS.sizes)


def test_hours_and_memory_follow_the_measured_laws() -> None:
    cost = setting_cost(SIZE, 1, Measured(points(), start_seconds=7.0), OPTIONS)
    rotation = 0.01 * 800**1.5 + 200 * 1e-4 * 800**0.5
    assert cost.trial_hours == pytest.approx((7 + 10 * rotation) / 3600)
    assert cost.final_hours == pytest.approx(0.01 * 1000**1.5 / 3600)
    assert cost.peak_gib == pytest.approx(1.5)
    assert cost.bound == "about"


def passing(**changes: Any) -> Measured:
    linear = tuple(Point(n, 0.02 * n, 1e-4, 0.5) for n in OPTIONS.sizes)
    return dataclasses.replace(Measured(linear, passes=100, counted=True, may_stop=True), **changes)


def test_all_passes_are_counted_where_no_fit_was_seen_to_stop() -> None:
    cost = setting_cost(SIZE, 300, passing(), OPTIONS)
    assert cost.final_hours == pytest.approx(300 * 0.02 * 1000 / 3600)
    assert cost.bound == "at most"


def test_passes_that_were_needed_count_where_a_fit_stopped() -> None:
    cost = setting_cost(SIZE, 300, passing(passes_needed=12.0), OPTIONS)
    assert cost.final_hours == pytest.approx(12 * 0.02 * 1000 / 3600)
    assert cost.bound == "about"
    assert "12 passes needed" in cost.basis


def test_one_pass_never_grows_faster_than_its_profiles() -> None:
    noisy = passing(points=(Point(100, 1.0, 1e-4, 0.5), Point(200, 8.0, 1e-4, 0.5)))
    assert setting_cost(SIZE, 1, noisy, OPTIONS).basis.count("n^1.00") == 1


def test_a_stopped_probe_gives_a_lower_bound_that_grows_linearly() -> None:
    cost = setting_cost(SIZE, 1, Measured((), stopped_at=100), OPTIONS)
    assert cost.bound == "more than"
    assert cost.trial_hours == pytest.approx(10 * 30 * 8 / 3600)
    assert cost.final_hours == pytest.approx(30 * 10 / 3600)
    assert math.isnan(cost.peak_gib)


def test_memory_whose_growth_was_not_seen_is_not_told() -> None:
    assert math.isnan(setting_cost(SIZE, 1, Measured(points()[:1], stopped_at=200), OPTIONS).peak_gib)


def test_a_probe_that_failed_says_why() -> None:
    cost = setting_cost(SIZE, 1, Measured((), error="status 1: boom"), OPTIONS)
    assert cost.bound == "unknown"
    assert cost.basis == "failed: status 1: boom"


def cell(**classifier: Any) -> CellSpec:
    return CellSpec("mine", "site", "site", {**LINEAR, **classifier}, [], [], 1)


def test_a_cell_adds_its_settings_and_the_dearest_final_fit() -> None:
    costs = [Cost(1.0, 0.2, 3.0, "about", "a"), Cost(2.0, 0.5, 2.0, "at most", "b")]
    row = cell_row(cell(), SIZE, costs, "said")
    assert row["hours"] == pytest.approx(3.5)
    assert (row["peak_gib"], row["bound"], row["basis"], row["settings"]) == (3.0, "at most", "b", 2)


def test_a_cell_with_an_unmeasured_setting_has_no_known_peak_or_hours() -> None:
    failed = Cost(math.nan, math.nan, math.nan, "unknown", "failed")
    row = cell_row(cell(), SIZE, [Cost(1.0, 0.2, 3.0, "about", "a"), failed], "")
    assert math.isnan(row["hours"])
    assert math.isnan(row["peak_gib"])
    assert row["bound"] == "unknown"


def test_settings_that_cost_the_same_share_a_probe() -> None:
    spec = ClassifierSpec.from_config(LINEAR)
    key = probe_key(spec, {"loss": "hinge", "alpha": 0.1, "max_iter": 5}, 12, OPTIONS)
    assert key == probe_key(spec, {"max_iter": 900, "loss": "hinge", "alpha": 0.3}, 14, OPTIONS)
    assert key != probe_key(spec, {"loss": "log_loss", "alpha": 0.1, "max_iter": 5}, 12, OPTIONS)
    assert key != probe_key(spec, {"loss": "hinge", "alpha": 0.1, "max_iter": 5}, 49, OPTIONS)


def test_a_setting_that_is_known_twice_is_counted_once() -> None:
    twice = cell(known={"mine": {"site": [{"alpha": 0.1}, {"alpha": 0.1}, {"alpha": 0.2}]}})
    assert [setting["alpha"] for setting in distinct_settings(twice)] == [0.1, 0.2]


def test_small_benchmarks_are_measured_whole_and_many_classes_get_profiles_enough() -> None:
    assert OPTIONS.sizes_of(Size(150, 4, 3)) == [100, 150]
    assert OPTIONS.sizes_of(Size(9000, 30, 3)) == [300, 400]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sizes": [200, 100]}, "ascending numbers"),
        ({"sizes": []}, "ascending numbers"),
        ({"seconds": 0.0}, "must be above 0"),
        ({"graph": {"n_vertices": 3}}, "n_vertices and n_edges"),
        ({"predicted": "many"}, "takes a whole number"),
    ],
)
def test_impossible_options_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        EstimateOptions(**VALUES | change)
