"""A probe: one setting fitted on growing subsamples, in a process of its own that is stopped when it takes too long."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from l1000_bench.search.workload import Subsample

CHILD = "l1000_bench.search.probe_process"
PROFILES, CODES = "profiles.f32", "codes.i64"


@dataclass(frozen=True)
class Probe:
    """What a probe's process is told; all of it can be written as JSON.

    Attributes:
        classifier: The classifier's entry.
        setting: The setting, in full.
        threads: Threads of one fit.
        gene_ids: (n_genes,) the columns of the profiles.
        edges: Columns gene_a, gene_b, weight of every graph that the setting names.
        directed_graphs: Names of those whose edges have a direction.
        sizes: Numbers of profiles, ascending.
        n_samples: Profiles of the true benchmark.
        predicted: Profiles that are predicted at every size.
        passes: Parameters that count passes over the profiles.
        seconds: Of measuring.
    """

    classifier: dict[str, Any]
    setting: dict[str, Any]
    threads: int
    gene_ids: Sequence[str]
    edges: dict[str, dict[str, list[Any]]]
    directed_graphs: list[str]
    sizes: Sequence[int]
    n_samples: int
    predicted: int
    passes: Sequence[str]
    seconds: float


class Point(NamedTuple):
    """A measured size: seconds of a fit (of one pass, where passes are counted) and of predicting one profile."""

    size: int
    fit_seconds: float
    predict_seconds: float
    peak_gib: float


@dataclass(frozen=True)
class Measured:
    """What a probe found.

    Attributes:
        points: By size; none where the smallest did not come to its end.
        start_seconds: What the first fit took beyond the second, such as compilation.
        passes: Passes of the setting, 1 where they are not counted.
        counted: Whether passes are counted, and the points are of one.
        may_stop: Whether a fit can stop before its last pass.
        passes_needed: Passes after which a fit stopped by itself; None where it was not seen to.
        vertices: Of the network's graph with its padding; None without one.
        stopped_at: The size at which it was stopped, None where it was not.
        error: Why it failed, empty where it did not.
    """

    points: tuple[Point, ...]
    start_seconds: float = 0.0
    passes: int = 1
    counted: bool = False
    may_stop: bool = False
    passes_needed: float | None = None
    vertices: int | None = None
    stopped_at: int | None = None
    error: str = ""


def run_probe(probe: Probe, subsample: Subsample, seconds_at_most: float) -> Measured:
    """Run a probe in a process of its own, so that its peak of memory is its own.

    Args:
        probe: What to measure.
        subsample: The profiles to measure with.
        seconds_at_most: After which the process is stopped.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subsample.profiles.tofile(folder / PROFILES)
        subsample.codes.astype("int64").tofile(folder / CODES)
        task = json.dumps(asdict(probe)).encode()
        with (folder / "events").open("wb") as events, (folder / "errors").open("wb") as errors:
            process = subprocess.Popen(
                [sys.executable, "-m", CHILD], stdin=subprocess.PIPE, stdout=events, stderr=errors, cwd=folder
            )
            try:
                process.communicate(task, timeout=seconds_at_most)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                return read_events(folder / "events", stopped=True)
        measured = read_events(folder / "events", stopped=False)
        if process.returncode:
            last = ((folder / "errors").read_text(errors="replace").strip().splitlines() or ["it said nothing"])[-1]
            error = f"status {process.returncode}: {last[:200]}"
            return Measured((), passes=measured.passes, vertices=measured.vertices, error=error)
        return measured


def read_events(path: Path, stopped: bool) -> Measured:
    """Read what a probe's process wrote, line by line, until it ended or was stopped.

    Args:
        path: Lines of JSON; a last line that was cut off is not read.
        stopped: Whether the process was stopped.
    """
    lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    events: list[Mapping[str, Any]] = [json.loads(line) for line in lines]
    points = tuple(Point(**event["point"]) for event in events if "point" in event)
    found: dict[str, Any] = {}
    for event in events:
        found |= {key: value for key, value in event.items() if key in Measured.__dataclass_fields__}
    begun = [int(event["begun"]) for event in events if "begun" in event]
    at = (begun[-1] if begun else 0) if stopped else None
    return Measured(points, **found, stopped_at=at)
