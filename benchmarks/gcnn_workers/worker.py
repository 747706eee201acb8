"""The worker's side of the talk with `gcnn.py`; needs the standard library and numpy, for peers' environments."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

THREADS = 2  # of every library
BATCH = 100  # samples of a training step
FILTERS, K, POOL, HIDDEN, N_CLASSES = (32, 64), 10, 4, 256, 50
LEARNING_RATE, MOMENTUM = 0.003, 0.9
INFERENCE_BATCH = 128  # as ours takes it


def serve(device: str, packages: tuple[str, ...], tasks: Mapping[str, Callable[[], float]]) -> None:
    """Introduce oneself, then run a task for every line of the standard input, until it ends.

    Args:
        device: What computes.
        packages: Whose versions to report.
        tasks: Each returns the seconds of one unit of its work.
    """
    print(json.dumps({"device": device, "versions": {name: version(name) for name in packages}}), flush=True)
    for line in sys.stdin:
        seconds = tasks[line.strip()]()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"seconds": seconds, "peak_mib": peak}), flush=True)


def seconds_of(work: Callable[[], Any], units: int) -> float:
    """Return the seconds per unit of some work."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) / units


def profiles(n: int, n_columns: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return standard normal values (n, n_columns) and class codes (n,), every class among them."""
    rng = np.random.default_rng(0)
    return rng.standard_normal((n, n_columns), dtype=np.float32), rng.permutation(np.arange(n) % N_CLASSES)


def levels(path: Path) -> tuple[dict[str, NDArray[Any]], ...]:
    """Return what `graph.save_levels` wrote, one mapping for each of the two graph layers."""
    with np.load(path) as file:
        return tuple({name: file[f"{name}_{layer}"] for name in ("laplacian", "edges", "weights")} for layer in (0, 1))
