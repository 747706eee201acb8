"""Damaged files of every kind: each is read or refused in one sentence, soon and in little memory.

`python tests/fuzz/readers.py` does the same for as long as one likes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random

import pytest
from fuzzed import Reader
from hypothesis import given, settings
from hypothesis import strategies as st
from mutants import mutated, read_all, seeds

FAMILIES = {"gctx": 350, "gctx.gz": 150, "gct": 300, "geo": 150, "hub": 80}  # and how many files of each


@pytest.fixture(scope="module")
def readers() -> Iterator[dict[str, Reader]]:
    with ExitStack() as stack:
        yield {family: stack.enter_context(Reader(family)) for family in FAMILIES}


@pytest.mark.parametrize("family", FAMILIES)
def test_damaged_files_are_read_or_refused(readers: dict[str, Reader], family: str) -> None:
    whole, seen = seeds(family), set[str]()

    @settings(max_examples=FAMILIES[family], deadline=None, derandomize=True, database=None)
    @given(st.sampled_from(sorted(whole)), st.integers(0, 2**32))
    def check(name: str, seed: int) -> None:
        answer = readers[family].read(mutated(whole[name], Random(seed)))
        assert answer in ("read", "refused"), answer
        seen.add(answer)

    check()
    assert seen == {"read", "refused"}


@pytest.mark.parametrize("family", [*FAMILIES, "strings"])
def test_the_files_are_whole_before_they_are_damaged(family: str, tmp_path: Path) -> None:
    for name, content in seeds(family).items():
        assert read_all(family, content, tmp_path) == "read", name


def test_a_file_cut_off_anywhere_is_read_or_refused(readers: dict[str, Reader]) -> None:
    for family in ("gct", "geo", "hub"):
        for content in seeds(family).values():
            for size in range(0, len(content), 3):
                assert readers[family].read(content[:size]) in ("read", "refused")
