from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Served:
    """A file on the server, and what goes wrong with it.

    Attributes:
        content: Its bytes.
        etag: Sent with every answer; none if empty.
        date: `Last-Modified`, sent with every answer; none if empty.
        ranges: Whether `Range` is heeded.
        breaks: After how many bytes of an answer's body the connection ends, answer by answer; one to a request for the
            first byte is not counted.
        statuses: Sent instead of the file, answer by answer.
        length: `Content-Length`, if it is to be another than the right one.
        total: Of `Content-Range`, if it is to be another than the right one.
        then: What is served once the breaks are used up.
        seconds: Between two blocks of 16 KiB.
        headers: Further ones.
    """

    content: bytes
    etag: str = '"one"'
    date: str = ""
    ranges: bool = True
    heeds_if_range: bool = True
    breaks: list[int] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    length: int | None = None
    total: int | None = None
    then: Served | None = None
    seconds: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Request:
    path: str
    range: str
    if_range: str
    sent: int = 0


class FileServer(ThreadingHTTPServer):
    """A server of files on this machine that breaks as it is told to."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, Served] = {}
        self.requests: list[Request] = []
        self.lock = threading.Lock()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/suppl/"

    def serve(self, name: str, content: bytes, **settings: object) -> str:
        self.files[f"/suppl/{name}"] = Served(content, **settings)  # type: ignore[arg-type]
        return self.address + name

    def ranges_of(self, name: str) -> list[str]:
        """The ranges that were asked for, without the questions for the first byte."""
        asked = [request.range for request in self.requests if request.path == f"/suppl/{name}"]
        return [one for one in asked if one != "bytes=0-0"]

    def sent(self, name: str) -> int:
        return sum(request.sent for request in self.requests if request.path == f"/suppl/{name}")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FileServer

    def log_message(self, format: str, *args: object) -> None:
        pass

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (ConnectionResetError, BrokenPipeError):
            self.close_connection = True

    def do_GET(self) -> None:
        served, limit, status, request = self._plan()
        if served is None or status:
            self.send_response(status or 404)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        size = len(served.content)
        match = re.fullmatch(r"bytes=(\d+)-(\d+)", request.range) if served.ranges else None
        fresh = not request.if_range or request.if_range in (served.etag, served.date) or not served.heeds_if_range
        start, end = (int(match[1]), min(int(match[2]) + 1, size)) if match and fresh else (0, size)
        if match and fresh and start >= size:
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{size}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(206 if match and fresh else 200)
        if match and fresh:
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{served.total or size}")
        for name, value in (("ETag", served.etag), ("Last-Modified", served.date), *served.headers.items()):
            if value:
                self.send_header(name, value)
        length = served.length if served.length is not None and request.range != "bytes=0-0" else end - start
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self._send(served, request, start, min(end, start + length), limit)

    def _plan(self) -> tuple[Served | None, int | None, int, Request]:
        request = Request(self.path, self.headers.get("Range", ""), self.headers.get("If-Range", ""))
        with self.server.lock:
            self.server.requests.append(request)
            served = self.server.files.get(self.path)
            if served is None:
                return None, None, 0, request
            if served.statuses:
                return served, None, served.statuses.pop(0), request
            limit = served.breaks.pop(0) if served.breaks and request.range != "bytes=0-0" else None
            if limit is not None and not served.breaks and served.then:
                self.server.files[self.path] = served.then
            return served, limit, 0, request

    def _send(self, served: Served, request: Request, start: int, end: int, limit: int | None) -> None:
        stop = end if limit is None else min(end, start + limit)
        for position in range(start, stop, 16 * 1024):
            block = served.content[position : min(position + 16 * 1024, stop)]
            self.wfile.write(block)
            request.sent += len(block)
            if served.seconds:
                time.sleep(served.seconds)
        if limit is not None:
            self.wfile.flush()
            self.close_connection = True


@contextmanager
def running_server() -> Iterator[FileServer]:
    server = FileServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
