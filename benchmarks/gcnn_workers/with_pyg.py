"""PyTorch Geometric's ChebConv on one graph with many signals: `python -m gcnn_workers.with_pyg LEVELS`.

ReLU comes after the pooling, where it costs less.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch_geometric.nn import ChebConv

from gcnn_workers.worker import (
    BATCH,
    FILTERS,
    HIDDEN,
    LEARNING_RATE,
    MOMENTUM,
    N_CLASSES,
    POOL,
    THREADS,
    K,
    levels,
    profiles,
    seconds_of,
    serve,
)

STEPS = 2


class Peer:
    """The network, its optimiser and signals on the vertices of level 0."""

    def __init__(self, path: Path, device: str) -> None:
        graphs = levels(path)
        self.edges = [torch.from_numpy(level["edges"]).to(device) for level in graphs]
        self.edge_weights = [torch.from_numpy(level["weights"]).to(device) for level in graphs]
        n = len(graphs[0]["laplacian"])
        channels = (1, *FILTERS)
        self.convolutions = [ChebConv(channels[i], filters, K).to(device) for i, filters in enumerate(FILTERS)]
        self.head = torch.nn.Sequential(
            torch.nn.Linear(n // POOL**2 * FILTERS[-1], HIDDEN), torch.nn.ReLU(), torch.nn.Linear(HIDDEN, N_CLASSES)
        ).to(device)
        self.lmax = torch.tensor(2.0, device=device)
        weights = [weight for layer in (*self.convolutions, self.head) for weight in layer.parameters()]
        self.optimizer = torch.optim.SGD(weights, LEARNING_RATE, MOMENTUM)
        X, y = profiles(STEPS * BATCH, n)
        self.X, self.y = torch.from_numpy(X).to(device), torch.from_numpy(y).to(device)
        self.rng = np.random.default_rng(0)

    def logits(self, x: Any) -> Any:
        """Turn signals (batch, n) into logits (batch, n_classes)."""
        x = x[..., None]  # (batch, n, 1)
        for convolution, edges, weights in zip(self.convolutions, self.edges, self.edge_weights, strict=True):
            x = convolution(x, edges, weights, lambda_max=self.lmax)
            batch, n, channels = x.shape
            x = torch.relu(x.view(batch, n // POOL, POOL, channels).amax(2))
        return self.head(x.reshape(len(x), -1))

    def train(self) -> None:
        """One epoch."""
        for rows in self.rng.permutation(len(self.X)).reshape(-1, BATCH):
            self.optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(self.logits(self.X[rows]), self.y[rows])
            loss.backward()
            self.optimizer.step()
        loss.item()  # waits for the device


def main(path: Path) -> None:
    """Make the peer and wait for tasks."""
    torch.set_num_threads(THREADS)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    peer = Peer(path, device)
    tasks = {"train": lambda: seconds_of(peer.train, STEPS * BATCH)}
    serve({"cuda": "GPU", "cpu": "CPU"}[device], ("torch", "torch_geometric"), tasks)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
