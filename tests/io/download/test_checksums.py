from __future__ import annotations

import gzip
import hashlib
import os
import subprocess
from pathlib import Path

import pytest

from l1000_bench.errors import InputError
from l1000_bench.io.download.checksums import is_recorded, read_record, read_sums, sha512, write_record

A, B = "a" * 128, "B" * 128


def test_a_list_is_read_with_and_without_stars_and_folders(tmp_path: Path) -> None:
    path = tmp_path / "SHA512SUMS.txt.gz"
    path.write_bytes(gzip.compress(f"{A} *one.gctx.gz\n\n{B}  suppl/two words.txt\r\n".encode()))
    assert read_sums(path) == {"one.gctx.gz": A, "two words.txt": B.lower()}
    plain = tmp_path / "sums.txt"
    plain.write_text(f"{A}\tone\n")
    assert read_sums(plain) == {"one": A}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (f"{A}  one\n{A[:64]}  two\n", "line 2: expected '<128 hex digits>"),
        (f"{A}\n", "line 1: expected"),
        (f"{A}  one\n{B}  one\n", "line 2: one stands there with two sums"),
        ("\n", "lists no file"),
    ],
)
def test_a_list_that_is_none_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "sums.txt"
    path.write_text(text)
    with pytest.raises(InputError, match=sentence):
        read_sums(path)


def test_a_cut_off_list_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sums.txt.gz"
    path.write_bytes(gzip.compress(f"{A}  one\n".encode())[:-6])
    with pytest.raises(InputError, match=r"sums\.txt\.gz cannot be read as a list of sums"):
        read_sums(path)


def test_a_record_is_what_sha512sum_checks(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content" * 300_000)
    assert sha512(path) == hashlib.sha512(b"content" * 300_000).hexdigest()
    write_record(path, sha512(path))
    done = subprocess.run(["sha512sum", "-c", "file.sha512"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "file: OK\n"


def test_a_record_holds_until_the_file_is_written_again(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    assert not is_recorded(path)
    write_record(path, A)
    assert is_recorded(path)
    assert is_recorded(path, A)
    assert not is_recorded(path, B.lower())
    later = (tmp_path / "file.sha512").stat().st_mtime_ns + 1_000_000
    os.utime(path, ns=(later, later))
    assert not is_recorded(path)
    (tmp_path / "file.sha512").write_text("no sum\n")
    assert read_record(path) is None
