"""What a worker must have in common with the process that gives it work."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version

import l1000_bench
from l1000_bench.search.identity import LIBRARIES, NETWORK_LIBRARIES, sources_digest

PACKAGE = l1000_bench.__name__
SOURCES = f"sources of {PACKAGE}"


@cache
def installed() -> dict[str, str]:
    """Return versions by name, and the SHA-256 of this package's sources.

    They are those of the first call, since a process goes on with what it has imported when files change under it.
    """
    libraries = (*LIBRARIES, *NETWORK_LIBRARIES, "kedro")
    return {
        "Python": platform.python_version(),
        PACKAGE: l1000_bench.__version__,
        SOURCES: sources_digest("."),
        **{name: _version(name) for name in libraries},
    }


def difference(found: Mapping[str, str], wanted: Mapping[str, str]) -> str | None:
    """Say in which respect a worker has something else than what is wanted; None where it has not."""
    for name, value in wanted.items():
        if found.get(name) == value:
            continue
        if name == SOURCES:
            return f"was started with other {SOURCES} {wanted[PACKAGE]} than this command"
        return f"has {name} {found.get(name, 'missing')}, and this command {value}"
    return None


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"
