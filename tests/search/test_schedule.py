from __future__ import annotations

import random
from collections.abc import Callable
from statistics import fmean, median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l1000_bench.search.records import MEMORY, TIME, Record
from l1000_bench.search.schedule import Rules, Schedule

ROTATIONS = [0, 1, 2, 3]
World = Callable[[int, int], Record]


def ok(dev: float, seconds: float = 1.0) -> Record:
    return Record({"dev_accuracy": dev, "test_accuracy": 1 - dev}, fit_seconds=seconds, predict_seconds=0.0)


def failed(kind: str = "ValueError") -> Record:
    return Record(error=f"{kind}: no")


def run(
    world: World, n_trials: int, rules: Rules, slots: int = 1, seed: int = 0
) -> tuple[Schedule, list[tuple[int, int]]]:
    """Run what the schedule asks for; of what is running, any may end first."""
    schedule = Schedule(n_trials, ROTATIONS, rules)
    order: list[tuple[int, int]] = []
    running: list[tuple[int, int]] = []
    chance = random.Random(seed)
    while True:
        while len(running) < slots and (begun := schedule.begin()):
            running.append(begun)
            order.append(begun)
        if not running:
            return schedule, order
        trial, rotation = running.pop(chance.randrange(len(running)))
        schedule.put(trial, rotation, world(trial, rotation))


def rows(schedule: Schedule) -> list[list[str | float]]:
    """Per trial and rotation its dev accuracy, or the kind of its error."""
    return [
        [r.error.partition(":")[0] if r.error else r.scores["dev_accuracy"] for r in schedule.rows(trial).values()]
        for trial in range(schedule.n_trials)
    ]


def test_without_rules_every_rotation_is_run_trial_by_trial() -> None:
    schedule, order = run(lambda trial, rotation: ok(trial / 10), 3, Rules())
    assert order == [(trial, rotation) for trial in range(3) for rotation in ROTATIONS]
    assert rows(schedule) == [[0.0] * 4, [0.1] * 4, [0.2] * 4]
    assert schedule.best() == 2
    assert schedule.left() == 0
    assert schedule.counts() == (3, 0, 0)


def test_a_failing_rotation_leaves_the_others_alone() -> None:
    schedule, order = run(lambda t, r: failed() if (t, r) == (0, 2) else ok(0.5), 2, Rules())
    assert len(order) == 8
    assert rows(schedule)[0] == [0.5, 0.5, "ValueError", 0.5]
    assert schedule.best() == 1
    assert schedule.counts() == (2, 1, 0)


# Early stops


def test_a_trial_below_the_median_of_five_before_it_is_stopped_after_two_rotations() -> None:
    devs = [0.5, 0.6, 0.7, 0.8, 0.9, 0.69, 0.71, 0.1]
    schedule, order = run(lambda trial, rotation: ok(devs[trial]), len(devs), Rules(early_stop=True))
    # of the first five the median is 0.7; of the first six (0.5, 0.6, 0.69, 0.7, 0.8, 0.9) it is 0.695; then 0.7
    stopped = [trial for trial, row in enumerate(rows(schedule)) if "StoppedEarly" in row]
    assert stopped == [5, 7]
    assert rows(schedule)[5] == [0.69, 0.69, "StoppedEarly", "StoppedEarly"]
    assert "0.6900, is below the median of the 5 trials before, 0.7000" in str(schedule.rows(5)[2].error)
    assert len(order) == 6 * 4 + 2 * 2
    assert schedule.counts() == (8, 0, 2)


def test_a_trial_at_the_median_goes_on() -> None:
    devs = [0.5, 0.6, 0.7, 0.8, 0.9, 0.7]
    schedule, _ = run(lambda trial, rotation: ok(devs[trial]), 6, Rules(early_stop=True))
    assert rows(schedule)[5] == [0.7] * 4


def test_only_the_first_two_rotations_count() -> None:
    def world(trial: int, rotation: int) -> Record:
        return ok(0.5 if trial < 5 else (0.6 if rotation < 2 else 0.0))

    assert rows(run(world, 6, Rules(early_stop=True))[0])[5] == [0.6, 0.6, 0.0, 0.0]


def test_a_trial_that_fails_early_is_not_gone_on_with_and_counts_in_no_median() -> None:
    devs = [0.5, 0.6, 0.7, 0.8, 0.9, 0.65]

    def world(trial: int, rotation: int) -> Record:
        return failed() if (trial, rotation) == (0, 1) else ok(devs[trial])

    schedule, _ = run(world, 6, Rules(early_stop=True))
    assert rows(schedule)[0] == [0.5, "ValueError", "StoppedEarly", "StoppedEarly"]
    assert rows(schedule)[5] == [0.65] * 4  # four trials before it are too few
    assert schedule.counts() == (6, 1, 0)


