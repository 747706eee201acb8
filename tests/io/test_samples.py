from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from l1000_bench.errors import InputError
from l1000_bench.io.corpus import CorpusSpec
from l1000_bench.io.geo import read_info
from l1000_bench.io.own_table import SAMPLE_COLUMNS
from l1000_bench.io.samples import describe_matrix, matrix_genes
from sample_tables import HeldMatrix, matrix, plain, spec, write_table

TREATMENT = {"pert_dose": "10.0", "pert_dose_unit": "um", "pert_time": "24", "pert_time_unit": "h"}
X, Y, Z = "CPC006_A375_24H_X1:A01", "CPC006_A375_24H_X2:A01", "CPC006_A375_24H_X1:B02"
KEY = "BSYNRYMUTXBXSQ-UHFFFAOYSA-N"
SIG = "CPC006_A375_24H:BRD-1:10"


def instance(layout: str, identifier: str, pert: tuple[str, str, str] = ("BRD-1", "one", "trt_cp")) -> dict[str, str]:
    """A row of inst_info in the words of a layout."""
    plate, well = identifier.split(":")
    row = {"pert_id": pert[0], "pert_type": pert[2], **TREATMENT}
    if layout == "lincs2020":
        names = {"sample_id": identifier, "det_plate": f"{plate}_B3", "det_well": well, "rna_plate": plate}
        return row | names | {"rna_well": "Z99", "cell_iname": "A375", "cmap_name": pert[1], "qc_pass": "1.0"}
    plates = {"rna_plate": plate, "rna_well": well} if layout == "gse92742" else {"det_plate": plate, "det_well": well}
    return row | plates | {"inst_id": identifier, "cell_id": "A375", "pert_iname": pert[1]}


VEHICLE = ("DMSO", "DMSO", "ctl_vehicle")


def instances(layout: str) -> list[dict[str, str]]:
    """Three rows in another order than the matrix's, and one that it lacks."""
    return [instance(layout, X), instance(layout, Y), instance(layout, "P_X1:C03"), instance(layout, Z, VEHICLE)]


def described(
    folder: Path, corpus: CorpusSpec, rows: dict[str, list[dict[str, str]]], held: HeldMatrix
) -> pd.DataFrame:
    """Write a corpus's tables, read them by its layout and describe the samples."""
    tables = {}
    for role in corpus.sample_tables:
        path = write_table(folder / corpus.files[role], corpus.layout, role, rows[role])
        tables[role] = read_info(path, role, corpus.layout)
    return describe_matrix(held, corpus, tables)


GEO_ROWS = {
    "pert_info": [{"pert_id": "BRD-1", "pert_iname": "one", "pert_type": "trt_cp", "inchi_key": KEY}],
    "cell_info": [{"cell_id": "A375", "primary_site": "skin", "subtype": "malignant melanoma"}],
}
CLUE_ROWS = {
    "cell_info": [
        {"cell_iname": "A375", "cell_lineage": "skin", "primary_disease": "skin cancer", "subtype": "melanoma"},
        {"cell_iname": "B", "cell_lineage": "unknown"},
    ],
    "compound_info": [
        {"pert_id": "BRD-1", "cmap_name": "one", "target": "A", "moa": "x"},
        {"pert_id": "BRD-1", "cmap_name": "one", "target": "B", "moa": "y", "inchi_key": KEY},
    ],
}


