"""Calls that a Dask worker does, and what becomes of them."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError
from concurrent.futures import Future as Promise
from typing import Any, TypeVar

from distributed import Future, get_worker
from distributed.scheduler import KilledWorker

from l1000_bench.errors import InputError
from l1000_bench.runners.installed import PACKAGE, difference, installed

Answer = TypeVar("Answer")

CONNECTION_LOST = ("scheduler-connection-lost", "scheduler-restart")  # as Dask words why it cancels a task
MEND = "install what runs this command on every machine, and start the workers anew"


class Call:
    """A call that is done by who unpickles it, with `pickle.loads`.

    So the scheduler needs nothing of this package, and a worker that lacks it fails in the task, which can say so.

    Args:
        function: Of a module, by whose name it is found.
        arguments: Its arguments.
    """

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self._call = function, arguments

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return self._call

    def packed(self) -> bytes:
        """Return the call as what `pickle.loads` takes."""
        return pickle.dumps(self)


def checked_call(function: Callable[..., Any], *arguments: Any) -> bytes:
    """Return a call that a worker refuses unless it has installed what this process has; see `Call.packed`."""
    return Call(_check_and_call, installed(), Call(function, *arguments).packed()).packed()


def _check_and_call(wanted: Mapping[str, str], packed: bytes) -> Any:
    other = difference(installed(), wanted)
    if other:
        raise InputError(f"the worker {get_worker().address} {other}: {MEND}.")
    return pickle.loads(packed)


def promise(asked: Future, outcome: Callable[[Future], Answer]) -> Promise[Answer]:
    """Return a future of the standard library for one of Dask.

    Args:
        asked: The future of Dask.
        outcome: Called with it when it is done, in another thread; returns or raises what becomes of the promise.
    """
    promised: Promise[Answer] = Promise()

    def keep(done: Future) -> None:
        try:
            promised.set_result(outcome(done))
        except BaseException as error:
            promised.set_exception(error)

    asked.add_done_callback(keep)
    return promised


def explained(error: Exception, what: str) -> Exception:
    """Return an error of a task as one that a user can mend, where it is one.

    Args:
        error: What Dask raised.
        what: The task, as the sentence begins.
    """
    if isinstance(error, CancelledError) and getattr(error, "reason", "") in CONNECTION_LOST:
        return scheduler_lost()
    if isinstance(error, CancelledError):
        return InputError(f"{what} was cancelled on the cluster; {GO_ON}")
    if isinstance(error, KilledWorker):
        return InputError(
            f"{what} was given up, since workers die of it, most often for lack of memory: so far "
            f"{error.allowed_failures + 1}, the last one {error.last_worker.address}, whose log may say why; {GO_ON}"
        )
    if isinstance(error, ImportError) and (error.name or "").partition(".")[0] == PACKAGE:
        return InputError(f"{what} came to a worker that lacks {PACKAGE}, or a part of it ({error}): {MEND}; {GO_ON}")
    return error


GO_ON = "what was finished is stored, and the same command goes on from there."


def scheduler_lost() -> InputError:
    """Return the error of a run whose scheduler is gone."""
    return InputError(f"the cluster's scheduler is gone: start it and its workers again; {GO_ON}")
