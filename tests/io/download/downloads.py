from __future__ import annotations

import hashlib
import random
from pathlib import Path

from l1000_bench.io.download.spec import Wanted
from l1000_bench.io.download.transfer import Manner

CONTENT = random.Random(5).randbytes(300_000)
OTHER = random.Random(6).randbytes(300_000)
FAST = Manner(attempts=4, pause=0.001, timeout=5.0)


def sum_of(content: bytes) -> str:
    return hashlib.sha512(content).hexdigest()


def wanted(url: str, folder: Path, content: bytes | None = CONTENT) -> Wanted:
    return Wanted(url, folder / url.rpartition("/")[2], sha512=sum_of(content) if content is not None else None)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
