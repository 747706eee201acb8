"""Which rotation of which trial is run next, and what becomes of a trial: rules on records alone.

The rules look at a trial's own records and at those of the trials before it. So the tables depend neither on the number
of workers nor on the order in which they finish, and a longer search keeps what a shorter one decided.

Median stopping (after Golovin et al. 2017, section 3.2.2): when a trial has run its first two rotations, and at least
five trials before it have, it is not continued if its mean dev accuracy over them is below the median of theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import NamedTuple

from l1000_bench.search.records import ASIDE, MEMORY, STOPPED, TIME, Record

LOOKED_AT = 2  # rotations after which a trial may be stopped
LEAST_BEFORE = 5  # trials that a trial is compared with


@dataclass(frozen=True)
class Rules:
    """When a trial is not continued.

    Attributes:
        early_stop: Whether hopeless trials are stopped.
        trial_seconds: Seconds that a trial's fits and predictions may take together; None for no bound.
        trial_memory_mib: Memory that its process may hold for itself; None for no bound.
    """

    early_stop: bool = False
    trial_seconds: float | None = None
    trial_memory_mib: float | None = None

    @property
    def limits(self) -> dict[str, float | None]:
        """The budgets by their kind."""
        return {TIME: self.trial_seconds, MEMORY: self.trial_memory_mib}


class Counts(NamedTuple):
    """Trials of which nothing is left to run: all of them, those with an error, and those that were stopped early."""

    closed: int
    failed: int
    stopped: int


class Schedule:
    """The rotations of some trials, those that were run and those that are to be.

    Args:
        n_trials: Number of trials.
        rotations: The rotations of the split, in order.
        rules: When a trial is not continued.
    """

    def __init__(self, n_trials: int, rotations: Sequence[int], rules: Rules) -> None:
        self.n_trials = n_trials
        self.rotations = tuple(rotations)
        self.rules = rules
        self._records: list[dict[int, Record]] = [{} for _ in range(n_trials)]
        self._begun: list[set[int]] = [set() for _ in range(n_trials)]
        self._first_open = 0  # trials before it have nothing left to begin
        self._decided: dict[int, str | None] = {}  # why a trial is stopped, once that is known

    def put(self, trial: int, rotation: int, record: Record) -> None:
        """Take in what became of a rotation."""
        self._begun[trial].add(rotation)
        self._records[trial][rotation] = record

    def set_aside(self, why: str) -> None:
        """Take in that the classifier is not run on the benchmark at all, in a sentence that says why."""
        for trial in range(self.n_trials):
            for rotation in self.rotations:
                self.put(trial, rotation, Record(error=f"{ASIDE}: {why}"))

    def begin(self, new_trials: bool = True) -> tuple[int, int] | None:
        """Choose the rotation to run next: of the first trial that has one, its first.

        A trial's later rotations wait until it is known whether it is stopped; meanwhile the next trials begin.

        Args:
            new_trials: Whether a trial of which nothing was run may begin.

        Returns:
            Number of the trial and rotation, or None when nothing can begin now.
        """
        waiting = False
        for trial in range(self._first_open, self.n_trials):
            left = [rotation for rotation in self.rotations if rotation not in self._begun[trial]]
            closed = not left or self.verdict(trial) is not None
            if closed and not waiting:
                self._first_open = trial + 1
            waiting = waiting or not closed
            if closed or not (new_trials or self._begun[trial]):
                continue
            if self._may_go_on(trial, left[0]):
                self._begun[trial].add(left[0])
                return trial, left[0]
        return None

    def seconds_left(self, trial: int) -> float | None:
        """Return the seconds that a trial may still take, None for no bound."""
        if self.rules.trial_seconds is None:
            return None
        return self.rules.trial_seconds - sum(record.seconds for record in self._records[trial].values())

    def busy_seconds(self) -> float:
        """Return the wall time in which any rotation ran, by this search or an earlier one."""
        busy = last = 0.0
        records = [record for trial in self._records for record in trial.values()]
        for record in sorted(records, key=lambda record: record.began):
            busy += max(0.0, record.ended - max(record.began, last))
            last = max(last, record.ended)
        return busy

    def verdict(self, trial: int) -> str | None:
        """Return why a trial is not continued, as an error's text; None while nothing speaks against it."""
        over = self._over_budget(trial)
        return over[1] if over else self._stopped(trial)

    def rows(self, trial: int) -> dict[int, Record]:
        """Return a record for every rotation of a trial; empty where nothing of it was run.

        What the rules leave out has an error that says so, even if it was run: by a search with other rules, or by
        another worker at the same time.
        """
        records = self._records[trial]
        if not records:
            return {}
        over, stopped = self._over_budget(trial), self._stopped(trial)
        if over and over[0] < LOOKED_AT:
            stopped = None
        elif stopped:
            over = None  # what was run beyond the stop does not count
        rows: dict[int, Record] = {}
        for number, rotation in enumerate(self.rotations):
            record = records.get(rotation) or Record(error=f"{STOPPED}: not run")
            if over and number == over[0] and record.error is None:
                record = Record(error=f"{TIME}: the trial took more than its {self.rules.trial_seconds:g} s")
            if over and number > over[0]:
                record = Record(error=over[1])
            elif stopped and number >= LOOKED_AT:
                record = Record(error=stopped)
            rows[rotation] = record
        return rows

    def _over_budget(self, trial: int) -> tuple[int, str] | None:
        """Return the number of the rotation with which a trial is beyond a budget, and what the later ones say."""
        spent = 0.0
        for number, rotation in enumerate(self.rotations):
            record = self._records[trial].get(rotation, Record())
            spent += record.seconds
            kind = (record.error or "").partition(":")[0]
            if kind not in (TIME, MEMORY) and self.rules.trial_seconds is not None and spent > self.rules.trial_seconds:
                kind = TIME
            if kind in (TIME, MEMORY):
                return number, f"{kind}: not run, since the trial was beyond it in rotation {rotation}"
        return None

    def left(self) -> int:
        """Return how many rotations may still have to be run."""
        return sum(
            len(self.rotations) - len(self._records[trial]) for trial in range(self.n_trials) if not self.closed(trial)
        )

    def counts(self) -> Counts:
        """Count the trials of which nothing is left to run."""
        closed = [trial for trial in range(self.n_trials) if self.closed(trial)]
        errors = [[r.error for r in self.rows(trial).values() if r.error] for trial in closed]
        stopped = sum(bool(found) and all(error.startswith(STOPPED) for error in found) for found in errors)
        return Counts(len(closed), sum(map(bool, errors)) - stopped, stopped)

    def best(self) -> int | None:
        """Return the complete trial with the highest mean dev accuracy, the first of equals, or None."""
        best: int | None = None
        for trial in range(self.n_trials):
            best = self.better(best, trial)
        return best

    def better(self, one: int | None, other: int) -> int | None:
        """Return the better of two trials: of the complete ones, by mean dev accuracy; None where neither is."""
        complete = [trial for trial in {one, other} if trial is not None and self.complete(trial)]
        return max(complete, key=lambda trial: (self.mean_dev(trial), -trial), default=None)

    def complete(self, trial: int) -> bool:
        """Whether every rotation of a trial was run without an error, within its seconds."""
        rows = self.rows(trial)
        return len(rows) > 0 and all(record.error is None for record in rows.values())

    def closed(self, trial: int) -> bool:
        """Whether nothing of a trial is left to run."""
        left = [rotation for rotation in self.rotations if rotation not in self._records[trial]]
        return not left or (bool(self._records[trial]) and self.verdict(trial) is not None)

    def mean_dev(self, trial: int) -> float:
        """Return the mean dev accuracy of a complete trial, 0 where the split has no dev part and so no choice."""
        return fmean(record.scores.get("dev_accuracy", 0.0) for record in self._records[trial].values())

    def _may_go_on(self, trial: int, rotation: int) -> bool:
        """Whether a rotation need not wait for the records that the median is made of."""
        if not self.rules.early_stop or rotation in self.rotations[:LOOKED_AT]:
            return True
        return all(self._first_scores(other) is not None for other in range(trial + 1))

    def _first_scores(self, trial: int) -> list[float] | None:
        """Return the dev accuracies of the first rotations, empty if one failed, None while one is not known."""
        over = self._over_budget(trial)
        if over and over[0] < LOOKED_AT:
            return []
        records = [self._records[trial].get(rotation) for rotation in self.rotations[:LOOKED_AT]]
        known = [record for record in records if record is not None]
        if len(known) < len(records):
            return None
        return (
            []
            if any(record.error for record in known)
            else [record.scores.get("dev_accuracy", 0.0) for record in known]
        )

    def _stopped(self, trial: int) -> str | None:
        if not self.rules.early_stop or len(self.rotations) <= LOOKED_AT:
            return None
        if trial not in self._decided:
            own, before = self._first_scores(trial), [self._first_scores(other) for other in range(trial)]
            if own is None or None in before:
                return None
            self._decided[trial] = _median_rule(own, [fmean(scores) for scores in before if scores])
        return self._decided[trial]


def _median_rule(own: list[float], before: list[float]) -> str | None:
    if not own:
        return f"{STOPPED}: not run, since the trial failed in one of its first {LOOKED_AT} rotations"
    if len(before) < LEAST_BEFORE or fmean(own) >= median(before):
        return None
    return (
        f"{STOPPED}: not run, since the mean dev accuracy of the first {LOOKED_AT} rotations, {fmean(own):.4f}, is "
        f"below the median of the {len(before)} trials before, {median(before):.4f}"
    )
