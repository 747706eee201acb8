from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from conftest import Project

GRAPH = "base/parameters/graphs/regulatory.yml"
NET = "base/parameters/classifiers/gcnn.yml"
CONTROL = "base/parameters/classifiers/gcnn_k1.yml"


@pytest.mark.parametrize(
    ("path", "old", "new", "parts"),
    [
        (NET, "K: [5]", "K: [0]", ["classifiers.gcnn: K is (0,)", "K = 1"]),
        (NET, "dropout: {dist: beta, a: 6, b: 9}", "dropout: {dist: betta, a: 6, b: 9}",
         ["classifiers.gcnn: space: dropout", "'betta'", "beta, dlaplace"]),
        (NET, 'graph: "${globals:graph}"', "graph: roads",
         ["'roads' among the graphs", "regulatory, rewired", "parameters/graphs/roads.yml"]),
        (CONTROL, "like: gcnn", "like: gcn_n",
         ["classifiers.gcnn_k1 is like 'gcn_n'", "it can be like an entry", "gcnn, gradient_boosting, knn"]),
        ("base/parameters/graphs/rewired.yml", "of: ${globals:graph}", "of: regulatori",
         ["graphs.rewired is a control of 'regulatori'", "regnetwork_directions, regulatory, trrust"]),
        (GRAPH, "label:", "lable:", ["graphs.regulatory", "'lable'", "its keys are label, source, corpus"]),
        (GRAPH, "source: corpus", "source: corpse", ["graphs.regulatory", "'corpse'", "correlation", "trrust"]),
        ("test/globals.yml", "n_folds: 3", "n_folds: 3\ngraph: trrust",
         ["'trrust' (TRRUST) lacks data/01_raw/graphs/trrust_rawdata.human.tsv", "https://www.grnpedia.org/trrust",
          "Fetch it and put it there"]),
    ],
)  # fmt: skip
def test_a_graph_that_cannot_be_stops_before_any_work(
    project: Project, path: str, old: str, new: str, parts: list[str]
) -> None:
    project.replace(path, old, new)
    message = project.refusal()
    assert len(message.splitlines()) == 1
    for part in parts:
        assert part in message
    assert not (project.folder / "data").exists()


def snapshot(project: Project) -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in project.data("04_feature").rglob("*") if file.is_file()}


def refused(project: Project, *arguments: str) -> str:
    """Return the one sentence with which a run is refused that must leave all made graphs as they are."""
    before = snapshot(project)
    assert before
    message = project.refusal(*arguments)
    assert len(message.splitlines()) == 1
    assert snapshot(project) == before
    assert not list(project.folder.rglob("*.tmp.*"))
    return message


def no_landmarks(project: Project) -> list[str]:
    lines = gzip.decompress(project.data("01_raw", "synthetic", "SYNTHETIC_gene_info.txt.gz").read_bytes()).decode()
    genes = pd.DataFrame([line.split("\t") for line in lines.splitlines()[1:]])
    return [str(gene) for gene in genes.loc[genes[3] == "0", 0]]


def test_a_graph_whose_genes_are_no_landmarks_is_refused(copied: Project) -> None:
    first, second, third = no_landmarks(copied)[:3]
    links = copied.data("01_raw", "synthetic", "human.source")
    links.write_bytes(f"A\t{first}\tB\t{second}\r\nA\t{first}\tC\t{third}\r\n".encode())
    message = refused(copied, "--pipelines=graph_prep")
    assert message.startswith("graphs.regulatory: none of the 2 links of the graph joins two of the 978 landmark genes")
    assert f"the links name {first}, {first}" in message


