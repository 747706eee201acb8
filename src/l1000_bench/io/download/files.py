"""Fetching public files: each is put into its place when all of it has come and was checked, and not before.

A file that is there and was checked is not fetched again. What has come of one stays in `.NAME.part` until it is whole.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import httpx

from l1000_bench.errors import InputError
from l1000_bench.io.corpus import as_stored
from l1000_bench.io.download.arrival import fault_of, is_there, put_in_place, set_aside
from l1000_bench.io.download.byte_bar import ByteBar
from l1000_bench.io.download.checksums import read_sums
from l1000_bench.io.download.partial import Partial, disk_sentence
from l1000_bench.io.download.spec import CorpusDownload, Wanted
from l1000_bench.io.download.transfer import Manner, Transfer

logger = logging.getLogger(__name__)

FILES_AT_ONCE = 3
HEADERS = {"Accept-Encoding": "identity", "User-Agent": "l1000-bench"}  # the bytes as they are published
DEFAULT = Manner()


def fetch_corpus(download: CorpusDownload, folder: Path, files: Mapping[str, str], manner: Manner = DEFAULT) -> None:
    """Fetch a corpus's public files, checked against the published list of sums where there is one.

    Args:
        download: Where they lie.
        folder: Where they are put.
        files: File name of every role.
        manner: How breaks are met.

    Raises:
        InputError: If a file cannot be fetched or is not the published one; names every such file.
    """
    wanted = [one for one in download.wanted(folder, files) if not _is_unpacked(one.path)]
    sums: dict[str, str] = {}
    if download.sums:
        fetch_files([Wanted(download.address + download.sums, folder / download.sums)], manner)
        sums = read_sums(folder / download.sums)
    fetch_files([replace(one, sha512=sums.get(one.published.name)) for one in wanted], manner)


def fetch_files(wanted: Sequence[Wanted], manner: Manner = DEFAULT) -> None:
    """Fetch files, several at once; those that are there and were checked are left alone.

    Raises:
        InputError: If a file cannot be fetched, is not the published one, or cannot be written; names every such file.
    """
    missing = [one for one in wanted if not is_there(one)]
    if not missing:
        return
    with _client(manner) as client, closing(ByteBar()) as bar, ThreadPoolExecutor(FILES_AT_ONCE) as pool:
        transfers = [Transfer(client, one.url, one.path, one.is_checked, manner, bar) for one in missing]
        try:
            pairs = zip(missing, transfers, strict=True)
            refused = _refusals([pool.submit(_fetch, one, transfer) for one, transfer in pairs])
        finally:
            for transfer in transfers:  # the user ended the run, or something broke: what has come is kept
                transfer.stopped.set()
    if refused:
        raise InputError("\n".join(refused))


def _is_unpacked(path: Path) -> bool:
    """Return whether a file is there as its user unpacked it, which every reader takes as well."""
    stored = as_stored(path)
    if stored != path:
        logger.info("%s is there; the published sum is that of %s, so it is taken as it is.", stored, path.name)
    return stored != path


def _client(manner: Manner) -> httpx.Client:
    try:
        return httpx.Client(follow_redirects=True, timeout=manner.timeout, headers=HEADERS)
    except (ValueError, ImportError) as error:
        raise InputError(
            f"the proxy that HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names cannot be used: {error}"
        ) from error


def _refusals(futures: list[Future[None]]) -> list[str]:
    """Wait for all files, so that one that fails keeps none of the others from its place."""
    refused = []
    for future in as_completed(futures):
        try:
            future.result()
        except InputError as error:
            if len(futures) > 1:  # told at once, since the others may take hours
                logger.warning("%s", error)
            refused.append(str(error))
    return refused


def _fetch(wanted: Wanted, transfer: Transfer) -> None:
    partial = Partial(wanted.published)
    try:
        with partial.opened():
            transfer.run(partial)
            partial.finish()
            fault = fault_of(partial.path, wanted.published.name, wanted.sha512)
            if fault:
                aside = set_aside(partial.path, wanted.published, fault)
                partial.remove()
                raise InputError(
                    f"{wanted.url} did not arrive as it should: {fault.reason}. It is set aside as {aside} and not "
                    f"used: run the command again to fetch it anew, and remove {aside.name} when you need it no longer."
                )
            put_in_place(partial.path, wanted)
            partial.remove()
    except OSError as error:
        raise InputError(disk_sentence(wanted.path, error)) from error
    if wanted.sha512:
        logger.info("%s is whole and has its published SHA-512.", wanted.path)
    else:
        logger.info("%s is whole; no SHA-512 of it is published, so it was checked by %s.", wanted.path, wanted.checks)
