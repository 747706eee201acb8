"""Files that are either whole or absent, with a SHA-256 beside them.

A file is written under a temporary name in its own folder, synced and renamed into place. The name tells process,
thread and machine of its writer, so that no writer takes another's, on a disk that machines share too. A manifest is a
`sha256sum`-compatible text file: `NAME.sha256` beside a single file, `SHA256SUMS` inside a folder of parts.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import socket
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from l1000_bench.errors import InputError

FOLDER_MANIFEST = "SHA256SUMS"
_FULL = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path; on success sync it and rename it to `path`, on failure remove it.

    Args:
        path: The final file. Its folder is made when missing.

    Yields:
        A path in the same folder and with the same suffixes, to be written by the caller.
    """
    try:
        temporary = _temporary(path)
        try:
            yield temporary
            sync(temporary)
            temporary.replace(path)
            sync(path.parent)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise InputError(
            f"the disk is full: {path} could not be written and is as it was before; free some space on "
            f"{path.parent} and run this again."
        ) from error


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """Yield a temporary folder; on success put it in the place of the folder `path`, on failure remove it."""
    temporary = _temporary(path)
    temporary.mkdir()
    restore_folder(path)
    try:
        yield temporary
        put_folder(temporary, path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def restore_folder(path: Path) -> None:
    """Put the folder `path` back where a writer was killed between the two renames of `put_folder`."""
    retired = _retired(path)
    if retired.exists() and not path.exists():
        retired.rename(path)


def put_folder(new: Path, path: Path) -> None:
    """Put the folder `new`, which lies beside `path`, in the place of `path`."""
    sync(new)
    retired = _retired(path)
    if path.exists():
        shutil.rmtree(retired, ignore_errors=True)  # a writer that was killed may have left it
        path.rename(retired)
    new.rename(path)
    sync(path.parent)
    shutil.rmtree(retired, ignore_errors=True)


def _retired(path: Path) -> Path:
    return path.with_name(f".old.{path.name}")


def _temporary(path: Path) -> Path:
    """Name this thread's temporary beside `path`, and remove those of writers that were killed on this machine."""
    path.parent.mkdir(parents=True, exist_ok=True)
    end = f".{socket.gethostname()}.tmp.{path.name}"
    named = re.compile(rf"\.(?P<process>\d+)\.\d+{re.escape(end)}")
    for name in os.listdir(path.parent):
        writer = named.fullmatch(name)
        if writer and not _is_running(int(writer["process"])):
            _remove(path.with_name(name))
    temporary = path.with_name(f".{os.getpid()}.{threading.get_native_id()}{end}")
    _remove(temporary)  # an earlier process may have had this one's number
    return temporary


def _is_running(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it runs, for another user
        return True
    return True


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)  # another thread may be at it
    else:
        path.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def manifest_of(path: Path) -> Path:
    """Return where the manifest of `path` lies: inside a folder, beside a file."""
    return path / FOLDER_MANIFEST if path.is_dir() else path.with_name(f"{path.name}.sha256")


def write_manifest(path: Path, files: Iterable[Path]) -> None:
    """Write the manifest of `path`, listing `files` by name, in their order."""
    write_sums(path, {file.name: sha256(file) for file in files})


def write_sums(path: Path, sums: Mapping[str, str]) -> None:
    """Write the manifest of `path` from the SHA-256 of its files by name, in their order."""
    with replacing(manifest_of(path)) as temporary:
        temporary.write_text("".join(f"{digest}  {name}\n" for name, digest in sums.items()), encoding="utf-8")


def read_manifest(path: Path) -> dict[str, str]:
    """Return the SHA-256 of every file that the manifest of `path` lists, keyed by file name.

    Raises:
        InputError: If there is no such path, no manifest or nothing in it, or a line of it is not
            `<64 hex digits>  <name>`.
    """
    if not path.exists():
        raise InputError(f"{path} does not exist; run the pipeline that makes it (kedro run) first.")
    manifest = manifest_of(path)
    if not manifest.exists():
        raise InputError(
            f"{path} has no manifest {manifest.name}: it was not written by this project or not finished; "
            "run the node that makes it again."
        )
    sums: dict[str, str] = {}
    for number, line in enumerate(manifest.read_text(encoding="utf-8").splitlines(), start=1):
        digest, separator, name = line.partition("  ")
        if not separator or len(digest) != 64:
            raise InputError(
                f"{manifest} line {number}: expected '<sha256>  <file name>', found {line[:80]!r}; "
                "run the node that makes it again."
            )
        sums[name] = digest
    if not sums:
        raise InputError(f"{manifest} lists no file; run the node that makes it again.")
    return sums


def check_file(path: Path, expected: str) -> None:
    """Compare a file with its SHA-256.

    Raises:
        InputError: If the file is missing or differs.
    """
    if not path.exists():
        raise InputError(f"{path} is listed in its manifest but missing; run the node that makes it again.")
    if (found := sha256(path)) != expected:
        raise InputError(
            f"{path} has SHA-256 {found[:12]}…, its manifest says {expected[:12]}…: the file was changed "
            "or cut off after it was written; run the node that makes it again."
        )