@pytest.mark.parametrize("layout", ["gse92742", "gse70138", "lincs2020"])
def test_every_published_layout_gives_the_same_samples(tmp_path: Path, layout: str) -> None:
    clue = layout == "lincs2020"
    rows = {"inst_info": instances(layout), **(CLUE_ROWS if clue else GEO_ROWS)}
    found = described(tmp_path, spec(layout), rows, matrix(Z, X, Y))
    plates = ["CPC006_A375_24H_X1", "CPC006_A375_24H_X1", "CPC006_A375_24H_X2"]
    nothing = [None] * 3
    assert plain(found) == {
        "sample_id": [Z, X, Y],
        "plate_id": [f"{plate}_B3" for plate in plates] if clue else plates,
        "plate_set": ["CPC006_A375_24H"] * 3,
        "well": ["B02", "A01", "A01"],
        "cell_id": ["A375"] * 3,
        "pert_id": ["DMSO", "BRD-1", "BRD-1"],
        "pert_iname": ["DMSO", "one", "one"],
        "pert_type": ["ctl_vehicle", "trt_cp", "trt_cp"],
        "dose": [10.0] * 3,
        "dose_unit": ["um"] * 3,
        "time": [24.0] * 3,
        "time_unit": ["h"] * 3,
        "sig_id": nothing,
        "qc_pass": [True] * 3 if clue else nothing,
        "distil_cc": nothing,
        "tas": nothing,
        "primary_site": ["skin"] * 3,
        "subtype": ["skin cancer" if clue else "malignant melanoma"] * 3,
        "inchi_key": [None, KEY, KEY],
        "subject_id": nothing,
    }
    numbers = {"dose", "time", "distil_cc", "tas"}
    kinds = {
        name: "float64" if name in numbers else "boolean" if name == "qc_pass" else "str" for name in SAMPLE_COLUMNS
    }
    assert found.dtypes.astype(str).to_dict() == kinds


@pytest.mark.parametrize(
    ("plate", "plate_set"),
    [
        ("TA.OE005_U2OS_72H_X2.A2", "TA.OE005_U2OS_72H"),
        ("CPC005_A375_6H_X1_B3_DUO52HI53LO", "CPC005_A375_6H"),
        ("LJP005_A375_24H_X10_B19", "LJP005_A375_24H"),
        ("plate_XL_7", "plate_XL_7"),
    ],
)
def test_the_plates_of_a_set_differ_by_their_replicate(tmp_path: Path, plate: str, plate_set: str) -> None:
    rows = {"inst_info": [instance("gse92742", f"{plate}:A01")], **GEO_ROWS}
    assert plain(described(tmp_path, spec(), rows, matrix(f"{plate}:A01")))["plate_set"] == [plate_set]


def test_a_cell_or_a_compound_without_a_row_has_no_site_and_no_structure(tmp_path: Path) -> None:
    rows = {"inst_info": instances("gse92742"), "pert_info": [], "cell_info": []}
    found = plain(described(tmp_path, spec(), rows, matrix(X)))
    assert (found["primary_site"], found["subtype"], found["inchi_key"]) == ([None], [None], [None])


def test_unknown_is_no_lineage(tmp_path: Path) -> None:
    rows = {"inst_info": [instance("lincs2020", X) | {"cell_iname": "B"}], **CLUE_ROWS}
    found = plain(described(tmp_path, spec("lincs2020"), rows, matrix(X)))
    assert (found["primary_site"], found["subtype"]) == ([None], [None])


def test_samples_that_the_table_lacks_are_counted_and_named(tmp_path: Path) -> None:
    rows = {"inst_info": instances("gse92742"), **GEO_ROWS}
    message = r"held\.gctx holds 2 sample\(s\) that inst_info lacks, the first is 'q'; give the .* of raw/inst"
    with pytest.raises(InputError, match=message):
        described(tmp_path, spec(), rows, matrix(X, "q", Y, "r"))


# Signatures


def signature(layout: str, identifier: str, of: list[str], pert_type: str = "trt_cp") -> dict[str, str]:
    row = {"sig_id": identifier, "pert_id": "BRD-1", "pert_type": pert_type}
    if layout == "lincs2020":
        names = {"cell_iname": "A375", "cmap_name": "one", "distil_ids": "|".join(of), "cc_q75": "0.5", "tas": "0.25"}
        return row | TREATMENT | names | {"qc_pass": "0"}
    doses = TREATMENT if layout == "gse92742" else {"pert_idose": "10.0 um", "pert_itime": "24 h"}
    return row | doses | {"cell_id": "A375", "pert_iname": "one", "distil_id": "|".join(of)}


