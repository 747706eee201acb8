from __future__ import annotations

import contextlib
import errno
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ingesting import Processes, ingest
from matrix_files import Layout, names, same_bits, store_as
from zlib_ng import zlib_ng

from l1000_bench.errors import InputError
from l1000_bench.io import part_writer
from l1000_bench.io.atomic import replacing
from l1000_bench.io.matrix import Values
from l1000_bench.io.part_writer import write_profiles
from l1000_bench.io.parts import Block, Origin, Profiles, ProfileStream

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


# Processes that are killed


def leftovers(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.parent.iterdir() if path != folder)


def packed(path: Path) -> Path:
    """Gzip a file in two members."""
    content = path.read_bytes()
    half = len(content) // 2
    target = path.with_name(f"{path.name}.gz")
    target.write_bytes(b"".join(zlib_ng.compress(part, 1, 31) for part in (content[:half], content[half:])))
    return target


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    started = Processes(tmp_path_factory.mktemp("temporaries"))
    yield started
    started.close()
    assert not list(tmp_path_factory.getbasetemp().glob("temporaries*/*"))


@pytest.mark.parametrize("name", ["a.gctx", "a.gctx.gz"])
def test_a_writer_that_ends_before_any_change_of_a_file_is_gone_on_with(
    tmp_path: Path, name: str, processes: Processes
) -> None:
    path = store_as(tmp_path / name, values_of(11, 8), Layout((3, 8)))
    folder = tmp_path / "out" / "p"
    ingest(path, folder, 8)
    whole = contents(folder)
    old = undisturbed(folder, values_of(5), 2)
    for n_steps in range(100):
        folder.mkdir()
        for file, content in old.items():
            (folder / file).write_bytes(content)
        processes.start(path, folder, 8, n_steps)
        code = processes.ended(60)
        assert code in (0, 9)
        assert folder.parent.is_dir()
        if folder.exists():  # it does not between two renames
            names_there = set(contents(folder)) - {"ORIGIN.json"}
            assert names_there in ({*old}, {*whole})
        ingest(path, folder, 8)
        assert contents(folder) == whole
        assert leftovers(folder) == []
        shutil.rmtree(folder)
        if code == 0:
            break
    assert n_steps > 8


TEMPORARY = r"\.\d+\.\d+\.[^/]+\.tmp\."
FILES = re.compile(rf"(\.unfinished\.p/|\.old\.p/|p/)?({TEMPORARY})?(part-\d{{5}}\.parquet|SHA256SUMS|ORIGIN\.json)")


def check_what_lies_there(folder: Path, largest: int) -> None:
    """Compare the files of a writer at work with what it may make: parts, and nothing larger than one."""
    for place, _, files in os.walk(folder.parent):  # which passes over a folder that is renamed meanwhile
        for path in (Path(place) / file for file in files):
            assert FILES.fullmatch(str(path.relative_to(folder.parent))), path
            with contextlib.suppress(FileNotFoundError):
                assert path.stat().st_size <= largest


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(3)
    values = (rng.integers(-400, 400, size=(20_000, 1000)) / 32).astype(np.float32)  # 80 MB
    return store_as(tmp_path_factory.mktemp("large") / "a.gctx", values, Layout((21, 1000)))


def test_a_writer_killed_at_any_moment_is_gone_on_with(tmp_path: Path, large: Path, processes: Processes) -> None:
    folder, rows = tmp_path / "out" / "p", 400
    ingest(large, folder, rows)
    whole = contents(folder)
    assert len(whole) == 51
    shutil.rmtree(folder)
    largest = max(map(len, whole.values()))
    chance = random.Random(1)
    for path in (large, packed(large)):
        code, kills, parts = None, 0, 0
        while code != 0:
            processes.start(path, folder, rows)
            wait = chance.uniform(0.02, 0.15) if kills < 10 else 60
            code, until = None, time.monotonic() + wait
            while code is None and time.monotonic() < until:
                code = processes.ended(0.01)
                check_what_lies_there(folder, largest)
            code = processes.kill() if code is None else code
            assert code in (0, -signal.SIGKILL)
            check_what_lies_there(folder, largest)
            names = {part.name for part in folder.parent.glob("*p/part-*.parquet")}
            there = next(number for number in range(52) if f"part-{number:05d}.parquet" not in names)
            assert there >= parts  # what is whole and has no gap before it stays
            parts, kills = there, kills + 1
        assert kills > 4
        assert contents(folder) == whole
        assert leftovers(folder) == []
        shutil.rmtree(folder)


# A full disk


def test_a_full_disk_is_one_sentence_and_what_is_whole_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = values_of(20)
    whole = undisturbed(tmp_path / "p", values, 4)
    write_part = part_writer._write_part

    def full(path: Path, *rest: object) -> str:
        if path.name == "part-00002.parquet":
            with replacing(path) as temporary:
                temporary.write_bytes(b"half")
                raise OSError(errno.ENOSPC, "No space left on device")
        return write_part(path, *rest)  # type: ignore[arg-type]

    with monkeypatch.context() as patch, pytest.raises(InputError, match=r"the disk is full: .*part-00002"):
        patch.setattr(part_writer, "_write_part", full)
        write_profiles(Source(values).stream, tmp_path / "p", 4)
    left = set(contents(tmp_path / ".unfinished.p"))
    assert left >= {"ORIGIN.json", "part-00000.parquet", "part-00001.parquet"}
    assert left <= {*whole, "ORIGIN.json"} - {"part-00002.parquet"}  # the next part may have been whole already
    source = Source(values)
    write_profiles(source.stream, tmp_path / "p", 4)
    assert source.asked == [8]
    assert contents(tmp_path / "p") == whole


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    made = mount and subprocess.run([mount, "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)], check=False)
    if not made or made.returncode:
        pytest.skip("needs the right to mount a file system")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize("rows", [1000, 100_000])
def test_a_disk_that_is_full_and_then_is_not(small_disk: Path, tmp_path: Path, rows: int) -> None:
    values = values_of(300_000)  # 3.6 MB, and the ids
    whole = undisturbed(tmp_path / "p", values, rows)
    folder = small_disk / "p"
    write_profiles(Source(values_of(2000), 1000, "old").stream, folder, rows)
    old = contents(folder)
    for _ in range(2):
        with pytest.raises(InputError, match=r"the disk is full: .*part-\d+\.parquet could not be written"):
            write_profiles(Source(values, 5000).stream, folder, rows)
        assert contents(folder) == old
        assert os.listdir(small_disk) in (["p", ".unfinished.p"], [".unfinished.p", "p"])
    subprocess.run(["mount", "-o", "remount,size=20m", str(small_disk)], check=True)
    # Two parts are written at once: the first that failed may lie before one that is whole.
    left = {path.name for path in (small_disk / ".unfinished.p").iterdir()}
    kept = next(number for number in range(301) if f"part-{number:05d}.parquet" not in left)
    source = Source(values, 5000)
    write_profiles(source.stream, folder, rows)
    assert source.asked == [kept * rows]
    assert kept > 0 or rows == 100_000
    assert contents(folder) == whole
    assert os.listdir(small_disk) == ["p"]
