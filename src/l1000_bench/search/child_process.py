"""The process behind `Child`: reads tasks from standard input, a line of JSON each, and answers with two lines.

The first says that the data are open, the second is the record. It ends when its input ends, so with the process that
started it, whatever that one died of.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any, BinaryIO

from l1000_bench.models.fit import prepare
from l1000_bench.search.cell_data import CellData, open_cell
from l1000_bench.search.child import Task
from l1000_bench.search.records import RecordStore
from l1000_bench.search.rotation import run_rotation


class Worker:
    """Runs tasks; keeps the cell of the last one open.

    Args:
        answers: Where the lines go.
    """

    def __init__(self, answers: BinaryIO) -> None:
        self._answers = answers
        self._folder = ""
        self._data: CellData | None = None

    def run(self, task: Task) -> None:
        """Run a task and answer."""
        if self._data is None or task.cell != self._folder:
            self._data, self._folder = open_cell(Path(task.cell)), task.cell
        place = self._data.workplace(RecordStore(Path(task.store)))
        with suppress(Exception):  # whatever it is, the rotation will meet it too
            prepare(place.build(task.setting))
        self._say({"opened": task.cell})
        record = run_rotation(place, task.key, task.setting, task.rotation)
        self._say(json.loads(record.to_json()))

    def _say(self, message: dict[str, Any]) -> None:
        self._answers.write(json.dumps(message).encode() + b"\n")
        self._answers.flush()


def main() -> None:
    """Run the tasks of standard input."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    tasks: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, tasks), daemon=True).start()
    worker = Worker(answers)
    while True:
        worker.run(Task(**json.loads(tasks.get())))


def _listen(stream: BinaryIO, tasks: SimpleQueue[bytes]) -> None:
    for line in stream:
        tasks.put(line)
    os._exit(0)  # in the middle of a fit too


if __name__ == "__main__":
    main()