def with_signatures(layout: str, *signatures: dict[str, str]) -> tuple[CorpusSpec, dict[str, list[dict[str, str]]]]:
    rows = {"inst_info": instances(layout), "sig_info": list(signatures)}
    if layout == "lincs2020":
        return spec(layout, files={"sig_info": "sig.txt"}), rows | CLUE_ROWS
    metrics = [{"sig_id": SIG, "distil_cc_q75": "0.5", "tas": "0.25"}, {"sig_id": "other", "distil_cc_q75": "1"}]
    return spec(layout, files={"sig_info": "s.txt", "sig_metrics": "m.txt"}), rows | GEO_ROWS | {"sig_metrics": metrics}


@pytest.mark.parametrize("layout", ["gse92742", "gse70138", "lincs2020"])
def test_replicates_carry_their_signature_and_its_numbers(tmp_path: Path, layout: str) -> None:
    corpus, rows = with_signatures(layout, signature(layout, SIG, [Y, X]))
    found = plain(described(tmp_path, corpus, rows, matrix(Z, X, Y)))
    assert found["sig_id"] == [None, SIG, SIG]
    assert found["distil_cc"] == [None, 0.5, 0.5]
    assert found["tas"] == [None, 0.25, 0.25]
    assert found["qc_pass"] == ([True] * 3 if layout == "lincs2020" else [None] * 3)  # of the well, not the signature


@pytest.mark.parametrize("layout", ["gse92742", "lincs2020"])
def test_a_signature_of_instances_that_the_matrix_lacks_is_refused(tmp_path: Path, layout: str) -> None:
    gone = "CPC006_A375_24H_X3:A01"
    corpus, rows = with_signatures(layout, signature(layout, "S1", [X]), signature(layout, "S2", [Y, gone, "more"]))
    message = (
        rf"s(ig)?\.txt names 2 instance\(s\) that held\.gctx lacks, the first is '{gone}' of the signature "
        r"'S2' in row 2; give the sig_info of this matrix"
    )
    with pytest.raises(InputError, match=message):
        described(tmp_path, corpus, rows, matrix(Z, X, Y))


