"""SHA-512 sums: the lists that publishers give, and the record that a file was found to have its sum.

A record is a `sha512sum`-compatible text file `NAME.sha512` beside the file. It holds as long as it is not older than
the file, so that 50 GB are read once and not on every run.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import zlib
from pathlib import Path

from l1000_bench.errors import InputError
from l1000_bench.io.atomic import replacing

LINE = re.compile(r"([0-9a-fA-F]{128})\s+\*?(\S.*?)\s*")


def read_sums(path: Path) -> dict[str, str]:
    """Read a publisher's list of SHA-512 sums.

    Args:
        path: Lines of a sum, an optional `*` and a file name, gzip when the name ends in `.gz`.

    Returns:
        The sum, 128 lower-case hexadecimal digits, of every file, by its name without folders.

    Raises:
        InputError: If the list cannot be read, a line is none, a file stands there with two sums, or nothing is listed.
    """
    content = path.read_bytes()
    try:
        text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read as a list of sums ({error}); remove it and fetch it again.") from error
    sums: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        match = LINE.fullmatch(line)
        if match is None:
            raise InputError(
                f"{path} line {number}: expected '<128 hex digits> *<file name>', found {line[:80]!r}; "
                "remove it and fetch it again."
            )
        name, digest = Path(match[2]).name, match[1].lower()
        if sums.setdefault(name, digest) != digest:
            raise InputError(f"{path} line {number}: {name} stands there with two sums; ask its publisher.")
    if not sums:
        raise InputError(f"{path} lists no file; remove it and fetch it again.")
    return sums


def sha512(path: Path) -> str:
    """Return the SHA-512 of a file as 128 hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha512").hexdigest()


def record_of(path: Path) -> Path:
    """Return where the record of a file lies."""
    return path.with_name(f"{path.name}.sha512")


def write_record(path: Path, digest: str) -> None:
    """Record that a file has this SHA-512."""
    with replacing(record_of(path)) as temporary:
        temporary.write_text(f"{digest}  {path.name}\n", encoding="utf-8")


def read_record(path: Path) -> str | None:
    """Return the SHA-512 that a file is recorded to have; None where nothing readable is recorded."""
    record = record_of(path)
    if not record.exists():
        return None
    match = LINE.fullmatch(record.read_text(encoding="utf-8", errors="replace").strip())
    return match[1].lower() if match and match[2] == path.name else None


def is_recorded(path: Path, digest: str | None = None) -> bool:
    """Return whether a file is recorded, with this SHA-512 if one is given, and was not written since."""
    recorded = read_record(path)
    if recorded is None or (digest is not None and recorded != digest):
        return False
    return path.stat().st_mtime_ns <= record_of(path).stat().st_mtime_ns
