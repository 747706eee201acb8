from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matrix_files import same_bits
from part_writing import Broken, Source, contents, undisturbed, values_of

from l1000_bench.errors import InputError
from l1000_bench.io.part_writer import write_profiles
from l1000_bench.io.parts import Block, Origin, Profiles

# Interruptions


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(1, 40), st.integers(1, 9), st.lists(st.tuples(st.integers(0, 40), st.integers(1, 7)), max_size=4))
def test_any_interruptions_give_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory, n_rows: int, rows: int, stops: list[tuple[int, int]]
) -> None:
    folder, values = tmp_path_factory.mktemp("parts") / "p", values_of(n_rows)
    whole = undisturbed(folder, values, rows)
    seen = 0
    for stop, size in stops:
        source = Source(values, size, stop=stop)
        try:
            write_profiles(source.stream, folder, rows)
        except Broken:
            assert not folder.exists()
        assert source.asked == [seen // rows * rows]
        if folder.exists():
            break
        seen = max(seen, seen // rows * rows + max(0, stop - seen // rows * rows) // size * size)
    source = Source(values)
    write_profiles(source.stream, folder, rows)
    assert contents(folder) == whole
    assert [path.name for path in folder.parent.iterdir()] == ["p"]


def test_a_writer_goes_on_at_the_first_missing_part(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    values = values_of(20)
    whole = undisturbed(tmp_path / "p", values, 4)
    with pytest.raises(Broken):
        write_profiles(Source(values, stop=15).stream, tmp_path / "p", 4)
    held = contents(tmp_path / ".unfinished.p")
    assert sorted(held) == ["ORIGIN.json", "part-00000.parquet", "part-00001.parquet", "part-00002.parquet"]
    assert not (tmp_path / "p").exists()
    source = Source(values, size=5)
    with caplog.at_level("INFO"):
        write_profiles(source.stream, tmp_path / "p", 4)
    assert source.asked == [12]
    assert "3 parts of" in caplog.text
    assert contents(tmp_path / "p") == whole
    assert os.listdir(tmp_path) == ["p"]
    assert same_bits(Profiles(tmp_path / "p").matrix(), values)


@pytest.mark.parametrize("change", ["digest", "rows", "genes", "pyarrow"])
def test_a_writer_of_something_else_begins_anew(tmp_path: Path, change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Broken):
        write_profiles(Source(values_of(20), stop=15).stream, tmp_path / "p", 4)
    source = Source(values_of(21), digest="b" if change == "digest" else "a")
    stream = source.stream
    if change == "genes":
        stream = stream._replace(gene_ids=np.array(["780", "9", "5721"], dtype=object))
    if change == "pyarrow":  # another version may write other bytes
        monkeypatch.setattr(pa, "__version__", "0")
    write_profiles(stream, tmp_path / "p", 5 if change == "rows" else 4)
    assert source.asked == [0]
    assert same_bits(Profiles(tmp_path / "p").matrix(), values_of(21))
    assert os.listdir(tmp_path) == ["p"]


def test_what_else_a_killed_writer_left_is_removed(tmp_path: Path) -> None:
    values = values_of(20)
    whole = undisturbed(tmp_path / "p", values, 4)
    with pytest.raises(Broken):
        write_profiles(Source(values, stop=9).stream, tmp_path / "p", 4)
    left = tmp_path / ".unfinished.p"
    (left / "part-00003.parquet").write_bytes(b"beyond a gap")
    (left / f".{2**22 + 1}.1.elsewhere.tmp.part-00002.parquet").write_bytes(b"half")
    (left / "SHA256SUMS").write_bytes(b"of other parts")
    source = Source(values)
    write_profiles(source.stream, tmp_path / "p", 4)
    assert source.asked == [8]
    assert contents(tmp_path / "p") == whole


@pytest.mark.parametrize("record", [b"", b"\xff\xfe", b'{"digest": "a"}', None])
def test_a_record_that_cannot_be_read_begins_anew(tmp_path: Path, record: bytes | None) -> None:
    values = values_of(20)
    whole = undisturbed(tmp_path / "p", values, 4)
    with pytest.raises(Broken):
        write_profiles(Source(values, stop=9).stream, tmp_path / "p", 4)
    path = tmp_path / ".unfinished.p" / "ORIGIN.json"
    path.unlink() if record is None else path.write_bytes(record)
    source = Source(values)
    write_profiles(source.stream, tmp_path / "p", 4)
    assert source.asked == [0]
    assert contents(tmp_path / "p") == whole


def test_an_older_folder_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    write_profiles(Source(values_of(6), digest="old").stream, tmp_path / "p", 4)
    old = contents(tmp_path / "p")
    for stop in (0, 9, 15):
        with pytest.raises(Broken):
            write_profiles(Source(values_of(20), stop=stop).stream, tmp_path / "p", 4)
        assert contents(tmp_path / "p") == old
    write_profiles(Source(values_of(20)).stream, tmp_path / "p", 4)
    assert same_bits(Profiles(tmp_path / "p").matrix(), values_of(20))
    assert os.listdir(tmp_path) == ["p"]


def test_no_profile_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no profile is left to write to .*p; see the audit"):
        write_profiles(Source(values_of(20)[:0]).stream, tmp_path / "p", 4)
    assert not (tmp_path / "p").exists()


def test_a_second_writer_is_refused_and_disturbs_nothing(tmp_path: Path) -> None:
    values = values_of(20)
    whole = undisturbed(tmp_path / "p", values, 4)
    script = (
        "import fcntl, os, sys\n"
        "folder = os.open(sys.argv[1], os.O_RDONLY)\n"
        "fcntl.flock(folder, fcntl.LOCK_EX)\n"
        "print('held', flush=True)\n"
        "sys.stdin.read()\n"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    with pytest.raises(InputError, match=r"another process is writing .*p; wait until it has ended"):
        write_profiles(Source(values).stream, tmp_path / "p", 4)
    assert os.listdir(tmp_path) == []
    other.communicate()
    write_profiles(Source(values).stream, tmp_path / "p", 4)
    assert contents(tmp_path / "p") == whole


def test_a_writer_inside_the_stream_of_another_is_refused(tmp_path: Path) -> None:
    inner, outer = Source(values_of(20)), Source(values_of(20))
    whole = undisturbed(tmp_path / "p", outer.values, 4)

    def after(start: int) -> Iterator[Block]:
        with pytest.raises(InputError, match="another process is writing"):
            write_profiles(inner.stream, tmp_path / "p", 4)
        yield from outer.after(start)

    write_profiles(outer.stream._replace(origin=Origin("a", after)), tmp_path / "p", 4)
    assert contents(tmp_path / "p") == whole
