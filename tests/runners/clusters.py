"""Dask clusters of this machine for tests: a scheduler and workers, each a process that can be killed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import distributed

SITE_PACKAGES = str(Path(distributed.__file__).parents[1])
OWN = str(Path(__file__).parent)  # whose modules workers can import
BARE = ("-S",)  # with SITE_PACKAGES alone as PYTHONPATH: a Python that has Dask but not this project's package
SECONDS = 30.0


class Cluster:
    """A scheduler, in a Python without this project's package, and the workers that were added."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self._folder = folder
        self._log = folder / "scheduler.log"
        self.workers: list[subprocess.Popen[bytes]] = []
        environment = {"PYTHONPATH": SITE_PACKAGES, **settings}
        command = [sys.executable, *BARE, "-m", "distributed.cli.dask_scheduler", "--host=127.0.0.1", "--port=0"]
        self.scheduler = self._start([*command, "--dashboard-address=127.0.0.1:0"], environment, self._log)
        self.address = self._logged(r"Scheduler at: +(tcp://\S+)", 1)[0]

    def add(self, *options: str, python: tuple[str, ...] = (), path: str | None = None) -> str:
        """Start a worker of one thread, wait until the scheduler knows it, and return its address.

        `path` is its PYTHONPATH, for one that is not to have what this process has.
        """
        self.begin(*options, python=python, path=path)
        return self.know()[-1]

    def know(self) -> list[str]:
        """Wait until the scheduler knows all workers that were begun, and return their addresses."""
        return self._logged(r"Register worker addr: (tcp://\S+)", len(self.workers))

    def begin(self, *options: str, python: tuple[str, ...] = (), path: str | None = None) -> None:
        """Start a worker of one thread."""
        n_workers = len(self.workers) + 1
        command = [sys.executable, *python, "-m", "distributed.cli.dask_worker", self.address, "--nthreads=1"]
        command += ["--no-nanny", "--no-dashboard", "--memory-limit=0", "--host=127.0.0.1", *options]
        everywhere = os.pathsep.join([OWN, os.environ.get("PYTHONPATH", "")])
        environment = {"PYTHONPATH": path or everywhere, "DASK_TEMPORARY_DIRECTORY": str(self._folder)}
        self.workers.append(self._start(command, environment, self._folder / f"worker-{n_workers}.log"))

    def stop(self) -> None:
        """Kill what still runs."""
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()

    def _start(self, command: list[str], environment: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
        everything = {**os.environ, "PYTHONWARNINGS": "ignore", **environment}
        with log.open("wb") as stream:
            return subprocess.Popen(command, cwd=self._folder, env=everything, stdout=stream, stderr=stream)

    def _logged(self, pattern: str, n: int) -> list[str]:
        wait_until(lambda: len(re.findall(pattern, self._log.read_text())) >= n, pattern)
        return re.findall(pattern, self._log.read_text())


@contextmanager
def cluster(folder: Path, n_workers: int, **settings: str) -> Iterator[Cluster]:
    """Start a cluster, and kill it at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    made = Cluster(folder, **settings)
    try:
        for _ in range(n_workers):
            made.begin()
        made.know()
        yield made
    finally:
        made.stop()


def wait_until(holds: Callable[[], object], what: str) -> None:
    """Look until something holds."""
    end = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < end, f"{what} did not come about"
        time.sleep(0.05)
