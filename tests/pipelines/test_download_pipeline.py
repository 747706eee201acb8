from __future__ import annotations

import gzip
import hashlib
import io
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import ROOT, Project
from file_server import FileServer, running_server
from l1000_bench.errors import InputError
from l1000_bench.graphs.spec import GraphSpec, missing_links_message
from l1000_bench.io.corpus import CorpusSpec, missing_files_message

MATRIX = "GSE92742_Broad_LINCS_Level4_ZSPCINF_mlr12k_n1319138x12328.gctx.gz"
TABLES = [
    f"GSE92742_Broad_LINCS_{table}.txt.gz"
    for table in ("inst_info", "sig_info", "sig_metrics", "pert_info", "cell_info", "gene_info")
]
SUMS = "GSE92742_SHA512SUMS.txt.gz"
GEO = "--namespaces=download.gse92742"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("L1000_CORPUS", raising=False)
    with running_server() as running:
        yield running


def publish(server: FileServer) -> dict[str, bytes]:
    """Serve small files under the names of GSE92742, with a list of their sums."""
    files = {name: gzip.compress(name.encode() * 5000) for name in (MATRIX, *TABLES)}
    lines = [f"{hashlib.sha512(content).hexdigest()} *{name}\n" for name, content in files.items()]
    for name, content in {**files, SUMS: gzip.compress("".join(lines).encode())}.items():
        server.serve(name, content)
    return files


def point(project: Project, kind: str, name: str, text: str) -> None:
    folder = project.folder / "conf" / "test" / "parameters" / kind
    folder.mkdir(exist_ok=True, parents=True)
    (folder / f"{name}.yml").write_text(f"{kind}:\n  {name}:\n    download: {text}\n")


def corpus_folder(project: Project) -> Path:
    return project.folder / "data" / "01_raw" / "lincs"


def test_a_corpus_is_fetched_once_and_the_rest_is_named(server: FileServer, project: Project) -> None:
    files = publish(server)
    server.files[f"/suppl/{MATRIX}"].breaks[:] = [10, 20]
    point(project, "corpora", "gse92742", f"{{address: {server.address}}}")
    told = project.run("--pipelines=download", GEO)
    for name, content in files.items():
        assert (corpus_folder(project) / name).read_bytes() == content
    assert told.count("has its published SHA-512") == 7
    assert "2 more files are yours to fetch" in told
    assert "repurposing_drugs_20200324.txt: 0.5 MB, by hand from the Drug Repurposing Hub (its licence asks" in told
    server.requests.clear()
    assert "was checked" in project.run("--pipelines=download", GEO)
    assert not server.requests


def test_a_wrong_byte_ends_in_one_message(server: FileServer, project: Project) -> None:
    files = publish(server)
    wrong = files[MATRIX][:-1] + bytes([files[MATRIX][-1] ^ 1])
    server.serve(MATRIX, wrong)
    point(project, "corpora", "gse92742", f"{{address: {server.address}}}")
    message = project.refusal("--pipelines=download", GEO)
    assert message.startswith(f"{server.address}{MATRIX} did not arrive as it should: its SHA-512 is ")
    assert not (corpus_folder(project) / MATRIX).exists()
    assert (corpus_folder(project) / f"{MATRIX}.failed-sum").read_bytes() == wrong
    assert all((corpus_folder(project) / name).exists() for name in TABLES)


def test_a_wrong_address_ends_in_one_message(server: FileServer, project: Project) -> None:
    point(project, "corpora", "gse92742", f"{{address: {server.address}}}")
    message = project.refusal("--pipelines=download", GEO)
    assert message.startswith(f"{server.address}{SUMS} answers 404 Not Found: it is not there")


def test_graphs_are_fetched_unpacked_and_compressed(server: FileServer, project: Project) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("human.source", "A\t1\tB\t2\r\n")
    zipped = server.serve("human.zip", stream.getvalue())
    point(project, "graphs", "regnetwork", f'{{url: "{zipped}"}}')
    plain = server.serve("HuRI.tsv", b"ENSG00000000001\tENSG00000000002\n")
    point(project, "graphs", "huri", f'{{url: "{plain}"}}')
    told = project.run("--pipelines=download", "--namespaces=download.regnetwork,download.huri")
    folder = project.folder / "data" / "01_raw" / "graphs"
    assert (folder / "human.source").read_bytes() == b"A\t1\tB\t2\r\n"
    assert gzip.decompress((folder / "HuRI.tsv.gz").read_bytes()) == b"ENSG00000000001\tENSG00000000002\n"
    assert "geneinfo_beta.txt.gz is yours to fetch" in told


def test_what_is_missing_names_the_command_that_fetches_it(tmp_path: Path) -> None:
    files = {role: f"{role}.gz" for role in ("gctx", "inst_info", "pert_info", "cell_info", "gene_info")}
    hub = {role: role for role in ("repurposing_drugs", "repurposing_samples")}
    download = {"address": "https://a.b/", "roles": ["gctx", "gene_info"]}
    corpus = CorpusSpec("mine", "Mine", "full", str(tmp_path), {**files, **hub}, "", download=download)
    assert "`make download CORPUS=mine` fetches gctx.gz." in missing_files_message(corpus, ["gctx", "inst_info"])
    assert "make download" not in missing_files_message(corpus, ["inst_info", "repurposing_drugs"])
    url = {"url": "https://a.b/HuRI.tsv"}
    graph = GraphSpec("net", "Net", "huri", "mine", file=str(tmp_path / "HuRI.tsv.gz"), download=url)
    assert missing_links_message(graph).endswith("`make download CORPUS=net` fetches HuRI.tsv.gz.")
    with pytest.raises(InputError, match=r"^the source 'corpus' does not read the key download"):
        GraphSpec("net", "Net", "corpus", "mine", download=url)


@pytest.mark.parametrize("name", ["", "GSE92742", "synthetic"])
def test_make_download_of_what_is_not_there_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / ".venv").mkdir()
    shutil.copytree(ROOT / "conf", tmp_path / "conf", ignore=shutil.ignore_patterns("local"))
    for file in ("requirements.lock", "pyproject.toml", ".venv/.ready"):
        (tmp_path / file).touch()
    done = subprocess.run(
        ["make", "-f", str(ROOT / "Makefile"), "download", f"CORPUS={name}"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert done.stderr.startswith(
        "Name what to fetch, as in make download CORPUS=gse92742; there are gse70138 gse92742 "
    )
    assert " huri regnetwork regnetwork_directions." in done.stderr
