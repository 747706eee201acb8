from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest
from gzip_files import mixed, read, small_steps, written

from l1000_bench.errors import InputError
from l1000_bench.io import gzip_scan
from l1000_bench.io.excerpts import Excerpts
from l1000_bench.io.gzip_scan import GzipCursor, GzipView, scanned


def test_a_file_replaced_after_the_scan_is_refused(tmp_path: Path) -> None:
    plain, other = mixed(5000, 7), mixed(5000, 8)
    with small_steps():
        scan = written(tmp_path / "a.gz", gzip.compress(plain, 0))
        (tmp_path / "b.gz").write_bytes(gzip.compress(other, 0))  # as many bytes
        os.utime(tmp_path / "b.gz", ns=(0, os.stat(tmp_path / "a.gz").st_mtime_ns))
        (tmp_path / "b.gz").replace(tmp_path / "a.gz")
        with pytest.raises(InputError, match=r"a\.gz was replaced or changed"):
            read(scan, 0, 10)
        with GzipView(scan) as view, pytest.raises(InputError, match="was replaced"):
            view.read(5000)
        assert read(scanned(tmp_path / "a.gz"), 0, 5000) == other


def test_a_file_replaced_between_two_reads_is_never_mixed(tmp_path: Path) -> None:
    plain = mixed(5000, 9)
    with small_steps():
        scan = written(tmp_path / "a.gz", gzip.compress(plain))
        cursor, target = GzipCursor(scan), bytearray(100)
        cursor.read_into(0, target)
        (tmp_path / "b.gz").write_bytes(gzip.compress(mixed(5000, 10)))
        (tmp_path / "b.gz").replace(tmp_path / "a.gz")
        cursor.read_into(100, target)  # of the file that it still holds open
        assert target == plain[100:200]
        with pytest.raises(InputError, match="was replaced"):
            cursor.read_into(0, target)
        cursor.close()


def test_a_file_that_grows_while_it_is_scanned_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    content = gzip.compress(mixed(5000, 11))
    path.write_bytes(content)

    class Growing(Excerpts):
        def look_at(self, piece: bytes) -> None:
            path.write_bytes(content + gzip.compress(b"more"))
            super().look_at(piece)

    with small_steps(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(gzip_scan, "Excerpts", Growing)
        with pytest.raises(InputError, match="was replaced"):
            scanned(path)
