"""What this machine offers a run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")  # of a container
GIB = 2.0**30


class Machine(NamedTuple):
    """What there is, and how much of it is taken.

    Attributes:
        cores: That this process may use.
        memory_gib: Of the machine, or of its container.
        load: Processes that ran or waited over the last minute, on average.
    """

    cores: int
    memory_gib: float
    load: float


def this_machine() -> Machine:
    """Return this machine, or what a container leaves of it."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    limit = CGROUP_LIMIT.read_text().strip() if CGROUP_LIMIT.is_file() else "max"
    if limit.isdecimal():
        memory = min(memory, int(limit))
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Machine(cores, memory / GIB, os.getloadavg()[0])
