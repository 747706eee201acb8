from __future__ import annotations

import gzip
import os
import tracemalloc
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gzip_files import mixed, read, small_steps, written
from hypothesis import given, settings
from hypothesis import strategies as st

from l1000_bench.errors import InputError
from l1000_bench.io import gzip_scan
from l1000_bench.io.gzip_scan import GzipCursor, GzipView, Inflater, scanned

# What is read


@st.composite
def packed_files(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """A gzip file of some members, each perhaps followed by zeros, and what it holds."""
    plain, packed = b"", b""
    for seed in range(draw(st.integers(1, 4))):
        member = mixed(draw(st.integers(0, 6000)), draw(st.integers(0, 50)) + 100 * seed)
        plain += member
        packed += gzip.compress(member, draw(st.integers(0, 9))) + bytes(draw(st.sampled_from([0, 1, 96, 97, 400])))
    return plain, packed


@settings(max_examples=120, deadline=None, derandomize=True)
@given(packed_files(), st.data())
def test_pieces_read_in_any_order_are_the_unpacked_bytes(
    tmp_path_factory: pytest.TempPathFactory, file: tuple[bytes, bytes], data: st.DataObject
) -> None:
    plain, packed = file
    sizes = {name: data.draw(st.integers(1, most)) for name, most in (("spacing", 900), ("step", 300), ("most", 700))}
    with small_steps(checkpoints=data.draw(st.integers(2, 9)), **sizes):
        scan = written(tmp_path_factory.getbasetemp() / "random.gz", packed)
        assert scan.size == len(plain)
        cursor, view = GzipCursor(scan), GzipView(scan)
        for _ in range(data.draw(st.integers(1, 12))):
            start = data.draw(st.integers(0, len(plain)))
            wanted = plain[start : start + data.draw(st.integers(0, 2000))]
            target = bytearray(len(wanted))
            cursor.read_into(start, target)
            assert target == wanted
            assert view.seek(start) == view.tell() == start
            assert view.read(len(wanted)) == wanted
        cursor.close()
        view.close()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(packed_files(), st.integers(2, 7), st.integers(1, 500))
def test_checkpoints_double_their_distance_and_stay_few(
    tmp_path_factory: pytest.TempPathFactory, file: tuple[bytes, bytes], most: int, spacing: int
) -> None:
    plain, packed = file
    with small_steps(spacing, most):
        scan = written(tmp_path_factory.getbasetemp() / "few.gz", packed)
        places = [checkpoint.position for checkpoint in scan.checkpoints]
        assert places[0] == 0
        assert 1 <= len(places) <= most + 1
        assert (np.diff(places) >= spacing).all()
        for checkpoint in scan.checkpoints:
            inflater = Inflater(scan.path, checkpoint)
            assert b"".join(inflater.pieces()) == plain[checkpoint.position :]
            inflater.close()
        for offset in range(0, len(plain), 61):
            assert scan.nearest(offset).position == max(place for place in places if place <= offset)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(packed_files())
def test_nodes_are_pieces_of_the_unpacked_file(
    tmp_path_factory: pytest.TempPathFactory, file: tuple[bytes, bytes]
) -> None:
    plain, packed = file
    with small_steps():
        scan = written(tmp_path_factory.getbasetemp() / "nodes.gz", packed)
    assert len(scan.excerpts.nodes) <= 20
    for offset, node in scan.excerpts.nodes.items():
        assert node[:4] == b"TREE"
        assert node == plain[offset : offset + 300]


def test_every_mark_is_found_up_to_the_most(tmp_path: Path) -> None:
    plain = b"".join(b"TREE" + bytes([number]) * 92 for number in range(50))
    with small_steps(most=100):  # some nodes lie in two pieces
        scan = written(tmp_path / "a.gz", gzip.compress(plain))
    assert sorted(scan.excerpts.nodes) == [96 * number for number in range(20)]


def test_a_view_is_a_file_as_python_knows_it(tmp_path: Path) -> None:
    plain = mixed(5000, 1)
    with small_steps(), GzipView(written(tmp_path / "a.gz", gzip.compress(plain))) as view:
        assert view.readable()
        assert view.seekable()
        assert not view.writable()
        assert view.read() == plain
        assert view.read(10) == b""
        assert view.seek(-7, os.SEEK_END) == 4993
        assert view.read(100) == plain[-7:]
        assert view.seek(10) == 10
        assert view.seek(5, os.SEEK_CUR) == 15
        assert view.read(3) == plain[15:18]
        assert view.seek(9000) == 9000
        assert view.read(3) == b""


def test_ascending_pieces_are_unpacked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = mixed(60_000, 2)
    with small_steps(spacing=100_000):
        scan = written(tmp_path / "a.gz", gzip.compress(plain))
        opened = []

        class Counted(Inflater):
            def __init__(self, *args: Any) -> None:
                opened.append(args)
                super().__init__(*args)

        monkeypatch.setattr(gzip_scan, "Inflater", Counted)
        cursor = GzipCursor(scan)
        for start in range(0, 60_000, 1000):
            target = bytearray(500)
            cursor.read_into(start, target)
            assert target == plain[start : start + 500]
        cursor.close()
    assert len(opened) == 1


def test_a_scan_is_kept_until_the_file_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = written(tmp_path / "a.gz", gzip.compress(b"one"))
    assert scanned(tmp_path / "a.gz") is first
    (tmp_path / "b.gz").write_bytes(gzip.compress(b"two"))  # as many bytes
    os.utime(tmp_path / "b.gz", ns=(0, os.stat(tmp_path / "a.gz").st_mtime_ns))
    (tmp_path / "b.gz").replace(tmp_path / "a.gz")
    assert read(scanned(tmp_path / "a.gz"), 0, 3) == b"two"


# What is refused


def refusal(path: Path, content: bytes) -> str:
    with pytest.raises(InputError) as caught:
        written(path, content)
    assert str(path) in str(caught.value)
    return str(caught.value)


def test_a_file_cut_off_at_any_length_is_refused(tmp_path: Path) -> None:
    packed = gzip.compress(mixed(700, 3)) + bytes(5) + gzip.compress(mixed(90, 4))
    ends = {len(gzip.compress(mixed(700, 3))) + extra for extra in range(6)}  # whole, if zeros may follow
    with small_steps():
        for size in range(1, len(packed)):
            if size in ends:
                assert written(tmp_path / "a.gz", packed[:size]).size == 700
            else:
                assert "cut off" in refusal(tmp_path / "a.gz", packed[:size])


def test_a_wrong_byte_is_refused_wherever_it_is(tmp_path: Path) -> None:
    plain = mixed(900, 5)
    packed = gzip.compress(plain, mtime=0)
    free = range(4, 10)  # the time, a hint of how hard it was packed, and the system
    with small_steps():
        for place in range(len(packed)):
            content = bytearray(packed)
            content[place] ^= 0x55
            if place in free:
                assert read(written(tmp_path / "a.gz", bytes(content)), 0, 900) == plain
            else:
                refusal(tmp_path / "a.gz", bytes(content))


def test_a_wrong_checksum_or_length_is_refused(tmp_path: Path) -> None:
    content = gzip.compress(b"content")
    assert "incorrect data check" in refusal(tmp_path / "a.gz", content[:-8] + bytes(4) + content[-4:])
    assert "incorrect length check" in refusal(tmp_path / "a.gz", content[:-4] + bytes(4))


@pytest.mark.parametrize("garbage", [b"\n", b"garbage", b"\0\0more", b"\x1f", b"\x1f\x8b\x08"])
def test_garbage_behind_a_member_is_refused(tmp_path: Path, garbage: bytes) -> None:
    refusal(tmp_path / "a.gz", gzip.compress(mixed(300, 6)) + garbage)


def test_a_bomb_does_not_fill_the_memory(tmp_path: Path) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = b"".join(packer.compress(bytes(2**24)) for _ in range(16)) + packer.flush()
    assert len(packed) < 300_000  # of 256 MiB
    tracemalloc.start()
    scan = written(tmp_path / "bomb.gz", packed)
    assert read(scan, 2**28 - 3, 3) == bytes(3)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert scan.size == 2**28
    assert peak < 12 * 2**20


def test_a_file_full_of_marks_does_not_fill_the_memory(tmp_path: Path) -> None:
    packed = gzip.compress(b"TREE" * 2**23)  # 32 MiB
    tracemalloc.start()
    scan = written(tmp_path / "a.gz", packed)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(scan.excerpts.nodes) == 2048
    assert peak < 2048 * 2**13 + 18 * 2**20
