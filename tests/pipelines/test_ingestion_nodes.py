from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from kedro.io import AbstractDataset

from conftest import ROOT
from l1000_bench import grid
from l1000_bench.curation.levels import at_level
from l1000_bench.curation.spec import DatasetSpec
from l1000_bench.derived import corpus_entries
from l1000_bench.errors import InputError
from l1000_bench.io.annotated import Annotated, frame
from l1000_bench.io.corpus import CorpusSpec
from l1000_bench.io.gct import GctReader
from l1000_bench.io.part_writer import write_profiles
from l1000_bench.io.parts import Profiles
from l1000_bench.io.samples import matrix_genes
from l1000_bench.pipelines.ingestion import create_pipeline
from l1000_bench.pipelines.ingestion.nodes import (
    describe_samples,
    make_synthetic_corpus,
    make_synthetic_subjects,
    stream_landmarks,
)
from l1000_bench.schemas import RAW_SAMPLES


def matrix(samples: list[str]) -> GctReader:
    values = np.zeros((1, len(samples)), dtype=np.float32)
    genes, held = frame({}, np.array(["7"], dtype=object)), frame({}, np.array(samples, dtype=object))
    return GctReader(Annotated(Path("held.gct"), "GCT1.3", values, genes, held))


def own(files: dict[str, str], columns: dict[str, str]) -> CorpusSpec:
    return CorpusSpec("mine", "Mine", "own", "raw", files, "", layout="own", columns=columns)


def test_tables_are_told_apart_by_their_place() -> None:
    files = {"gctx": "m.gct", "samples": "s.csv", "pert_info": "p.txt", "cell_info": "c.txt"}
    columns = {"sample_id": "id", "pert_id": "drug", "cell_id": "line"}
    corpus = own(files=files, columns=columns)
    samples = pd.DataFrame({"sample_id": ["x", "y"], "pert_id": ["a", "b"], "cell_id": ["A", "B"]}, dtype="str")
    perts = pd.DataFrame({"pert_id": ["b"], "inchi_key": ["KEY"]}, dtype="str")
    cells = pd.DataFrame({"cell_id": ["A"], "primary_site": ["lung"], "subtype": ["s"]}, dtype="str")
    assert corpus.sample_tables == ["samples", "pert_info", "cell_info"]
    found = describe_samples(matrix(["y", "x"]), corpus, samples, perts, cells)
    assert found["sample_id"].tolist() == ["y", "x"]
    assert found["inchi_key"].fillna("-").tolist() == ["KEY", "-"]
    assert found["primary_site"].fillna("-").tolist() == ["-", "lung"]
    with pytest.raises(ValueError, match="zip"):
        describe_samples(matrix(["y", "x"]), corpus, samples, perts)


def entry(name: str) -> dict[str, Any]:
    """An entry of the environment `test`, over that of base."""
    found: dict[str, Any] = {}
    for environment in ("base", "test"):
        path = ROOT / "conf" / environment / "parameters/corpora" / f"{name}.yml"
        if path.exists():
            text = path.read_text().replace("${environment:}", "test").replace("${globals:geo}", "https://geo/")
            given = yaml.safe_load(text)["corpora"][name]
            found |= {
                key: {**found.get(key, {}), **value} if key == "generator" else value for key, value in given.items()
            }
    return {"name": name, **found}


