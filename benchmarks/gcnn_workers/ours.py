"""Ours: `python -m gcnn_workers.ours compact`, or `published` for that coarsening.

What is timed is the whole of `fit`, after a first one whose compiled code the others share.
"""

from __future__ import annotations

import sys

import tensorflow as tf

from gcnn_workers.graph import N_GENES, pyramid
from gcnn_workers.worker import BATCH, FILTERS, HIDDEN, POOL, THREADS, K, profiles, seconds_of, serve
from l1000_bench.models.chebnet import ChebNetClassifier
from l1000_bench.models.epochs import RESIDENT_BYTES

FEW = 500  # profiles that are trained on where an epoch would take too long, or their terms shall stay
EPOCHS = 10  # over the few, for the terms that stay


def main(coarsening: str) -> None:
    """Make the classifier and wait for tasks."""
    graph = pyramid(coarsening)
    # More than stay on the device, so that terms are made anew in every epoch, as with a corpus of full size.
    n = RESIDENT_BYTES // (4 * K * graph.sizes[0]) + BATCH if coarsening == "compact" else FEW
    X, y = profiles(n, N_GENES)
    classifier = ChebNetClassifier(
        graph,
        filters=FILTERS,
        K=(K, K),
        pool=(POOL, POOL),
        hidden=(HIDDEN,),
        batch_size=BATCH,
        epochs=1,
        n_jobs=THREADS,
    )
    resident = ChebNetClassifier(**classifier.get_params() | {"epochs": EPOCHS})
    tasks = {
        "train": lambda: seconds_of(lambda: classifier.fit(X, y), n // BATCH * BATCH),
        "train_resident": lambda: seconds_of(lambda: resident.fit(X[:FEW], y[:FEW]), EPOCHS * FEW),
        "infer": lambda: seconds_of(lambda: classifier.predict_proba(X), n),
    }
    devices = tf.config.list_physical_devices("GPU") or tf.config.list_physical_devices("CPU")
    serve(devices[0].device_type, ("tensorflow", "keras", "numpy", "scipy"), tasks)


if __name__ == "__main__":
    main(sys.argv[1])
