"""Nodes of the download pipeline."""

from __future__ import annotations

import logging
from pathlib import Path

from kedro.utils import find_kedro_project

from l1000_bench.errors import InputError
from l1000_bench.graphs.spec import GraphSpec
from l1000_bench.io.corpus import CorpusSpec
from l1000_bench.io.download.files import fetch_corpus, fetch_files
from l1000_bench.io.download.spec import CorpusDownload, FileDownload

logger = logging.getLogger(__name__)


def _root() -> Path:
    """Return the project's folder, which the catalog's paths start from too."""
    return Path(find_kedro_project(Path.cwd()) or Path.cwd())


def download_corpus(corpus: CorpusSpec) -> None:
    """Fetch a corpus's public files, and say which files its user has to fetch."""
    fetch_corpus(CorpusDownload.read(corpus.download or {}), _root() / corpus.folder, corpus.files)
    fetched = (corpus.download or {}).get("roles", [])
    by_hand = [role for role in corpus.files if role not in fetched and not (_root() / corpus.path(role)).exists()]
    lines = [f"  {corpus.path(role)}: {corpus.sources.get(role, 'no source is configured')}" for role in by_hand]
    if lines:
        logger.warning("%s: %d more files are yours to fetch:\n%s", corpus.label, len(lines), "\n".join(lines))


def download_graph(graph: GraphSpec) -> None:
    """Fetch a graph's link file, and say which gene table its user has to fetch."""
    if graph.file is None:
        raise InputError(f"graphs.{graph.name} has no file that could be fetched; leave out download.")
    fetch_files([FileDownload.read(graph.download or {}).wanted(_root() / graph.file)])
    missing = [str(path) for path in graph.files if not (_root() / path).exists()]
    if missing:
        logger.warning("%s is yours to fetch: %s.", ", ".join(missing), graph.origin)
