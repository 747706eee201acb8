"""Read damaged files for a while and report what goes wrong.

    python tests/fuzz/readers.py [--seconds 120] [--family gctx …] [--seed 0] [--keep FOLDER]

Every file is read in a process of its own, which is started anew when it crashes or hangs. With atheris installed
(`pip install atheris`, of Google), which finds what makes a reader do something new, it damages the files as well.
What is wrong is anything but a file that is read or refused with an InputError; the first file of every kind of it is
kept.
"""

# ruff: noqa: T201
from __future__ import annotations

import argparse
import collections
import importlib
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1] / "io"))

from fuzzed import Reader
from mutants import FAMILIES, mutated, read_all, seeds


def random_cases(family: str, seed: int) -> Iterator[bytes]:
    """Yield damaged files without end."""
    chance, whole = Random(seed), list(seeds(family).values())
    while True:
        yield mutated(chance.choice(whole), chance)


def fuzz(family: str, seconds: float, seed: int, keep: Path) -> int:
    """Read random files in a watched process; return how many kinds of wrong there are."""
    counts: collections.Counter[str] = collections.Counter()
    slowest, until = 0.0, time.monotonic() + seconds
    with Reader(family) as reader:
        for content in random_cases(family, seed):
            start = time.monotonic()
            if start > until:
                break
            answer = reader.read(content)
            slowest = max(slowest, time.monotonic() - start)
            kind = answer.strip().splitlines()[-1][:160]
            counts[kind] += 1
            if kind not in ("read", "refused") and counts[kind] == 1:
                saved = keep / f"{family}-{len(counts)}"
                saved.write_bytes(content)
                print(f"{saved}: {answer}", flush=True)
    print(f"{family}: {dict(counts.most_common())}, the slowest took {slowest:.1f} s", flush=True)
    return len(set(counts) - {"read", "refused"})


def guided(family: str, seconds: float, seed: int, keep: Path) -> int:
    """Let atheris damage files in a process of its own, again and again; return how often that was ended by one."""
    corpus = keep / f"{family}-corpus"
    corpus.mkdir(exist_ok=True)
    for name, content in seeds(family).items():
        (corpus / name.replace(" ", "-")).write_bytes(content)
    ends, until = 0, time.monotonic() + seconds
    while (left := until - time.monotonic()) > 1:
        options = [
            f"-max_total_time={left:.0f}", f"-seed={seed + ends + 1}", "-timeout=20", "-rss_limit_mb=4096",
            "-max_len=30000", f"-artifact_prefix={keep}/{family}-", "-verbosity=0", "-print_final_stats=1",
        ]  # fmt: skip
        command = [sys.executable, __file__, "--inside", family, *options, str(corpus)]
        done = subprocess.run(command, check=False, capture_output=True, text=True, errors="replace")
        words = ("Test unit written", "ERROR", "Error:", "stat::number_of_executed_units", "  File ")
        print(*[line for line in done.stderr.splitlines() if any(word in line for word in words)][-14:], sep="\n")
        ends += done.returncode != 0
    print(f"{family}: atheris was ended {ends} times", flush=True)
    return ends


def inside(family: str, options: list[str]) -> None:
    """Be the process in which atheris works."""
    atheris = importlib.import_module("atheris")
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        atheris.instrument_all()
        atheris.Setup([sys.argv[0], *options], lambda content: read_all(family, content, Path(folder)) and None)
        atheris.Fuzz()


def has_atheris() -> bool:
    """Return whether atheris can be imported."""
    return subprocess.run([sys.executable, "-c", "import atheris"], check=False, capture_output=True).returncode == 0


def main() -> int:
    """Fuzz the families one after the other, half of the time by chance and half of it guided if that can be."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seconds", type=float, default=120, help="for each family")
    parser.add_argument("--family", nargs="*", choices=FAMILIES, default=list(FAMILIES))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=Path("fuzzed"), help="where what goes wrong is kept")
    chosen = parser.parse_args()
    keep = chosen.keep.absolute()
    keep.mkdir(parents=True, exist_ok=True)
    ways = [fuzz, guided] if has_atheris() else [fuzz]
    share = chosen.seconds / len(ways)
    return min(1, sum(way(family, share, chosen.seed, keep) for family in chosen.family for way in ways))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inside"]:
        inside(sys.argv[2], sys.argv[3:])
    else:
        sys.exit(main())
