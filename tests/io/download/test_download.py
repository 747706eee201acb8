from __future__ import annotations

import gzip
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from downloads import CONTENT, FAST, OTHER, names, sum_of, wanted

from file_server import FileServer, Served, running_server
from l1000_bench.errors import InputError
from l1000_bench.io.download import partial
from l1000_bench.io.download.files import fetch_files
from l1000_bench.io.download.spec import Wanted
from l1000_bench.io.download.transfer import Manner


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with running_server() as running:
        yield running


def test_a_file_arrives_with_its_record_and_nothing_else(server: FileServer, tmp_path: Path) -> None:
    one = wanted(server.serve("data.bin", CONTENT), tmp_path / "new" / "folder")
    fetch_files([one], FAST)
    assert one.path.read_bytes() == CONTENT
    assert names(one.path.parent) == ["data.bin", "data.bin.sha512"]
    assert (one.path.parent / "data.bin.sha512").read_text() == f"{sum_of(CONTENT)}  data.bin\n"


def test_several_connections_put_every_piece_into_its_place(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partial, "PIECE", 40_000)
    one = wanted(server.serve("data.bin", CONTENT), tmp_path, None)
    fetch_files([one], FAST)
    assert one.path.read_bytes() == CONTENT
    assert len(server.ranges_of("data.bin")) == 7
    assert server.sent("data.bin") == len(CONTENT) + 1


def test_a_dropped_connection_goes_on_where_it_broke(server: FileServer, tmp_path: Path) -> None:
    one = wanted(server.serve("data.bin", CONTENT, breaks=[100_000, 50_000]), tmp_path)
    fetch_files([one], FAST)
    assert one.path.read_bytes() == CONTENT
    assert server.ranges_of("data.bin") == [f"bytes={start}-299999" for start in (0, 100_000, 150_000)]
    assert {request.if_range for request in server.requests[1:]} == {'"one"'}


@pytest.mark.parametrize("breaks", [[100_000, 50_000], [0, 0]])
def test_a_server_without_ranges_sends_the_file_anew(server: FileServer, tmp_path: Path, breaks: list[int]) -> None:
    one = wanted(server.serve("data.bin", CONTENT, breaks=breaks, ranges=False), tmp_path)
    fetch_files([one], FAST)
    assert one.path.read_bytes() == CONTENT
    assert server.ranges_of("data.bin") == ["", "", ""]


def test_a_connection_that_breaks_for_good_leaves_the_rest_for_later(server: FileServer, tmp_path: Path) -> None:
    one = wanted(server.serve("data.bin", CONTENT, breaks=[100_000, 0, 0, 0, 0]), tmp_path)
    with pytest.raises(
        InputError, match=r"data\.bin could not be fetched in 4 attempts .* run the command again later"
    ):
        fetch_files([one], FAST)
    assert names(tmp_path) == [".data.bin.part", ".data.bin.part.json"]
    server.files["/suppl/data.bin"].breaks.clear()
    server.requests.clear()
    fetch_files([one], FAST)
    assert one.path.read_bytes() == CONTENT
    assert server.ranges_of("data.bin") == ["bytes=100000-299999"]


def test_a_wrong_byte_sets_the_file_aside(server: FileServer, tmp_path: Path) -> None:
    wrong = CONTENT[:150_000] + bytes([CONTENT[150_000] ^ 1]) + CONTENT[150_001:]
    one = wanted(server.serve("data.bin", wrong), tmp_path)
    with pytest.raises(InputError, match=r"its SHA-512 is .*…, it should be .* set aside as .*data\.bin\.failed-sum"):
        fetch_files([one], FAST)
    assert names(tmp_path) == ["data.bin.failed-sum"]
    assert (tmp_path / "data.bin.failed-sum").read_bytes() == wrong
    server.serve("data.bin", CONTENT)
    fetch_files([one], FAST)
    assert one.path.read_bytes() == CONTENT


@pytest.mark.parametrize("ranges", [True, False])
def test_a_file_that_changes_between_two_attempts_is_not_mixed(
    server: FileServer, tmp_path: Path, ranges: bool
) -> None:
    new = Served(OTHER, etag='"two"', ranges=ranges)
    one = wanted(server.serve("data.bin", CONTENT, breaks=[100_000], ranges=ranges, then=new), tmp_path, None)
    fetch_files([one], FAST)
    assert one.path.read_bytes() == OTHER


@pytest.mark.parametrize("etags", [('"one"', '"two"'), ("", "")])
@pytest.mark.parametrize("heeds", [True, False])
def test_a_file_that_changed_since_the_last_run_is_not_mixed(
    server: FileServer, tmp_path: Path, etags: tuple[str, str], heeds: bool
) -> None:
    dates = ("Mon, 06 Mar 2017 10:00:00 GMT", "Tue, 07 Mar 2017 10:00:00 GMT")
    first = {"etag": etags[0], "date": dates[0], "breaks": [100_000, 0, 0, 0]}
    one = wanted(server.serve("data.bin", CONTENT, **first), tmp_path, None)
    with pytest.raises(InputError, match="could not be fetched"):
        fetch_files([one], FAST)
    server.serve("data.bin", OTHER, etag=etags[1], date=dates[1], heeds_if_range=heeds)
    fetch_files([one], FAST)
    assert one.path.read_bytes() == OTHER


