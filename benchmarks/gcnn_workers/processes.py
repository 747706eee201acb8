"""The parent's side: worker processes that are asked for one measurement at a time."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any, ClassVar

from peers import last_line

from gcnn_workers.worker import THREADS

WORKERS = Path(__file__).parent
SETTLE = 0.5  # seconds: the threads of a library wait busily for a while after their work


class Worker:
    """A process that measures; it waits idly between the questions and ends with this process.

    Args:
        python: The interpreter.
        module: Of the package of workers.
        argument: On its command line.
        log: File for its standard error.

    Attributes:
        seconds: Per task, the seconds of one unit of all measurements but the first.
        peak_mib: The peak of its resident memory after the last measurement.
        device: What it computes on.
        versions: Of what it measures.
    """

    package: ClassVar[str] = "gcnn_workers"

    def __init__(self, python: Path, module: str, argument: str, log: Path) -> None:
        self.name, self.log = f"{module} {argument}", log
        threads = dict.fromkeys(
            ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"),
            str(THREADS),
        )
        variables = {"PYTHONPATH": str(WORKERS.parent), "TF_FORCE_GPU_ALLOW_GROWTH": "true"}
        if module == "with_spektral":
            variables["TF_USE_LEGACY_KERAS"] = "1"
        with log.open("w") as errors:
            self.process = subprocess.Popen(
                [str(python), "-m", f"{self.package}.{module}", argument],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env={**os.environ, **threads, **variables},
            )
        about = self._read()
        self.device, self.versions = str(about["device"]), dict(about["versions"])
        self.seconds: dict[str, list[float]] = {}
        self.peak_mib = 0.0

    def ask(self, task: str) -> None:
        """Run a task; its first run is not counted, for it compiles and warms up."""
        time.sleep(SETTLE)
        stdin = self.process.stdin
        if stdin is not None:
            stdin.write(f"{task}\n")
            stdin.flush()
        answer = self._read()
        self.peak_mib = float(answer["peak_mib"])
        if task in self.seconds:
            self.seconds[task].append(float(answer["seconds"]))
        else:
            self.seconds[task] = []

    def close(self) -> None:
        """End the process and wait for its end."""
        self.process.communicate()

    def _read(self) -> dict[str, Any]:
        line = self.process.stdout.readline() if self.process.stdout else ""
        if not line:
            self.process.wait()
            reason = last_line(self.log.read_text())
            raise SystemExit(f"the process {self.name!r} ended with status {self.process.returncode}: {reason}")
        return dict(json.loads(line))
