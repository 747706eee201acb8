from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from l1000_bench.io import gzip_scan
from l1000_bench.io.gzip_scan import GzipCursor, GzipScan, scanned


def written(path: Path, content: bytes) -> GzipScan:
    path.write_bytes(content)
    gzip_scan._scanned.cache_clear()  # the clock of the file's time may not have ticked
    return scanned(path)


def mixed(n_bytes: int, seed: int) -> bytes:
    """Bytes of which some pack well and some do not, with HDF5's mark strewn in."""
    rng = np.random.default_rng(seed)
    noise = rng.integers(0, 256, n_bytes, dtype=np.uint8)
    noise[rng.integers(0, n_bytes + 1) : rng.integers(0, n_bytes + 1)] = 7
    content = bytearray(noise.tobytes())
    for place in rng.integers(0, n_bytes + 1, size=n_bytes // 200):
        content[place : place + 4] = b"TREE"
    return bytes(content[:n_bytes])


def read(scan: GzipScan, offset: int, size: int) -> bytes:
    cursor, target = GzipCursor(scan), bytearray(size)
    try:
        cursor.read_into(offset, target)
    finally:
        cursor.close()
    return bytes(target)


@contextmanager
def small_steps(spacing: int = 500, checkpoints: int = 6, step: int = 97, most: int = 211) -> Iterator[None]:
    """Let a file of a few KiB meet what a file of many GiB meets."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (
            ("gzip_scan._SPACING", spacing), ("gzip_scan._CHECKPOINTS", checkpoints), ("gzip_scan._STEP", step),
            ("gzip_scan._MOST", most), ("excerpts._NODE_BYTES", 300), ("excerpts._NODES", 20),
            ("excerpts._END_BYTES", 400),
        ):  # fmt: skip
            patch.setattr(f"l1000_bench.io.{name}", value)
        yield
