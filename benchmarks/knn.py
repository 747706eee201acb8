"""Exact nearest neighbours by Canberra's metric, against scikit-learn's and faiss's brute force.

    python benchmarks/knn.py [--rounds 5]

A batch: the 25 nearest of 20,000 training profiles of 978 genes, for 500 queries. Ours is the whole of
`cross_validation_neighbours` with one rotation, which keeps 50 neighbours, ranks its candidates in float64 and proves
them; scikit-learn's is `NearestNeighbors.kneighbors`, faiss's `IndexFlat.search` with METRIC_Canberra, both of indexes
that stand ready. They must agree on the neighbours.

A cross-validation: ten folds of 20,000 profiles, every profile a query twice. Ours is again the whole call, for all
rotations at once; scikit-learn fits and searches rotation by rotation, which is measured for 256 queries of two
rotations and scaled to all.

All processes live as long as the others and take turns; a ratio is the median over the rounds of the peer's time over
ours. The first turn is not counted. Every library may use 2 threads. faiss's environment is made in `.venv-bench`,
once.

`full_corpus_minutes` is an estimate: the median of the cross-validation's seconds times (156,461 / 20,000)^2, for the
work grows with the pairs. `peak_mib` is the peak of the resident memory of a process with 156,461 profiles that holds
all that the whole work holds, plays a few of the rounds, and ranks all lists; those rounds make a second estimate.
The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path

from gcnn import take_turns
from gcnn_workers import processes
from gcnn_workers.worker import THREADS
from ingestion_workers.runs import ratio
from knn_workers.data import N_CORPUS, N_FOLDS, N_GENES, N_PROFILES, N_QUERIES, N_TRAINING, agreement
from peers import environment

WORKERS = Path(__file__).parent / "knn_workers"
ROUNDS_AT_FULL_SIZE = 5
ALIKE = 0.999  # share of neighbours; float32 sums may order two that are equally far otherwise


class Worker(processes.Worker):
    """A process of `knn_workers`."""

    package = "knn_workers"


def main() -> None:
    """Install faiss, measure, print tables, and the JSON object on the last line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    own, faiss = Path(sys.executable), environment(WORKERS / "faiss.txt", "knn-faiss")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        workers = {
            "ours": Worker(own, "ours", name, folder / "ours.log"),
            "sklearn": Worker(own, "with_sklearn", name, folder / "sklearn.log"),
            "faiss": Worker(faiss, "with_faiss", name, folder / "faiss.log"),
        }
        take_turns(list(workers.values()), "query", rounds)
        check_alike(folder)
        take_turns([workers["ours"], workers["sklearn"]], "cv", rounds)
        for worker in workers.values():
            worker.close()
        full = Worker(own, "full_size", str(ROUNDS_AT_FULL_SIZE), folder / "full.log")
        take_turns([full], "work", 1)
        full.close()
    report(workers, full)


def check_alike(folder: Path) -> None:
    """Refuse to compare programs that find other neighbours.

    Raises:
        SystemExit: Naming the program.
    """
    for peer in ("sklearn", "faiss"):
        if (share := agreement(folder, "ours", peer)) < ALIKE:
            raise SystemExit(f"only {share:.2%} of the neighbours that {peer} finds are ours")


def report(workers: dict[str, Worker], full: Worker) -> None:
    """Print what was measured: tables, then the JSON object."""
    ours, sklearn, faiss = (workers[name].seconds for name in ("ours", "sklearn", "faiss"))
    medians = {name: {task: statistics.median(s) for task, s in w.seconds.items()} for name, w in workers.items()}
    coordinates = {"query": N_TRAINING * N_QUERIES * N_GENES, "cv": 2 * N_PROFILES**2 * (1 - 2 / N_FOLDS) * N_GENES}
    print(f"{'':10} {'batch':>9} {'G terms/s':>10} {'10 folds':>10} {'G terms/s':>10}  with {THREADS} threads")
    for name, tasks in medians.items():
        cells = (f"{tasks[task]:8.2f} s {coordinates[task] / tasks[task] / 1e9:10.2f}" for task in tasks)
        print(f"{name:10} {'  '.join(cells)}")
    print("terms of ten folds are those of one search per rotation; scikit-learn's time is scaled from a part of them")
    minutes = medians["ours"]["cv"] * (N_CORPUS / N_PROFILES) ** 2 / 60
    sampled = statistics.median(full.seconds["work"]) / 60
    print(f"{N_CORPUS:,} profiles: {minutes:.1f} minutes, estimated from {N_PROFILES:,} by the square of their number;")
    print(
        f"{sampled:.1f} minutes, estimated from {ROUNDS_AT_FULL_SIZE} rounds at full size; peak {full.peak_mib:.0f} MiB"
    )
    ratios = {
        "sklearn_query": ratio(sklearn["query"], ours["query"]),
        "faiss_query": ratio(faiss["query"], ours["query"]),
        "sklearn_cv": ratio(sklearn["cv"], ours["cv"]),
    }
    figures = {
        "full_corpus_minutes": round(minutes, 1),
        "peak_mib": round(full.peak_mib),
        "full_corpus_minutes_sampled": round(sampled, 1),
        "query_s": round(medians["ours"]["query"], 3),
        "cv_s": round(medians["ours"]["cv"], 2),
    }
    versions = {name: text for worker in workers.values() for name, text in worker.versions.items()}
    print(json.dumps({"name": "knn", "ratios": ratios, "figures": figures, "versions": versions}))


if __name__ == "__main__":
    main()
