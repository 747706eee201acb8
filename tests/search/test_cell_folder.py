"""The folder from which other processes open a cell: another cell has another one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from planted import CODES, FOLDS, cell_data

from l1000_bench.search.cell_data import CellData
from l1000_bench.search.engine import LocalProcesses
from l1000_bench.search.records import RecordStore
from l1000_bench.search.trials import Trials


@pytest.fixture
def one_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalProcesses]:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    engine = LocalProcesses(1)
    yield engine
    engine.close()


def mean_dev(folder: Path, engine: LocalProcesses, entry: dict[str, Any]) -> float:
    """Run the one setting of an entry, in full."""
    data = cell_data(folder, **entry)
    trials = Trials(data, [data.spec.in_full({})], RecordStore(folder / "records")).run(engine).trials
    return float(trials["dev_accuracy"].mean())


def test_a_living_process_does_not_lay_parameters_of_before_under_a_setting(
    tmp_path: Path, one_process: LocalProcesses
) -> None:
    assert mean_dev(tmp_path, one_process, {"params": {"dev": 0.5}}) == 0.5
    assert mean_dev(tmp_path, one_process, {}) == 1.0
    assert mean_dev(tmp_path, one_process, {"fixed": {"dev": 0.0}}) == 0.0


def test_whatever_the_folder_holds_is_told_by_its_name(tmp_path: Path) -> None:
    def name(**changes: Any) -> str:
        return cell_data(tmp_path / "a", **changes).fingerprint

    data, edges = cell_data(tmp_path / "a"), pd.DataFrame({"gene_a": ["0"], "gene_b": ["1"], "weight": [0.1]})
    with_edges = [
        CellData(**{**vars(data), "edges": {"links": table}}).fingerprint for table in (edges, edges.assign(weight=0.2))
    ]
    others = [
        name(folds=FOLDS[::-1]),
        name(codes=CODES[::-1]),
        name(params={"dev": 0.5}),
        name(fixed={"dev": 0.5}),
        name(preprocess=["standardize"]),
        cell_data(tmp_path / "elsewhere").fingerprint,  # another file of profiles
        *with_edges,
    ]
    assert name() == data.fingerprint
    assert len({data.fingerprint, *others}) == 1 + len(others)
