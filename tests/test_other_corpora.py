"""Corpora of other layouts, from files with their publishers' names and headers to curated datasets."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from conftest import Project
from l1000_bench.io.gctx_writer import write_gctx_arrays
from l1000_bench.io.parts import Profiles
from sample_tables import write_table

LANDMARKS = [str(5000 - number) for number in range(978)]
GENES = ["9001", *reversed(LANDMARKS), "9002"]  # two genes are no landmarks, and the rest are in another order
VALUES = np.random.default_rng(7).normal(size=(24, len(GENES))).astype(np.float32)
CELLS = {"A375": ("skin", "malignant melanoma"), "PC3": ("prostate", "adenocarcinoma")}
# One compound is found by each key, one has two mechanisms, one none: pert_id, name, structure.
KEYS = [f"{letter * 14}-UHFFFAOYSA-N" for letter in "ABC"]
COMPOUNDS = [("BRD-K00000001", "one", None), ("BRD-K00000002", "two", KEYS[0]), ("BRD-K00000003", "Three", KEYS[1])]
RUN = "--pipelines=ingestion,curation"
KNOWN = {"BRD-K00000001": "x", "BRD-K00000002": "y", "BRD-K00000003": "z"}
AUDIT = "by pert_id: 8, by InChIKey: 8, by name: 8, vehicle controls: 0, compounds without a known mechanism: 0, "


def instances() -> list[tuple[str, str, str, str]]:
    """The 24 samples: plate, well, cell line and compound; four replicates of every compound in every cell line."""
    return [
        (f"LJP005_{cell}_24H_X{replicate}_B19", f"A{number:02d}", cell, pert_id)
        for cell in CELLS
        for replicate in (1, 2, 3, 4)
        for number, (pert_id, _, _) in enumerate(COMPOUNDS, start=1)
    ]


def signatures() -> list[tuple[str, str, str, str]]:
    """Every compound in every cell line: sig_id, cell line, compound, its instances."""
    members: dict[tuple[str, str], list[str]] = defaultdict(list)
    for plate, well, cell, pert_id in INSTANCES:
        members[cell, pert_id].append(f"{plate}:{well}")
    return [(f"LJP005_{cell}_24H:{pert}", cell, pert, "|".join(members[cell, pert])) for cell, pert in members]


INSTANCES = instances()
NAMES = {pert_id: name for pert_id, name, _ in COMPOUNDS}


def write_matrix(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    ids = [f"{plate}:{well}" for plate, well, _, _ in INSTANCES]
    write_gctx_arrays(path, VALUES, np.array(ids, dtype=object), np.array(GENES, dtype=object))


def write_gse70138(folder: Path) -> None:
    def write(table: str, date: str, rows: list[dict[str, str]]) -> None:
        write_table(folder / f"GSE70138_Broad_LINCS_{table}_{date}.txt", "gse70138", table, rows)

    write_matrix(folder / "GSE70138_Broad_LINCS_Level4_ZSPCINF_mlr12k_n345976x12328_2017-03-06.gctx")
    treatment = {"pert_type": "trt_cp", "pert_dose": "10.0", "pert_dose_unit": "um", "pert_time": "24.0"}
    rows = [
        {"inst_id": f"{plate}:{well}", "det_plate": plate, "det_well": well, "cell_id": cell, "pert_id": pert_id,
         "pert_iname": NAMES[pert_id], "pert_time_unit": "h", **treatment}
        for plate, well, cell, pert_id in INSTANCES
    ]  # fmt: skip
    write("inst_info", "2017-03-06", rows[::-1])
    sigs = [
        {"sig_id": sig_id, "pert_id": pert_id, "pert_iname": NAMES[pert_id], "pert_type": "trt_cp", "cell_id": cell,
         "pert_idose": "10.0 um", "pert_itime": "24 h", "distil_id": of}
        for sig_id, cell, pert_id, of in signatures()
    ]  # fmt: skip
    write("sig_info", "2017-03-06", sigs)
    write("sig_metrics", "2017-03-06", [{"sig_id": sigs[0]["sig_id"], "distil_cc_q75": "0.37", "tas": "0.150663"}])
    perts = [{"pert_id": pert_id, "pert_iname": name, "inchi_key": key or "-666"} for pert_id, name, key in COMPOUNDS]
    write("pert_info", "2017-03-06", perts)
    cells = [{"cell_id": cell, "primary_site": site, "subtype": kind} for cell, (site, kind) in CELLS.items()]
    write("cell_info", "2017-04-28", cells)
    is_landmark = dict.fromkeys(LANDMARKS, "1")
    genes = [
        {"pr_gene_id": gene, "pr_gene_symbol": f"G{gene}", "pr_is_lm": is_landmark.get(gene, "0")}
        for gene in ["9002", *LANDMARKS, "9001"]
    ]
    write("gene_info", "2017-03-06", genes)
    remark = "!Table\tmade for a test\r\n"
    drugs = "pert_iname\tclinical_phase\tmoa\tTarget\r\nuno\t\tX\t\r\ndue\t\ty\t\r\nthree\t\tz\t\r\n"
    (folder / "repurposing_drugs_20200324.txt").write_text(remark + drugs, newline="")
    batches = f"broad_id\tpert_iname\tInChIKey\r\nBRD-K00000001-001-01-1\tuno\t\r\nBRD-K99999999-1\tdue\t{KEYS[0]}\r\n"
    (folder / "repurposing_samples_20200324.txt").write_text(remark + batches, newline="")


def write_lincs2020(folder: Path) -> None:
    def write(table: str, rows: list[dict[str, str]]) -> None:
        write_table(folder / f"{table.replace('_', '')}_beta.txt", "lincs2020", table, rows)

    write_matrix(folder / "level4_beta_trt_cp_n1805898x12328.gctx")
    treatment = {"pert_type": "trt_cp", "pert_dose": "10", "pert_dose_unit": "uM", "pert_time": "24", "qc_pass": "1"}
    rows = [
        {"sample_id": f"{plate}:{well}", "det_plate": plate, "det_well": well, "cell_iname": cell, "pert_id": pert_id,
         "cmap_name": NAMES[pert_id], "pert_time_unit": "h", **treatment}
        for plate, well, cell, pert_id in INSTANCES
    ]  # fmt: skip
    write("inst_info", rows[::-1])
    sigs = [
        {"sig_id": sig_id, "pert_id": pert_id, "cmap_name": NAMES[pert_id], "pert_type": "trt_cp", "cell_iname": cell,
         "distil_ids": of, "cc_q75": "0.37", "tas": "0.150663"}
        for sig_id, cell, pert_id, of in signatures()
    ]  # fmt: skip
    controls = {"sig_id": "LJP005_A375_24H:DMSO", "pert_type": "ctl_vehicle", "distil_ids": "of another matrix"}
    write("sig_info", [controls, *sigs])
    cells = [
        {"cell_iname": cell, "cell_lineage": site, "primary_disease": kind} for cell, (site, kind) in CELLS.items()
    ]
    write("cell_info", cells)
    genes = [
        {"gene_id": gene, "gene_symbol": f"G{gene}", "feature_space": "landmark" if gene in LANDMARKS else "inferred"}
        for gene in ["9002", *LANDMARKS, "9001"]
    ]
    write("gene_info", genes)
    compounds = [
        {"pert_id": "BRD-K00000001", "cmap_name": "one", "target": target, "moa": "X"} for target in ("A", "B")
    ]
    compounds += [
        {"pert_id": "BRD-K00000002", "cmap_name": "two", "inchi_key": KEYS[0]},
        {"pert_id": "BRD-K11111111", "cmap_name": "due", "moa": "y", "inchi_key": KEYS[0]},
        {"pert_id": "BRD-K22222222", "cmap_name": "three", "moa": "z", "inchi_key": KEYS[2]},
    ]
    write("compound_info", compounds)


def use(project: Project, corpus: str, dataset: str = "all_profiles", tasks: str = "[cell_id, moa]") -> None:
    (project.folder / "conf/test/experiments.yml").write_text(
        f"benchmarks:\n  {dataset}: {tasks}\nclassifiers: [majority]\n"
    )
    path = project.folder / "conf/test/globals.yml"
    name = "neurobank_corpus" if dataset.startswith("neurobank") else "corpus"
    path.write_text(f"{path.read_text()}{name}: {corpus}\n")


@pytest.mark.parametrize(("corpus", "write"), [("gse70138", write_gse70138), ("lincs2020", write_lincs2020)])
def test_published_corpora_go_through_to_curated_datasets(
    project: Project, corpus: str, write: Callable[[Path], None]
) -> None:
    use(project, corpus)
    if corpus == "gse70138":  # its tables of signatures are fetched, and named by whoever needs them
        project.replace(f"base/parameters/corpora/{corpus}.yml", "# sig_", "sig_")
    write(project.folder / "data/01_raw" / corpus)
    project.run(RUN)
    raw = pd.read_parquet(project.data("02_intermediate", corpus, "raw_samples.parquet"))
    assert raw["plate_id"].tolist() == [plate for plate, _, _, _ in INSTANCES]
    assert set(raw["plate_set"]) == {"LJP005_A375_24H", "LJP005_PC3_24H"}
    assert raw["sig_id"].tolist() == [f"LJP005_{cell}_24H:{pert_id}" for _, _, cell, pert_id in INSTANCES]
    assert raw["distil_cc"].dropna().unique().tolist() == [0.37]
    samples = pd.read_parquet(project.data("03_primary", "all_profiles", "samples.parquet"))
    assert samples["moa"].tolist() == [KNOWN[pert_id] for _, _, _, pert_id in INSTANCES]
    assert samples["primary_site"].tolist() == [CELLS[cell][0] for _, _, cell, _ in INSTANCES]
    assert samples["subtype"].tolist() == [CELLS[cell][1] for _, _, cell, _ in INSTANCES]
    audit = pd.read_parquet(project.data("03_primary", "all_profiles", "audit.parquet"))
    assert AUDIT in audit["why"].iloc[0]
    profiles = Profiles(project.data("03_primary", "all_profiles", "profiles"))
    assert list(profiles.gene_ids) == LANDMARKS
    np.testing.assert_array_equal(profiles.matrix(), VALUES[:, 1:-1][:, ::-1])
    split = pd.read_parquet(project.data("05_model_input", "all_profiles", "moa", "split.parquet"))
    assert Counter(split["rotation"]) == {0: 24, 1: 24, 2: 24}


# A lab's own corpus, with five subjects, four compounds and two replicates

DONORS = ["bipolar1", "ctl1", "ctl2", "scz1", "scz2"]
DRUGS = ["DMSO", "aspirin", "aspirin, buffered", "lithium"]
WELLS = [(donor, drug, replicate) for donor in DONORS for drug in DRUGS for replicate in (1, 2)]
OWN = np.random.default_rng(8).normal(size=(len(WELLS), 978)).round(3).astype(np.float32)
BARCODES = [f"00{number}" for number in range(len(WELLS))]


def write_gct(path: Path, values: NDArray[np.float32]) -> None:
    """Write GCT 1.3 as a lab's software would: with symbols of the genes, and plates of the wells."""
    lines = ["#1.3", f"978\t{len(values)}\t1\t1", "\t".join(["id", "symbol", *BARCODES])]
    lines.append("\t".join(["plate", "na", *("P1" for _ in BARCODES)]))
    for number, gene in enumerate(LANDMARKS):
        lines.append("\t".join([gene, f"G{gene}", *(f"{value:.3f}" for value in values[:, number])]))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")


