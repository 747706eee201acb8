"""What the tests of the part writer run in processes of their own, so that these can be killed.

As a program it has its imports behind it, and forks a process for every line that it reads.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from l1000_bench.io.gctx import open_matrix
from l1000_bench.io.landmarks import landmark_stream
from l1000_bench.io.part_writer import write_profiles


def ingest(path: Path, folder: Path, rows_per_part: int) -> None:
    """Write the even genes of a matrix as parts."""
    reader = open_matrix(path)
    write_profiles(landmark_stream(reader, reader.gene_ids[::2], "error", 160), folder, rows_per_part)


def ingest_until(path: Path, folder: Path, rows_per_part: int, n_steps: int) -> None:
    """Do the same, but end as if killed before a file is renamed or removed for the n-th time."""
    steps = 0

    def counted(change: Callable[..., Any]) -> Callable[..., Any]:
        def step(*arguments: Any, **options: Any) -> Any:
            nonlocal steps
            if steps == n_steps:
                os._exit(9)
            steps += 1
            return change(*arguments, **options)

        return step

    for name in ("rename", "replace", "unlink", "rmdir"):
        setattr(os, name, counted(getattr(os, name)))
    ingest(path, folder, rows_per_part)


class Processes:
    """Starts one process after the other."""

    def __init__(self, folder_of_temporaries: Path) -> None:
        self._server = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            env={**os.environ, "TMPDIR": str(folder_of_temporaries)},
        )
        self._number = 0

    def start(self, path: Path, folder: Path, rows_per_part: int, n_steps: int = -1) -> None:
        """Begin to write parts; end before a change of a file, if its number is given."""
        assert self._server.stdin is not None
        self._server.stdin.write(json.dumps([str(path), str(folder), rows_per_part, n_steps]) + "\n")
        self._number = int(self._line())

    def ended(self, seconds: float) -> int | None:
        """Wait, and return the exit status, or None if it is still at work."""
        assert self._server.stdout is not None
        return int(self._line()) if select.select([self._server.stdout], [], [], seconds)[0] else None

    def kill(self) -> int:
        """Kill the process and return its exit status."""
        os.kill(self._number, signal.SIGKILL)
        return int(self._line())

    def close(self) -> None:
        """End the program."""
        self._server.communicate()

    def _line(self) -> str:
        assert self._server.stdout is not None
        return self._server.stdout.readline()


def _serve() -> None:
    for line in sys.stdin:
        path, folder, rows, n_steps = json.loads(line)
        number = os.fork()
        if not number:
            try:
                ingest_until(Path(path), Path(folder), rows, n_steps)
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
