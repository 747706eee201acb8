from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kedro.io import DataCatalog, DatasetError

from l1000_bench.datasets.table_dataset import TableDataset
from l1000_bench.errors import InputError

FRAME = pd.DataFrame(
    {
        "sample_id": pd.Series(["s1", "780", None, 'q"uote, "é" µ'], dtype="str"),
        "role": pd.Categorical(["dev", "test", "dev", None], ["train", "dev", "test"]),
        "rotation": np.array([0, -1, 2**53 + 1, 3]),
        "accuracy": [0.1, 1 / 3, np.nan, 5e-324],
        "probability:x|y": np.array([0.1, 1 / 3, 1, 0], dtype=np.float32),
        "kept": [True, False, True, True],
    },
    index=[7, 7, 3, 1],
)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def saved(path: Path, frame: pd.DataFrame = FRAME) -> TableDataset:
    dataset = TableDataset(str(path))
    dataset.save(frame)
    return dataset


# Round trips


def test_parquet_keeps_types_categories_and_bits(tmp_path: Path) -> None:
    dataset = TableDataset(str(tmp_path / "deep" / "a.parquet"))
    assert not dataset.exists()
    dataset.save(FRAME)
    assert dataset.exists()
    back = dataset.load()
    pd.testing.assert_frame_equal(back, FRAME.reset_index(drop=True), check_exact=True)
    assert back["role"].cat.categories.tolist() == ["train", "dev", "test"]
    assert names(tmp_path / "deep") == ["a.parquet", "a.parquet.sha256"]


def test_an_empty_table_keeps_its_types(tmp_path: Path) -> None:
    frame = FRAME.drop(columns="role").iloc[:0]
    pd.testing.assert_frame_equal(saved(tmp_path / "a.parquet", frame).load(), frame.reset_index(drop=True))


NAMES = st.sampled_from(["NA", "None", "nan", "null", "N/A", "a,b", 'say "so"', "two\nlines", "é", " padded "])


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.lists(st.tuples(NAMES, st.floats(allow_infinity=False)), min_size=1, max_size=20))
def test_csv_keeps_names_and_the_last_bit_of_numbers(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, float]]
) -> None:
    frame = pd.DataFrame(rows, columns=["classifier", "accuracy_mean"]).astype({"classifier": "str"})
    back = saved(tmp_path_factory.getbasetemp() / "hypothesis.csv", frame).load()
    pd.testing.assert_frame_equal(back, frame, check_exact=True)


def test_csv_is_what_other_programs_read(tmp_path: Path) -> None:
    frame = pd.DataFrame({"classifier": ["knn", "NA", None], "accuracy_mean": [0.5, 1 / 3, np.nan], "n": [1, 2, 3]})
    dataset = saved(tmp_path / "results.csv", frame)
    text = "classifier,accuracy_mean,n\nknn,0.5,1\nNA,0.3333333333333333,2\n,,3\n"
    assert (tmp_path / "results.csv").read_text() == text
    assert dataset.load()["classifier"].isna().tolist() == [False, False, True]


@pytest.mark.parametrize("name", ["a.parquet", "a.csv"])
def test_the_same_table_makes_the_same_bytes(tmp_path: Path, name: str) -> None:
    for folder in ("a", "b"):
        saved(tmp_path / folder / name)
    assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_other_formats_are_refused() -> None:
    with pytest.raises(InputError, match=r"a\.xlsx ends in none of \.parquet, \.csv"):
        TableDataset("a.xlsx")


# Damage


def change_a_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def forget_the_manifest(path: Path) -> None:
    path.with_name(f"{path.name}.sha256").unlink()


def empty_the_manifest(path: Path) -> None:
    path.with_name(f"{path.name}.sha256").write_text("")


def name_another_file(path: Path) -> None:
    manifest = path.with_name(f"{path.name}.sha256")
    manifest.write_text(manifest.read_text().replace(path.name, "other"))


@pytest.mark.parametrize("name", ["a.parquet", "a.csv"])
@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (change_a_byte, "has SHA-256 .* was changed or cut off"),
        (cut_off, "has SHA-256 .* was changed or cut off"),
        (forget_the_manifest, "has no manifest"),
        (empty_the_manifest, "lists no file"),
        (name_another_file, "has SHA-256"),
        (Path.unlink, "does not exist"),
    ],
)
def test_a_file_that_was_changed_is_refused(
    tmp_path: Path, name: str, harm: Callable[[Path], None], message: str
) -> None:
    dataset = saved(tmp_path / name)
    harm(tmp_path / name)
    with pytest.raises(DatasetError, match=rf"(?s){name}.*{message}"):
        dataset.load()


# Interruptions


@pytest.mark.parametrize("error", [OSError("No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize(("name", "writer"), [("a.parquet", "to_parquet"), ("a.csv", "to_csv")])
def test_an_interrupted_save_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, writer: str, error: BaseException
) -> None:
    dataset = saved(tmp_path / name, pd.DataFrame({"a": [1]}))

    def half(frame: pd.DataFrame, path: Path, **_: Any) -> None:
        path.write_bytes(b"half of")
        raise error

    monkeypatch.setattr(pd.DataFrame, writer, half)
    with pytest.raises((DatasetError, KeyboardInterrupt)):
        dataset.save(pd.DataFrame({"a": [2]}))
    assert dataset.load()["a"].tolist() == [1]
    assert names(tmp_path) == [name, f"{name}.sha256"]


def test_a_save_interrupted_before_its_manifest_is_refused_until_it_is_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = saved(tmp_path / "a.parquet", pd.DataFrame({"a": [1]}))

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("l1000_bench.datasets.table_dataset.write_manifest", interrupted)
        dataset.save(pd.DataFrame({"a": [2]}))
    with pytest.raises(DatasetError, match="run the node that makes it again"):
        dataset.load()
    dataset.save(pd.DataFrame({"a": [2]}))
    assert dataset.load()["a"].tolist() == [2]


# Kedro


@pytest.mark.parametrize("name", ["a.parquet", "a.csv"])
def test_the_preview_is_the_first_rows(tmp_path: Path, name: str) -> None:
    dataset = saved(tmp_path / name, pd.DataFrame({"n": range(50), "label": ["x", None] * 25}))
    assert dataset.preview(nrows=2) == {"index": [0, 1], "columns": ["n", "label"], "data": [[0, "x"], [1, None]]}
    whole: Any = dataset.preview()
    assert len(whole["data"]) == 20


def test_the_catalog_builds_it(tmp_path: Path) -> None:
    entry = {
        "type": "l1000_bench.datasets.table_dataset.TableDataset",
        "filepath": str(tmp_path / "a.parquet"),
        "metadata": {"kedro-viz": {"layer": "models"}},
    }
    catalog = DataCatalog.from_config({"a": entry})
    catalog.save("a", FRAME)
    assert catalog.load("a")["rotation"].tolist() == FRAME["rotation"].tolist()
    built: Any = catalog.get("a")
    assert built.metadata == entry["metadata"]
    assert str(built).endswith(f"TableDataset(filepath='{tmp_path}/a.parquet')")