def write_neurobank(project: Project) -> None:
    """Put an own corpus in the place that neurobank.yml names, as a GCT and without a table of genes."""
    path = "base/parameters/corpora/neurobank.yml"
    project.replace(path, "gctx: neurobank_level4.gctx ", "gctx: neurobank_level4.gct ")
    project.replace(path, "      gene_info: GSE92742", "      # gene_info: GSE92742")
    project.replace(path, "keep: []", "keep: [batch]")
    folder = project.folder / "data/01_raw/neurobank"
    write_gct(folder / "neurobank_level4.gct", OWN)
    with (folder / "neurobank_samples.csv").open("w", newline="", encoding="utf-8-sig") as stream:
        table = csv.writer(stream)
        table.writerow("sample plate well line donor compound_id compound kind dose_um signature batch".split())
        for barcode, (donor, drug, replicate) in list(zip(BARCODES, WELLS, strict=True))[::-1]:
            kind, number = ("vehicle" if drug == "DMSO" else "drug"), DRUGS.index(drug)
            row = [
                barcode,
                f"P_X{replicate}",
                f"A{number}",
                "NPC",
                donor,
                f"C{number}",
                drug,
                kind,
                "" if number == 0 else 10,
            ]
            table.writerow([*row, f"{donor}:{drug}", "b1"])


