"""Whether a file is the published one, and what is done with it then.

A file whose sum is wrong is renamed to `NAME.failed-sum`, one that is damaged to `NAME.damaged`; nothing reads these.
"""

from __future__ import annotations

import gzip
import logging
import shutil
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple

from l1000_bench.errors import InputError
from l1000_bench.io.atomic import replacing, sync
from l1000_bench.io.download.checksums import is_recorded, read_record, record_of, sha512, write_record
from l1000_bench.io.download.spec import Wanted

logger = logging.getLogger(__name__)

BLOCK = 1024**2


class Fault(NamedTuple):
    """What is wrong with a file, and how it is called from then on."""

    reason: str
    ending: str


def is_there(wanted: Wanted) -> bool:
    """Return whether a file is in its place, checked now or before; a wrong one is set aside.

    One that was put there by hand is checked against its published sum, too.
    """
    path = wanted.path
    if not path.exists():
        return False
    published = wanted.sha512 if wanted.is_kept else None
    if is_recorded(path, published):
        logger.info("%s is there and was checked.", path)
        return True
    expected = published or read_record(path)
    logger.info("%s is there; checking it.", path)
    if fault := fault_of(path, path.name, expected):
        aside = set_aside(path, path, fault)
        logger.warning("%s is not what it should be: %s; it is set aside as %s.", path, fault.reason, aside.name)
        return False
    write_record(path, expected or sha512(path))
    if expected is None:
        logger.info("%s was put there by hand and no SHA-512 of it is published; it is taken as it is.", path)
    return True


def fault_of(path: Path, name: str, expected: str | None) -> Fault | None:
    """Find what is wrong with a file.

    Args:
        path: The file.
        name: What it is called when it is in its place: `.gz` and `.zip` are looked into where there is no sum.
        expected: Its SHA-512.

    Returns:
        None where nothing is.
    """
    if expected is not None:
        found = sha512(path)
        if found == expected:
            return None
        return Fault(f"its SHA-512 is {found[:12]}…, it should be {expected[:12]}…", "failed-sum")
    if path.stat().st_size == 0:
        return Fault("it is empty", "damaged")
    try:
        if name.endswith(".gz"):
            with gzip.open(path) as stream:
                while stream.read(BLOCK):
                    pass
        elif name.endswith(".zip"):
            with zipfile.ZipFile(path) as archive:
                if bad := archive.testzip():
                    return Fault(f"{bad} in it is damaged", "damaged")
    except (gzip.BadGzipFile, zipfile.BadZipFile, EOFError, zlib.error, NotImplementedError, RuntimeError) as error:
        return Fault(f"it cannot be unpacked ({error})", "damaged")
    return None


def set_aside(path: Path, target: Path, fault: Fault) -> Path:
    """Rename a file that must not be used; return what it is called now."""
    aside = target.with_name(f"{target.name}.{fault.ending}")
    path.replace(aside)
    record_of(target).unlink(missing_ok=True)
    return aside


def put_in_place(arrived: Path, wanted: Wanted) -> None:
    """Put a checked file into its place, unpacked or compressed as it is wanted, and record its SHA-512.

    Raises:
        InputError: If the file is not in the zip that arrived.
    """
    record_of(wanted.path).unlink(missing_ok=True)
    if wanted.is_kept:
        arrived.replace(wanted.path)
        sync(wanted.path.parent)
    else:
        with replacing(wanted.path) as temporary, temporary.open("wb") as out:
            if wanted.member is None:
                with arrived.open("rb") as stream:
                    _copy(stream, out, compress=True)
            else:
                _extract(arrived, wanted, wanted.member, out)
    write_record(wanted.path, wanted.sha512 if wanted.is_kept and wanted.sha512 else sha512(wanted.path))


def _extract(arrived: Path, wanted: Wanted, member: str, out: IO[bytes]) -> None:
    with zipfile.ZipFile(arrived) as archive:
        names = [name for name in archive.namelist() if PurePosixPath(name).parts[:1] != ("__MACOSX",)]
        fit = [name for name in names if name == member or PurePosixPath(name).name == member]
        if len(fit) != 1:
            raise InputError(
                f"{wanted.url} holds {', '.join(names)}, of which {len(fit)} are called {member}; correct `member` "
                f"under `download` in the configuration, or fetch it by hand and put it at {wanted.path}."
            )
        with archive.open(fit[0]) as stream:
            _copy(stream, out, compress=wanted.path.suffix == ".gz" and not member.endswith(".gz"))


def _copy(stream: IO[bytes], out: IO[bytes], compress: bool) -> None:
    """Copy to the end; compressed without name and time, so that the same content is the same file."""
    if not compress:
        shutil.copyfileobj(stream, out, BLOCK)
        return
    with gzip.GzipFile(filename="", mode="wb", fileobj=out, mtime=0) as packed:
        shutil.copyfileobj(stream, packed, BLOCK)