def test_a_corpus_of_subjects_is_made_written_and_read_as_a_labs_own(tmp_path: Path) -> None:
    given = entry("synthetic_neurobank") | {"folder": str(tmp_path)}
    corpus = CorpusSpec(**given)
    made = make_synthetic_subjects(corpus)
    for (name, config), data in zip(corpus_entries({corpus.name: given}, ROOT).items(), made, strict=True):
        AbstractDataset.from_config(name, config).save(data)
    gctx, samples = (
        AbstractDataset.from_config(name, config).load()
        for name, config in corpus_entries({corpus.name: given}, ROOT).items()
    )
    raw = RAW_SAMPLES.validate(describe_samples(gctx, corpus, samples))
    table = made[1].set_index("sample").loc[list(made[0].sample_ids)].reset_index()
    assert raw["sample_id"].tolist() == table["sample"].tolist()
    for ours, theirs in {"subject_id": "donor", "sig_id": "signature", "diagnosis": "diagnosis"}.items():
        assert raw[ours].tolist() == table[theirs].tolist()
    vehicle = table["kind"] == "vehicle"
    assert raw["pert_type"].tolist() == vehicle.map({True: "ctl_vehicle", False: "trt_cp"}).tolist()
    assert raw["dose"].isna().tolist() == vehicle.tolist()
    assert set(raw["dose"].dropna()) == {10.0}
    assert set(raw["plate_set"]) == {f"SYN002_SYNNPC{number}_24H" for number in range(1, 6)}
    assert not raw[["time", "time_unit", "dose_unit", "well", "cell_id"]].isna().any(axis=None)

    genes = matrix_genes(gctx)
    assert genes["pr_gene_id"].tolist() == made[0].gene_ids.tolist()
    write_profiles(stream_landmarks(gctx, genes, raw, corpus), tmp_path / "profiles")
    profiles = Profiles(tmp_path / "profiles")
    assert list(profiles.gene_ids) == made[0].gene_ids.tolist()
    np.testing.assert_array_equal(profiles.matrix(), made[0].values)
    view, _ = at_level(
        profiles, raw, DatasetSpec("five", corpus.name, "Five", [], ["subject_id"], level=5), corpus.level
    )
    assert sorted(view.samples["sample_id"]) == sorted(table["signature"].unique())
    counts = table.groupby("signature").size()
    assert view.samples.set_index("sample_id")["n_replicates"].to_dict() == counts.to_dict()
    assert view.samples["subject_id"].notna().all()


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        (
            "synthetic",
            {"n_cels": 4},
            r"'n_cels' is not known here; its keys are seed, n_genes, n_cell",
        ),
        (
            "synthetic",
            {"subject_strength": 1.0},
            r"'subject_strength' is not known here; its keys are seed, n_genes, n_cell",
        ),
        ("synthetic", {"n_genes": 977}, r"n_genes must be a whole number from 978 to 100000, found 977; change it\.$"),
        (
            "synthetic_neurobank",
            {"n_cell_lines": 4},
            r"'n_cell_lines' is not known here; its keys are seed, .* subject_strengt",
        ),
        (
            "synthetic_neurobank",
            {"subject_strength": -1},
            r"subject_strength must be a number from 0\.0 to 100\.0, found",
        ),
        ("synthetic_neurobank", {"n_compounds": 400}, "n_compounds must be a whole number from 1 to 384, found 400"),
        (
            "synthetic_neurobank",
            {"n_compounds": 380},
            "n_compounds 380 at 1 doses with a vehicle_share of 0.069 need 408",
        ),
    ],
)
def test_a_generator_that_cannot_be_is_refused_by_its_entry(name: str, changes: dict[str, Any], message: str) -> None:
    given = entry(name)
    corpus = CorpusSpec(**given | {"generator": given["generator"] | changes})
    make = {"synthetic": make_synthetic_corpus, "synthetic_neurobank": make_synthetic_subjects}[name]
    with pytest.raises(InputError, match=rf"^corpora\.{name}\.generator: .*{message}"):
        make(corpus)


@pytest.mark.filterwarnings("ignore:One or more dataset names contain")  # as in pipeline_registry.py
def test_what_is_made_follows_the_design(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("synthetic", "synthetic_neurobank", "neurobank")
    corpora = {name: CorpusSpec(**entry(name)) for name in names}
    monkeypatch.setattr(grid, "active", lambda: SimpleNamespace(corpora=corpora))
    pipeline = create_pipeline()
    assert {name for name in pipeline.inputs() if "params:" not in name} == {
        "neurobank.gctx", "neurobank.samples", "neurobank.gene_info",
    }  # fmt: skip
    makers = {output: node.name for node in pipeline.nodes for output in node.outputs}
    assert makers["synthetic.gctx"] == "ingestion.synthetic.make_synthetic_corpus"
    assert makers["synthetic_neurobank.gctx"] == "ingestion.synthetic_neurobank.make_synthetic_subjects"
    assert makers["synthetic_neurobank.samples"] == makers["synthetic_neurobank.gctx"]
    assert makers["synthetic_neurobank.gene_info"] == "ingestion.synthetic_neurobank.take_genes_of_matrix"
