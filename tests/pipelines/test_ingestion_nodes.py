from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from l1000_bench.io.annotated import Annotated, frame
from l1000_bench.io.corpus import CorpusSpec
from l1000_bench.io.gct import GctReader
from l1000_bench.pipelines.ingestion.nodes import describe_samples


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
