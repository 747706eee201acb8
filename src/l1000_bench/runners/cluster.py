"""A connection to a Dask cluster, checked before anything runs on it."""

from __future__ import annotations

import asyncio
import logging
import os
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from distributed import Client, rpc
from distributed.security import Security

from l1000_bench.errors import InputError
from l1000_bench.runners.installed import PACKAGE, difference, installed
from l1000_bench.runners.remote_calls import MEND, Call

CONNECT_SECONDS = 10.0
LOGGERS = ("distributed", "distributed.client")  # which have a level of their own


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Dask from logging, with tracebacks, what becomes an error of a sentence."""
    levels = {name: logging.getLogger(name).level for name in LOGGERS}
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


def connect(address: str, wait_seconds: float) -> Client:
    """Connect to a scheduler that has workers, all of which have installed what this process has.

    Args:
        address: Of the scheduler.
        wait_seconds: For how long a first worker is waited for.

    Raises:
        InputError: If there is no scheduler, no worker, or a worker with something else.
    """
    _refuse_all_but_a_scheduler(address)
    client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    try:
        client.wait_for_workers(1, timeout=wait_seconds)
        check_installed(client)
    except TimeoutError as error:
        client.close()
        raise InputError(
            f"the scheduler at {address} has no worker, {wait_seconds:g} s after it was asked; start one with "
            f"`dask worker {address}`."
        ) from error
    except BaseException:
        client.close()
        raise
    return client


def _refuse_all_but_a_scheduler(address: str) -> None:
    async def identity() -> str:
        async with rpc(address, connection_args=Security().get_connection_args("client")) as server:
            return str((await server.identity())["type"])

    try:
        kind = asyncio.run(asyncio.wait_for(identity(), CONNECT_SECONDS))
        reason = "" if kind == "Scheduler" else f"that is a {kind.lower()}"
    except (OSError, ValueError, TypeError) as error:
        reason = str(error) or f"no answer within {CONNECT_SECONDS:g} s"
    if reason:
        raise InputError(
            f"no Dask scheduler answers at {address} ({reason}); start one with `dask scheduler`, and name the address "
            "that it prints, as in --runner-params=address=tcp://HOST:8786."
        )


def check_installed(client: Client) -> None:
    """Compare what the workers have installed with what this process has.

    Raises:
        InputError: Names the first worker that has something else.
    """
    for worker, found in on_every_worker(client, installed).items():
        if isinstance(found, Exception):
            raise InputError(f"the worker {worker} lacks {PACKAGE}, or a part of it ({found}): {MEND}.")
        other = difference(found, installed())
        if other:
            raise InputError(f"the worker {worker} {other}: {MEND}.")


def check_storage(client: Client, folder: Path) -> None:
    """Write a file and look whether the workers see it.

    Args:
        client: Of the cluster.
        folder: Where results go; if it is not there yet, the nearest one above it that is.

    Raises:
        InputError: If this process cannot write there, or a worker does not see the file.
    """
    while not folder.is_dir():
        folder = folder.parent
    try:
        with NamedTemporaryFile(prefix=".seen-by-workers-", dir=folder) as file:
            seen = on_every_worker(client, os.path.exists, file.name)
    except OSError as error:
        raise InputError(f"results cannot be written to {folder}: {error}.") from error
    for worker, sees in seen.items():
        if sees is not True:
            raise InputError(
                f"the worker {worker} does not see a file that was just written to {folder}; all machines of the "
                "cluster need the project's folder, with its data, at the same path on storage that they share."
            )


def on_every_worker(client: Client, function: Callable[..., Any], *arguments: Any) -> dict[str, Any]:
    """Call a function on every worker and return what it returned or raised, by the worker's address."""
    answers: dict[str, Any] = client.run(pickle.loads, Call(function, *arguments).packed(), on_error="return")
    return answers
