"""Training and inference of the graph network and the feed-forward network, against peers.

    python benchmarks/gcnn.py [--rounds 5]

The graph network: batches of 100 profiles of 978 genes, a graph like RegNetwork's (839 vertices, 2,748 edges) with
compact coarsening, 32 and 64 filters of 10 Chebyshev terms with max pooling by 4, a dense layer of 256, 50 classes. The
peers are Spektral's and PyTorch Geometric's ChebConv on the same levels, without raw genes, dropout and L2. The
feed-forward network: an epoch of 50,000 x 978, 500 hidden units, batches of 200, 50 classes, against scikit-learn's
MLPClassifier and Keras's own `Model.fit`.

What is timed of ours is the whole of `fit` and of `predict_proba`: checks, the terms of the first layer, gathering of
batches, the compiled steps, copies of the weights. Training takes more profiles than the terms of which `fit` keeps in
memory, so that they are made anew in every epoch, as with a corpus of full size; "resident" is a training of ten epochs
on few profiles, whose terms stay. Of the peers, the steps with the gathering of their batches are timed. Nobody's
compilation is: every process runs its work once before it counts. All processes live as long as the others and take
turns, ours, peer, ours, peer; the medians over the rounds count. Every library may use 2 threads.

The peers' environments are made in `.venv-bench`, once. The last line is one JSON object; `peak_mib` is the peak of the
resident memory of our process with the compact coarsening.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from gcnn_workers.graph import pyramid, save_levels
from gcnn_workers.processes import WORKERS, Worker
from gcnn_workers.worker import THREADS
from peers import environment

COARSENINGS = ("compact", "published")


def main() -> None:
    """Install the peers, measure, print tables, and the JSON object on the last line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    peers = {name: environment(WORKERS / f"{name}.txt", f"gcnn-{name}") for name in ("spektral", "pyg")}
    with tempfile.TemporaryDirectory() as name:
        graph_networks = measure_graph_networks(Path(name), peers, rounds)
        feed_forward = measure_feed_forward(Path(name), rounds)
    report(graph_networks, feed_forward)


def measure_graph_networks(folder: Path, peers: dict[str, Path], rounds: int) -> dict[str, Worker]:
    """Train and predict with graph networks in turns."""
    levels = folder / "levels.npz"
    save_levels(levels)
    workers = {
        "compact": Worker(Path(sys.executable), "ours", "compact", folder / "compact.log"),
        "spektral": Worker(peers["spektral"], "with_spektral", str(levels), folder / "spektral.log"),
        "published": Worker(Path(sys.executable), "ours", "published", folder / "published.log"),
        "pyg": Worker(peers["pyg"], "with_pyg", str(levels), folder / "pyg.log"),
    }
    take_turns(list(workers.values()), "train", rounds)
    take_turns([workers["compact"]], "train_resident", rounds)
    take_turns([workers["compact"], workers["spektral"], workers["published"]], "infer", rounds)
    for worker in workers.values():
        worker.close()
    return workers


def measure_feed_forward(folder: Path, rounds: int) -> dict[str, Worker]:
    """Train feed-forward networks in turns."""
    workers = {
        name: Worker(Path(sys.executable), "feed_forward", name, folder / f"{name}.log")
        for name in ("ours", "sklearn", "keras")
    }
    take_turns(list(workers.values()), "train", rounds)
    for worker in workers.values():
        worker.close()
    return workers


def take_turns(workers: Sequence[Worker], task: str, rounds: int) -> None:
    """Let every worker run a task once uncounted, then once in every round."""
    for _ in range(1 + rounds):
        for worker in workers:
            worker.ask(task)


def median(worker: Worker, task: str = "train") -> float:
    """Return the median seconds of a unit."""
    return statistics.median(worker.seconds[task])


def ratio(peer: Worker, ours: Worker, task: str = "train") -> float:
    """Return the median over the rounds of the peer's time over ours: in a round both met the same load."""
    pairs = zip(peer.seconds[task], ours.seconds[task], strict=True)
    return round(statistics.median(theirs / own for theirs, own in pairs), 3)


def report(graph: dict[str, Worker], forward: dict[str, Worker]) -> None:
    """Print what was measured: tables, then the JSON object."""
    sizes = {coarsening: list(pyramid(coarsening).sizes) for coarsening in COARSENINGS}
    for coarsening, vertices in sizes.items():
        print(f"vertices per level, {coarsening:9} {' '.join(map(str, vertices))}")
    print_tables(graph, forward)
    ours = graph["compact"]
    ratios = {
        "spektral_train": ratio(graph["spektral"], ours),
        "spektral_inference": ratio(graph["spektral"], ours, "infer"),
        "pyg_train": ratio(graph["pyg"], ours),
        "mlp_sklearn": ratio(forward["sklearn"], forward["ours"]),
        "mlp_keras_fit": ratio(forward["keras"], forward["ours"]),
    }
    figures = {
        "train_samples_s": round(1 / median(ours)),
        "inference_samples_s": round(1 / median(ours, "infer")),
        "peak_mib": round(ours.peak_mib),
        "train_samples_s_resident": round(1 / median(ours, "train_resident")),
        "train_samples_s_published": round(1 / median(graph["published"])),
        "mlp_epoch_s": round(median(forward["ours"]), 3),
        **{f"vertices_{coarsening}": vertices for coarsening, vertices in sizes.items()},
        "device": ours.device,
    }
    versions = {name: text for worker in [*forward.values(), *graph.values()] for name, text in worker.versions.items()}
    print(json.dumps({"name": "gcnn", "ratios": ratios, "figures": figures, "versions": versions}))


def print_tables(graph: dict[str, Worker], forward: dict[str, Worker]) -> None:
    """Print samples per second of the graph networks and seconds per epoch of the feed-forward networks."""
    tasks = ("train", "train_resident", "infer")
    print(f"\n{'graph network':14} {'train':>8} {'resident':>8} {'infer':>8}  samples/s with {THREADS} threads")
    for name, worker in graph.items():
        rates = (f"{1 / median(worker, task):8.0f}" if task in worker.seconds else " " * 8 for task in tasks)
        print(f"{name:14} {' '.join(rates)}  on {worker.device}, peak {worker.peak_mib:.0f} MiB")
    print(f"\n{'feed-forward':14} {'epoch':>8}")
    for name, worker in forward.items():
        print(f"{name:14} {median(worker):6.2f} s  on {worker.device}")


if __name__ == "__main__":
    main()
