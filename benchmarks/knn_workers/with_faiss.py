"""faiss's flat index: `python -m knn_workers.with_faiss FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import faiss
from gcnn_workers.worker import THREADS, seconds_of, serve

from knn_workers.data import N_GENES, N_QUERIES, N_TRAINING, K, profiles, tell


def main(folder: Path) -> None:
    """Make the index and wait for tasks."""
    faiss.omp_set_num_threads(THREADS)
    values = profiles(N_TRAINING + N_QUERIES)
    index = faiss.IndexFlat(N_GENES, faiss.METRIC_Canberra)
    index.add(values[:N_TRAINING])
    found: list[Any] = []

    def query() -> float:
        seconds = seconds_of(lambda: found.append(index.search(values[N_TRAINING:], K)), 1)
        tell(folder, "faiss", found.pop()[1])
        return seconds

    serve("CPU", ("faiss-cpu",), {"query": query})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