def test_an_edge_list_with_other_columns_is_refused(copied: Project) -> None:
    links = copied.data("01_raw", "synthetic", "human.source")
    lines = links.read_bytes().split(b"\r\n")
    lines[6] = b"\t".join(lines[6].split(b"\t")[:3])
    links.write_bytes(b"\r\n".join(lines))
    message = refused(copied, "--pipelines=graph_prep")
    assert "synthetic/human.source line 7 has 3 fields; RegNetwork's four are regulator_symbol, regulator_id" in message


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("corpus: synthetic", "corpus: synthetic\n    cutoff: 2",
         "the cutoff 2 leaves none of the graph's {edges} edges, whose largest weight is 1; lower the cutoff."),
        ("levels: 2", "levels: 12",
         "no component of the graph has the 8192 genes that 12 level(s) of pooling and min_component 10 need, "
         "the largest has {largest}; use fewer levels, a lower cutoff or another graph."),
    ],
)  # fmt: skip
def test_a_graph_that_leaves_nothing_to_convolve_is_refused(copied: Project, old: str, new: str, words: str) -> None:
    statistics = pd.read_parquet(copied.data("04_feature", "regulatory", "graph_statistics.parquet")).iloc[0]
    copied.replace(GRAPH, old, new)
    message = refused(copied, "--pipelines=graph_prep", "--namespaces=graph_prep.regulatory")
    counts = {"edges": statistics["edges"], "largest": statistics["largest_component"]}
    assert message == f"graphs.regulatory: {words.format(**counts)}"


def test_a_network_that_pools_beyond_its_graph_is_refused(copied: Project) -> None:
    copied.replace(NET, "pool: [1]", "pool: [1024]")
    message = refused(copied, "--pipelines=modeling", "--namespaces=lincs_prostate.moa.gcnn")
    assert message.startswith("lincs_prostate.moa.gcnn: no trial came to its end; the first error was: InputError: ")
    assert "classifiers.gcnn: no component of the graph has the 2048 genes that 10 level(s) of pooling" in message


def test_the_correlation_graph_sees_no_sample_of_any_dataset(copied: Project) -> None:
    types = ["trt_sh", "trt_cp"]  # compounds too, for the datasets to take away from
    copied.replace("test/experiments.yml", "classifiers:", "graphs: [correlation]\nclassifiers:")
    path = copied.folder / "conf" / "base" / "parameters" / "graphs" / "correlation.yml"
    path.write_text(path.read_text().replace("[trt_sh, trt_sh.cgs, trt_sh.css, trt_oe, trt_oe.mut]", str(types)))
    copied.run("--pipelines=graph_prep", "--tags=correlation")
    samples = pd.read_parquet(copied.data("02_intermediate", "synthetic", "raw_samples.parquet"))
    curated = [pd.read_parquet(file) for file in copied.data("03_primary").glob("lincs_*/samples.parquet")]
    assert len(curated) == 2
    used = samples["sample_id"].isin(pd.concat(curated)["sample_id"])
    of_types = samples["pert_type"].isin(types)
    assert (of_types & used).sum() > (of_types & ~used).sum() > 2
    parts = sorted(copied.data("02_intermediate", "synthetic", "raw_profiles").glob("*.parquet"))
    profiles = pd.concat([pd.read_parquet(part) for part in parts]).set_index("sample_id")
    unseen = profiles.loc[samples.loc[of_types & ~used, "sample_id"]]
    r = np.abs(np.corrcoef(unseen.to_numpy(dtype=np.float64), rowvar=False))
    pairs = np.argwhere(np.triu(r >= 0.5, k=1))
    genes = unseen.columns.tolist()
    expected = {(min(genes[a], genes[b]), max(genes[a], genes[b])): r[a, b] for a, b in pairs}
    edges = pd.read_parquet(copied.data("04_feature", "correlation", "edges.parquet"))
    found = dict(zip(zip(edges["gene_a"], edges["gene_b"], strict=True), edges["weight"], strict=True))
    assert len(found) > 100
    assert found == pytest.approx(expected, rel=1e-9)
    counted = pd.read_parquet(copied.data("04_feature", "correlation", "graph_statistics.parquet"))
    assert counted["edges"].tolist() == [len(pairs)]
