"""How much memory a process has held."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

import psutil

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
FORGET_PEAK = "5"  # what Linux takes as: count the peak from here (proc_pid_clear_refs(5))


def reset_peak() -> None:
    """Let `peak_mib` count from here; where the system cannot, it goes on counting from the process's start."""
    if CLEAR.is_file():
        CLEAR.write_text(FORGET_PEAK)


def peak_mib() -> float:
    """Return the peak of this process's resident memory in MiB.

    Linux hands `ru_maxrss` down from the process that started this one, whose peak may be larger, so it is read
    elsewhere there.
    """
    if STATUS.is_file():
        fields = dict(line.split(":", 1) for line in STATUS.read_text().splitlines())
        return int(fields["VmHWM"].split()[0]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 1024


def own_mib(process: psutil.Process) -> float:
    """Return the resident memory in MiB that a process shares with no file and no other process."""
    memory = process.memory_info()
    return float(memory.rss - getattr(memory, "shared", 0)) / 2**20
