"""Text of variable length in an HDF5 file, read in a process of its own.

In a damaged file the heap that holds such text can make HDF5 loop for ever, fill the memory or crash, and a process
that does so can be ended. Text of a fixed width, as in GEO's files, has no such heap.
"""

from __future__ import annotations

import contextlib
import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from l1000_bench.errors import InputError
from l1000_bench.io.gzip_scan import GzipView, scanned

VERSION_ATTRIBUTE = "version"
_SECONDS = 15.0  # and one more for every 100 MB
_BYTES = 2**31  # of address space, and ten times the file
_MOST_SHOWN = 200


def read_variable_text(path: Path, node: str, *, size: int, gzipped: bool) -> list[bytes]:
    """Read a dataset of text of variable length, or the file's version, as one list.

    Args:
        path: The file.
        node: Name of the dataset, or `VERSION_ATTRIBUTE`.
        size: Bytes of the file, unpacked.
        gzipped: Whether it is packed.

    Raises:
        InputError: If HDF5 cannot read it in a time and a memory that fit the file.
    """
    command = [sys.executable, "-W", "ignore", "-m", __name__, str(path), node, str(size), str(int(gzipped))]
    reason = "it took too long"
    with contextlib.suppress(subprocess.TimeoutExpired):
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS + size / 1e8, check=False)
        if done.returncode == 0:
            return [text.encode("utf-8", "surrogateescape") for text in json.loads(done.stdout)]
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        reason = lines[-1][:_MOST_SHOWN] if lines else f"HDF5 ended with status {done.returncode}"
    raise InputError(f"{path} has text in {node} that cannot be read ({reason}): it is damaged; fetch it again.")


def _read(path: Path, node: str, gzipped: bool) -> list[str]:
    with h5py.File(GzipView(scanned(path)) if gzipped else path, "r") as file:
        values: Any = file.attrs[node] if node == VERSION_ATTRIBUTE else file[node][()]
    texts = (value if isinstance(value, bytes) else str(value).encode() for value in np.ravel(values).tolist())
    return [text.decode("utf-8", "surrogateescape") for text in texts]


def _main() -> None:
    path, node, size, gzipped = sys.argv[1:]
    most = _BYTES + 10 * int(size)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout.write(json.dumps(_read(Path(path), node, gzipped == "1")))


if __name__ == "__main__":
    _main()
