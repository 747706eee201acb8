import gzip
import logging
from pathlib import Path

import pandas as pd
import pytest
from graph_makers import frame

from l1000_bench.errors import InputError
from l1000_bench.graphs.genes import GeneTable, read_gene_table
from l1000_bench.graphs.sources import FORMATS, read_links

SYMBOLS = GeneTable.from_frame(
    pd.DataFrame({"symbol": ["AR", "MYC", "TP53", "KLK3"], "id": ["367", "4609", "7157", "354"]}), "symbol", "id"
)
ENSEMBL = GeneTable.from_frame(
    pd.DataFrame({"ensembl": ["ENSG1", "ENSG2", "ENSG3"], "id": ["367", "4609", "7157"]}), "ensembl", "id"
)
# Every file joins AR with MYC, MYC with itself, and both with names that are no genes of the table.
FILES: dict[str, str] = {
    "regnetwork": "AR\t367\tMYC\t4609\r\nhsa-let-7a\tMIMAT0000062\tMYC\t4609\r\nMYC\t4609\tMYC\t4609\r\n",
    "regnetwork_directions": "#TF ID Target ID Up\nAR 367 MYC 4609 -->\nX 1 MYC 4609 --|\nMYC 4609 MYC 4609 -p\n",
    "humanbase": "367\t4609\t0.75\n367\t1\t0.5\n4609\t4609\t1e-1\n",
    "huri": "ENSG1\tENSG2\nENSG1\tENSG9\nENSG2\tENSG2\n",
    "trrust": "AR\tMYC\tRepression\t1;2\nAR\tXYZ\tUnknown\t1\nMYC\tMYC\tActivation\t3\n",
    "collectri": '"source","target","weight"\n"AR","MYC",-1\n"AP1","MYC",1\n"MYC","MYC",1\n',
}
WEIGHTS = {"humanbase": (0.75, 0.1)}


def written(folder: Path, format: str, text: str) -> Path:
    path = folder / f"{format}.txt"
    path.write_bytes(text.encode())
    return path


def genes_of(format: str) -> GeneTable:
    return ENSEMBL if format == "huri" else SYMBOLS


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_gives_the_same_form(tmp_path: Path, format: str) -> None:
    first, second = WEIGHTS.get(format, (1.0, 1.0))
    expected = frame(("367", "4609", first), ("4609", "4609", second))
    links = read_links(written(tmp_path, format, FILES[format]), format, genes_of(format))
    pd.testing.assert_frame_equal(links, expected)


def test_links_keep_their_direction_and_repeats(tmp_path: Path) -> None:
    path = written(tmp_path, "trrust", "MYC\tAR\tActivation\t1\nMYC\tAR\tRepression\t1\nAR\tMYC\tUnknown\t1\n")
    expected = frame(("4609", "367", 1), ("4609", "367", 1), ("367", "4609", 1))
    pd.testing.assert_frame_equal(read_links(path, "trrust", SYMBOLS), expected)


def test_a_gzip_file_is_read_and_one_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "prostate_gland_top.gz"
    data = gzip.compress(("367\t4609\t0.5\n" * 20_000).encode())
    path.write_bytes(data)
    assert len(read_links(path, "humanbase", SYMBOLS)) == 20_000
    path.write_bytes(data[:-20])
    with pytest.raises(InputError, match=r"prostate_gland_top\.gz is cut off or damaged .* fetch HumanBase's"):
        read_links(path, "humanbase", SYMBOLS)
    path.write_bytes(b"367\t4609\t0.5\n")
    with pytest.raises(InputError, match=r"prostate_gland_top\.gz is cut off or damaged"):
        read_links(path, "humanbase", SYMBOLS)


def test_what_is_kept_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        read_links(written(tmp_path, "trrust", FILES["trrust"]), "trrust", SYMBOLS)
    assert caplog.messages == ["trrust.txt: 2 of 3 links join genes of the gene table."]


def read_mine(path: Path, genes: GeneTable) -> pd.DataFrame:
    return frame((genes.by_name["AR"], path.name, 1.0))


def test_a_reader_of_ones_own_is_given_by_its_import_path(tmp_path: Path) -> None:
    links = read_links(tmp_path / "mine", "test_sources.read_mine", SYMBOLS)
    assert links.to_numpy().tolist() == [["367", "mine", 1.0]]
    with pytest.raises(InputError, match=r"mine: cannot import the reader of links 'test_sources\.read_yours'"):
        read_links(tmp_path / "mine", "test_sources.read_yours", SYMBOLS)


@pytest.mark.parametrize("format", ["string", "links", ""])
def test_an_unknown_format_is_refused(tmp_path: Path, format: str) -> None:
    with pytest.raises(InputError, match=rf"a\.txt: unknown format of links '{format}'; it can be regnetwork, .*huri"):
        read_links(tmp_path / "a.txt", format, SYMBOLS)


