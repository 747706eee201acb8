"""What servers answer to a request for a file, and what of it is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from l1000_bench.errors import InputError
from l1000_bench.io.download.partial import Remote

CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
BUSY = (408, 425, 429)
ANSWERS = (httpx.codes.OK, httpx.codes.PARTIAL_CONTENT, httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE)
# What to do about an answer that no second attempt mends.
ADVICE = {
    httpx.codes.NOT_FOUND: "it is not there, or no longer: correct the address under `download` in the configuration",
    httpx.codes.GONE: "it is no longer there: correct the address under `download` in the configuration",
    httpx.codes.FORBIDDEN: "the server, or a proxy between, refuses it: try another network or address",
    httpx.codes.UNAUTHORIZED: "the server asks for a log-in, which is not supported",
    httpx.codes.PROXY_AUTHENTICATION_REQUIRED: "the proxy asks for a log-in: give it in HTTPS_PROXY",
}


class BusyError(Exception):
    """The server gave less than it was asked for, or asks to come back later.

    Attributes:
        wait: Seconds that it asks to wait.
    """

    def __init__(self, message: str, wait: float = 0.0) -> None:
        super().__init__(message)
        self.wait = wait


@contextmanager
def answer(client: httpx.Client, url: str, target: Path, headers: dict[str, str]) -> Iterator[httpx.Response]:
    """Ask for a file and yield an answer that holds it, a part of it, or says that there is no such part.

    Args:
        client: Sends the request.
        url: The file.
        target: Where it will be put, for messages.
        headers: Of the request.

    Raises:
        InputError: If the server refuses, or sends something else than a file.
        BusyError: If it asks to come back later.
        httpx.TransportError: If the connection breaks.
    """
    try:
        with client.stream("GET", url, headers=headers) as response:
            _check(response, url, target)
            yield response
    except (httpx.TooManyRedirects, httpx.InvalidURL) as error:
        raise InputError(
            f"{url} leads nowhere ({error}); correct the address, or fetch it by hand and put it at {target}."
        ) from error


def _check(response: httpx.Response, url: str, target: Path) -> None:
    code = response.status_code
    if code in BUSY or code >= httpx.codes.INTERNAL_SERVER_ERROR:
        asked = response.headers.get("Retry-After", "")
        raise BusyError(f"the server answers {code} {response.reason_phrase}", float(asked) if asked.isdigit() else 0.0)
    by_hand = f"or fetch it by hand and put it at {target}"
    if code not in ANSWERS:
        advice = ADVICE.get(httpx.codes(code) if code in {*httpx.codes} else httpx.codes.OK, "correct the address")
        raise InputError(f"{url} answers {code} {response.reason_phrase}: {advice}, {by_hand}.")
    if code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
        return
    name = Path(urlsplit(url).path).name
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind in ("text/html", "application/xhtml+xml"):
        raise InputError(f"{url} answers with a web page instead of {name}: open it to see why, {by_hand}.")
    encoding = response.headers.get("Content-Encoding", "identity").lower()
    if encoding != "identity" and not name.endswith(".gz"):
        raise InputError(f"{url} comes encoded as {encoding}, which was not asked for: try later, {by_hand}.")


def length_of(response: httpx.Response) -> int | None:
    """Return how many bytes an answer says that it holds; None where it does not say."""
    length = response.headers.get("Content-Length", "")
    return int(length) if length.isdigit() else None


def version_of(response: httpx.Response) -> str | None:
    """Return a file's strong ETag, else its date of change, as `If-Range` takes them."""
    tag: str = response.headers.get("ETag", "")
    date: str = response.headers.get("Last-Modified", "")
    return tag if tag.startswith('"') else date or None


def remote_of(response: httpx.Response, url: str) -> Remote:
    """Read from the answer to a request for the first byte what the file is."""
    if response.status_code == httpx.codes.PARTIAL_CONTENT:
        matched = CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
        size = int(matched[3]) if matched else 0
        return Remote(url, size or None, version_of(response), size > 0)
    if response.status_code == httpx.codes.OK:
        return Remote(url, length_of(response), version_of(response), False)
    return Remote(url, None, None, False)  # an empty file has no first byte


def sends_range(response: httpx.Response, start: int, end: int, remote: Remote) -> bool:
    """Return whether an answer is the range that was asked for, of the file that was begun with."""
    matched = CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if response.status_code != httpx.codes.PARTIAL_CONTENT or matched is None:
        return False
    first, last, size = (int(number) for number in matched.groups())
    length, version = length_of(response), version_of(response)
    return (
        first == start
        and start <= last < end
        and size == remote.size
        and (length is None or length == last - first + 1)
        and (version is None or version == remote.version)
    )