def test_signatures_of_another_kind_of_perturbation_are_of_another_matrix(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    other = signature("gse92742", "CGS001:TP53", ["gone"], pert_type="trt_sh.cgs")
    corpus, rows = with_signatures("gse92742", other, signature("gse92742", SIG, [X]))
    with caplog.at_level(logging.INFO):
        assert plain(described(tmp_path, corpus, rows, matrix(X, Y)))["sig_id"] == [SIG, None]
    assert caplog.messages == ["raw/s.txt: 1 signatures are of types that no sample has (trt_sh.cgs)"]


def test_an_instance_of_two_signatures_is_refused(tmp_path: Path) -> None:
    twice = [signature("gse92742", "S1", [X, Y]), signature("gse92742", "S2", [Y])]
    corpus, rows = with_signatures("gse92742", *twice)
    message = rf"names the instance '{Y}' in two signatures, 'S1' and 'S2' in row 2 \(1 such instances in all\)"
    with pytest.raises(InputError, match=message):
        described(tmp_path, corpus, rows, matrix(Z, X, Y))


def test_a_signature_that_names_no_instance_has_none(tmp_path: Path) -> None:
    corpus, rows = with_signatures("gse92742", {**signature("gse92742", "S1", []), "distil_id": "-666"})
    assert plain(described(tmp_path, corpus, rows, matrix(X)))["sig_id"] == [None]


@pytest.mark.parametrize("layout", ["gse92742", "gse70138", "lincs2020"])
def test_at_level_5_the_signatures_are_the_samples(tmp_path: Path, layout: str) -> None:
    files = {"sig_info": "s.txt"} if layout == "lincs2020" else {"sig_info": "s.txt", "sig_metrics": "m.txt"}
    corpus = spec(layout, level=5, without=("inst_info",), files=files)
    _, rows = with_signatures(layout, signature(layout, "S2:a", ["gone"]), signature(layout, SIG, ["gone"]))
    found = plain(described(tmp_path, corpus, rows, matrix(SIG)))
    expected: dict[str, Any] = {
        "sample_id": SIG, "sig_id": SIG, "plate_id": "CPC006_A375_24H", "plate_set": "CPC006_A375_24H", "well": None,
        "cell_id": "A375", "pert_iname": "one", "dose": 10.0, "dose_unit": "um", "time": 24.0, "time_unit": "h",
        "distil_cc": 0.5, "tas": 0.25, "primary_site": "skin", "inchi_key": KEY,
        "qc_pass": False if layout == "lincs2020" else None,
    }  # fmt: skip
    assert {name: found[name] for name in expected} == {name: [value] for name, value in expected.items()}


def test_a_dose_without_a_unit_and_none_at_all(tmp_path: Path) -> None:
    rows = [signature("gse70138", "S1", ["x"]) | {"pert_idose": "3"}, signature("gse70138", "S2", ["y"])]
    rows[1]["pert_idose"] = "-666"
    corpus = spec("gse70138", level=5, without=("inst_info",), files={"sig_info": "s.txt"})
    found = plain(described(tmp_path, corpus, {"sig_info": rows, **GEO_ROWS}, matrix("S1", "S2")))
    assert (found["dose"], found["dose_unit"]) == ([3.0, None], [None, None])
    assert (found["time"], found["time_unit"]) == ([24.0, 24.0], ["h", "h"])


# A lab's own corpus


def own_samples(corpus: CorpusSpec, **columns: list[str | None]) -> pd.DataFrame:
    return describe_matrix(matrix("2", "1"), corpus, {"samples": pd.DataFrame(columns, dtype="str")})


def test_an_own_corpus_gives_what_its_lab_maps_and_nothing_else() -> None:
    names = "sample_id plate_id plate_set subject_id pert_iname qc_pass tas sig_id dose".split()
    corpus = spec("own", columns={name: name for name in names}, values={"time": 6}, keep=["batch"])
    found = own_samples(
        corpus, sample_id=["1", "2", "3"], plate_id=["P_X1", "Q_X2", "R"], plate_set=[None, "mine", None],
        subject_id=["ALS1", "ctl", "x"], pert_iname=["a", "b", "c"], qc_pass=["Yes", "0.0", None],
        tas=["0.5", None, "1"],
        sig_id=["S", "T", "T"], dose=["1e-1", "10", "1"], batch=["u", "v", "w"],
    )  # fmt: skip
    known = {
        "sample_id": ["2", "1"], "plate_id": ["Q_X2", "P_X1"], "plate_set": ["mine", "P"],
        "subject_id": ["ctl", "ALS1"],
        "pert_id": ["b", "a"], "pert_iname": ["b", "a"], "qc_pass": [False, True], "tas": [None, 0.5],
        "sig_id": ["T", "S"], "dose": [10.0, 0.1], "time": [6.0, 6.0], "batch": ["v", "u"],
    }  # fmt: skip
    assert plain(found) == {name: known.get(name, [None, None]) for name in (*SAMPLE_COLUMNS, "batch")}


def test_an_own_corpus_may_borrow_published_tables() -> None:
    cells = pd.DataFrame({"cell_id": ["A"], "primary_site": ["skin"], "subtype": [None]}, dtype="str")
    compounds = pd.DataFrame({"pert_id": ["a", "b"], "pert_iname": ["a", "b"], "inchi_key": [KEY, None]}, dtype="str")
    columns = {"sample_id": "id", "pert_id": "drug", "cell_id": "line"}
    corpus = spec("own", columns=columns, files={"cell_info": "c.txt", "compound_info": "d.txt"})
    table = pd.DataFrame({"sample_id": ["1", "2"], "pert_id": ["a", "b"], "cell_id": ["A", "B"]}, dtype="str")
    tables = {"samples": table, "cell_info": cells, "compound_info": compounds}
    found = plain(describe_matrix(matrix("1", "2"), corpus, tables))
    assert (found["primary_site"], found["subtype"]) == (["skin", None], [None, None])
    assert found["inchi_key"] == [KEY, None]


def test_a_quality_that_is_neither_yes_nor_no_is_refused() -> None:
    corpus = spec("own", columns={"sample_id": "id", "pert_id": "drug", "qc_pass": "qc"})
    with pytest.raises(InputError, match=r"qc_pass is 'so so' for 1 sample\(s\); expected one of 1, 1\.0, true"):
        own_samples(corpus, sample_id=["1", "2"], pert_id=["a", "b"], qc_pass=["so so", "1"])


@pytest.mark.parametrize("name", ["dose", "time", "distil_cc", "tas"])
def test_numbers_that_are_none_are_missing_and_warned_of(name: str, caplog: pytest.LogCaptureFixture) -> None:
    corpus = spec("own", columns={"sample_id": "id", "pert_id": "drug", name: name})
    values: list[str | None] = ["a lot", "3"]
    with caplog.at_level(logging.WARNING):
        found = own_samples(corpus, sample_id=["1", "2"], pert_id=["a", "b"], **{name: values})
    assert sorted(found[name].fillna(-1)) == [-1, 3]
    words = f"1 values of {name} are no numbers and count as missing, such as 'a lot'"
    assert [record.getMessage() for record in caplog.records] == [words]
    with pytest.raises(InputError, match=rf"none of the 1 values of {name} is a number, such as '0,37'; write numbers"):
        own_samples(corpus, sample_id=["1", "2"], pert_id=["a", "b"], **{name: ["0,37", None]})


@pytest.mark.parametrize("word", ["NA", "n/a", "None", " - "])
def test_numbers_that_are_said_to_be_unknown_are_missing(word: str, caplog: pytest.LogCaptureFixture) -> None:
    corpus = spec("own", columns={"sample_id": "id", "pert_id": "drug", "dose": "dose"})
    found = own_samples(corpus, sample_id=["1", "2"], pert_id=["a", "b"], dose=[word, word])
    assert found["dose"].isna().all()
    assert not caplog.records


def test_the_genes_of_a_matrix_of_landmarks_are_the_landmarks() -> None:
    genes = [str(5000 - number) for number in range(978)]
    found = matrix_genes(matrix("1", genes=genes))
    assert found["pr_gene_id"].tolist() == found["pr_gene_symbol"].tolist() == genes
    assert set(found["pr_is_lm"]) == {"1"}
    with pytest.raises(
        InputError, match="holds 977 genes and the corpus names no gene_info, so which of them are the 978"
    ):
        matrix_genes(matrix("1", genes=genes[1:]))
    with pytest.raises(InputError, match="names 1 of its genes otherwise than by Entrez id, such as 'GAPDH', and the"):
        matrix_genes(matrix("1", genes=["GAPDH", *genes[1:]]))


def test_fifty_thousand_samples_are_described() -> None:
    n = 50_000
    ids = [f"PLATE{number % 97:03d}_X1:{number:06d}" for number in range(n)]
    wells: list[str | None] = [str(number) for number in range(n)]
    corpus = spec("own", columns={"sample_id": "id", "pert_id": "drug", "well": "well"})
    table = pd.DataFrame({"sample_id": ids, "pert_id": ["a"] * n, "well": wells}, dtype="str")
    found = describe_matrix(matrix(*ids[::-1]), corpus, {"samples": table})
    assert found["sample_id"].tolist() == ids[::-1]
    assert found["well"].tolist() == wells[::-1]
