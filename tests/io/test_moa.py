import gzip
import logging
import os
import re
from pathlib import Path

import pandas as pd
import pytest

from l1000_bench.errors import InputError
from l1000_bench.io.geo import read_info
from l1000_bench.io.moa import annotate, annotate_by_compound_info, no_annotations, read_hub, write_hub
from l1000_bench.schemas import ANNOTATIONS
from sample_tables import spec

SHARED = os.environ.get("L1000_SHARED")
real = pytest.mark.skipif(SHARED is None, reason="L1000_SHARED is not set")


def hub(name: str) -> Path:
    return Path(str(SHARED)) / "data" / "moa" / name


def drugs(*pairs: tuple[str | None, str | None]) -> pd.DataFrame:
    return pd.DataFrame(list(pairs), columns=["pert_iname", "moa"], dtype="str")


def batches(*pairs: tuple[str | None, str | None]) -> pd.DataFrame:
    return pd.DataFrame(list(pairs), columns=["broad_id", "pert_iname"], dtype="str")


def as_look_up(table: pd.DataFrame) -> dict[tuple[str, str], str]:
    ANNOTATIONS.validate(table)
    assert list(table.columns) == ["matched_by", "key", "moa"]
    keys = list(zip(table["matched_by"], table["key"], strict=True))
    assert len(set(keys)) == len(keys)
    return dict(zip(keys, table["moa"], strict=True))


def look_up(drugs_: pd.DataFrame, batches_: pd.DataFrame) -> dict[tuple[str, str], str]:
    return as_look_up(annotate(drugs_, batches_))


@pytest.mark.parametrize("name", ["drugs.txt", "drugs.txt.gz"])
def test_a_table_comes_back(tmp_path: Path, name: str) -> None:
    frame = drugs(("aspirin", "a|b"), ("[sar9,met(o2)11]", None), ('say "so"', "tab\there"), ("!x", "µ!"))
    write_hub(frame, tmp_path / name, ("Source\tmade up", "Date\t2026"))
    pd.testing.assert_frame_equal(read_hub(tmp_path / name, "repurposing_drugs"), frame)


def test_the_text_written_is_this(tmp_path: Path) -> None:
    write_hub(drugs(("a", None), ('"', "µ")), tmp_path / "a.txt", ("Source\tx",))
    assert (tmp_path / "a.txt").read_bytes() == '!Source\tx\r\npert_iname\tmoa\r\na\t\r\n""""\tµ\r\n'.encode()


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz"])
def test_the_hubs_own_format(tmp_path: Path, encoding: str, name: str) -> None:
    text = (
        '!Source\t"The Hub, Institute"\t\r\n'
        "!Date\t3/24/2020\t\r\n"
        "pert_iname\tmoa\ttarget\r\n"
        '"[sar9,met(o2)11]-p"\tinhibitor\tA|B\r\n'
        "hello!\tkrüppel-like!\t\r\n"
        "!odd\tNA\t-666\r\n"
    )
    data = text.encode(encoding)
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    found = read_hub(tmp_path / name, "repurposing_drugs")
    assert found["pert_iname"].tolist() == ["[sar9,met(o2)11]-p", "hello!", "!odd"]
    assert found["moa"].tolist() == ["inhibitor", "krüppel-like!", "NA"]
    assert found["target"].isna().tolist() == [False, True, True]


