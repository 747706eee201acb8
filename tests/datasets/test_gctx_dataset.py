import json
import os
import pickle
import subprocess
import sys
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cmapPy.pandasGEXpress.GCToo import GCToo
from kedro.io import AbstractDataset, DataCatalog, DatasetError

from l1000_bench.datasets.gct_dataset import GCTDataset
from l1000_bench.datasets.gctx_dataset import GCTXDataset
from l1000_bench.io.gctx import GctxReader
from l1000_bench.io.matrix import Matrix

VALUES = np.array([[1.5, np.nan, 3.25], [0.5, -10.0, 0.0]], dtype=np.float32)  # 2 samples x 3 genes
SAMPLES = np.array(["P1:A01", "P1:A02"], dtype=object)
GENES = np.array(["780", "5720", "9"], dtype=object)


def gctoo() -> Any:
    symbols = pd.DataFrame({"symbol": ["DDR1", "PSME1", "NAT1"]}, index=GENES)
    doses = pd.DataFrame({"dose": [10.0, 0.5]}, index=SAMPLES)
    return GCToo(pd.DataFrame(VALUES.T, GENES, SAMPLES), symbols, doses)


def test_a_gctoo_comes_back(tmp_path: Path) -> None:
    dataset = GCTXDataset(str(tmp_path / "a.gctx"))
    assert not dataset.exists()
    dataset.save(gctoo())
    assert dataset.exists()
    back: Any = dataset.load()
    assert isinstance(back, GCToo)
    np.testing.assert_array_equal(back.data_df.to_numpy(), VALUES.T)
    assert back.data_df.loc["9", "P1:A01"] == 3.25
    assert back.row_metadata_df["symbol"].to_dict() == {"780": "DDR1", "5720": "PSME1", "9": "NAT1"}
    assert back.col_metadata_df["dose"].to_dict() == {"P1:A01": 10.0, "P1:A02": 0.5}


def test_a_matrix_comes_back_as_a_reader_of_blocks(tmp_path: Path) -> None:
    dataset = GCTXDataset(str(tmp_path / "a.gctx"), lazy=True)
    dataset.save(Matrix(VALUES, SAMPLES, GENES))
    reader = pickle.loads(pickle.dumps(dataset)).load()
    assert isinstance(reader, GctxReader)
    ids, block = next(reader.blocks(genes=["9", "780"], samples=["P1:A02"]))
    assert ids.tolist() == ["P1:A02"]
    assert block.tolist() == [[0.0, 0.5]]


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_a_gct_comes_back(tmp_path: Path, version: str) -> None:
    dataset = GCTDataset(str(tmp_path / "a.gct.gz"), version=version)
    data = gctoo()
    if version == "1.2":
        data = GCToo(data.data_df)
    assert not dataset.exists()
    dataset.save(data)
    assert dataset.exists()
    back = dataset.load()
    assert back.version == f"GCT{version}"
    np.testing.assert_array_equal(back.data_df.to_numpy(), VALUES.T)
    assert back.col_metadata_df.columns.tolist() == (["dose"] if version == "1.3" else [])


def test_the_catalog_builds_both(tmp_path: Path) -> None:
    catalog = DataCatalog.from_config(
        {
            "a": {
                "type": "l1000_bench.datasets.gctx_dataset.GCTXDataset",
                "filepath": str(tmp_path / "a.gctx"),
                "lazy": True,
                "metadata": {"kedro-viz": {"layer": "raw"}},
            },
            "b": {"type": "l1000_bench.datasets.gct_dataset.GCTDataset", "filepath": str(tmp_path / "b.gct")},
        }
    )
    catalog.save("a", Matrix(VALUES, SAMPLES, GENES))
    catalog.save("b", catalog.load("a").to_gctoo())
    np.testing.assert_array_equal(catalog.load("b").data_df.to_numpy(), VALUES.T)
    built: Any = catalog.get("a")
    assert built.metadata == {"kedro-viz": {"layer": "raw"}}
    assert str(built).endswith(f"GCTXDataset(filepath='{tmp_path}/a.gctx', lazy=True)")
    assert str(catalog.get("b")).endswith(f"GCTDataset(filepath='{tmp_path}/b.gct', version='1.3')")


def test_errors_name_the_file_and_the_dataset(tmp_path: Path) -> None:
    for dataset in (GCTXDataset(str(tmp_path / "a.gctx"), lazy=True), GCTDataset(str(tmp_path / "a.gct"))):
        with pytest.raises(DatasetError, match=rf"(?s){type(dataset).__name__}.*{tmp_path}/a\.gctx? does not exist"):
            dataset.load()


def test_the_preview_is_the_first_samples_and_genes(tmp_path: Path) -> None:
    gctx, gct = GCTXDataset(str(tmp_path / "a.gctx")), GCTDataset(str(tmp_path / "a.gct"))
    for dataset in (gctx, gct):
        dataset.save(gctoo())
        assert dataset.preview(nrows=1, ncolumns=2) == {
            "index": ["P1:A01"],
            "columns": ["780", "5720"],
            "data": [[1.5, None]],
        }
        assert json.loads(json.dumps(dataset.preview(), allow_nan=False))["data"] == [[1.5, None, 3.25], [0.5, -10, 0]]
        # Kedro-Viz picks its table view by this name.
        annotation = signature(dataset.preview).return_annotation
        assert getattr(annotation, "__name__", annotation) == "TablePreview"


def test_a_preview_reads_no_more_than_it_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.arange(30_000, dtype=np.float32).reshape(300, 100)
    ids = [np.array([f"{prefix}{n}" for n in range(size)], dtype=object) for prefix, size in (("s", 300), ("g", 100))]
    dataset = GCTXDataset(str(tmp_path / "a.gctx"))
    dataset.save(Matrix(values, *ids))
    sizes: list[int] = []
    plain = os.preadv

    def preadv(*args: Any) -> int:
        sizes.append(plain(*args))
        return sizes[-1]

    monkeypatch.setattr(os, "preadv", preadv)
    preview: Any = dataset.preview()
    assert preview["data"][4][9] == values[4, 9]
    assert 5 * 10 * 4 <= sum(sizes) <= 5 * 100 * 4  # of five rows of ten genes, perhaps what lies between them


def test_kedro_viz_shows_the_preview(tmp_path: Path) -> None:
    nodes = pytest.importorskip("kedro_viz.models.flowchart.nodes")
    metadata = pytest.importorskip("kedro_viz.models.flowchart.node_metadata")
    dataset = GCTXDataset(str(tmp_path / "a.gctx"), metadata={"kedro-viz": {"preview_args": {"nrows": 1}}})
    dataset.save(Matrix(VALUES, SAMPLES, GENES))
    node = nodes.GraphNode.create_data_node("a", "a", "raw", set(), dataset, None, None)
    shown = metadata.DataNodeMetadata(data_node=node)
    assert shown.preview_type == "TablePreview"
    assert shown.preview == {"index": ["P1:A01"], "columns": ["780", "5720", "9"], "data": [[1.5, None, 3.25]]}


def test_the_modules_import_nothing_slow() -> None:
    code = (
        "import sys, l1000_bench.datasets.gctx_dataset, l1000_bench.datasets.gct_dataset;"
        "sys.exit(','.join({'cmapPy', 'tensorflow', 'sklearn', 'scipy', 'pyarrow.parquet'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=os.environ)
    assert (done.returncode, done.stderr) == (0, "")


def test_both_are_kedro_datasets() -> None:
    assert issubclass(GCTXDataset, AbstractDataset)
    assert issubclass(GCTDataset, AbstractDataset)
