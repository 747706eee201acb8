"""Trials: a hyper-parameter setting run over all rotations of a split, scored on dev and test.

Protocol (McDermott et al. 2020, section 3.3): the setting with the highest mean dev accuracy among complete trials is
chosen; test scores are stored and never read for the choice. What was run before is not run again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from l1000_bench.errors import InputError
from l1000_bench.models.fit import Prediction
from l1000_bench.search.best_trials import chosen_setting
from l1000_bench.search.cell_data import CellData, write_cell
from l1000_bench.search.child import Task
from l1000_bench.search.engine import Engine, InProcess
from l1000_bench.search.identity import trial_id
from l1000_bench.search.outcome import Outcome, predictions_table, trial_tables
from l1000_bench.search.progress import Progress
from l1000_bench.search.records import Record, RecordStore, counts_today
from l1000_bench.search.schedule import Rules, Schedule


@dataclass(frozen=True)
class Budget:
    """What the trials of a cell may take.

    Attributes:
        rules: When a trial is not continued.
        seconds: Wall time in which its rotations run, those of earlier runs too, after which no further trial begins;
            None for no bound.
    """

    rules: Rules = field(default_factory=Rules)
    seconds: float | None = None


class Trials:
    """The trials of a cell, on their way from settings to tables.

    Args:
        data: The cell.
        settings: The trials; one that is named twice is run once.
        store: Where the records are, and where they go.
        budget: What the trials may take; None for no bound.

    Raises:
        InputError: If there are several settings and the split has no dev part.
    """

    def __init__(
        self, data: CellData, settings: Sequence[Mapping[str, Any]], store: RecordStore, budget: Budget | None = None
    ) -> None:
        self._data, self._store, self._budget = data, store, budget or Budget()
        self._settings = list({trial_id(setting): setting for setting in settings}.values())
        self._keys = [data.key(setting) for setting in self._settings]
        self._folder = store.folder / f"cell-{data.fingerprint}"  # from which other processes open the cell
        self._best: int | None = None
        if len(self._settings) > 1 and not data.benchmark.has_dev:
            raise InputError(
                f"{data.cell}: {len(self._settings)} settings are to be tried on a split without a dev part, which "
                "leaves nothing to choose by; give one, or let the task take that of another with settings_from."
            )
        self.schedule = Schedule(len(self._settings), list(data.benchmark.rotations), self._budget.rules)
        for trial, key in enumerate(self._keys):
            for rotation in self.schedule.rotations:
                record = store.read(key, rotation)
                if record is not None and counts_today(record, self._budget.rules.limits):
                    self.schedule.put(trial, rotation, record)
            self._keep_best_predictions(trial)
        aside = data.steps_aside()
        if aside:
            self.schedule.set_aside(aside)

    def run(self, engine: Engine | None = None, predictions: bool = True) -> Outcome:
        """Run what is missing.

        Args:
            engine: Where; None for this process.
            predictions: Whether the best trial's are wanted; it is run again where another search has dropped them.

        Returns:
            The tables.
        """
        if engine is None:
            engine = InProcess(self._data.workplace(self._store))
        else:
            write_cell(self._data, self._folder)
        progress = Progress(str(self._data.cell), self.schedule)
        try:
            self._run_missing(engine, progress)
            predicted = self._best_predictions(engine) if predictions else {}
        except BaseException:
            engine.close()
            raise
        finally:
            progress.close()
        return Outcome(*trial_tables(self._settings, self.schedule), predictions_table(self._data.benchmark, predicted))

    def _run_missing(self, engine: Engine, progress: Progress) -> None:
        running: dict[Future[Record], tuple[int, int]] = {}
        while True:
            in_time = self._budget.seconds is None or self.schedule.busy_seconds() < self._budget.seconds
            while len(running) < engine.slots and (begun := self.schedule.begin(new_trials=in_time)):
                running[engine.submit(self._task(*begun))] = begun
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                trial, rotation = running.pop(future)
                self.schedule.put(trial, rotation, future.result())
                self._keep_best_predictions(trial)
                progress.tell()

    def _task(self, trial: int, rotation: int) -> Task:
        rules = self._budget.rules
        return Task(
            cell=str(self._folder.resolve()),
            store=str(self._store.folder.resolve()),
            key=self._keys[trial],
            setting=self._settings[trial],
            rotation=rotation,
            threads=self._data.cell.threads,
            seconds=self.schedule.seconds_left(trial),
            trial_seconds=rules.trial_seconds,
            memory_mib=rules.trial_memory_mib,
        )

    def _keep_best_predictions(self, trial: int) -> None:
        """Drop the predictions that nobody will ask for, now that nothing may be left of a trial."""
        if not self.schedule.closed(trial):
            return
        before, self._best = self._best, self.schedule.better(self._best, trial)
        for other in (before, trial):
            if other is not None and other != self._best:
                for rotation in self.schedule.rotations:
                    self._store.drop_predictions(self._keys[other], rotation)

    def _best_predictions(self, engine: Engine) -> dict[int, dict[str, Prediction]]:
        """Return the best trial's predictions per rotation."""
        while (best := self.schedule.best()) is not None:
            found = {r: self._store.predictions(self._keys[best], r) for r in self.schedule.rotations}
            whole = {rotation: predicted for rotation, predicted in found.items() if predicted is not None}
            if len(whole) == len(found):
                return whole
            tasks = {r: replace(self._task(best, r), seconds=None, memory_mib=None) for r in found if r not in whole}
            for rotation, future in {r: engine.submit(task) for r, task in tasks.items()}.items():
                self.schedule.put(best, rotation, future.result())
        return {}


def chosen_elsewhere(data: CellData, source: pd.DataFrame, store: RecordStore, budget: Budget | None = None) -> Trials:
    """Return the trial of the setting that was chosen on another task.

    Args:
        data: The cell.
        source: The trials table of the other task with the same classifier.
        store: Where the records are, and where they go.
        budget: What the trial may take; None for no bound.
    """
    setting = chosen_setting(source)
    trials = Trials(data, data.cell.settings()[:1] if setting is None else [setting], store, budget)
    if setting is None:
        error = source["error"].dropna().iloc[0]
        trials.schedule.set_aside(f"no setting came to its end on the task that it takes its own from ({error})")
    return trials