def test_with_two_rotations_nothing_is_stopped() -> None:
    schedule = Schedule(7, [0, 1], Rules(early_stop=True))
    while begun := schedule.begin():
        schedule.put(*begun, ok(1 - begun[0] / 10))
    assert all(schedule.complete(trial) for trial in range(7))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.lists(st.lists(st.one_of(st.none(), st.integers(0, 9)), min_size=4, max_size=4), min_size=1, max_size=12),
    st.integers(1, 6),
    st.integers(0, 99),
    st.integers(0, 12),
)
def test_the_rows_depend_on_no_order_and_a_longer_search_keeps_them(
    devs: list[list[int | None]], slots: int, seed: int, fewer: int
) -> None:
    def world(trial: int, rotation: int) -> Record:
        dev = devs[trial][rotation]
        return failed() if dev is None else ok(dev / 10)

    rules = Rules(early_stop=True)
    one, _ = run(world, len(devs), rules)
    many, _ = run(world, len(devs), rules, slots, seed)
    assert rows(many) == rows(one)
    assert many.best() == one.best()
    shorter, _ = run(world, min(fewer, len(devs)), rules, slots, seed)
    assert rows(shorter) == rows(one)[: shorter.n_trials]
    # a literal reading of the rule
    firsts = [None if None in row[:2] else fmean(x / 10 for x in row[:2] if x is not None) for row in devs]
    for trial, row in enumerate(rows(one)):
        before = [mean for mean in firsts[:trial] if mean is not None]
        mean = firsts[trial]
        stopped = mean is None or (len(before) >= 5 and mean < median(before))
        assert (row[2:] == ["StoppedEarly"] * 2) == stopped


@pytest.mark.parametrize("slots", [1, 2, 7])
def test_what_other_rules_have_run_changes_no_row(slots: int) -> None:
    devs = [0.5, 0.6, 0.7, 0.8, 0.9, 0.1, 0.95]
    rules = Rules(early_stop=True)
    alone, _ = run(lambda trial, rotation: ok(devs[trial]), 7, rules)
    resumed = Schedule(7, ROTATIONS, rules)
    for trial in (5, 6, 0):
        for rotation in ROTATIONS:
            resumed.put(trial, rotation, ok(devs[trial]))
    while begun := resumed.begin():
        resumed.put(*begun, ok(devs[begun[0]]))
    assert rows(resumed) == rows(alone)


# Budgets


def test_after_a_rotation_that_ended_at_a_budget_no_other_of_its_trial_is_run() -> None:
    for kind in (TIME, MEMORY):
        schedule, order = run(lambda t, r: failed(kind) if (t, r) == (0, 1) else ok(0.5), 2, Rules())
        assert order == [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (1, 3)]
        assert rows(schedule)[0] == [0.5, kind, kind, kind]
        assert "not run, since the trial was beyond it in rotation 1" in str(schedule.rows(0)[2].error)
        assert schedule.counts() == (2, 1, 0)


def test_the_seconds_of_a_trial_are_those_of_all_its_rotations() -> None:
    schedule, order = run(lambda trial, rotation: ok(0.5, seconds=4.0), 1, Rules(trial_seconds=10.0))
    assert order == [(0, 0), (0, 1), (0, 2)]
    assert rows(schedule) == [[0.5, 0.5, TIME, TIME]]
    assert str(schedule.rows(0)[2].error) == f"{TIME}: the trial took more than its 10 s"
    assert schedule.best() is None
    exact, _ = run(lambda trial, rotation: ok(0.5, seconds=2.5), 1, Rules(trial_seconds=10.0))
    assert exact.complete(0)


def test_what_is_left_of_a_trials_seconds_is_told() -> None:
    schedule = Schedule(1, ROTATIONS, Rules(trial_seconds=10.0))
    assert schedule.seconds_left(0) == 10.0
    schedule.put(0, 0, ok(0.5, seconds=4.0))
    assert schedule.seconds_left(0) == 6.0
    assert Schedule(1, ROTATIONS, Rules()).seconds_left(0) is None


@pytest.mark.parametrize("slots", [1, 2, 5])
def test_a_budget_that_ends_a_first_rotation_holds_nobody_up(slots: int) -> None:
    def world(trial: int, rotation: int) -> Record:
        return failed(TIME) if (trial, rotation) == (1, 0) else ok(trial / 10)

    schedule, _ = run(world, 9, Rules(early_stop=True), slots)
    assert rows(schedule)[1] == [TIME] * 4
    assert all(schedule.closed(trial) for trial in range(9))
    assert schedule.left() == 0


def test_when_no_new_trial_may_begin_those_that_began_are_run_to_their_end() -> None:
    schedule = Schedule(4, ROTATIONS, Rules())
    schedule.put(*(schedule.begin() or (9, 9)), ok(0.5))
    begun = []
    while next_one := schedule.begin(new_trials=False):
        begun.append(next_one)
        schedule.put(*next_one, ok(0.5))
    assert begun == [(0, 1), (0, 2), (0, 3)]
    assert [len(schedule.rows(trial)) for trial in range(4)] == [4, 0, 0, 0]


def test_the_wall_time_is_that_in_which_anything_ran() -> None:
    schedule = Schedule(3, ROTATIONS, Rules())
    assert schedule.busy_seconds() == 0
    for number, (began, ended) in enumerate([(20.0, 21.0), (0.0, 10.0), (5.0, 12.0), (6.0, 7.0), (12.0, 13.5)]):
        schedule.put(number % 3, number // 3, Record(began=began, ended=ended))
    schedule.put(2, 3, Record(error="ProcessLost: when, nobody knows"))
    assert schedule.busy_seconds() == 14.5  # from 0 to 13.5, and from 20 to 21


# The best


def test_the_best_is_complete_and_of_equals_the_first() -> None:
    def world(trial: int, rotation: int) -> Record:
        return failed() if (trial, rotation) == (1, 3) else ok([0.5, 0.9, 0.7, 0.7][trial])

    schedule, _ = run(world, 4, Rules())
    assert schedule.best() == 2
    assert schedule.better(3, 2) == schedule.better(2, 3) == 2
    assert schedule.better(None, 1) is None
    assert schedule.better(0, 1) == 0
