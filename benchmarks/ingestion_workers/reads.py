"""Reading 978 genes into an array, from every layout, warm and cold."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from ingestion_workers.files import LAYOUTS, write_file
from ingestion_workers.runs import Program, Run, check_same, forget, ratio, remember, seconds_of
from ingestion_workers.selection import Job


class Case(NamedTuple):
    """What is read: `warm` or `cold`, a layout, and the columns and rows of `Job`."""

    state: str
    layout: str
    columns: str
    rows: str


# The first is what GSE92742 asks for, whose landmarks lead; its ratios over the layouts are summed up.
SUMMED = ("leading", "part")
READ = [("warm", *SUMMED), ("cold", *SUMMED), ("warm", "leading", "all"), ("warm", "scattered", "part")]

Turns = dict[str, list[float]]  # per program, the seconds of every round


def measure_reads(
    folder: Path, programs: Mapping[str, Program], n_samples: int, rounds: int
) -> tuple[dict[Case, Turns], dict[str, str]]:
    """Let the programs read in turns.

    Args:
        folder: For the files, one at a time.
        programs: By name; `ours` and `cmappy` read cold, too.
        n_samples: Of every file.
        rounds: How often each reads.

    Returns:
        The seconds of every case, those of `cat` among them, and the versions of the packages used.
    """
    found: dict[Case, Turns] = {}
    versions: dict[str, str] = {}
    for layout in LAYOUTS:
        path = folder / f"{layout}.gctx"
        write_file(path, n_samples, layout)
        for state, columns, rows in READ:
            job = Job(path, n_samples, columns, rows)
            asked = programs if state == "warm" else {name: programs[name] for name in ("ours", "cmappy")}
            turns = [_round(asked, job, cold=state == "cold") for _ in range(rounds)]
            found[Case(state, layout, columns, rows)] = {
                name: [turn[name].seconds for turn in turns] for name in (*asked, "cat")
            }
            versions |= _versions(turns[0])
        path.unlink()
    return found, versions


def _round(programs: Mapping[str, Program], job: Job, cold: bool) -> dict[str, Run]:
    if not cold:
        remember(job.path)
    runs = {}
    for name, program in programs.items():
        if cold:
            forget(job.path)
        runs[name] = program.run(*job.arguments)
    check_same(runs)
    if cold:
        forget(job.path)
    return {**runs, "cat": Run(seconds_of("cat", str(job.path)), 0.0, None, {})}


def _versions(runs: Mapping[str, Run]) -> dict[str, str]:
    theirs = {name if name == "cmapPy" else f"{name} of cmapPy": text for name, text in runs["cmappy"].versions.items()}
    return {**runs["ours"].versions, **theirs}


def ratios(found: Mapping[Case, Turns]) -> dict[str, float]:
    """Return every peer's time over ours: the worst and the geometric mean over the layouts, then case by case."""
    single: dict[str, float] = {}
    overall: dict[str, float] = {}
    for peer, state in (("cmappy", "warm"), ("cmappy", "cold"), ("h5py", "warm"), ("cat", "warm"), ("cat", "cold")):
        cases = {case: ratio(turns[peer], turns["ours"]) for case, turns in found.items() if case.state == state}
        summed = [value for case, value in cases.items() if (case.columns, case.rows) == SUMMED]
        overall[f"{peer}_{state}_worst"] = min(summed)
        overall[f"{peer}_{state}_geomean"] = round(statistics.geometric_mean(summed), 3)
        single |= {"_".join((peer, *case)): value for case, value in cases.items()}
    return {**overall, **single}


def print_reads(found: Mapping[Case, Turns], n_samples: int) -> None:
    """Print a table of medians."""
    print(f"\n978 of 12,328 genes of {n_samples:,} samples into an array, median seconds (cmapPy's over ours)")
    print(f"{'':5} {'layout':10} {'genes':9} {'samples':7} {'ours':>7} {'cmapPy':>7} {'h5py':>7} {'cat':>7}")
    for case, turns in found.items():
        medians = {name: f"{statistics.median(seconds):7.3f}" for name, seconds in turns.items()}
        cells = " ".join(medians.get(name, " " * 7) for name in ("ours", "cmappy", "h5py", "cat"))
        times = ratio(turns["cmappy"], turns["ours"])
        print(f"{case.state:5} {case.layout:10} {case.columns:9} {case.rows:7} {cells}  ({times:.1f})")
