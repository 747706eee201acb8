from __future__ import annotations

import gzip
import io
import logging
import os
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from downloads import CONTENT, FAST, OTHER, names, sum_of, wanted

from file_server import FileServer, running_server
from l1000_bench.errors import InputError
from l1000_bench.io.download.files import fetch_corpus, fetch_files
from l1000_bench.io.download.spec import CorpusDownload, FileDownload


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with running_server() as running:
        yield running


def test_a_file_that_is_there_is_neither_fetched_nor_read_again(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = wanted(server.serve("data.bin", CONTENT), tmp_path)
    fetch_files([one], FAST)
    server.requests.clear()
    monkeypatch.setattr("l1000_bench.io.download.arrival.sha512", lambda path: pytest.fail(f"{path} was read"))
    fetch_files([one], FAST)
    assert not server.requests


def test_a_file_that_was_changed_afterwards_is_set_aside_and_fetched_anew(server: FileServer, tmp_path: Path) -> None:
    one = wanted(server.serve("data.bin", CONTENT), tmp_path)
    fetch_files([one], FAST)
    one.path.write_bytes(OTHER)
    later = time.time_ns() + 1_000_000_000
    os.utime(one.path, ns=(later, later))
    fetch_files([one], FAST)
    assert one.path.read_bytes() == CONTENT
    assert (tmp_path / "data.bin.failed-sum").read_bytes() == OTHER


def test_a_file_that_was_put_there_by_hand_is_checked(server: FileServer, tmp_path: Path) -> None:
    one, two = (wanted(server.serve(name, CONTENT), tmp_path) for name in ("right.bin", "wrong.bin"))
    one.path.write_bytes(CONTENT)
    two.path.write_bytes(CONTENT[:1000])
    fetch_files([one, two], FAST)
    assert [path.read_bytes() == CONTENT for path in (one.path, two.path)] == [True, True]
    assert {request.path for request in server.requests} == {"/suppl/wrong.bin"}
    assert (tmp_path / "wrong.bin.failed-sum").stat().st_size == 1000


@pytest.mark.parametrize("cut", [0, 2000])
def test_gzip_without_a_sum_is_unpacked_to_check_it(
    server: FileServer, tmp_path: Path, cut: int, caplog: pytest.LogCaptureFixture
) -> None:
    packed = gzip.compress(CONTENT)
    one = wanted(server.serve("top.gz", packed[: len(packed) - cut]), tmp_path, None)
    if cut:
        with pytest.raises(InputError, match=r"it cannot be unpacked .* set aside as .*top\.gz\.damaged"):
            fetch_files([one], FAST)
        assert names(tmp_path) == ["top.gz.damaged"]
        return
    with caplog.at_level(logging.INFO, logger="l1000_bench"):
        fetch_files([one], FAST)
    assert "no SHA-512 of it is published, so it was checked by its length and the sums in the gz." in caplog.text
    assert one.path.read_bytes() == packed


def test_an_empty_file_is_refused(server: FileServer, tmp_path: Path) -> None:
    for ranges in (True, False):
        with pytest.raises(InputError, match="it is empty"):
            fetch_files([wanted(server.serve("top.gz", b"", ranges=ranges), tmp_path, None)], FAST)


def zipped(**files: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return stream.getvalue()


def test_a_member_is_taken_out_of_a_zip(server: FileServer, tmp_path: Path) -> None:
    url = server.serve("human.zip", zipped(human__human_dot_source=CONTENT, human__human_dot_node=OTHER))
    fetch_files([FileDownload(url, "human.source").wanted(tmp_path / "human.source")], FAST)
    assert (tmp_path / "human.source").read_bytes() == CONTENT
    assert names(tmp_path) == ["human.source", "human.source.sha512"]
    with pytest.raises(InputError, match=r"human/human\.node, of which 0 are called mouse\.source"):
        fetch_files([FileDownload(url, "mouse.source").wanted(tmp_path / "mouse.source")], FAST)
    assert not (tmp_path / "mouse.source").exists()


def test_a_damaged_zip_is_set_aside(server: FileServer, tmp_path: Path) -> None:
    whole = zipped(human_dot_source=CONTENT)
    url = server.serve("human.zip", whole[:1000] + bytes([whole[1000] ^ 1]) + whole[1001:])
    with pytest.raises(InputError, match=r"damaged"):
        fetch_files([FileDownload(url, "human.source").wanted(tmp_path / "human.source")], FAST)
    assert names(tmp_path) == ["human.zip.damaged"]


def test_a_plain_file_is_compressed_alike_every_time(server: FileServer, tmp_path: Path) -> None:
    download = FileDownload(server.serve("HuRI.tsv", CONTENT))
    for folder in ("one", "two"):
        fetch_files([download.wanted(tmp_path / folder / "HuRI.tsv.gz")], FAST)
    first, second = ((tmp_path / folder / "HuRI.tsv.gz").read_bytes() for folder in ("one", "two"))
    assert gzip.decompress(first) == CONTENT
    assert first == second
    assert names(tmp_path / "one") == ["HuRI.tsv.gz", "HuRI.tsv.gz.sha512"]


def sums(**contents: bytes) -> bytes:
    lines = [f"{sum_of(content)} *{name.replace('_dot_', '.')}\n" for name, content in contents.items()]
    return gzip.compress("".join(lines).encode())


def test_a_corpus_is_checked_against_its_published_list(
    server: FileServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    info = gzip.compress(b"pert_id\n")
    server.serve("m.gctx.gz", CONTENT)
    server.serve("info.txt.gz", info)
    server.serve("SUMS.txt.gz", sums(m_dot_gctx_dot_gz=CONTENT))
    download = CorpusDownload(server.address, ["gctx", "pert_info"], sums="SUMS.txt.gz")
    with caplog.at_level(logging.INFO, logger="l1000_bench"):
        fetch_corpus(download, tmp_path, {"gctx": "m.gctx.gz", "pert_info": "info.txt.gz", "hub": "by_hand"}, FAST)
    assert f"{tmp_path / 'm.gctx.gz'} is whole and has its published SHA-512." in caplog.text
    assert f"{tmp_path / 'info.txt.gz'} is whole; no SHA-512 of it is published" in caplog.text
    found = ["SUMS.txt.gz", "info.txt.gz", "m.gctx.gz"]
    assert names(tmp_path) == sorted([*found, *(f"{name}.sha512" for name in found)])


def test_one_file_that_fails_keeps_no_other_from_its_place(server: FileServer, tmp_path: Path) -> None:
    server.serve("m.gctx.gz", OTHER)
    server.serve("info.txt.gz", CONTENT)
    server.serve("SUMS.txt.gz", sums(m_dot_gctx_dot_gz=CONTENT, info_dot_txt_dot_gz=CONTENT))
    files = {"gctx": "m.gctx.gz", "pert_info": "info.txt.gz", "cell_info": "cells.txt.gz"}
    with pytest.raises(InputError) as caught:
        fetch_corpus(CorpusDownload(server.address, list(files), "SUMS.txt.gz"), tmp_path, files, FAST)
    assert "m.gctx.gz did not arrive as it should" in str(caught.value)
    assert "cells.txt.gz answers 404" in str(caught.value)
    assert (tmp_path / "info.txt.gz").read_bytes() == CONTENT
    assert not (tmp_path / "m.gctx.gz").exists()


def test_a_matrix_that_its_user_unpacked_is_not_fetched_again(server: FileServer, tmp_path: Path) -> None:
    (tmp_path / "m.gctx").write_bytes(CONTENT)
    fetch_corpus(CorpusDownload(server.address, ["gctx"]), tmp_path, {"gctx": "m.gctx.gz"}, FAST)
    assert not server.requests
