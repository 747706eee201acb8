from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kedro.io import DataCatalog, DatasetError
from scipy import sparse as sp

from l1000_bench.datasets.pyramid_dataset import PyramidDataset
from l1000_bench.graphs.pyramid import Component, Pyramid
from l1000_bench.io.atomic import sha256

# Genes 9 and 367 joined at places 0 and 1, a fake pair beside them; gene 780 raw.
L0 = sp.csr_matrix(np.array([[0, -1.0, 0, 0], [-1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]))
PYRAMID = Pyramid(
    ("780", "9", "367"), (Component(np.array([1, 2, -1, -1]), (L0, sp.csr_matrix((2, 2)))),), np.array([0]), levels=1
)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_pyramid_comes_back_and_has_a_manifest(tmp_path: Path) -> None:
    dataset = PyramidDataset(str(tmp_path / "deep" / "pyramid.npz"))
    assert not dataset.exists()
    dataset.save(PYRAMID)
    assert dataset.exists()
    assert names(tmp_path / "deep") == ["pyramid.npz", "pyramid.npz.sha256"]
    digest = sha256(tmp_path / "deep" / "pyramid.npz")
    assert (tmp_path / "deep" / "pyramid.npz.sha256").read_text() == f"{digest}  pyramid.npz\n"
    back = dataset.load()
    assert back.gene_ids == PYRAMID.gene_ids
    assert back.components[0].order.tolist() == [1, 2, -1, -1]
    np.testing.assert_array_equal(back.components[0].laplacians[0].toarray(), L0.toarray())


def test_a_file_that_was_changed_or_has_no_manifest_is_refused(tmp_path: Path) -> None:
    dataset = PyramidDataset(str(tmp_path / "pyramid.npz"))
    with pytest.raises(DatasetError, match=r"pyramid\.npz does not exist; run the pipeline"):
        dataset.load()
    dataset.save(PYRAMID)
    with dataset.filepath.open("ab") as stream:
        stream.write(b"\0")
    with pytest.raises(DatasetError, match=r"pyramid\.npz has SHA-256"):
        dataset.load()
    (tmp_path / "pyramid.npz.sha256").unlink()
    with pytest.raises(DatasetError, match=r"pyramid\.npz has no manifest"):
        dataset.load()


def test_an_interrupted_save_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = PyramidDataset(str(tmp_path / "pyramid.npz"))
    dataset.save(PYRAMID)

    def half(stream: Any, **_: Any) -> None:
        stream.write(b"PK")
        raise OSError("No space left on device")

    with monkeypatch.context() as patch, pytest.raises(DatasetError, match="No space left"):
        patch.setattr(np, "savez_compressed", half)
        dataset.save(PYRAMID)
    assert dataset.load().gene_ids == PYRAMID.gene_ids
    assert names(tmp_path) == ["pyramid.npz", "pyramid.npz.sha256"]


def test_the_catalog_builds_it_and_the_preview_counts_every_level(tmp_path: Path) -> None:
    entry = {
        "type": "l1000_bench.datasets.pyramid_dataset.PyramidDataset",
        "filepath": str(tmp_path / "pyramid.npz"),
        "metadata": {"kedro-viz": {"layer": "feature"}},
    }
    catalog = DataCatalog.from_config({"collectri.pyramid": entry})
    catalog["collectri.pyramid"].save(PYRAMID)
    dataset: Any = catalog["collectri.pyramid"]
    assert dataset.metadata == {"kedro-viz": {"layer": "feature"}}
    preview = dataset.preview()
    assert preview["columns"] == ["component", "level", "vertices", "fake", "edges"]
    assert preview["data"] == [["0", 0, 4, 2, 1], ["0", 1, 2, 1, 0], ["raw", 0, 1, 0, 0]]
    assert len(dataset.preview(nrows=1)["data"]) == 1