def test_an_own_corpus_with_subjects_goes_through_to_a_curated_dataset(project: Project) -> None:
    use(project, "neurobank", "neurobank_l4", "[perturbagen]")
    write_neurobank(project)
    project.run(RUN)
    samples = pd.read_parquet(project.data("03_primary", "neurobank_l4", "samples.parquet"))
    assert samples["sample_id"].tolist() == BARCODES
    assert samples["subject_id"].tolist() == [donor for donor, _, _ in WELLS]
    assert samples["perturbagen"].tolist() == [drug for _, drug, _ in WELLS]
    assert samples["pert_type"].tolist() == ["ctl_vehicle" if drug == "DMSO" else "trt_cp" for _, drug, _ in WELLS]
    assert samples["moa"].fillna("-").tolist() == ["DMSO" if drug == "DMSO" else "-" for _, drug, _ in WELLS]
    assert set(samples["plate_set"]) == {"P"}
    assert set(samples["batch"]) == {"b1"}
    profiles = Profiles(project.data("03_primary", "neurobank_l4", "profiles"))
    assert list(profiles.gene_ids) == LANDMARKS
    np.testing.assert_array_equal(profiles.matrix(), OWN)
    genes = pd.read_parquet(project.data("02_intermediate", "neurobank", "gene_info.parquet"))
    assert genes["pr_gene_id"].tolist() == LANDMARKS
    split = pd.read_parquet(project.data("05_model_input", "neurobank_l4", "perturbagen", "split.parquet"))
    tested = split[split["role"] == "test"].astype({"sample_id": "str"})
    assert sorted(tested["sample_id"]) == sorted(BARCODES)


