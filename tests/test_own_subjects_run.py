"""A lab's own corpus with subjects: from a GCTX and one table to the paper's Tables IV and V, with two YAML files."""

from __future__ import annotations

import csv
from collections import Counter
from io import StringIO
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from conftest import Project
from l1000_bench.io.gctx_writer import write_gctx_arrays

SUBJECTS = ["ann", "bob", "cem", "dan"]
DRUGS = ["DMSO", "alpha", "beta", "gamma", "delta"]
REPLICATES = (1, 2, 3)
WELLS = list(product(SUBJECTS, DRUGS, ("1", "10"), REPLICATES))  # subject, drug, dose, replicate plate
GENES = [str(3000 + number) for number in range(978)]

CORPUS = """
corpora:
  our_lab:
    label: Our lab
    kind: own
    remark: ""
    layout: own
    level: 4
    folder: data/01_raw/our_lab
    files: {gctx: plates.gctx, samples: wells.csv}
    columns: {sample_id: barcode, plate_id: plate, well: well, cell_id: line, subject_id: donor, pert_iname: drug,
              pert_type: kind, dose: um, sig_id: replicates_of}
    values: {dose_unit: um, time: 24, time_unit: h}
    recode: {pert_type: {vehicle: ctl_vehicle, "*": trt_cp}}
"""
DATASETS = """
datasets:
  ours_l4: &ours
    corpus: our_lab
    label: Our wells
    rules: [{rule: known_labels, columns: [perturbagen, subject_id]}]
    stratify_by: [subject_id, perturbagen]
    splits:
      stratified: {n_folds: 4, small_classes: keep}
      leave_one_subject_out: {exclude: [dan]}
  ours_l5: {<<: *ours, label: Our signatures, level: 5}
"""
GRID = """
benchmarks:
  ours_l5: [perturbagen]
  ours_l4: [perturbagen, perturbagen_unseen_subject]
classifiers: [majority, centroid, ridge]
"""


def write_corpus(folder: Path) -> None:
    """Wells whose drug moves genes of its own, a part of them in one subject alone."""
    rng = np.random.default_rng(4)
    shared = rng.normal(0, 0.1, (len(DRUGS), 978))
    own = rng.normal(0, 0.3, (len(SUBJECTS), len(DRUGS), 978))
    shared[0] = own[:, 0] = 0
    z = np.array([shared[DRUGS.index(d)] + own[SUBJECTS.index(s), DRUGS.index(d)] for s, d, _, _ in WELLS])
    z += rng.normal(size=z.shape)
    barcodes = [f"{s}:{d}:{dose}:{r}" for s, d, dose, r in WELLS]
    folder.mkdir(parents=True)
    write_gctx_arrays(folder / "plates.gctx", z.astype(np.float32), np.array(barcodes, object), np.array(GENES, object))
    with (folder / "wells.csv").open("w", newline="") as stream:
        table = csv.writer(stream)
        table.writerow("barcode plate well line donor drug kind um replicates_of".split())
        for barcode, (s, d, dose, r) in reversed(list(zip(barcodes, WELLS, strict=True))):
            well = f"{'AB'[dose == '10']}{DRUGS.index(d) + 1:02d}"
            kind = "vehicle" if d == "DMSO" else "drug"
            table.writerow([barcode, f"{s}_X{r}", well, f"line {s}", s, d, kind, dose, f"{s}:{d}:{dose}"])


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("own") / "project")
    parameters = project.folder / "conf" / "base" / "parameters"
    (parameters / "corpora" / "our_lab.yml").write_text(CORPUS)
    (parameters / "datasets" / "our_lab.yml").write_text(DATASETS)
    (project.folder / "conf" / "test" / "experiments.yml").write_text(GRID)
    write_corpus(project.folder / "data" / "01_raw" / "our_lab")
    project.run()
    return project


def table(project: Project, name: str) -> list[list[str]]:
    path = project.data("08_reporting", "paper_tables", f"table_{name}.csv")
    return list(csv.reader(StringIO(path.read_text(encoding="utf-8"))))


def results(project: Project) -> dict[str, float]:
    """Mean test accuracy by dataset.task.classifier."""
    frame = pd.read_csv(project.data("08_reporting", "results.csv"))
    names = frame["dataset"] + "." + frame["task"] + "." + frame["classifier"]
    return dict(zip(names, frame["accuracy_mean"].astype("float64"), strict=True))


def test_the_subject_that_is_left_out_is_never_tested_and_the_others_once(ours: Project) -> None:
    split = pd.read_parquet(ours.data("05_model_input", "ours_l4", "perturbagen_unseen_subject", "split.parquet"))
    subjects = [str(name).partition(":")[0] for name in split["sample_id"]]
    counted = Counter(zip(split["rotation"], subjects, split["role"].astype("str"), strict=True))
    expected = {
        (rotation, s, "test" if s == tested else "train"): 30
        for rotation, tested in enumerate(["ann", "bob", "cem"])
        for s in SUBJECTS
    }
    assert counted == expected


def test_both_levels_hold_what_the_files_say(ours: Project) -> None:
    wells, signatures = (
        pd.read_parquet(ours.data("03_primary", name, "samples.parquet")) for name in ("ours_l4", "ours_l5")
    )
    assert len(wells) == len(WELLS) == 120
    assert len(signatures) == 40
    assert (signatures["n_replicates"] == 3).all()
    assert set(signatures["perturbagen"]) == set(DRUGS)  # doses do not make classes


def test_table_iv_has_both_levels_and_what_tells_them_apart(ours: Project) -> None:
    found, scored = table(ours, "IV"), results(ours)
    text = "\n".join(",".join(row) for row in found)
    assert "Our signatures" in text
    assert "Our wells" in text
    assert "Our wells - Our signatures: " in text.replace("−", "-")
    ridge = next(row for row in found if row[0] == "Ridge classifier")
    for dataset in ("ours_l5", "ours_l4"):
        mean = scored[f"{dataset}.perturbagen.ridge"]
        assert any(cell and cell.replace(".", "").isdigit() and abs(float(cell) - mean) < 0.06 for cell in ridge)


def test_table_v_has_the_drop_of_every_classifier(ours: Project) -> None:
    found, scored = table(ours, "V"), results(ours)
    places = [number for row in found for number, cell in enumerate(row) if "Relative drop" in cell]
    assert places
    for name, label in (("centroid", "Nearest centroid"), ("ridge", "Ridge classifier")):
        row = next(row for row in found if row[0] == label)
        kept, lost = (scored[f"ours_l4.{task}.{name}"] for task in ("perturbagen", "perturbagen_unseen_subject"))
        assert float(row[places[0]]) == pytest.approx(100 * (kept - lost) / kept, abs=0.06)
        assert kept > lost  # most of every drug's effect is the subject's own


def test_the_report_shows_both(ours: Project) -> None:
    page = ours.data("08_reporting", "report.html").read_text()
    assert "Table IV" in page
    assert "Table V" in page
    assert "What generalises" in page