def test_a_server_that_ignores_if_range_is_found_out_by_its_etag(server: FileServer, tmp_path: Path) -> None:
    new = Served(OTHER, etag='"two"', heeds_if_range=False)
    one = wanted(server.serve("data.bin", CONTENT, breaks=[100_000], then=new), tmp_path, None)
    fetch_files([one], FAST)
    assert one.path.read_bytes() == OTHER


def test_a_file_without_date_etag_and_sum_is_fetched_as_a_whole(server: FileServer, tmp_path: Path) -> None:
    one = wanted(server.serve("data.bin", CONTENT, etag="", breaks=[100_000]), tmp_path, None)
    fetch_files([one], FAST)
    assert one.path.read_bytes() == CONTENT
    assert server.ranges_of("data.bin") == ["", ""]


def test_a_file_that_changes_again_and_again_is_fetched_as_a_whole(server: FileServer, tmp_path: Path) -> None:
    last = Served(CONTENT, etag='"four"')
    third = Served(OTHER, etag='"three"', breaks=[10], then=last)
    second = Served(CONTENT, etag='"two"', breaks=[10], then=third)
    one = wanted(server.serve("data.bin", OTHER, breaks=[10], then=second), tmp_path, None)
    fetch_files([one], FAST)
    assert one.path.read_bytes() == CONTENT
    assert server.ranges_of("data.bin")[-1] == ""


@pytest.mark.parametrize("settings", [{"total": 300_001}, {"length": 299_000}, {"length": 300_010}])
@pytest.mark.parametrize("ranges", [True, False])
def test_a_server_that_lies_about_the_length_never_leaves_a_wrong_file(
    server: FileServer, tmp_path: Path, settings: dict[str, int], ranges: bool
) -> None:
    one = wanted(server.serve("data.bin", CONTENT, ranges=ranges, **settings), tmp_path)
    try:
        fetch_files([one], Manner(attempts=2, pause=0.001, timeout=0.5))
    except InputError:
        assert not one.path.exists()
    else:
        assert one.path.read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (404, r"answers 404 Not Found: it is not there, or no longer: correct the address under `download`"),
        (403, r"answers 403 Forbidden: the server, or a proxy between, refuses it"),
        (410, "answers 410 Gone: it is no longer there"),
        (418, "answers 418 .*: correct the address, or fetch it by hand and put it at"),
        (299, "answers 299 .*: correct the address"),
    ],
)
def test_a_refusal_is_told_at_once(server: FileServer, tmp_path: Path, status: int, sentence: str) -> None:
    one = wanted(server.serve("data.bin", CONTENT, statuses=[status]), tmp_path)
    with pytest.raises(InputError, match=sentence) as caught:
        fetch_files([one], FAST)
    assert one.url in str(caught.value)
    assert len(server.requests) == 1
    assert not one.path.exists()


def test_a_busy_server_is_asked_again(server: FileServer, tmp_path: Path) -> None:
    one = wanted(server.serve("data.bin", CONTENT, statuses=[503, 429, 500]), tmp_path)
    fetch_files([one], FAST)
    assert one.path.read_bytes() == CONTENT


def test_a_server_that_is_not_there_is_named(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/data.bin"
    with pytest.raises(InputError, match=f"{url} could not be fetched in 4 attempts .*check the network, the proxy"):
        fetch_files([wanted(url, tmp_path)], FAST)


def test_a_name_that_no_server_has_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")

    def unknown(*arguments: object, **options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(
        InputError, match=r"http://nowhere\.invalid/data\.bin could not be fetched in 4 attempts .*not known"
    ):
        fetch_files([wanted("http://nowhere.invalid/data.bin", tmp_path)], FAST)


def test_a_proxy_that_cannot_be_used_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "gopher://127.0.0.1:1")
    with pytest.raises(InputError, match="ALL_PROXY names cannot be used"):
        fetch_files([wanted("http://127.0.0.1:1/data.bin", tmp_path)], FAST)


def test_a_web_page_is_no_file(server: FileServer, tmp_path: Path) -> None:
    url = server.serve("HuRI.tsv", b"<html>maintenance</html>", headers={"Content-Type": "text/html; charset=utf-8"})
    with pytest.raises(InputError, match=r"answers with a web page instead of HuRI\.tsv"):
        fetch_files([Wanted(url, tmp_path / "HuRI.tsv.gz")], FAST)
    assert not (tmp_path / "HuRI.tsv.gz").exists()


def test_an_encoded_answer_is_refused(server: FileServer, tmp_path: Path) -> None:
    url = server.serve("HuRI.tsv", gzip.compress(CONTENT), headers={"Content-Encoding": "gzip"})
    with pytest.raises(InputError, match="comes encoded as gzip, which was not asked for"):
        fetch_files([wanted(url, tmp_path, None)], FAST)
