from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from kedro.io import AbstractDataset, DatasetError

from l1000_bench.datasets.links_dataset import LinksDataset
from l1000_bench.derived import graph_entries
from l1000_bench.errors import InputError
from l1000_bench.graphs.sources import LinkFile

GENE_INFO = pd.DataFrame({"pr_gene_id": ["367", "4609"], "pr_gene_symbol": ["AR", "MYC"]}, dtype="str")


def written(path: Path, text: str) -> str:
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return str(path)


def as_lists(links: pd.DataFrame) -> list[list[Any]]:
    assert links.columns.tolist() == ["gene_a", "gene_b", "weight"]
    return links.to_numpy().tolist()


def test_genes_are_those_of_gene_info_by_symbol(tmp_path: Path) -> None:
    path = written(tmp_path / "trrust.tsv.gz", "AR\tMYC\tRepression\t1\nMYC\tXYZ\tUnknown\t2\n")
    links = LinksDataset(path, "trrust").load()
    assert links == LinkFile(Path(path), "trrust", {})
    assert as_lists(links.read(GENE_INFO)) == [["367", "4609", 1.0]]


def test_genes_are_those_of_a_table_by_its_names(tmp_path: Path) -> None:
    path = written(tmp_path / "HuRI.tsv", "ENSG1\tENSG2\nENSG2\tENSG3\n")
    table = written(tmp_path / "genes.txt.gz", "ensembl\tentrez\tsymbol\nENSG1\t7157\tTP53\nENSG2\t367\tAR\n")
    names = {"file": table, "name_column": "ensembl", "id_column": "entrez"}
    # 7157 is none of gene_info: which genes are landmarks is asked later.
    assert as_lists(LinksDataset(path, "huri", names).load().read(GENE_INFO)) == [["7157", "367", 1.0]]
    with pytest.raises(InputError, match=r"genes\.txt\.gz lacks the column\(s\) hugo; its header is ensembl"):
        LinksDataset(path, "huri", {**names, "name_column": "hugo"}).load().read(GENE_INFO)


def test_it_is_there_when_its_file_and_its_gene_table_are(tmp_path: Path) -> None:
    links, table = tmp_path / "HuRI.tsv", tmp_path / "genes.txt"
    names = {"file": str(table), "name_column": "ensembl", "id_column": "entrez"}
    alone, both = LinksDataset(str(links), "huri"), LinksDataset(str(links), "huri", names)
    assert (alone.exists(), both.exists()) == (False, False)
    links.touch()
    assert (alone.exists(), both.exists()) == (True, False)
    table.touch()
    assert both.exists()
    links.unlink()
    assert not both.exists()


def test_a_file_that_is_not_there_is_named_when_it_is_read(tmp_path: Path) -> None:
    links = LinksDataset(str(tmp_path / "trrust.tsv"), "trrust").load()
    with pytest.raises(InputError, match=r"trrust\.tsv does not exist; put TRRUST's"):
        links.read(GENE_INFO)


def test_it_is_never_written(tmp_path: Path) -> None:
    path = written(tmp_path / "trrust.tsv", "AR\tMYC\tRepression\t1\n")
    dataset: Any = LinksDataset(path, "trrust")
    with pytest.raises(DatasetError) as caught:
        dataset.save(LinkFile(Path(path), "trrust", {}))
    assert isinstance(caught.value.__cause__, InputError)
    assert "trrust.tsv is a publisher's file and is not written" in str(caught.value.__cause__)
    assert Path(path).read_text().startswith("AR")


def test_every_graph_with_a_file_has_an_entry(tmp_path: Path) -> None:
    path = written(tmp_path / "HuRI.tsv", "ENSG1\tENSG2\n")
    table = written(tmp_path / "genes.txt", "ensembl\tentrez\nENSG1\t9\nENSG2\t10\n")
    names = {"file": table, "name_column": "ensembl", "id_column": "entrez"}
    graphs: dict[str, Any] = {
        "huri": {"source": "huri", "file": path, "names": names},
        "trrust": {"source": "trrust", "file": "trrust.tsv"},
        "corpus": {"source": "corpus"},
        "empty": None,
        "text": "file",
    }
    entries = graph_entries(graphs)
    assert sorted(entries) == ["huri.links", "trrust.links"]
    assert entries["huri.links"]["metadata"] == {"kedro-viz": {"layer": "raw"}}
    dataset = AbstractDataset.from_config("huri.links", entries["huri.links"])
    assert as_lists(dataset.load().read(GENE_INFO)) == [["9", "10", 1.0]]
    other: Any = AbstractDataset.from_config("trrust.links", entries["trrust.links"])
    assert (other.filepath, other.load().names) == (Path("trrust.tsv"), {})


@pytest.mark.parametrize("name", ["trrust.tsv", "trrust.tsv.gz"])
def test_the_preview_is_the_first_lines(tmp_path: Path, name: str) -> None:
    dataset = LinksDataset(str(tmp_path / name), "trrust")
    assert dataset.preview() is None
    written(tmp_path / name, "AR\tMYC\tRepression\t1\nMYC\tXYZ\tUnknown\t2\n")
    preview: Any = dataset.preview(nrows=1)
    assert preview["data"] == [["AR\tMYC\tRepression\t1"]]
    whole: Any = dataset.preview()
    assert len(whole["data"]) == 2
