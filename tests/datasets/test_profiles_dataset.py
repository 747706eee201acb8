from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kedro.io import DataCatalog, DatasetError

from l1000_bench.datasets.profiles_dataset import ProfilesDataset
from l1000_bench.io.parts import Block, Profiles, ProfileStream

GENES = np.array([f"g{number}" for number in range(12)], dtype=object)
IDS = np.array([f"s{number}" for number in range(30)], dtype=object)
VALUES = np.random.default_rng(4).normal(size=(30, 12)).astype(np.float32)


def stream(*, broken: bool = False) -> ProfileStream:
    def blocks() -> Iterator[Block]:
        yield Block(IDS[:20], VALUES[:20])
        if broken:
            raise RuntimeError("the source broke")
        yield Block(IDS[20:], VALUES[20:])

    return ProfileStream(GENES, blocks())


def test_a_stream_comes_back_as_profiles(tmp_path: Path) -> None:
    dataset = ProfilesDataset(str(tmp_path / "deep" / "profiles"))
    assert not dataset.exists()
    dataset.save(stream())
    assert dataset.exists()
    profiles = dataset.load()
    assert isinstance(profiles, Profiles)
    np.testing.assert_array_equal(profiles.matrix(), VALUES)
    assert profiles.sample_ids.tolist() == IDS.tolist()
    assert profiles.gene_ids.tolist() == GENES.tolist()


def test_an_interrupted_save_leaves_the_old_profiles(tmp_path: Path) -> None:
    dataset = ProfilesDataset(str(tmp_path / "profiles"))
    dataset.save(stream())
    with pytest.raises(DatasetError, match="the source broke"):
        dataset.save(stream(broken=True))
    np.testing.assert_array_equal(dataset.load().matrix(), VALUES)
    assert [path.name for path in tmp_path.iterdir()] == ["profiles"]


def test_parts_that_were_changed_or_are_missing_are_refused(tmp_path: Path) -> None:
    dataset = ProfilesDataset(str(tmp_path / "profiles"))
    with pytest.raises(DatasetError, match="profiles does not exist; run the pipeline"):
        dataset.load()
    dataset.save(stream())
    part = tmp_path / "profiles" / "part-00000.parquet"
    part.write_bytes(part.read_bytes() + b"\0")
    with pytest.raises(DatasetError, match=r"part-00000\.parquet has SHA-256"):
        dataset.load()


def test_the_preview_is_a_corner_of_the_matrix(tmp_path: Path) -> None:
    dataset = ProfilesDataset(str(tmp_path / "profiles"))
    values = VALUES.copy()
    values[0, 1] = np.nan
    dataset.save(ProfileStream(GENES, [Block(IDS, values)]))
    preview: Any = dataset.preview(nrows=3)
    assert preview["columns"] == ["sample_id", *GENES[:8]]
    assert [row[0] for row in preview["data"]] == ["s0", "s1", "s2"]
    assert preview["data"][0][2] is None
    assert preview["data"][1][1:] == [round(float(value), 3) for value in VALUES[1, :8]]
    whole: Any = dataset.preview()
    assert len(whole["data"]) == 10


def test_the_catalog_builds_it(tmp_path: Path) -> None:
    entry = {"type": "l1000_bench.datasets.profiles_dataset.ProfilesDataset", "filepath": str(tmp_path / "profiles")}
    catalog = DataCatalog.from_config({"a": entry})
    catalog.save("a", stream())
    assert len(catalog.load("a")) == 30
    assert str(catalog.get("a")).endswith(f"ProfilesDataset(filepath='{tmp_path}/profiles')")
