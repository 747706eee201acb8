from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from matrix_files import names

from l1000_bench.io.matrix import Values
from l1000_bench.io.part_writer import write_profiles
from l1000_bench.io.parts import Block, Origin, ProfileStream

GENES = np.array(["780", "9", "5720"], dtype=object)


class Broken(Exception):
    """What ends a stream in these tests."""


def values_of(n_rows: int, n_genes: int = 3) -> Values:
    values = np.random.default_rng(n_rows).normal(size=(n_rows, n_genes)).astype(np.float32)
    values[::7, 1] = np.nan
    return values


class Source:
    """Profiles as a stream with an origin; breaks off after some of them, and notes from where it is asked for more."""

    def __init__(self, values: Values, size: int = 3, digest: str = "a", stop: int | None = None) -> None:
        self.values, self.size, self.stop, self.asked = values, size, stop, list[int]()
        origin = Origin(digest, self.after)
        self.stream = ProfileStream(GENES, (_ for _ in ()), origin)

    def after(self, start: int) -> Iterator[Block]:
        self.asked.append(start)
        ids = names("s", len(self.values))
        for first in range(start, len(self.values), self.size):
            if self.stop is not None and first + self.size > self.stop:
                raise Broken
            yield Block(ids[first : first + self.size], self.values[first : first + self.size])


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def undisturbed(folder: Path, values: Values, rows: int) -> dict[str, bytes]:
    """What a writer without an origin makes."""
    write_profiles(ProfileStream(GENES, [Block(names("s", len(values)), values)]), folder, rows)
    found = contents(folder)
    shutil.rmtree(folder)
    return found
