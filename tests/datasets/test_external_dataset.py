from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from kedro.io import DataCatalog, DatasetError

from l1000_bench.datasets.external_dataset import ExternalDataset

FRAME = pd.DataFrame(
    {
        "sample_id": pd.Series(["007", "8"], dtype="str"),
        "rotation": [0, 1],
        "role": pd.Series(["dev", "test"], dtype="str"),
        "y_pred": pd.Series(["lung", "NA"], dtype="str"),
        "split_sha256": pd.Series(["0" * 64] * 2, dtype="str"),
    }
)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_folder_that_is_not_there_holds_nothing_and_exists(tmp_path: Path) -> None:
    dataset = ExternalDataset(str(tmp_path / "external"))
    assert dataset.exists()
    assert dataset.load() == {}
    assert not (tmp_path / "external").exists()


def test_what_is_saved_stands_beside_what_is_there(tmp_path: Path) -> None:
    FRAME.to_csv(tmp_path / "dropped.csv", index=False)
    dataset = ExternalDataset(str(tmp_path))
    dataset.save({"mine": FRAME.assign(rotation=7), "Second": FRAME})
    dataset.save({"mine": FRAME})
    assert names(tmp_path) == ["Second.parquet", "dropped.csv", "mine.parquet"]
    loaded = dataset.load()
    assert list(loaded) == ["Second", "dropped", "mine"]
    for frame in loaded.values():
        pd.testing.assert_frame_equal(frame, FRAME)


def test_a_csv_of_the_same_name_is_not_overruled(tmp_path: Path) -> None:
    FRAME.to_csv(tmp_path / "mine.csv", index=False)
    with pytest.raises(DatasetError, match=r"mine\.csv holds predictions of that name"):
        ExternalDataset(str(tmp_path)).save({"mine": FRAME})
    assert names(tmp_path) == ["mine.csv"]


def test_an_interrupted_save_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = ExternalDataset(str(tmp_path))
    dataset.save({"mine": FRAME})

    def half(frame: pd.DataFrame, path: Path, **_: object) -> None:
        path.write_bytes(b"half of")
        raise KeyboardInterrupt

    monkeypatch.setattr(pd.DataFrame, "to_parquet", half)
    with pytest.raises(KeyboardInterrupt):
        dataset.save({"mine": FRAME.iloc[:1]})
    assert names(tmp_path) == ["mine.parquet"]
    pd.testing.assert_frame_equal(dataset.load()["mine"], FRAME)


def test_a_wrong_file_is_named_with_its_row(tmp_path: Path) -> None:
    FRAME.assign(role=["dev", "train"]).to_csv(tmp_path / "mine.csv", index=False)
    with pytest.raises(DatasetError, match=r"mine\.csv row 2: role is 'train'"):
        ExternalDataset(str(tmp_path)).load()


def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"'\.\./mine' cannot name a method"):
        ExternalDataset(str(tmp_path / "external")).save({"../mine": FRAME})


def test_the_catalog_builds_it(tmp_path: Path) -> None:
    entry = {"type": "l1000_bench.datasets.external_dataset.ExternalDataset", "filepath": str(tmp_path / "external")}
    catalog = DataCatalog.from_config({"a": entry})
    catalog.save("a", {"mine": FRAME})
    assert list(catalog.load("a")) == ["mine"]


def test_the_preview_names_what_was_handed_in(tmp_path: Path) -> None:
    dataset = ExternalDataset(str(tmp_path / "external"))
    assert dataset.preview()["data"] == []
    dataset.save({"b": FRAME, "a": FRAME})
    assert [row[0] for row in dataset.preview()["data"]] == ["a.parquet", "b.parquet"]