def test_the_replicates_of_an_own_corpus_become_its_signatures(project: Project) -> None:
    use(project, "neurobank", "neurobank_l5", "[perturbagen]")
    write_neurobank(project)
    project.run(RUN)
    samples = pd.read_parquet(project.data("03_primary", "neurobank_l5", "samples.parquet"))
    assert samples["sig_id"].tolist() == [f"{donor}:{drug}" for donor in DONORS for drug in DRUGS]
    assert samples["subject_id"].tolist() == [donor for donor in DONORS for _ in DRUGS]
    # The two weights of two replicates are the same, whatever their correlation.
    expected = OWN.reshape(len(DONORS) * len(DRUGS), 2, 978).mean(axis=1)
    found = Profiles(project.data("03_primary", "neurobank_l5", "profiles")).matrix()
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_a_misspelt_column_of_an_own_corpus_stops_before_any_work(project: Project) -> None:
    use(project, "neurobank", "neurobank_l4", "[perturbagen]")
    project.replace("base/parameters/corpora/neurobank.yml", "subject_id: donor", "subject: donor")
    message = project.refusal(RUN)
    assert message.startswith("corpora.neurobank: columns names the column(s) subject; a sample has sample_id,")
    assert not (project.folder / "data").exists()


def test_an_own_corpus_without_its_files_says_where_they_belong(project: Project) -> None:
    use(project, "neurobank", "neurobank_l4", "[perturbagen]")
    message = project.refusal(RUN)
    assert "MGH NeuroBank, Level 4 lacks 3 of its 3 files" in message
    assert "neurobank_samples.csv: this corpus is private; L1000_NEUROBANK can name the folder" in message
