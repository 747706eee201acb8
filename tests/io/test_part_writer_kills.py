from __future__ import annotations

import contextlib
import errno
import os
import random
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from ingesting import Processes, ingest
from matrix_files import Layout, store_as
from part_writing import Source, contents, undisturbed, values_of
from zlib_ng import zlib_ng

from l1000_bench.errors import InputError
from l1000_bench.io import part_writer
from l1000_bench.io.atomic import replacing
from l1000_bench.io.part_writer import write_profiles


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
