from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import ROOT
from l1000_bench.errors import InputError
from l1000_bench.io.corpus import CorpusSpec, as_stored, missing_files_message
from l1000_bench.io.layouts import LAYOUTS
from sample_tables import FILES, HUB, spec

COMPOUNDS = {"compound_info": "compoundinfo_beta.txt"}


@pytest.mark.parametrize(
    ("layout", "level", "tables"),
    [
        ("gse92742", 4, ["inst_info", "pert_info", "cell_info"]),
        ("gse70138", 3, ["inst_info", "pert_info", "cell_info"]),
        ("lincs2020", 4, ["inst_info", "cell_info", "compound_info"]),
        ("own", 4, ["samples"]),
        ("own", 5, ["samples"]),
    ],
)
def test_the_tables_of_the_samples(layout: str, level: int, tables: list[str]) -> None:
    assert spec(layout, level=level).sample_tables == tables


def test_signatures_stand_in_for_instances_at_level_5() -> None:
    corpus = spec(level=5, without=("inst_info",), files={"sig_info": "s.txt", "sig_metrics": "m.txt"})
    assert corpus.sample_tables == ["sig_info", "sig_metrics", "pert_info", "cell_info"]
    assert spec(files={"sig_info": "s.txt"}).sample_tables == ["inst_info", "sig_info", "pert_info", "cell_info"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"layout": "gse92742", "without": ("pert_info",)}, "needs gctx, inst_info, .* add or remove pert_info"),
        ({"layout": "gse92742", "files": {"samples": "s.csv"}}, "add or remove samples"),
        ({"layout": "gse92742", "level": 5}, "level 5 .* needs gctx, sig_info, .* add or remove inst_info"),
        ({"layout": "lincs2020", "files": {"pert_info": "p.txt"}}, "add or remove pert_info"),
        ({"layout": "own", "files": {"inst_info": "i.txt"}}, "may have gene_info, .* add or remove inst_info"),
        ({"layout": "own", "without": ("samples",)}, "add or remove samples"),
        ({"layout": "gse92742", "without": tuple(HUB)}, "names no file for mechanisms of action"),
        ({"layout": "gse92742", "files": COMPOUNDS}, "names repurposing_drugs, repurposing_samples, compound_info for"),
        ({"layout": "gse92742", "without": ("repurposing_samples",)}, "names repurposing_drugs for mechanisms"),
        ({"layout": "own", "files": {"repurposing_drugs": "d.txt"}}, "drugs and repurposing_samples together, or from"),
        ({"layout": "gse92742", "files": {"sig_metrics": "m.txt"}}, "sig_metrics without sig_info"),
        ({"layout": "gse92742", "columns": {"sample_id": "id"}}, "columns given; only a corpus of layout own"),
        ({"layout": "lincs2020", "keep": ["a"]}, "keep given; only a corpus of layout own"),
        ({"level": 2}, "level is 2; it can be 3, 4 or 5"),
        ({"level": "4"}, "level is '4'"),
        ({"level": True}, "level is True"),
        ({"remark": None}, "remark is empty"),
    ],
)
def test_what_does_not_fit_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        spec(**arguments)


def test_an_unknown_layout_is_refused() -> None:
    with pytest.raises(InputError, match="layout is 'geo'; it can be gse92742, gse70138, lincs2020, own"):
        CorpusSpec("a", "A", "own", "raw", FILES["own"], "", layout="geo")


def test_either_source_of_mechanisms_will_do() -> None:
    geo = spec("gse70138", without=tuple(HUB), files=COMPOUNDS)
    assert geo.sample_tables == ["inst_info", "pert_info", "cell_info", "compound_info"]
    clue = spec("lincs2020", without=("compound_info",), files=HUB)
    assert clue.sample_tables == ["inst_info", "cell_info"]
    assert spec("own", files=HUB).sample_tables == ["samples"]
    assert spec("own", files=COMPOUNDS).sample_tables == ["samples", "compound_info"]