@pytest.mark.parametrize(
    ("format", "text", "message"),
    [
        ("regnetwork", "AR\t367\tMYC\t4609\nAR\t367\n", "line 2 has 2 fields; RegNetwork's four"),
        (
            "regnetwork_directions",
            "#TF\nAR 367 MYC 4609 -->\nAR 367 MYC 4609\n",
            "line 3 has 4 fields; RegNetwork's dir",
        ),
        ("regnetwork_directions", "AR\t367\tMYC\t4609\t-->\n", "line 1 has 1 fields; .* has 5, TF, its id, target"),
        ("humanbase", "367\t4609\n", "line 1 has 2 fields; HumanBase's .* has 3, Entrez id"),
        ("humanbase", "367\t4609\t0.5\n367\t354\tmuch\n", "line 2: the weight 'much' is no number"),
        ("humanbase", "367\t4609\tnan\n", "line 1: the weight 'nan' is no number"),
        ("huri", "ENSG1\tENSG2\n\nENSG1\tENSG2\n", "line 2 has 0 fields"),
        ("huri", "ENSG1\tENSG2\tENSG3\n", "line 1 has 3 fields"),
        ("trrust", "AR\tMYC\n", "line 1 has 2 fields; TRRUST's trrust_rawdata.human.tsv has 4, regulator, target"),
        (
            "collectri",
            "AR,MYC,1\n",
            "line 1: the header of CollecTRI's csv is source, target, weight, not 'AR, MYC, 1'",
        ),
        ("collectri", "source,target,weight\nAR,MYC\n", "line 2 has 2 fields"),
        ("collectri", "", "line 1: the header of CollecTRI's csv is source, target, weight, not ''"),
        ("collectri", "source,target,weight\n", "holds no link; fetch it again"),
        ("trrust", "", "holds no link; fetch it again"),
        ("regnetwork", "", "is empty; fetch RegNetwork's human.source again"),
        ("trrust", "A\tB\tUnknown\t1\n", "none of its 1 links joins two genes .* names AR, MYC, TP53, …; .* A and B"),
        ("huri", "AR\tMYC\n", "none of its 1 links joins .* which names ENSG1, ENSG2, ENSG3, …; .* joins AR and MYC"),
    ],
)
def test_what_is_no_list_of_links_is_refused(tmp_path: Path, format: str, text: str, message: str) -> None:
    path = written(tmp_path, format, text)
    with pytest.raises(InputError, match=rf"{format}\.txt:? {message}"):
        read_links(path, format, genes_of(format))


@pytest.mark.parametrize("format", FORMATS)
def test_a_missing_file_and_one_that_is_no_text_are_named(tmp_path: Path, format: str) -> None:
    path = tmp_path / "a.txt"
    with pytest.raises(InputError, match=r"a\.txt does not exist; put .* there"):
        read_links(path, format, genes_of(format))
    path.write_bytes(b"PK\x03\x04\xff\xfe")
    with pytest.raises(InputError, match=r"a\.txt is no text .* unpack"):
        read_links(path, format, genes_of(format))


# The gene table


def test_a_name_of_several_genes_and_an_empty_one_are_left_out(caplog: pytest.LogCaptureFixture) -> None:
    rows = [["MIA2", "117153"], ["MIA2", "4253"], ["AR", "367"], ["AR", "367"], [None, "1"], ["", "2"], ['""', "3"]]
    with caplog.at_level(logging.INFO):
        genes = GeneTable.from_frame(pd.DataFrame(rows, columns=["symbol", "id"], dtype="str"), "symbol", "id")
    assert genes.by_name == {"AR": "367"}
    assert set(genes.by_id) == {"117153", "4253", "367", "1", "2", "3"}
    assert caplog.messages == ["Links by a symbol of several genes are left out: MIA2."]


def test_a_gene_table_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "genes.txt.gz"
    path.write_bytes(gzip.compress(b'gene_id\tensembl_id\n367\tENSG1\n6315\t""\n4609\t ENSG2\n'))
    assert read_gene_table(path, "ensembl_id", "gene_id").by_name == {"ENSG1": "367", "ENSG2": "4609"}
    with pytest.raises(
        InputError, match=r"genes\.txt\.gz lacks the column\(s\) symbol; its header is gene_id, ensembl"
    ):
        read_gene_table(path, "symbol", "gene_id")


def test_a_frame_without_names_is_refused() -> None:
    with pytest.raises(InputError, match=r"the gene table lacks the column\(s\) name, entrez; it has symbol, id"):
        GeneTable.from_frame(pd.DataFrame({"symbol": ["AR"], "id": ["367"]}), "name", "entrez")
    empty = pd.DataFrame({"symbol": [None, ""], "id": ["367", "1"]}, dtype="str")
    with pytest.raises(
        InputError, match="no row of the gene table names one gene: each lacks its symbol or its id, or shares"
    ):
        GeneTable.from_frame(empty, "symbol", "id")
