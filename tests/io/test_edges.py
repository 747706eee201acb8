from pathlib import Path

import pandas as pd
import pytest

from l1000_bench.errors import InputError
from l1000_bench.io.edges import EDGE_COLUMNS, read_edges, write_edges


def test_links_come_back_as_text(tmp_path: Path) -> None:
    rows = [
        ["TP53", "7157", "MDM2", "4193"],
        ["hsa-miR-1", "hsa-miR-1", "NA", "0780"],
        ["TP53", "7157", "MDM2", "4193"],
    ]
    frame = pd.DataFrame(rows, columns=list(EDGE_COLUMNS), dtype="str")
    write_edges(frame, tmp_path / "human.source")
    assert (tmp_path / "human.source").read_bytes() == (
        b"TP53\t7157\tMDM2\t4193\r\nhsa-miR-1\thsa-miR-1\tNA\t0780\r\nTP53\t7157\tMDM2\t4193\r\n"
    )
    pd.testing.assert_frame_equal(read_edges(tmp_path / "human.source"), frame)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False])
def test_any_line_end_with_or_without_the_last(tmp_path: Path, end: str, last: bool) -> None:
    path = tmp_path / "a"
    path.write_bytes((end.join(["A\t1\tB\t2", "B\t2\tA\t1"]) + end * last).encode())
    assert read_edges(path).to_numpy().tolist() == [["A", "1", "B", "2"], ["B", "2", "A", "1"]]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"A\t1\tB\t2\r\nA\t1\tB\r\n", "line 2 has 3 fields; RegNetwork's four are regulator_symbol, regulator_id"),
        (b"A\t1\tB\t2\nA\t1\tB\t2\t-->\n", "line 2 has 5 fields"),
        (b"A 1 B 2\n", "line 1 has 1 fields"),
        (b"A\t1\tB\t2\n\nA\t1\tB\t2\n", "line 2 has 1 fields"),
        (b"", "is empty; fetch RegNetwork's human.source again"),
        (b"PK\x03\x04\xff\xfe", "is no text .* unpack RegNetwork's archive"),
    ],
)
def test_what_is_no_list_of_links_is_refused(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "human.source"
    path.write_bytes(data)
    with pytest.raises(InputError, match=rf"human\.source {message}"):
        read_edges(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"human\.source does not exist; put RegNetwork's human\.source there"):
        read_edges(tmp_path / "human.source")
