from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from kedro.io import DatasetError

from l1000_bench.datasets.info_dataset import InfoDataset
from l1000_bench.errors import InputError
from l1000_bench.io.edges import EDGE_COLUMNS
from l1000_bench.io.layouts import LAYOUTS
from l1000_bench.io.moa import HUB_COLUMNS

GEO = {name: tuple(table.columns) for name, table in LAYOUTS["gse92742"].items() if not table.renamed}
COLUMNS = GEO | HUB_COLUMNS | {"regulatory_edges": EDGE_COLUMNS}
every = pytest.mark.parametrize("table", COLUMNS)


def frame(table: str) -> pd.DataFrame:
    columns = COLUMNS[table]
    rows = [[f"{column}{number}" for column in columns] for number in range(30)]
    made = pd.DataFrame(rows, columns=list(columns), dtype="str")
    if table != "regulatory_edges":
        made.loc[1, columns[-1]] = None
    return made.assign(extra="é|µ") if table != "regulatory_edges" else made


def dataset(folder: Path, table: str) -> InfoDataset:
    return InfoDataset(str(folder / f"{table}.txt{'' if table == 'regulatory_edges' else '.gz'}"), table)


@every
def test_a_table_comes_back(tmp_path: Path, table: str) -> None:
    written = dataset(tmp_path, table)
    assert not written.exists()
    written.save(frame(table))
    assert written.exists()
    pd.testing.assert_frame_equal(written.load(), frame(table))
    assert [path.name for path in tmp_path.iterdir()] == [written.filepath.name]


@every
def test_each_is_written_in_its_publishers_format(tmp_path: Path, table: str) -> None:
    plain = InfoDataset(str(tmp_path / "a.txt"), table)
    plain.save(frame(table))
    text = plain.filepath.read_bytes()
    first = {"regulatory_edges": b"regulator_symbol0\t", **dict.fromkeys(HUB_COLUMNS, b"!Source\tSynthetic corpus")}
    assert text.startswith(first.get(table, "\t".join(COLUMNS[table]).encode()))
    assert (b"\r\n" in text) == (table not in GEO)
    assert (b"-666" in text) == (table in GEO)


@every
def test_an_interrupted_save_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str) -> None:
    written = dataset(tmp_path, table)
    written.save(frame(table))

    def half(path: Path, data: bytes) -> int:
        with path.open("wb") as stream:
            stream.write(data[:10])
        raise OSError("No space left on device")

    with monkeypatch.context() as patch, pytest.raises(DatasetError, match="No space left"):
        patch.setattr(Path, "write_bytes", half)
        written.save(frame(table).iloc[:3])
    assert len(written.load()) == 30
    assert [path.name for path in tmp_path.iterdir()] == [written.filepath.name]


@every
def test_what_is_another_table_is_refused_by_name(tmp_path: Path, table: str) -> None:
    written = InfoDataset(str(tmp_path / "a.txt"), table)
    written.filepath.write_text("some\tother\ttable\n1\t2\t3\n")
    with pytest.raises(DatasetError, match=r"(?s)a\.txt (lacks the column|line 1 has 3 fields)"):
        written.load()
    written.filepath.unlink()
    with pytest.raises(DatasetError, match=r"(?s)a\.txt does not exist"):
        written.load()


@every
def test_the_preview_is_the_first_rows(tmp_path: Path, table: str) -> None:
    written = dataset(tmp_path, table)
    written.save(frame(table))
    preview: Any = written.preview(nrows=2)
    assert preview["index"] == [0, 1]
    assert preview["columns"] == list(frame(table).columns)
    assert preview["data"][0] == frame(table).iloc[0].tolist()
    assert (None in preview["data"][1]) == (table != "regulatory_edges")
    whole: Any = written.preview()
    assert len(whole["data"]) == 20


@pytest.mark.parametrize(
    ("layout", "table", "message"),
    [
        ("gse92742", "genes", r"a\.txt: layout gse92742 has no table 'genes'; it can be inst_info, .*regulatory_edges"),
        ("gse92742", "samples", "layout gse92742 has no table 'samples'"),
        ("own", "inst_info", "layout own has no table 'inst_info'; it can be pert_info, .*samples"),
        ("geo", "inst_info", "unknown layout 'geo'; it can be gse92742, gse70138, lincs2020, own"),
    ],
)
def test_an_unknown_table_or_layout_is_refused(layout: str, table: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        InfoDataset("a.txt", table, layout)


def test_tables_of_other_layouts_come_in_the_words_of_gse92742(tmp_path: Path) -> None:
    genes = tmp_path / "geneinfo_beta.txt"
    genes.write_text(
        'gene_id\tgene_symbol\tensembl_id\tfeature_space\n780\tDDR1\t""\tlandmark\n2\tA2M\tE\tbest inferred\n'
    )
    found = InfoDataset(str(genes), "gene_info", "lincs2020").load()
    assert found.to_dict("list") == {
        "pr_gene_id": ["780", "2"], "pr_gene_symbol": ["DDR1", "A2M"], "pr_is_lm": ["1", "0"],
    }  # fmt: skip


def test_a_labs_samples_come_in_our_words(tmp_path: Path) -> None:
    table = tmp_path / "a.csv"
    table.write_text('well,note,barcode\nA01,"x, y",001\n')
    found = InfoDataset(str(table), "samples", "own", {"sample_id": "barcode", "well": "well"}).load()
    assert found.to_dict("list") == {"sample_id": ["001"], "well": ["A01"]}