def made(generator: Any, layout: str = "own", **others: Any) -> CorpusSpec:
    """A corpus with a generator, and with the links that one of cell lines makes too."""
    links = {"regulatory_edges": "human.source"} if layout == "gse92742" else {}
    return spec(layout, files={**links, **others.pop("files", {})}, generator=generator, **others)


def test_the_design_of_a_corpus_that_is_made_is_told_by_its_generator() -> None:
    assert made({"design": "subjects", "seed": 1}).design == "subjects"
    assert made({"design": "cell_lines", "seed": 1}, "gse92742").design == "cell_lines"
    assert made({"seed": 1}, "gse92742").design == "cell_lines"
    assert spec("own").design is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"generator": {"design": "people"}}, "generator.design is 'people'; it can be cell_lines, subjects."),
        ({"generator": {"design": ["subjects"]}}, r"generator.design is \['subjects'\]; it can be"),
        ({"generator": "subjects"}, "generator is 'subjects'; it takes keys and values"),
        (
            {"generator": {"design": "subjects"}, "layout": "gse92742"},
            "design subjects makes gctx, samples in layout own and level 4; the entry has .* in layout gse92742 and",
        ),
        ({"generator": {"seed": 1}}, "design cell_lines makes gctx, inst_info, .* regulatory_edges in layout gse92742"),
        (
            {"generator": {"design": "subjects"}, "level": 5},
            "the entry has gctx, samples in layout own and level 5: corr",
        ),
        (
            {"generator": {"design": "subjects"}, "files": {"cell_info": "c.txt"}},
            "entry has gctx, samples, cell_info in",
        ),
    ],
)
def test_a_generator_that_does_not_fit_its_entry_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        made(**arguments)


@pytest.mark.parametrize("column", ["primary_site", "subtype"])
def test_a_label_comes_from_one_place(column: str) -> None:
    columns = {"sample_id": "id", "pert_id": "drug", column: "tissue"}
    assert spec("own", columns=columns).own_table.columns[column] == "tissue"
    with pytest.raises(InputError, match=f"both cell_info and the table of samples give {column}"):
        spec("own", columns=columns, files={"cell_info": "c.txt"})
    with pytest.raises(InputError, match="both pert_info and the table of samples give inchi_key"):
        spec("own", columns=columns | {"inchi_key": "k"}, files={"pert_info": "p.txt"})


@pytest.mark.parametrize(("named", "other"), [("a.gctx", "a.gctx.gz"), ("a.gctx.gz", "a.gctx"), ("a.txt", "a.txt.gz")])
def test_a_file_is_found_packed_or_unpacked(tmp_path: Path, named: str, other: str) -> None:
    assert as_stored(tmp_path / named) == tmp_path / named
    (tmp_path / other).touch()
    assert as_stored(tmp_path / named) == tmp_path / other
    (tmp_path / named).touch()
    assert as_stored(tmp_path / named) == tmp_path / named


def test_missing_files_are_counted_and_named() -> None:
    message = missing_files_message(spec("own", sources={"samples": "ask the lab"}), ["samples"])
    assert message.startswith("Mine lacks 1 of its 2 files.")
    assert "  raw/samples.csv: ask the lab" in message


@pytest.mark.parametrize(
    "path", sorted((ROOT / "conf/base/parameters/corpora").glob("*.yml")), ids=lambda path: path.stem
)
def test_every_corpus_of_the_configuration_fits(path: Path) -> None:
    ((name, entry),) = yaml.safe_load(path.read_text().replace("${globals:geo}", "https://geo/"))["corpora"].items()
    fields = {key: value for key, value in entry.items() if key in CorpusSpec.__dataclass_fields__}
    corpus = CorpusSpec(name=name, **fields)
    assert name == path.stem
    assert corpus.layout in LAYOUTS
    assert not corpus.sources or set(corpus.sources) == set(corpus.files)
