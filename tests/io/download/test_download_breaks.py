from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from downloads import CONTENT, FAST, names, wanted

from file_server import FileServer, running_server
from l1000_bench.errors import InputError
from l1000_bench.io.download import partial
from l1000_bench.io.download.files import fetch_files

SECOND = "import sys; from pathlib import Path; from l1000_bench.io.download.files import fetch_files; "


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with running_server() as running:
        yield running


def test_a_full_disk_is_told_before_a_file_starts(server: FileServer, tmp_path: Path) -> None:
    one = wanted(server.serve("data.bin", CONTENT, total=10**18), tmp_path)
    with pytest.raises(InputError, match=r"GB free, the rest of data\.bin takes 1e\+09 GB; free some"):
        fetch_files([one], FAST)
    assert not one.path.exists()


def run_second(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", SECOND + code, *arguments], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("ranges", [True, False])
def test_a_disk_that_fills_on_the_way_is_told_in_one_sentence(server: FileServer, tmp_path: Path, ranges: bool) -> None:
    one = wanted(server.serve("data.bin", CONTENT, ranges=ranges), tmp_path)
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "from l1000_bench.io.download.spec import Wanted\nfrom l1000_bench.errors import InputError\n"
        "try: fetch_files([Wanted(sys.argv[1], Path(sys.argv[2]))])\n"
        "except InputError as error: print(error)\n"
    )
    done = run_second(code, one.url, str(one.path))
    assert done.stdout == (
        f"{one.path} could not be written: the disk (or what this user may write) is full. Mend that and run the "
        "command again.\n"
    ), done.stderr
    assert not one.path.exists()
    fetch_files([one], FAST)
    assert one.path.read_bytes() == CONTENT


def test_a_folder_that_cannot_be_made_is_named(server: FileServer, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"data\.bin could not be written: "):
        fetch_files([wanted(server.serve("data.bin", CONTENT), tmp_path / "file")], FAST)


def test_a_killed_download_goes_on_from_what_has_come(server: FileServer, tmp_path: Path) -> None:
    one = wanted(server.serve("data.bin", CONTENT * 10, seconds=0.02), tmp_path, CONTENT * 10)
    code = "from l1000_bench.io.download.spec import Wanted; fetch_files([Wanted(sys.argv[1], Path(sys.argv[2]))])"
    process = subprocess.Popen([sys.executable, "-c", SECOND + code, one.url, str(one.path)])
    journal = tmp_path / ".data.bin.part.json"
    come = 0
    while come == 0:
        assert process.poll() is None
        time.sleep(0.02)
        come = json.loads(journal.read_text())["pieces"][0][2] if journal.exists() else 0
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not one.path.exists()
    server.requests.clear()
    server.files["/suppl/data.bin"].seconds = 0.0
    fetch_files([one], FAST)
    assert one.path.read_bytes() == CONTENT * 10
    (asked,) = server.ranges_of("data.bin")
    assert int(asked.removeprefix("bytes=").partition("-")[0]) >= come
    assert names(tmp_path) == ["data.bin", "data.bin.sha512"]


def test_a_journal_that_is_no_journal_is_not_believed(server: FileServer, tmp_path: Path) -> None:
    url = server.serve("data.bin", CONTENT)
    remote = [url, len(CONTENT), '"one"', True]
    wrong = ("", "{}", "[]", '{"remote": 5, "pieces": [[1]]}')
    gaps: tuple[list[list[int]], ...] = (
        [[0, 10, 10]],
        [[0, 10, 10], [20, 300_000, 300_000]],
        [[0, 300_000, 400_000]],
        [[0, 300_000]],
        [],
    )
    for text in (*wrong, *(json.dumps({"remote": remote, "pieces": pieces}) for pieces in gaps)):
        one = wanted(url, tmp_path / str(abs(hash(text))))
        one.path.parent.mkdir()
        (one.path.parent / ".data.bin.part").write_bytes(bytes(len(CONTENT)))
        (one.path.parent / ".data.bin.part.json").write_text(text)
        fetch_files([one], FAST)
        assert one.path.read_bytes() == CONTENT


def test_two_downloads_of_one_file_do_not_mix(server: FileServer, tmp_path: Path) -> None:
    one = wanted(server.serve("data.bin", CONTENT), tmp_path)
    with (
        partial.Partial(one.path).opened(),
        pytest.raises(InputError, match=r"\.data\.bin\.part is being written by another download"),
    ):
        fetch_files([one], FAST)
