import hashlib
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from l1000_bench.errors import InputError
from l1000_bench.io import atomic
from l1000_bench.io.atomic import (
    check_file,
    manifest_of,
    read_manifest,
    replacing,
    replacing_folder,
    sha256,
    write_manifest,
)

NOBODY = 2**22 + 1  # Linux numbers no process so high
HOST = socket.gethostname()
OWN = f"{os.getpid()}.{threading.get_native_id()}.{HOST}"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def write(path: Path, text: str) -> None:
    with replacing(path) as temporary:
        temporary.write_text(text)


# Files


def test_a_file_appears_whole_in_folders_that_are_made(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "c.txt.gz"
    with replacing(path) as temporary:
        assert temporary.parent == path.parent
        assert temporary.name.endswith(".c.txt.gz")
        temporary.write_text("new")
        assert not path.exists()
    assert path.read_text() == "new"
    assert names(path.parent) == ["c.txt.gz"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_failure_leaves_the_old_file_and_no_temporary(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "a.txt"
    write(path, "old")
    with pytest.raises(error), replacing(path) as temporary:
        temporary.write_text("half of the new")
        raise error
    assert path.read_text() == "old"
    assert names(tmp_path) == ["a.txt"]


def test_a_failure_before_anything_is_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="early"), replacing(tmp_path / "a.txt"):
        raise ValueError("early")
    assert names(tmp_path) == []


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="there is no /proc to name a descriptor's file")
def test_a_file_is_synced_before_it_is_renamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    synced = []
    plain = os.fsync

    def fsync(descriptor: int) -> None:
        synced.append((Path(os.readlink(f"/proc/self/fd/{descriptor}")).name, path.exists()))
        plain(descriptor)

    monkeypatch.setattr("os.fsync", fsync)
    write(path, "new")
    assert synced == [(f".{OWN}.tmp.a.txt", False), (tmp_path.name, True)]


# Folders


def fill(folder: Path, text: str) -> None:
    with replacing_folder(folder) as temporary:
        (temporary / "part").write_text(text)


def test_a_folder_is_replaced_as_a_whole(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "parts"
    fill(folder, "old")
    (folder / "stray").write_text("not of the new")
    with replacing_folder(folder) as temporary:
        (temporary / "part").write_text("new")
        assert (folder / "part").read_text() == "old"
    assert names(folder) == ["part"]
    assert (folder / "part").read_text() == "new"
    assert names(folder.parent) == ["parts"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_failure_leaves_the_old_folder_and_no_temporary(tmp_path: Path, error: type[BaseException]) -> None:
    fill(tmp_path / "parts", "old")
    with pytest.raises(error), replacing_folder(tmp_path / "parts") as temporary:
        (temporary / "part").write_text("half of the new")
        raise error
    assert (tmp_path / "parts" / "part").read_text() == "old"
    assert names(tmp_path) == ["parts"]


# Writers at the same time


@pytest.mark.parametrize("writer", [write, fill])
def test_a_thread_leaves_alone_what_another_one_is_writing(
    tmp_path: Path, writer: Callable[[Path, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    entered, go_on = threading.Event(), threading.Event()
    plain = atomic.sync

    def wait_once(one: Path) -> None:
        if not entered.is_set():
            entered.set()
            assert go_on.wait(30)
        plain(one)

    monkeypatch.setattr(atomic, "sync", wait_once)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(writer, path, "first")  # all of it is written, nothing is renamed
        assert entered.wait(30)
        writer(path, "second")
        go_on.set()
        first.result()
    assert ((path / "part") if path.is_dir() else path).read_text() == "first"
    assert names(tmp_path) == ["a"]


def test_what_writers_on_other_machines_are_writing_is_left_alone(tmp_path: Path) -> None:
    theirs = [f".{NOBODY}.{NOBODY}.{host}.tmp.a.txt" for host in (f"{HOST}.b", f"b.{HOST}", "node-7.cluster")]
    for name in theirs:
        (tmp_path / name).write_text("half")
    write(tmp_path / "a.txt", "new")
    assert names(tmp_path) == sorted([*theirs, "a.txt"])


# Writers that were killed


KILLED = """
import os, signal, sys
from pathlib import Path
from l1000_bench.io.atomic import replacing, replacing_folder
file, folder = Path(sys.argv[1]), Path(sys.argv[2])
with replacing(file) as a, replacing_folder(folder) as b:
    a.write_text("half")
    (b / "part").write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_writer_leaves_the_old_and_the_next_one_cleans_up(tmp_path: Path) -> None:
    file, folder = tmp_path / "a.txt", tmp_path / "parts"
    write(file, "old")
    fill(folder, "old")
    done = subprocess.run([sys.executable, "-c", KILLED, file, folder], check=False)
    assert done.returncode == -9
    assert len(names(tmp_path)) == 4  # the two temporaries besides
    assert (file.read_text(), (folder / "part").read_text()) == ("old", "old")
    write(file, "new")
    fill(folder, "new")
    assert (file.read_text(), (folder / "part").read_text()) == ("new", "new")
    assert names(tmp_path) == ["a.txt", "parts"]


def test_only_temporaries_of_this_file_and_of_no_running_process_are_removed(tmp_path: Path) -> None:
    other = [f".{NOBODY}.1.{HOST}.tmp.b.txt", f".1.1.{HOST}.tmp.a.txt", ".notes.tmp.a.txt", f".x.1.{HOST}.tmp.a.txt"]
    for name in [*other, f".{NOBODY}.1.{HOST}.tmp.a.txt", f".{OWN}.tmp.a.txt"]:
        (tmp_path / name).write_text("x")
    write(tmp_path / "a.txt", "new")
    assert names(tmp_path) == sorted([*other, "a.txt"])


def test_what_an_earlier_process_of_the_same_number_left_is_removed(tmp_path: Path) -> None:
    left = tmp_path / f".{OWN}.tmp.parts"
    left.mkdir()
    (left / "stray").write_text("half")
    fill(tmp_path / "parts", "new")
    assert names(tmp_path) == ["parts"]
    assert names(tmp_path / "parts") == ["part"]


def test_a_folder_that_was_being_retired_when_its_writer_was_killed(tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    fill(folder, "old")
    shutil.copytree(folder, tmp_path / ".old.parts")
    fill(folder, "newer")
    assert names(tmp_path) == ["parts"]
    folder.rename(tmp_path / ".old.parts")
    fill(folder, "newest")
    assert names(tmp_path) == ["parts"]
    assert (folder / "part").read_text() == "newest"


def test_names_that_look_like_patterns(tmp_path: Path) -> None:
    other = f".{NOBODY}.1.{HOST}.tmp.ab"
    (tmp_path / other).write_text("of another file")
    write(tmp_path / "[a]*", "new")
    assert names(tmp_path) == [other, "[a]*"]


# Manifests


def test_the_hash_is_sha_256s_of_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    # The example of FIPS 180-2, appendix B.1.
    assert sha256(tmp_path / "a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="there is no sha256sum")
def test_sha256sum_reads_both_kinds_of_manifest(tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    folder.mkdir()
    for name in ("b", "a c"):
        (folder / name).write_text(name)
    write_manifest(folder, [folder / "b", folder / "a c"])
    write_manifest(folder / "b", [folder / "b"])
    for manifest in ("SHA256SUMS", "b.sha256"):
        command = ["sha256sum", "--check", "--strict", manifest]
        assert subprocess.run(command, cwd=folder, check=False, capture_output=True).returncode == 0
    assert list(read_manifest(folder)) == ["b", "a c"]
    assert read_manifest(folder / "b") == {"b": hashlib.sha256(b"b").hexdigest()}


def test_where_a_manifest_lies(tmp_path: Path) -> None:
    assert manifest_of(tmp_path) == tmp_path / "SHA256SUMS"
    assert manifest_of(tmp_path / "a.parquet") == tmp_path / "a.parquet.sha256"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"a\.sha256 lists no file"),
        ("0" * 64 + "  a\n" + "0" * 64 + " b\n", r"a\.sha256 line 2: expected '<sha256>  <file name>', found '0+ b'"),
        ("0" * 63 + "  a\n", r"a\.sha256 line 1"),
        ("nonsense\n", r"a\.sha256 line 1: .*found 'nonsense'"),
    ],
)
def test_what_is_no_manifest_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "a").write_text("a")
    (tmp_path / "a.sha256").write_text(text)
    with pytest.raises(InputError, match=message):
        read_manifest(tmp_path / "a")


def test_a_missing_file_and_a_missing_manifest_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a does not exist; run the pipeline that makes it"):
        read_manifest(tmp_path / "a")
    (tmp_path / "a").write_text("a")
    with pytest.raises(InputError, match=r"a has no manifest a\.sha256: .* not finished"):
        read_manifest(tmp_path / "a")


def test_a_file_that_changed_or_went_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("abc")
    expected = sha256(path)
    check_file(path, expected)
    path.write_text("abd")
    with pytest.raises(InputError, match=r"a has SHA-256 a52d159f262b…, its manifest says ba7816bf8f01…"):
        check_file(path, expected)
    path.unlink()
    with pytest.raises(InputError, match="a is listed in its manifest but missing"):
        check_file(path, expected)
