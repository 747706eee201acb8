"""How a search is told of: a bar on a terminal, a line now and then in a log."""

from __future__ import annotations

import logging
import sys
import time

from tqdm import tqdm

from l1000_bench.search.schedule import Schedule

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_LINES = 30.0


class Progress:
    """Tells of the trials of a cell.

    Args:
        name: Of the cell.
        schedule: Whose rotations are run.
    """

    def __init__(self, name: str, schedule: Schedule) -> None:
        self._name, self._schedule = name, schedule
        self._begun = self._told = time.monotonic()
        self._run = 0
        self._bar = tqdm(total=schedule.left(), desc=name, unit="rotation", leave=False, disable=None)
        self._on_terminal = sys.stderr.isatty()

    def tell(self) -> None:
        """Take note that a rotation has ended."""
        self._run += 1
        left = self._schedule.left()
        self._bar.total = self._run + left
        self._bar.set_postfix_str(self._state(), refresh=False)
        self._bar.update(1)
        now = time.monotonic()
        if not self._on_terminal and now - self._told >= SECONDS_BETWEEN_LINES and left:
            self._told = now
            logger.info("%s: %s, %s left", self._name, self._state(), _duration(left / self._run * (now - self._begun)))

    def close(self) -> None:
        """End the bar, and sum up a search of more than one trial in a line."""
        self._bar.close()
        if self._schedule.n_trials > 1:
            seconds = time.monotonic() - self._begun
            logger.info("%s: %s; %d rotations run in %s", self._name, self._state(), self._run, _duration(seconds))

    def _state(self) -> str:
        counts = self._schedule.counts()
        parts = [f"{counts.closed}/{self._schedule.n_trials} trials"]
        best = self._schedule.best()
        if best is not None:
            parts.append(f"best {100 * self._schedule.mean_dev(best):.1f} % dev")
        parts += [f"{counts.failed} failed"] if counts.failed else []
        parts += [f"{counts.stopped} stopped early"] if counts.stopped else []
        return ", ".join(parts)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
