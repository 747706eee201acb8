"""The parent's side: files put out of the page cache, programs run and timed one at a time."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from peers import last_line

BENCHMARKS = Path(__file__).parent.parent


class Run(NamedTuple):
    """What a process told: its seconds, the peak of its memory in MiB, what it read, whose versions it used."""

    seconds: float
    peak_mib: float
    read: list[float] | None
    versions: dict[str, str]


class Program(NamedTuple):
    """What is measured: an interpreter and a module of `ingestion_workers`."""

    python: Path
    module: str

    def run(self, *arguments: str) -> Run:
        """Run it in a process of its own.

        Raises:
            SystemExit: If it fails.
        """
        command = [str(self.python), "-W", "ignore", "-m", f"ingestion_workers.{self.module}"]
        variables = {**os.environ, "PYTHONPATH": str(BENCHMARKS)}
        done = subprocess.run([*command, *arguments], capture_output=True, text=True, check=False, env=variables)
        if done.returncode:
            raise SystemExit(f"{self.module} {' '.join(arguments)} failed: {last_line(done.stderr)}")
        return Run(**json.loads(done.stdout.splitlines()[-1]))


def seconds_of(*command: str) -> float:
    """Return the seconds of a command whose output is thrown away."""
    started = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


def forget(path: Path) -> None:
    """Put a file out of the page cache, so that the next to read it reads the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(descriptor)


def remember(path: Path) -> None:
    """Put a file into the page cache, without which the first to read it pays for all."""
    seconds_of("cat", str(path))


def ratio(peer: Sequence[float], ours: Sequence[float]) -> float:
    """Return the median over the rounds of the peer's time over ours: in a round both met the same load."""
    return round(statistics.median(theirs / own for theirs, own in zip(peer, ours, strict=True)), 3)


def check_same(runs: Mapping[str, Run]) -> None:
    """Refuse programs that read different values.

    Raises:
        SystemExit: Naming what each read.
    """
    if len({tuple(run.read or ()) for run in runs.values()}) > 1:
        raise SystemExit(f"the programs read different values: { {name: run.read for name, run in runs.items()} }")
