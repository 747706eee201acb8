"""A measured process's side; needs the standard library and numpy, for the peer's environment."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def answer(work: Callable[[], NDArray[np.float32] | None], packages: tuple[str, ...]) -> None:
    """Do the work and print one JSON line: seconds, peak of the memory, a sum that shows what was read, versions.

    Args:
        work: Returns what it read into memory, shape (n_samples, n_genes), or None.
        packages: Whose versions to tell.
    """
    started = time.perf_counter()
    values = work()
    seconds = time.perf_counter() - started
    peak = peak_mib()
    read = None if values is None else [*values.shape, float(values[::97, ::13].sum(dtype=np.float64))]
    told = {"seconds": seconds, "peak_mib": peak, "read": read, "versions": {name: version(name) for name in packages}}
    print(json.dumps(told))


def peak_mib() -> float:
    """Return the peak of this program's resident memory.

    `ru_maxrss` would not do: the kernel carries into it the peak of the process that started this one.
    """
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024