@pytest.mark.parametrize(
    "remarks",
    ["", "!a\r\n", '"!a, ""b"""\tc\r\n', '!a\t"5 inch\r\n', '!5" wide\r\n!b\t"\r\n!c\r\n', '!a\t"one\r\n!two"\r\n'],
)
def test_any_remark_is_skipped(tmp_path: Path, remarks: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes((remarks + 'pert_iname\tmoa\r\n"a"\tx\r\nb\ty\r\n').encode())
    assert read_hub(path, "repurposing_drugs").to_numpy().tolist() == [["a", "x"], ["b", "y"]]


def test_what_is_no_hub_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with pytest.raises(InputError, match=r"a\.txt does not exist; the Drug Repurposing Hub's licence"):
        read_hub(path, "repurposing_drugs")
    path.write_text("!x\npert_iname\tmechanism\na\tb\n")
    with pytest.raises(InputError, match=r"a\.txt lacks the column\(s\) moa; its header is pert_iname, mechanism"):
        read_hub(path, "repurposing_drugs")
    path.write_text("!x\npert_iname\tmoa\na\tb\tc\td\n")
    with pytest.raises(InputError, match=r"more fields than its header"):
        read_hub(path, "repurposing_drugs")
    path.write_text("!x\n!y\n")
    with pytest.raises(InputError, match=r"a\.txt is not a tab-separated table"):
        read_hub(path, "repurposing_drugs")


@pytest.mark.parametrize("length", [5, 30, -9, -1])
def test_a_gzip_that_is_cut_off_is_refused(tmp_path: Path, length: int) -> None:
    path = tmp_path / "a.txt.gz"
    path.write_bytes(gzip.compress(b"!x\r\npert_iname\tmoa\r\n" + b"a\tb\r\n" * 99)[:length])
    with pytest.raises(InputError, match=r"a\.txt\.gz is not a whole gzip file"):
        read_hub(path, "repurposing_drugs")


# Look-ups


def test_mechanisms_of_one_key_are_united_in_lower_case() -> None:
    found = look_up(
        drugs(("Aspirin", "COX Inhibitor|NSAID"), ("aspirin", "nsaid|analgesic"), ("ibuprofen", "cox inhibitor")),
        batches(("BRD-K00000001-001-02-3", "aspirin"), ("BRD-K00000001-999-11-1", "ASPIRIN")),
    )
    assert found == {
        ("pert_id", "BRD-K00000001"): "analgesic|cox inhibitor|nsaid",
        ("name", "aspirin"): "analgesic|cox inhibitor|nsaid",
        ("name", "ibuprofen"): "cox inhibitor",
    }


def test_one_id_under_two_names_and_one_name_under_two_ids() -> None:
    found = look_up(
        drugs(("a", "x"), ("b", "y")),
        batches(("BRD-A00000001-1", "a"), ("BRD-A00000001-2", "b"), ("BRD-A00000002-1", "b")),
    )
    assert found == {
        ("pert_id", "BRD-A00000001"): "x|y",
        ("pert_id", "BRD-A00000002"): "y",
        ("name", "a"): "x",
        ("name", "b"): "y",
    }


def test_what_has_no_mechanism_or_name_has_no_key() -> None:
    found = look_up(
        drugs(("a", None), (None, "x"), ("c", " y | |Z")),
        batches(("BRD-A00000001-1", "a"), (None, "c"), ("BRD-A00000003-1", None), ("BRD-A00000004-1", "unknown")),
    )
    assert found == {("name", "c"): "y|z"}


def test_names_are_case_folded_and_mechanisms_lowered() -> None:
    assert look_up(drugs(("STRASSE", "ß X")), batches(("BRD-K00000001", "Straße"))) == {
        ("pert_id", "BRD-K00000001"): "ß x",
        ("name", "strasse"): "ß x",
    }


def test_empty_tables_make_an_empty_look_up() -> None:
    assert look_up(drugs(("a", None)), batches(("BRD-K00000001-1", "a"))) == {}
    assert look_up(drugs(("a", "x")), batches(("BRD-K00000001-1", "b")).iloc[:0]) == {("name", "a"): "x"}


KEYS = ("BSYNRYMUTXBXSQ-UHFFFAOYSA-N", "RDHQFKQIGNGIED-MRVPVSSYSA-N")


def test_a_structure_has_the_mechanisms_of_all_its_names() -> None:
    names = ["a", "b", "c", "a", "unknown"]
    keys = [KEYS[0], KEYS[0].lower() + " ", "InChI=1S/C9H8O4", None, KEYS[1]]
    structures = batches(*((f"BRD-A0000000{number}-1", name) for number, name in enumerate(names, start=1)))
    structures = structures.assign(InChIKey=pd.Series(keys, dtype="str"))
    found = look_up(drugs(("a", "x"), ("B", "y|X"), ("c", "z")), structures)
    assert {key: moa for key, moa in found.items() if key[0] == "inchi_key"} == {("inchi_key", KEYS[0]): "x|y"}
    assert found["pert_id", "BRD-A00000003"] == "z"


def test_the_2017_samples_without_structures_still_match_by_id_and_name() -> None:
    assert {kind for kind, _ in look_up(drugs(("a", "x")), batches(("BRD-A00000001-1", "a")))} == {"pert_id", "name"}


def test_compoundinfo_has_a_row_per_target_and_mechanism(tmp_path: Path) -> None:
    path = tmp_path / "compoundinfo_beta.txt"
    path.write_text(
        "pert_id\tcmap_name\ttarget\tmoa\tcanonical_smiles\tinchi_key\tcompound_aliases\n"
        f'BRD-1\tVorinostat\tHDAC1\tHDAC inhibitor\tC\t{KEYS[0]}\t""\n'
        f'BRD-1\tVorinostat\tHDAC2\tHDAC inhibitor\tC\t{KEYS[0]}\t"a ""b"""\n'
        f"BRD-1\tVorinostat\tX\tCell cycle inhibitor\tC\t{KEYS[0]}\tc\n"
        'BRD-2\tBRD-2\t""\t""\tC\t""\t""\n'
        'BRD-3\tvorinostat\tHDAC1\tother\t""\t""\t""\n'
    )
    found = as_look_up(annotate_by_compound_info(read_info(path, "compound_info", "lincs2020")))
    assert found == {
        ("pert_id", "BRD-1"): "cell cycle inhibitor|hdac inhibitor",
        ("pert_id", "BRD-3"): "other",
        ("inchi_key", KEYS[0]): "cell cycle inhibitor|hdac inhibitor",
        ("name", "vorinostat"): "cell cycle inhibitor|hdac inhibitor|other",
    }


def test_a_corpus_without_a_table_of_mechanisms_has_no_look_ups(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        assert as_look_up(no_annotations(spec("own"))) == {}
    assert caplog.messages == ["Mine names no table of mechanisms of action, so that no compound has one"]


# The Hub's own files


@real
@pytest.mark.parametrize(
    ("name", "table", "n_rows"),
    [
        ("repurposing_drugs_20180907.txt", "repurposing_drugs", 6125),
        ("repurposing_drugs_20200324.txt", "repurposing_drugs", 6798),
        ("repurposing_samples_20200324.txt.gz", "repurposing_samples", 13_553),
    ],
)
def test_the_hubs_tables_are_whole(name: str, table: str, n_rows: int) -> None:
    assert len(read_hub(hub(name), table)) == n_rows


@real
def test_the_2018_file_is_no_utf_8_and_the_2020_file_is() -> None:
    old, new = (hub(f"repurposing_drugs_{date}.txt") for date in ("20180907", "20200324"))
    with pytest.raises(UnicodeDecodeError):
        old.read_text(encoding="utf-8")
    assert read_hub(old, "repurposing_drugs")["pert_iname"].iloc[0] == "[sar9,met(o2)11]-substance-p"
    table = read_hub(new, "repurposing_drugs").set_index("pert_iname")
    assert table.loc["APTO-253", "moa"] == "krüppel-like factor expression enhancer"
    assert table.loc["desvenlafaxine", "moa"] == "serotonin–norepinephrine reuptake inhibitor (SNRI)"


@real
def test_the_2020_look_up_agrees_with_a_plain_reading_of_the_files() -> None:
    def lines(path: Path, data: bytes) -> list[list[str]]:
        kept = [line for line in data.decode("utf-8").split("\r\n") if line and not line.startswith("!")]
        return [[cell.strip('"') for cell in line.split("\t")] for line in kept[1:]]

    known: dict[str, set[str]] = {}
    path = hub("repurposing_drugs_20200324.txt")
    for row in lines(path, path.read_bytes()):
        if row[2]:
            known.setdefault(row[0].casefold(), set()).update(moa.strip().lower() for moa in row[2].split("|"))
    path = hub("repurposing_samples_20200324.txt.gz")
    expected: dict[tuple[str, str], set[str]] = {("name", name): moas for name, moas in known.items()}
    for row in lines(path, gzip.decompress(path.read_bytes())):
        if row[1].casefold() in known:
            expected.setdefault(("pert_id", row[0][:13]), set()).update(known[row[1].casefold()])
            if re.match("^[A-Z]{14}-[A-Z]{10}-[A-Z]$", row[9]):
                expected.setdefault(("inchi_key", row[9]), set()).update(known[row[1].casefold()])
    found = look_up(
        read_hub(hub("repurposing_drugs_20200324.txt"), "repurposing_drugs"), read_hub(path, "repurposing_samples")
    )
    assert found == {key: "|".join(sorted(moas)) for key, moas in expected.items()}
    assert len(found) > 5000
