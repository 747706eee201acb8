from __future__ import annotations

import hashlib
import json
import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlcroissant
import numpy as np
import pandas as pd
import pytest
from anndata import read_h5ad

from exported import GENES, N, benchmark, samples, values
from l1000_bench.io.export import anndata_file
from l1000_bench.io.export.benchmark import ExportedBenchmark
from l1000_bench.io.export.folder import write_export
from l1000_bench.io.submission_file import read_submission

FILES = [
    "README.md", "SHA256SUMS", "croissant.json", "full.moa.h5ad", "genes.parquet", "profiles.parquet",
    "samples.parquet", "split.parquet", "submission_template.csv",
]  # fmt: skip


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> ExportedBenchmark:
    return benchmark(tmp_path_factory.mktemp("source"))


@pytest.fixture(scope="module")
def folder(exported: ExportedBenchmark, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export") / "full" / "moa"
    write_export(exported, folder)
    return folder


def missing_as_none(values: Any) -> list[Any]:
    return [None if pd.isna(value) else value for value in values]


def roles_of(split: pd.DataFrame, rotation: int) -> dict[str, str]:
    rows = split[split["rotation"] == rotation]
    return dict(zip(rows["sample_id"].astype("str"), rows["role"].astype("str"), strict=True))


# The folder


def test_the_sums_are_those_of_the_files(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == FILES
    done = subprocess.run(
        ["sha256sum", "--strict", "-c", "SHA256SUMS"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert sorted(line.removesuffix(": OK") for line in done.stdout.splitlines()) == sorted({*FILES} - {"SHA256SUMS"})


def test_the_same_benchmark_makes_the_same_bytes_at_another_time(
    exported: ExportedBenchmark, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    time.sleep(1.1)  # HDF5's times are in seconds
    monkeypatch.chdir(tmp_path)
    write_export(exported, Path("elsewhere"))
    for name in FILES:
        assert (tmp_path / "elsewhere" / name).read_bytes() == (folder / name).read_bytes(), name


def test_an_interrupted_export_leaves_the_old_folder(
    exported: ExportedBenchmark, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "moa").mkdir()
    (tmp_path / "moa" / "old").write_text("as it was")

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("l1000_bench.io.export.folder.write_anndata", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_export(exported, tmp_path / "moa")
    assert [path.name for path in tmp_path.iterdir()] == ["moa"]
    assert [path.name for path in (tmp_path / "moa").iterdir()] == ["old"]


def test_the_readme_says_what_every_file_is_and_how_to_hand_in(folder: Path, exported: ExportedBenchmark) -> None:
    text = (folder / "README.md").read_text()
    for name in sorted({*FILES} - {"README.md"}):
        assert f"| `{name}` |" in text
    assert "the split uses 35 of them, of 3 classes, in 3 rotation(s)" in text
    assert "submission.dataset=full,submission.task=moa" in text
    assert exported.split_sha256 in text


# Tables


def test_the_tables_are_those_of_the_source(folder: Path, exported: ExportedBenchmark) -> None:
    profiles = pd.read_parquet(folder / "profiles.parquet").set_index("sample_id")
    assert profiles.index.tolist() == samples()["sample_id"].tolist()
    assert profiles.columns.tolist() == GENES
    np.testing.assert_array_equal(profiles.to_numpy(), values())
    table = pd.read_parquet(folder / "samples.parquet")
    pd.testing.assert_frame_equal(table.drop(columns="y_true"), samples())
    assert missing_as_none(table["y_true"]) == missing_as_none(samples()["moa"])
    split = pd.read_parquet(folder / "split.parquet")
    pd.testing.assert_frame_equal(split, exported.split.astype({"sample_id": "str", "role": "str"}))
    genes = pd.read_parquet(folder / "genes.parquet")
    assert missing_as_none(genes["symbol"]) == ["DDR1", "RFC2", None, "AARS"]


def test_the_digest_can_be_made_again_from_the_split_as_the_readme_says(
    folder: Path, exported: ExportedBenchmark
) -> None:
    rows = pd.read_parquet(folder / "split.parquet").itertuples(index=False)
    lines = sorted((int(rotation), sample, role) for rotation, sample, role in rows)
    text = "".join(f"{rotation}\t{sample}\t{role}\n" for rotation, sample, role in lines)
    assert hashlib.sha256(text.encode()).hexdigest() == exported.split_sha256


def test_the_filled_template_is_a_submission_of_every_held_out_sample(
    folder: Path, exported: ExportedBenchmark, tmp_path: Path
) -> None:
    template = pd.read_csv(folder / "submission_template.csv", dtype="str", keep_default_na=False)
    assert (template["y_pred"] == "").all()
    template.assign(y_pred="NA").to_csv(tmp_path / "mine.csv", index=False)
    found = read_submission(tmp_path / "mine.csv")
    held_out = exported.split[exported.split["role"].isin(["dev", "test"])]
    assert len(found) == 2 * 35  # labelled samples, each once dev and once test
    assert list(zip(found["rotation"], found["sample_id"], found["role"], strict=True)) == list(
        zip(held_out["rotation"], held_out["sample_id"], held_out["role"], strict=True)
    )
    assert set(found["split_sha256"]) == {exported.split_sha256}


# AnnData


def test_anndata_reads_the_same(folder: Path, exported: ExportedBenchmark) -> None:
    read = read_h5ad(folder / "full.moa.h5ad")
    assert isinstance(read.X, np.ndarray)
    assert read.X.dtype == np.float32
    np.testing.assert_array_equal(read.X, values())
    source = samples().set_index("sample_id")
    assert read.obs_names.tolist() == source.index.tolist()
    for name in source.columns:
        assert missing_as_none(read.obs[name.replace("/", "_")]) == missing_as_none(source[name]), name
    assert missing_as_none(read.obs["y_true"]) == missing_as_none(source["moa"])
    for rotation in range(3):
        roles = roles_of(exported.split, rotation)
        assert read.obs[f"role_{rotation}"].tolist() == [roles[name] for name in source.index]
    assert read.var_names.tolist() == GENES
    assert missing_as_none(read.var["symbol"]) == ["DDR1", "RFC2", None, "AARS"]
    assert read.uns["split_sha256"] == exported.split_sha256
    assert read.uns["protocol"] == "Folds, rotated."


def test_anndata_reads_some_profiles_without_the_others(folder: Path) -> None:
    read = read_h5ad(folder / "full.moa.h5ad", backed="r")
    np.testing.assert_array_equal(np.asarray(read.X[3:5]), values()[3:5])
    read.file.close()


def test_anndata_is_imported_by_the_export_alone() -> None:
    code = "import sys, l1000_bench.datasets.export_dataset; sys.exit('anndata' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert "AnnData" not in vars(anndata_file)


# Croissant

# What mlcroissant 1.1 calls of rdflib and pandas is deprecated there.
READS_CROISSANT = pytest.mark.filterwarnings(
    "ignore:ConjunctiveGraph is deprecated:DeprecationWarning",
    "ignore:The inplace keyword:pandas.errors.Pandas4Warning",
)


@pytest.fixture
def croissant(folder: Path) -> Iterator[mlcroissant.Dataset]:
    logging.getLogger("absl").setLevel(logging.ERROR)  # it warns that citeAs, datePublished and version are missing
    yield mlcroissant.Dataset(jsonld=str(folder / "croissant.json"))


@READS_CROISSANT
def test_croissant_is_valid_and_knows_the_files(croissant: mlcroissant.Dataset, folder: Path) -> None:
    assert not croissant.metadata.ctx.issues.errors
    described = json.loads((folder / "croissant.json").read_text())
    sums = dict(line.split("  ")[::-1] for line in (folder / "SHA256SUMS").read_text().splitlines())
    for file in described["distribution"]:
        assert file["sha256"] == sums[file["contentUrl"]]
        assert file["contentSize"] == f"{(folder / file['name']).stat().st_size} B"
    assert {file["name"] for file in described["distribution"]} == {*FILES} - {
        "README.md",
        "SHA256SUMS",
        "croissant.json",
    }


def records(dataset: mlcroissant.Dataset, name: str) -> pd.DataFrame:
    table = pd.DataFrame(list(dataset.records(name)))
    text = {
        column: table[column].map(lambda cell: cell.decode() if isinstance(cell, bytes) else cell) for column in table
    }
    return pd.DataFrame(text).rename(columns=lambda column: column.removeprefix(f"{name}/"))


@READS_CROISSANT
def test_croissant_finds_every_record(croissant: mlcroissant.Dataset, exported: ExportedBenchmark) -> None:
    found = records(croissant, "samples")
    for name in (*samples().columns, "y_true"):
        assert missing_as_none(found[name]) == missing_as_none(exported.samples[name]), name
    profiles = records(croissant, "profiles").set_index("sample_id")
    assert profiles.columns.tolist() == GENES
    np.testing.assert_array_equal(profiles.to_numpy(dtype=np.float32), values())
    split = records(croissant, "split")
    assert len(split) == 3 * N
    for rotation in range(3):
        assert roles_of(split, rotation) == roles_of(exported.split, rotation)
    assert records(croissant, "genes")["gene_id"].tolist() == GENES


@READS_CROISSANT
def test_croissant_knows_classes_and_roles(croissant: mlcroissant.Dataset) -> None:
    assert records(croissant, "classes")["name"].tolist() == ["NA", "a|b", "c"]
    roles = records(croissant, "roles").set_index("name")["url"]
    assert roles["dev"] == "cr:ValidationSplit"
    (found,) = [found for found in croissant.metadata.record_sets if found.id == "samples"]
    labels = [field.id for field in found.fields if any(str(kind).endswith("/Label") for kind in field.data_types)]
    assert labels == ["samples/y_true"]
